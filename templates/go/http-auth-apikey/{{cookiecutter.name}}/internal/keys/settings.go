// Package keys is what the plugin does, without a proxy: it reads the configuration, and tells whose
// a key is. It is compiled and tested like any other Go code.
package keys

import (
	"fmt"
	"strings"

	"example.com/{{ cookiecutter.name }}/internal/fields"
)

const shortestKey = 16

// Client is somebody who may come in.
type Client struct {
	Name string
	key  string
}

// Settings is the configuration of the plugin.
type Settings struct {
	Header  string
	Realm   string
	clients []Client
}

// Parse reads a configuration, all of it or nothing; an error names the field.
func Parse(document []byte) (Settings, error) {
	reader := &fields.Reader{}
	settings := Settings{Header: "x-api-key", Realm: "api"}
	members := reader.Parse(document)
	for _, name := range fields.Names(members) {
		switch name {
		case "clients":
			settings.clients = readClients(members[name], reader)
		case "header":
			settings.Header = readHeader(members[name], reader)
		case "realm":
			settings.Realm = readRealm(members[name], reader)
		default:
			reader.Unknown(name, "clients, header and realm")
		}
	}
	if len(settings.clients) == 0 {
		reader.Refuse("clients", "nobody may come in")
	}
	return settings, reader.Err()
}

func readClients(value any, reader *fields.Reader) (clients []Client) {
	members := reader.Members(value, "clients")
	for _, name := range fields.Names(members) {
		path := "clients." + name
		key := reader.Text(members[name], path)
		if !isVisible(name) {
			reader.Refuse(path, "a name is of visible ASCII characters")
		}
		if len(key) < shortestKey || !isVisible(key) {
			reader.Refuse(path, fmt.Sprintf("a key is of %d visible ASCII characters or more", shortestKey))
		}
		clients = append(clients, Client{Name: name, key: key})
	}
	return clients
}

func readHeader(value any, reader *fields.Reader) string {
	name := reader.Text(value, "header")
	if !isHeaderName(name) {
		reader.Refuse("header", "not the name of a header")
	}
	return strings.ToLower(name)
}

func readRealm(value any, reader *fields.Reader) string {
	realm := reader.Text(value, "realm")
	if strings.ContainsFunc(realm, isNotQuotable) {
		reader.Refuse("realm", "this cannot stand in quotes in a header")
	}
	return realm
}
