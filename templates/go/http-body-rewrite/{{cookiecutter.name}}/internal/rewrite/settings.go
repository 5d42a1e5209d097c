// Package rewrite is what the plugin does, without a proxy: it reads the configuration, and replaces
// bytes by others. It is compiled and tested like any other Go code.
package rewrite

import (
	"fmt"

	"example.com/{{ cookiecutter.name }}/internal/fields"
)

const mostBytes = 16_777_216

// Settings is the configuration of the plugin.
type Settings struct {
	Request  Replacements
	Response Replacements
	MaxBytes int
}

// Parse reads a configuration, all of it or nothing; an error names the field.
func Parse(document []byte) (Settings, error) {
	settings := Settings{MaxBytes: 262_144}
	if len(document) == 0 {
		return settings, nil
	}
	reader := &fields.Reader{}
	members := reader.Parse(document)
	for _, name := range fields.Names(members) {
		switch name {
		case "request":
			settings.Request = readReplacements(members[name], name, reader)
		case "response":
			settings.Response = readReplacements(members[name], name, reader)
		case "max_bytes":
			settings.MaxBytes = int(reader.Integer(members[name], name, 1, mostBytes))
		default:
			reader.Unknown(name, "request, response and max_bytes")
		}
	}
	return settings, reader.Err()
}

func readReplacements(value any, path string, reader *fields.Reader) (replacements Replacements) {
	for index, item := range reader.Items(value, path) {
		replacements = append(replacements, readReplacement(item, fmt.Sprintf("%s[%d]", path, index), reader))
	}
	return replacements
}

func readReplacement(value any, path string, reader *fields.Reader) Replacement {
	members := reader.Members(value, path)
	for _, name := range fields.Names(members) {
		if name != "find" && name != "replace" {
			reader.Unknown(path+"."+name, "find and replace")
		}
	}
	find := readText(members, "find", path, reader)
	if len(find) == 0 {
		reader.Refuse(path+".find", "nothing cannot be looked for")
	}
	return Replacement{find: find, replace: readText(members, "replace", path, reader)}
}

func readText(members map[string]any, name, path string, reader *fields.Reader) []byte {
	value, isThere := members[name]
	if !isThere {
		reader.Refuse(path+"."+name, "needed")
		return nil
	}
	return []byte(reader.Text(value, path+"."+name))
}
