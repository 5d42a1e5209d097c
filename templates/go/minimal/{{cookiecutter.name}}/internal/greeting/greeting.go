// Package greeting is the configuration, without a proxy: the text of a header. It is compiled and
// tested like any other Go code.
package greeting

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse returns the text that a configuration gives, empty where it gives none.
func Parse(configuration []byte) (string, error) {
	if !utf8.Valid(configuration) {
		return "", errors.New("not valid UTF-8")
	}
	text := strings.TrimSpace(string(configuration))
	// A line break in a response header splits the response, and the proxy would let it pass.
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", errors.New("control characters cannot be sent in a header")
	}
	return text, nil
}
