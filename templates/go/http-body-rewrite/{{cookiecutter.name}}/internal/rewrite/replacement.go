package rewrite

import "bytes"

// Replacement is bytes that are looked for, and what is put in their place.
type Replacement struct {
	find    []byte
	replace []byte
}

// Replacements are made in their order.
type Replacements []Replacement

// Apply returns the body with all replacements made, and whether there was one to make.
func (replacements Replacements) Apply(body []byte) (changed []byte, isChanged bool) {
	for _, replacement := range replacements {
		if bytes.Contains(body, replacement.find) {
			body = bytes.ReplaceAll(body, replacement.find, replacement.replace)
			isChanged = true
		}
	}
	return body, isChanged
}
