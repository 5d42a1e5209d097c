//! The configuration: read and checked, without a proxy.

use std::time::Duration;

use crate::fields::{self, Parsed};

const MOST_REQUESTS: u64 = 1_000_000;
const LONGEST_WINDOW: u64 = 86_400;

/// The configuration of the plugin.
#[derive(Debug, PartialEq)]
pub struct Settings {
    pub requests: u64,
    pub window: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            requests: 10,
            window: Duration::from_secs(1),
        }
    }
}

impl Settings {
    /// Reads a configuration, all of it or nothing; an error names the field.
    pub fn parse(document: &[u8]) -> Parsed<Self> {
        let mut settings = Self::default();
        if document.is_empty() {
            return Ok(settings);
        }
        for (name, value) in &fields::parse(document)? {
            match name.as_str() {
                "requests" => settings.requests = fields::integer(value, name, 1..=MOST_REQUESTS)?,
                "window_seconds" => {
                    let seconds = fields::integer(value, name, 1..=LONGEST_WINDOW)?;
                    settings.window = Duration::from_secs(seconds);
                }
                _ => return fields::unknown(name, "requests and window_seconds"),
            }
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_field() {
        for (document, expected) in [
            (r#"{"requests": 0}"#, "requests: expected a whole number"),
            (
                r#"{"window_seconds": 0}"#,
                "window_seconds: expected a whole number",
            ),
            (r#"{"windows": 1}"#, "windows: unknown field"),
        ] {
            let refusal = Settings::parse(document.as_bytes()).err();

            assert!(
                refusal.unwrap_or_default().starts_with(expected),
                "{document}"
            );
        }
    }
}
