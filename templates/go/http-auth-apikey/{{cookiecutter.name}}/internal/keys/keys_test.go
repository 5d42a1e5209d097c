package keys

import (
	"strings"
	"testing"
)

const clients = `"clients": {"alice": "alice-key-for-tests", "bob": "bob-key-for-tests"}`

func TestAKeyHasItsOwner(t *testing.T) {
	settings, err := Parse([]byte("{" + clients + "}"))
	if err != nil {
		t.Fatal(err)
	}

	for key, expected := range map[string]string{
		"alice-key-for-tests": "alice", "bob-key-for-tests": "bob",
		"": "", "alice-key-for-test": "", "alice-key-for-tests0": "", "Alice-key-for-tests": "",
	} {
		if owner, isKnown := settings.Owner(key); owner != expected || isKnown != (expected != "") {
			t.Errorf("%q: got %q, %v", key, owner, isKnown)
		}
	}
}

func TestARefusalNamesTheField(t *testing.T) {
	for document, expected := range map[string]string{
		`{`:                                     "not valid JSON: ",
		`{}`:                                    "clients: nobody",
		`{"clients": {"a": "short"}}`:           "clients.a: a key is",
		`{"clients": {"": "0123456789abcdef"}}`: "clients.: a name is",
		`{"header": "a b", ` + clients + `}`:    "header: not the name",
		`{"realm": "\"", ` + clients + `}`:      "realm: this cannot",
		`{"keys": 1, ` + clients + `}`:          "keys: unknown field",
	} {
		if _, err := Parse([]byte(document)); err == nil || !strings.HasPrefix(err.Error(), expected) {
			t.Errorf("%s: expected %q, got %v", document, expected, err)
		}
	}
}
