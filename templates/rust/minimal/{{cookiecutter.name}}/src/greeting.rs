//! The configuration: the text of a header.

/// Returns the text that a configuration gives, empty where it gives none, or what is wrong with it.
pub fn parse(configuration: &[u8]) -> Result<String, &'static str> {
    let text = std::str::from_utf8(configuration).map_err(|_| "not valid UTF-8")?;
    let text = text.trim();
    // A line break in a response header splits the response, and the proxy would let it pass.
    if text.chars().any(char::is_control) {
        return Err("control characters cannot be sent in a header");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_line_breaks_around_it_do_not_count() {
        assert_eq!(parse(b" hello \r\n"), Ok("hello".to_owned()));
        assert_eq!(parse(b"\n"), Ok(String::new()));
    }

    #[test]
    fn a_text_that_cannot_be_sent_is_refused() {
        for configuration in [&b"a\r\nb"[..], b"a\0b", b"\xff"] {
            assert!(parse(configuration).is_err());
        }
    }
}
