package headers

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Settings is the configuration of the plugin.
type Settings struct {
	Request  Rules
	Response Rules
}

// Parse reads a configuration, all of it or nothing: whatever it does not know or expect it refuses,
// with an error that names the field. A plugin without a configuration changes nothing.
func Parse(document []byte) (Settings, error) {
	if len(document) == 0 {
		return Settings{}, nil
	}
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		return Settings{}, fmt.Errorf("not valid JSON: %w", err)
	}
	return parseSettings(value)
}

func parseSettings(value any) (settings Settings, err error) {
	err = eachMember(value, "", func(name, path string, member any) (err error) {
		switch name {
		case "request":
			settings.Request, err = parseRules(member, path)
		case "response":
			settings.Response, err = parseRules(member, path)
		default:
			err = refuse(path, "unknown field, known are request and response")
		}
		return err
	})
	return settings, err
}

func parseRules(value any, path string) (rules Rules, err error) {
	err = eachMember(value, path, func(name, path string, member any) (err error) {
		switch name {
		case "remove":
			rules.Remove, err = parseNames(member, path)
		case "set":
			rules.Replace, err = parseHeaders(member, path, parseValue)
		case "add":
			rules.Add, err = parseHeaders(member, path, parseValues)
		default:
			err = refuse(path, "unknown field, known are remove, set and add")
		}
		return err
	})
	return rules, err
}

func parseNames(value any, path string) (names []string, err error) {
	items, isArray := value.([]any)
	if !isArray {
		return nil, mismatch(path, "an array", value)
	}
	for index, item := range items {
		path := fmt.Sprintf("%s[%d]", path, index)
		name, isString := item.(string)
		if !isString {
			return nil, mismatch(path, "a string", item)
		}
		if !isName(name) {
			return nil, refuse(path, fmt.Sprintf("%q is not the name of a header", name))
		}
		names = append(names, name)
	}
	return names, nil
}

type valuesParser func(value any, path string) ([]string, error)

func parseHeaders(value any, path string, parse valuesParser) (headers []Header, err error) {
	err = eachMember(value, path, func(name, path string, member any) error {
		if !isName(name) {
			return refuse(path, "not the name of a header")
		}
		values, err := parse(member, path)
		for _, value := range values {
			headers = append(headers, Header{Name: name, Value: value})
		}
		return err
	})
	return headers, err
}

// parseValues reads one value or a list of them.
func parseValues(value any, path string) (values []string, err error) {
	items, isArray := value.([]any)
	if !isArray {
		return parseValue(value, path)
	}
	for index, item := range items {
		value, err := parseValue(item, fmt.Sprintf("%s[%d]", path, index))
		if err != nil {
			return nil, err
		}
		values = append(values, value...)
	}
	return values, nil
}

func parseValue(value any, path string) ([]string, error) {
	text, isString := value.(string)
	if !isString {
		return nil, mismatch(path, "a string", value)
	}
	if !isValue(text) {
		return nil, refuse(path, "control characters cannot be sent in a header")
	}
	return []string{text}, nil
}

type memberParser func(name, path string, member any) error

// eachMember hands the members of an object to parse, in the order of their names.
func eachMember(value any, path string, parse memberParser) error {
	object, isObject := value.(map[string]any)
	if !isObject {
		return mismatch(path, "an object", value)
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if err := parse(name, join(path, name), object[name]); err != nil {
			return err
		}
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func mismatch(path, expected string, value any) error {
	return refuse(path, fmt.Sprintf("expected %s, got %s", expected, kind(value)))
}

func kind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	default:
		return "an object"
	}
}

func refuse(path, problem string) error {
	if path == "" {
		return errors.New(problem)
	}
	return errors.New(path + ": " + problem)
}
