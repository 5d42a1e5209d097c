// Package headers is what the plugin does, without a proxy: it reads the configuration, and changes
// header maps as that says. It is compiled and tested like any other Go code.
package headers

import "errors"

// Header is a name with a value.
type Header struct {
	Name  string
	Value string
}

// Rules is what is to happen to one header map.
type Rules struct {
	Remove  []string
	Replace []Header
	Add     []Header
}

// Map is a header map that can be changed.
type Map interface {
	Remove(name string) error
	Replace(name, value string) error
	Add(name, value string) error
}

// Apply removes, then replaces, then adds. What one rule is refused keeps no other from being
// applied; the error is all refusals.
func (rules Rules) Apply(headers Map) error {
	var refused []error
	for _, name := range rules.Remove {
		refused = append(refused, headers.Remove(name))
	}
	for _, header := range rules.Replace {
		refused = append(refused, headers.Replace(header.Name, header.Value))
	}
	for _, header := range rules.Add {
		refused = append(refused, headers.Add(header.Name, header.Value))
	}
	return errors.Join(refused...)
}
