package fields

import (
	"strings"
	"testing"
)

func TestTheFirstMistakeIsTold(t *testing.T) {
	for document, expected := range map[string]string{
		`{`:           "not valid JSON: ",
		`{} {}`:       "not valid JSON: ",
		``:            "not valid JSON: ",
		`[]`:          "expected an object, got an array",
		`{"n": null}`: "n: expected a whole number from 1 to 5, got null",
		`{"n": 0}`:    "n: expected a whole number from 1 to 5, got 0",
		`{"n": 1.5}`:  "n: expected a whole number from 1 to 5, got 1.5",
		`{"n": 1e30}`: "n: expected a whole number from 1 to 5, got 1e30",
		`{"n": "1"}`:  "n: expected a whole number from 1 to 5, got a string",
	} {
		reader := &Reader{}
		members := reader.Parse([]byte(document))
		reader.Integer(members["n"], "n", 1, 5)
		reader.Refuse("later", "another one")

		if err := reader.Err(); err == nil || !strings.HasPrefix(err.Error(), expected) {
			t.Errorf("%s: expected %q, got %v", document, expected, err)
		}
	}
}

func TestWhatIsRightIsRead(t *testing.T) {
	reader := &Reader{}
	members := reader.Parse([]byte(`{"n": 5, "t": "x", "l": ["y"]}`))

	number := reader.Integer(members["n"], "n", 1, 5)
	text := reader.Text(members["t"], "t") + reader.Text(reader.Items(members["l"], "l")[0], "l[0]")

	if number != 5 || text != "xy" || reader.Err() != nil {
		t.Errorf("got %d, %q, %v", number, text, reader.Err())
	}
}
