package limits

import (
	"strings"
	"testing"
	"time"
)

func TestALimitIsReachedAndAWindowEnds(t *testing.T) {
	settings := Settings{Requests: 2, Window: 3 * time.Second}
	start := time.Unix(1_000_000, 0)
	window := Window{}

	for _, step := range []struct {
		after time.Duration
		wait  int64
	}{
		{0, 0},
		{time.Second, 0},
		{time.Second, 2},
		{time.Second + 1, 2},
		{2*time.Second + 1, 1},
		{3*time.Second - 1, 1},
		{3 * time.Second, 0},
		{4 * time.Second, 0},
		{-time.Second, 0}, // the clock was put back
	} {
		counted, wait := settings.Count(ParseWindow([]byte(window.String())), start.Add(step.after))

		if wait != step.wait {
			t.Errorf("%v: expected to wait %d seconds, got %d", step.after, step.wait, wait)
		}
		window = counted
	}
}

func TestWhatIsNoWindowIsAnEmptyOne(t *testing.T) {
	for _, text := range []string{"", "x", "1", "1 x", "99999999999999999999 1"} {
		if window := ParseWindow([]byte(text)); window != (Window{}) {
			t.Errorf("%q: got %v", text, window)
		}
	}
}

func TestAnAddressLosesItsPort(t *testing.T) {
	for address, expected := range map[string]string{
		"10.0.0.1:4711":      "10.0.0.1",
		"[2001:db8::1]:4711": "2001:db8::1",
		"2001:db8::1":        "2001:db8::1",
		"/run/proxy.sock":    "/run/proxy.sock",
		"[half":              "[half",
		"":                   "",
	} {
		if found := WithoutPort(address); found != expected {
			t.Errorf("%q: expected %q, got %q", address, expected, found)
		}
	}
}

func TestARefusalNamesTheField(t *testing.T) {
	for document, expected := range map[string]string{
		`{`:                     "not valid JSON: ",
		`{"requests": 0}`:       "requests: expected a whole number",
		`{"window_seconds": 0}`: "window_seconds: expected a whole number",
		`{"windows": 1}`:        "windows: unknown field",
	} {
		if _, err := Parse([]byte(document)); err == nil || !strings.HasPrefix(err.Error(), expected) {
			t.Errorf("%s: expected %q, got %v", document, expected, err)
		}
	}
}
