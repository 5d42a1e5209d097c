package limits

import (
	"fmt"
	"strings"
	"time"
)

// Window is the requests of one address since its window began.
type Window struct {
	start    int64 // nanoseconds since 1970
	requests int64
}

// ParseWindow returns the window that a text describes; an empty one if it describes none.
func ParseWindow(text []byte) (window Window) {
	if _, err := fmt.Sscanf(string(text), "%d %d", &window.start, &window.requests); err != nil {
		return Window{}
	}
	return window
}

func (window Window) String() string {
	return fmt.Sprintf("%d %d", window.start, window.requests)
}

// Count returns the window with a request at now, which may begin a new one; or, where the limit is
// reached, the whole seconds until the window ends.
func (settings Settings) Count(window Window, now time.Time) (counted Window, wait int64) {
	elapsed := now.UnixNano() - window.start
	if elapsed < 0 || elapsed >= settings.Window.Nanoseconds() {
		window, elapsed = Window{start: now.UnixNano()}, 0
	}
	if window.requests >= settings.Requests {
		return window, (settings.Window.Nanoseconds()-elapsed-1)/time.Second.Nanoseconds() + 1
	}
	return Window{start: window.start, requests: window.requests + 1}, 0
}

// WithoutPort returns the address alone: of "10.0.0.1:4711", of "[2001:db8::1]:4711". What is written
// in neither way, such as the path of a socket, stays as it is.
func WithoutPort(address string) string {
	if strings.HasPrefix(address, "[") {
		if inside, _, isClosed := strings.Cut(address[1:], "]"); isClosed {
			return inside
		}
		return address
	}
	if host, port, hasPort := strings.Cut(address, ":"); hasPort && !strings.Contains(port, ":") {
		return host
	}
	return address
}
