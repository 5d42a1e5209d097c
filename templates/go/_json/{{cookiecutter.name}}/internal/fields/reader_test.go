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

func TestADocumentMayNotBeTooDeep(t *testing.T) {
	nested := func(levels int) []byte {
		return []byte(`{"[[\"[": ` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + "}")
	}
	fits, exceeds := &Reader{}, &Reader{}

	fits.Parse(nested(deepest))
	exceeds.Parse(nested(deepest + 1))

	if fits.Err() != nil || exceeds.Err() == nil {
		t.Errorf("got %v and %v", fits.Err(), exceeds.Err())
	}
}

func TestAWholeNumberMayBeWrittenInManyWays(t *testing.T) {
	for _, number := range []string{"5", "5.0", "50e-1", "0.5e1"} {
		reader := &Reader{}
		members := reader.Parse([]byte(`{"n": ` + number + `}`))

		if found := reader.Integer(members["n"], "n", 1, 5); found != 5 || reader.Err() != nil {
			t.Errorf("%s: got %d, %v", number, found, reader.Err())
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
