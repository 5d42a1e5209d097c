package headers

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestAConfigurationIsReadWhole(t *testing.T) {
	document := `{
		"request": {"remove": ["x-a"], "set": {"x-b": "1"}, "add": {"x-c": ["2", "3"], "x-d": "4"}},
		"response": {"set": {"x-e": ""}}
	}`

	settings, err := Parse([]byte(document))

	expected := Settings{
		Request: Rules{
			Remove:  []string{"x-a"},
			Replace: []Header{% raw %}{{"x-b", "1"}}{% endraw %},
			Add:     []Header{% raw %}{{"x-c", "2"}, {"x-c", "3"}, {"x-d", "4"}}{% endraw %},
		},
		Response: Rules{Replace: []Header{% raw %}{{"x-e", ""}}{% endraw %}},
	}
	if err != nil || !reflect.DeepEqual(settings, expected) {
		t.Errorf("got %+v, %v", settings, err)
	}
}

func TestWithoutAConfigurationNothingIsChanged(t *testing.T) {
	for _, document := range []string{"", "{}", `{"request": {}}`} {
		settings, err := Parse([]byte(document))

		if err != nil || !reflect.DeepEqual(settings, Settings{}) {
			t.Errorf("%q: got %+v, %v", document, settings, err)
		}
	}
}

func TestARefusalNamesTheField(t *testing.T) {
	refusals := map[string]string{
		`{`:                             "not valid JSON: ",
		`[]`:                            "expected an object, got an array",
		`{} {}`:                         "not valid JSON: ",
		`{"requests": {}}`:              "requests: unknown field",
		`{"request": null}`:             "request: expected an object, got null",
		`{"request": {"delete": []}}`:   "request.delete: unknown field",
		`{"request": {"remove": "x"}}`:  "request.remove: expected an array, got a string",
		`{"request": {"remove": [1]}}`:  "request.remove[0]: expected a string, got a number",
		`{"request": {"remove": [""]}}`: `request.remove[0]: "" is not the name of a header`,

		`{"request": {"set": {":path": "/"}}}`:           "request.set.:path: not the name",
		`{"request": {"set": {"x": ["1"]}}}`:             "request.set.x: expected a string",
		`{"response": {"add": {"x": ["1", true]}}}`:      "response.add.x[1]: expected a string",
		`{"response": {"add": {"x": "1\r\nx-evil: 1"}}}`: "response.add.x: control characters",
	}
	for document, expected := range refusals {
		_, err := Parse([]byte(document))

		if err == nil || !strings.HasPrefix(err.Error(), expected) {
			t.Errorf("%s: expected %q, got %v", document, expected, err)
		}
	}
}

func TestNamesAreTokens(t *testing.T) {
	for name, expected := range map[string]bool{
		"x-a": true, "X_A.1~": true, "": false, ":path": false, "a b": false, "é": false, "a\n": false,
		"\u212a": false, // the sign for Kelvin, whose small letter is k
	} {
		if isName(name) != expected {
			t.Errorf("%q: expected %v", name, expected)
		}
	}
}

// journal is a header map that notes what it is told, and refuses all names but those with x-.
type journal []string

func (notes *journal) Remove(name string) error {
	return notes.note("remove " + name)
}

func (notes *journal) Replace(name, value string) error {
	return notes.note("replace " + name + " " + value)
}

func (notes *journal) Add(name, value string) error {
	return notes.note("add " + name + " " + value)
}

func (notes *journal) note(line string) error {
	*notes = append(*notes, line)
	if !strings.Contains(line, " x-") {
		return errors.New(line)
	}
	return nil
}

func TestRulesAreAppliedInOrderWhateverIsRefused(t *testing.T) {
	rules := Rules{
		Remove:  []string{"bad", "x-a"},
		Replace: []Header{% raw %}{{"x-b", "1"}}{% endraw %},
		Add:     []Header{% raw %}{{"x-c", "2"}, {"x-c", "3"}}{% endraw %},
	}
	var notes journal

	err := rules.Apply(&notes)

	expected := journal{"remove bad", "remove x-a", "replace x-b 1", "add x-c 2", "add x-c 3"}
	if !reflect.DeepEqual(notes, expected) {
		t.Errorf("got %q", notes)
	}
	if err == nil || err.Error() != "remove bad" {
		t.Errorf("got the error %v", err)
	}
}
