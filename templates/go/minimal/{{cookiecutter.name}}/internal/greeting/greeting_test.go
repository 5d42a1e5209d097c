package greeting

import "testing"

func TestSpacesAndLineBreaksAroundItDoNotCount(t *testing.T) {
	for configuration, expected := range map[string]string{
		" hello \r\n": "hello", "a  b": "a  b", "\n": "", "": "",
	} {
		if text, err := Parse([]byte(configuration)); text != expected || err != nil {
			t.Errorf("%q: got %q, %v", configuration, text, err)
		}
	}
}

func TestATextThatCannotBeSentIsRefused(t *testing.T) {
	for _, configuration := range []string{"a\r\nb", "a\x00b", "\xff"} {
		if text, err := Parse([]byte(configuration)); err == nil {
			t.Errorf("%q: got %q", configuration, text)
		}
	}
}
