//! The configuration: read and checked, without a proxy.

use std::time::Duration;

use serde_json::Value;

use crate::fields::{self, Parsed};

const LONGEST_TIMEOUT: u64 = 60_000;

/// The configuration of the plugin.
#[derive(Debug, PartialEq)]
pub struct Settings {
    pub cluster: String,
    pub authority: String,
    pub path: String,
    pub timeout: Duration,
    /// Whether a request goes on where the service fails.
    pub is_open: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cluster: String::new(),
            authority: String::new(),
            path: "/check".to_owned(),
            timeout: Duration::from_millis(250),
            is_open: false,
        }
    }
}

impl Settings {
    /// Reads a configuration, all of it or nothing; an error names the field.
    pub fn parse(document: &[u8]) -> Parsed<Self> {
        let mut settings = Self::default();
        for (name, value) in &fields::parse(document)? {
            settings.read(name, value)?;
        }
        if settings.cluster.is_empty() {
            return fields::refuse("cluster", "the name of a cluster is needed");
        }
        if settings.authority.is_empty() {
            settings.authority.clone_from(&settings.cluster);
        }
        Ok(settings)
    }

    fn read(&mut self, name: &str, value: &Value) -> Parsed<()> {
        match name {
            "cluster" => self.cluster = fields::text(value, name)?.to_owned(),
            "authority" => self.authority = word(value, name, "")?,
            "path" => self.path = word(value, name, "/")?,
            "timeout_milliseconds" => {
                let milliseconds = fields::integer(value, name, 1..=LONGEST_TIMEOUT)?;
                self.timeout = Duration::from_millis(milliseconds);
            }
            "on_failure" => self.is_open = policy(value, name)?,
            _ => {
                let known = "cluster, authority, path, timeout_milliseconds and on_failure";
                return fields::unknown(name, known);
            }
        }
        Ok(())
    }
}

fn word(value: &Value, path: &str, start: &str) -> Parsed<String> {
    let word = fields::text(value, path)?;
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_graphic()) {
        return fields::refuse(path, "expected visible ASCII characters");
    }
    if !word.starts_with(start) {
        return fields::refuse(path, &format!("expected a text that begins with {start}"));
    }
    Ok(word.to_owned())
}

fn policy(value: &Value, path: &str) -> Parsed<bool> {
    match fields::text(value, path)? {
        "allow" => Ok(true),
        "deny" => Ok(false),
        _ => fields::refuse(path, "expected deny or allow"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_field() {
        for (document, expected) in [
            ("{}", "cluster: the name"),
            (r#"{"cluster": ""}"#, "cluster: the name"),
            (r#"{"authority": " "}"#, "authority: expected visible"),
            (r#"{"path": "check"}"#, "path: expected a text that begins"),
            (r#"{"path": "/\r\n"}"#, "path: expected visible"),
            (r#"{"on_failure": ""}"#, "on_failure: expected deny or"),
            (r#"{"upstream": ""}"#, "upstream: unknown field"),
            (
                r#"{"timeout_milliseconds": 0}"#,
                "timeout_milliseconds: expected a whole number",
            ),
        ] {
            let refusal = Settings::parse(document.as_bytes()).err();

            assert!(
                refusal.unwrap_or_default().starts_with(expected),
                "{document}"
            );
        }
    }

    #[test]
    fn the_cluster_is_the_authority_by_default() {
        let settings = Settings::parse(br#"{"cluster": "auth"}"#).unwrap_or_default();

        assert_eq!(settings.authority, "auth");
        assert_eq!(settings.timeout, Duration::from_millis(250));
    }
}
