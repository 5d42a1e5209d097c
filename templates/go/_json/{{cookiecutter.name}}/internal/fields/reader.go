// Package fields reads a configuration field by field, and tells which one is wrong.
package fields

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// Reader notes the first thing that is not as it should be, with the path of its field, such as
// "clients.alice" or "rules[2].name". What a method returns then is a stand-in, so that nothing has
// to be asked but Err, once, at the end.
type Reader struct {
	err error
}

// Err returns the first thing found wrong, nil if there is nothing.
func (reader *Reader) Err() error {
	return reader.err
}

// Parse returns the members of the object that a document must be.
func (reader *Reader) Parse(document []byte) map[string]any {
	if isTooDeep(document) {
		reader.Refuse("", fmt.Sprintf("not valid JSON: more than %d levels", deepest))
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber() // no digit is lost before somebody has looked
	var value any
	if err := decoder.Decode(&value); err != nil {
		reader.Refuse("", fmt.Sprintf("not valid JSON: %v", err))
		return nil
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		reader.Refuse("", "not valid JSON: something follows it")
		return nil
	}
	return reader.Members(value, "")
}

// Members returns the members of an object.
func (reader *Reader) Members(value any, path string) map[string]any {
	members, isObject := value.(map[string]any)
	if !isObject {
		reader.mismatch(path, "an object", value)
	}
	return members
}

// Items returns the items of an array.
func (reader *Reader) Items(value any, path string) []any {
	items, isArray := value.([]any)
	if !isArray {
		reader.mismatch(path, "an array", value)
	}
	return items
}

// Text returns a string.
func (reader *Reader) Text(value any, path string) string {
	text, isString := value.(string)
	if !isString {
		reader.mismatch(path, "a string", value)
	}
	return text
}

// Integer returns a whole number from lowest to highest.
func (reader *Reader) Integer(value any, path string, lowest, highest int64) int64 {
	expected := fmt.Sprintf("a whole number from %d to %d", lowest, highest)
	number, isNumber := value.(json.Number)
	if !isNumber {
		reader.mismatch(path, expected, value)
		return lowest
	}
	// To JSON, 5.0 and 5e0 are whole numbers as 5 is.
	found, err := number.Float64()
	if err != nil || found != math.Trunc(found) || found < float64(lowest) || found > float64(highest) {
		reader.Refuse(path, fmt.Sprintf("expected %s, got %s", expected, number))
		return lowest
	}
	return int64(found)
}

// Unknown refuses a member that nobody knows.
func (reader *Reader) Unknown(path, known string) {
	reader.Refuse(path, "unknown field, known are "+known)
}

// Refuse notes what is wrong, unless something has been noted before.
func (reader *Reader) Refuse(path, problem string) {
	if reader.err != nil {
		return
	}
	if path != "" {
		problem = path + ": " + problem
	}
	reader.err = errors.New(problem)
}

// Names returns the names of members, in an order that is always the same.
func Names(members map[string]any) []string {
	return slices.Sorted(maps.Keys(members))
}

func (reader *Reader) mismatch(path, expected string, value any) {
	reader.Refuse(path, fmt.Sprintf("expected %s, got %s", expected, kind(value)))
}

func kind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	default:
		return "an object"
	}
}
