package keys

import "strings"

// What may stand in a header (RFC 9110, sections 5.1, 5.5 and 5.6.4).

const (
	digits      = "0123456789"
	letters     = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	punctuation = "!#$%&'*+-.^_`|~"
	nameBytes   = digits + letters + punctuation
)

// isHeaderName tells whether name is a token; names such as ":path", which are no headers, are not.
func isHeaderName(name string) bool {
	return name != "" && strings.Trim(name, nameBytes) == ""
}

// isVisible tells whether text is not empty, and of visible ASCII characters.
func isVisible(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(character rune) bool {
		return character <= ' ' || character >= '\x7f'
	})
}

// isNotQuotable tells whether a character cannot stand between quotes as it is.
func isNotQuotable(character rune) bool {
	return character < ' ' || character >= '\x7f' || character == '"' || character == '\\'
}
