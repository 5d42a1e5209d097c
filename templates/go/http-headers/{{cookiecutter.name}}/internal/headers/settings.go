package headers

import (
	"fmt"

	"example.com/{{ cookiecutter.name }}/internal/fields"
)

// Settings is the configuration of the plugin.
type Settings struct {
	Request  Rules
	Response Rules
}

// Parse reads a configuration, all of it or nothing: whatever it does not know or expect it refuses,
// with an error that names the field. A plugin without a configuration changes nothing.
func Parse(document []byte) (settings Settings, err error) {
	if len(document) == 0 {
		return settings, nil
	}
	reader := &fields.Reader{}
	members := reader.Parse(document)
	for _, name := range fields.Names(members) {
		switch name {
		case "request":
			settings.Request = readRules(members[name], name, reader)
		case "response":
			settings.Response = readRules(members[name], name, reader)
		default:
			reader.Unknown(name, "request and response")
		}
	}
	return settings, reader.Err()
}

func readRules(value any, path string, reader *fields.Reader) (rules Rules) {
	members := reader.Members(value, path)
	for _, name := range fields.Names(members) {
		path := path + "." + name
		switch name {
		case "remove":
			rules.Remove = readNames(members[name], path, reader)
		case "set":
			rules.Replace = readHeaders(members[name], path, reader, readValue)
		case "add":
			rules.Add = readHeaders(members[name], path, reader, readValues)
		default:
			reader.Unknown(path, "remove, set and add")
		}
	}
	return rules
}

func readNames(value any, path string, reader *fields.Reader) (names []string) {
	for index, item := range reader.Items(value, path) {
		path := fmt.Sprintf("%s[%d]", path, index)
		name := reader.Text(item, path)
		if !isName(name) {
			reader.Refuse(path, fmt.Sprintf("%q is not the name of a header", name))
		}
		names = append(names, name)
	}
	return names
}

type valuesReader func(value any, path string, reader *fields.Reader) []string

func readHeaders(
	value any, path string, reader *fields.Reader, read valuesReader,
) (headers []Header) {
	members := reader.Members(value, path)
	for _, name := range fields.Names(members) {
		path := path + "." + name
		if !isName(name) {
			reader.Refuse(path, "not the name of a header")
		}
		for _, text := range read(members[name], path, reader) {
			headers = append(headers, Header{Name: name, Value: text})
		}
	}
	return headers
}

// readValues reads one value or a list of them.
func readValues(value any, path string, reader *fields.Reader) (values []string) {
	items, isArray := value.([]any)
	if !isArray {
		return readValue(value, path, reader)
	}
	for index, item := range items {
		values = append(values, readValue(item, fmt.Sprintf("%s[%d]", path, index), reader)...)
	}
	return values
}

func readValue(value any, path string, reader *fields.Reader) []string {
	text := reader.Text(value, path)
	if !isValue(text) {
		reader.Refuse(path, "control characters cannot be sent in a header")
	}
	return []string{text}
}
