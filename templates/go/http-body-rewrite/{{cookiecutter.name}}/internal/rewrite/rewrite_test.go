package rewrite

import (
	"strings"
	"testing"
)

func TestReplacementsAreMadeInOrder(t *testing.T) {
	settings, err := Parse([]byte(`{"request": [{"find": "aa", "replace": "b"}, {"find": "bb", "replace": ""}]}`))
	if err != nil {
		t.Fatal(err)
	}

	for body, expected := range map[string]string{
		"": "", "a": "a", "aa": "b", "aaaaa": "a", "b\xffb": "b\xffb", "aab": "",
	} {
		changed, isChanged := settings.Request.Apply([]byte(body))

		if string(changed) != expected || isChanged != (body != expected) {
			t.Errorf("%q: got %q, %v", body, changed, isChanged)
		}
	}
}

func TestARefusalNamesTheField(t *testing.T) {
	for document, expected := range map[string]string{
		`{`:                             "not valid JSON: ",
		`{"request": {}}`:               "request: expected an array",
		`{"request": [1]}`:              "request[0]: expected an object",
		`{"request": [{}]}`:             "request[0].find: needed",
		`{"request": [{"find": ""}]}`:   "request[0].find: nothing",
		`{"response": [{"find": "a"}]}`: "response[0].replace: needed",
		`{"response": [{"x": "a"}]}`:    "response[0].x: unknown field",
		`{"max_bytes": 0}`:              "max_bytes: expected a whole number",
		`{"body": 0}`:                   "body: unknown field",
	} {
		if _, err := Parse([]byte(document)); err == nil || !strings.HasPrefix(err.Error(), expected) {
			t.Errorf("%s: expected %q, got %v", document, expected, err)
		}
	}
}
