//! What may stand in a header (RFC 9110, sections 5.1 and 5.5). The proxy would take anything: a bad
//! name fails each request later, and a line break in a response header splits the response.

const PUNCTUATION: &[u8] = b"!#$%&'*+-.^_`|~";

/// Whether `name` is a token; names such as `:path`, which are no headers, are not.
pub fn is_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || PUNCTUATION.contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

/// Whether `value` has no control characters.
pub fn is_value(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte == b'\t' || !byte.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tokens() {
        assert!(["x-a", "X_A.1~"].into_iter().all(is_name));
        assert!(!["", ":path", "a b", "é", "a\n"].into_iter().any(is_name));
    }

    #[test]
    fn values_have_no_control_characters() {
        assert!(["", "a b\tc", "é"].into_iter().all(is_value));
        assert!(!["a\r\nb", "\0", "\x7f"].into_iter().any(is_value));
    }
}
