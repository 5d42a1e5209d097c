package authorization

import (
	"strings"
	"testing"
)

func TestAnAnswerIsJudgedByItsStatus(t *testing.T) {
	for status, expected := range map[string]Verdict{
		"200": Allowed, "401": Denied, "403": Denied, "429": Denied,
		"204": Failed, "302": Failed, "500": Failed, "504": Failed, "": Failed, "x": Failed,
	} {
		answer := Judge([][2]string{% raw %}{{":status", status}, {"x-auth-user", "ada"}}{% endraw %})

		if answer.Verdict != expected || answer.User != "ada" {
			t.Errorf("%q: got %+v", status, answer)
		}
	}
	if answer := Judge(nil); answer != (Answer{}) {
		t.Errorf("no answer: got %+v", answer)
	}
}

func TestARefusalNamesTheField(t *testing.T) {
	for document, expected := range map[string]string{
		`{`:                                  "not valid JSON: ",
		`{}`:                                 "cluster: the name",
		`{"cluster": ""}`:                    "cluster: the name",
		`{"cluster": "a", "authority": " "}`: "authority: expected visible",
		`{"cluster": "a", "path": "check"}`:  "path: expected a text that begins with /",
		`{"cluster": "a", "path": "/\r\n"}`:  "path: expected visible",
		`{"cluster": "a", "on_failure": ""}`: "on_failure: expected deny or allow",
		`{"cluster": "a", "upstream": ""}`:   "upstream: unknown field",
		`{"timeout_milliseconds": 0}`:        "timeout_milliseconds: expected a whole number",
	} {
		if _, err := Parse([]byte(document)); err == nil || !strings.HasPrefix(err.Error(), expected) {
			t.Errorf("%s: expected %q, got %v", document, expected, err)
		}
	}
}

func TestTheClusterIsTheAuthorityByDefault(t *testing.T) {
	settings, err := Parse([]byte(`{"cluster": "auth"}`))

	expected := Settings{Cluster: "auth", Authority: "auth", Path: "/check", TimeoutMilliseconds: 250}
	if err != nil || settings != expected {
		t.Errorf("got %+v, %v", settings, err)
	}
}
