package headers

import "strings"

// What may stand in a header (RFC 9110, sections 5.1 and 5.5). The proxy would take anything: a bad
// name fails each request later, and a line break in a response header splits the response.

const (
	digits      = "0123456789"
	letters     = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	punctuation = "!#$%&'*+-.^_`|~"
	nameBytes   = digits + letters + punctuation
)

// isName tells whether name is a token; names such as ":path", which are no headers, are not.
func isName(name string) bool {
	return name != "" && strings.Trim(name, nameBytes) == ""
}

// isValue tells whether value has no control characters.
func isValue(value string) bool {
	return !strings.ContainsFunc(value, func(character rune) bool {
		return character < ' ' && character != '\t' || character == '\x7f'
	})
}
