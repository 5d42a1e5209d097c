// Package limits is what the plugin does, without a proxy: it reads the configuration, and counts the
// requests of an address in its window. It is compiled and tested like any other Go code.
package limits

import (
	"time"

	"example.com/{{ cookiecutter.name }}/internal/fields"
)

const (
	mostRequests  = 1_000_000
	longestWindow = 86_400
)

// Settings is the configuration of the plugin.
type Settings struct {
	Requests int64
	Window   time.Duration
}

// Parse reads a configuration, all of it or nothing; an error names the field.
func Parse(document []byte) (Settings, error) {
	settings := Settings{Requests: 10, Window: time.Second}
	if len(document) == 0 {
		return settings, nil
	}
	reader := &fields.Reader{}
	members := reader.Parse(document)
	for _, name := range fields.Names(members) {
		switch name {
		case "requests":
			settings.Requests = reader.Integer(members[name], name, 1, mostRequests)
		case "window_seconds":
			seconds := reader.Integer(members[name], name, 1, longestWindow)
			settings.Window = time.Duration(seconds) * time.Second
		default:
			reader.Unknown(name, "requests and window_seconds")
		}
	}
	return settings, reader.Err()
}
