//! What may stand in a header (RFC 9110, sections 5.1, 5.5 and 5.6.4).

const PUNCTUATION: &[u8] = b"!#$%&'*+-.^_`|~";

/// Whether `name` is a token; names such as `:path`, which are no headers, are not.
pub fn is_header_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || PUNCTUATION.contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

/// Whether `text` is not empty, and of visible ASCII characters.
pub fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether `text` can stand between quotes with nothing escaped.
pub fn is_quotable(text: &str) -> bool {
    text.bytes()
        .all(|byte| (byte.is_ascii_graphic() || byte == b' ') && byte != b'"' && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tokens() {
        assert!(["x-a", "X_A.1~"].into_iter().all(is_header_name));
        assert!(!["", ":path", "a b", "é", "a\n"]
            .into_iter()
            .any(is_header_name));
    }

    #[test]
    fn what_is_quoted_needs_no_escape() {
        assert!(["", "a b", "~"].into_iter().all(is_quotable));
        assert!(!["\"", "\\", "\n", "é"].into_iter().any(is_quotable));
    }
}
