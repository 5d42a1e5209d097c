package fields

// The decoder needs more of the stack for each level, and a proxy gives a plugin little: where it ends,
// the plugin traps.
const deepest = 64

// isTooDeep tells whether more arrays and objects stand inside each other than the decoder may meet.
func isTooDeep(document []byte) bool {
	depth, inText, isEscaped := 0, false, false
	for _, character := range document {
		switch {
		case isEscaped:
			isEscaped = false
		case inText:
			isEscaped = character == '\\'
			inText = character != '"'
		case character == '"':
			inText = true
		case character == '[' || character == '{':
			depth++
		case character == ']' || character == '}':
			depth--
		}
		if depth > deepest {
			return true
		}
	}
	return false
}
