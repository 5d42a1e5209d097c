// Package authorization is what the plugin does, without a proxy: it reads the configuration, and
// judges the service's answers. It is compiled and tested like any other Go code.
package authorization

import (
	"strings"

	"example.com/{{ cookiecutter.name }}/internal/fields"
)

const longestTimeout = 60_000

// Settings is the configuration of the plugin.
type Settings struct {
	Cluster             string
	Authority           string
	Path                string
	TimeoutMilliseconds uint32
	IsOpen              bool // a request goes on where the service fails
}

// Parse reads a configuration, all of it or nothing; an error names the field.
func Parse(document []byte) (Settings, error) {
	reader := &fields.Reader{}
	settings := Settings{Path: "/check", TimeoutMilliseconds: 250}
	members := reader.Parse(document)
	for _, name := range fields.Names(members) {
		settings.read(name, members[name], reader)
	}
	if settings.Cluster == "" {
		reader.Refuse("cluster", "the name of a cluster is needed")
	}
	if settings.Authority == "" {
		settings.Authority = settings.Cluster
	}
	return settings, reader.Err()
}

func (settings *Settings) read(name string, value any, reader *fields.Reader) {
	switch name {
	case "cluster":
		settings.Cluster = reader.Text(value, name)
	case "authority":
		settings.Authority = readWord(value, name, "", reader)
	case "path":
		settings.Path = readWord(value, name, "/", reader)
	case "timeout_milliseconds":
		settings.TimeoutMilliseconds = uint32(reader.Integer(value, name, 1, longestTimeout))
	case "on_failure":
		settings.IsOpen = readPolicy(value, name, reader)
	default:
		reader.Unknown(name, "cluster, authority, path, timeout_milliseconds and on_failure")
	}
}

func readWord(value any, path, start string, reader *fields.Reader) string {
	word := reader.Text(value, path)
	if word == "" || strings.ContainsFunc(word, isNotVisible) {
		reader.Refuse(path, "expected visible ASCII characters")
	}
	if !strings.HasPrefix(word, start) {
		reader.Refuse(path, "expected a text that begins with "+start)
	}
	return word
}

func isNotVisible(character rune) bool {
	return character <= ' ' || character >= '\x7f'
}

func readPolicy(value any, path string, reader *fields.Reader) (isOpen bool) {
	policy := reader.Text(value, path)
	if policy != "deny" && policy != "allow" {
		reader.Refuse(path, "expected deny or allow")
	}
	return policy == "allow"
}
