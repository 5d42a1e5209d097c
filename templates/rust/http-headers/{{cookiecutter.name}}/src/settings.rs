//! The configuration: read and checked, without a proxy.

use serde_json::Value;

use crate::fields::{self, Parsed};
use crate::rules::{Header, Rules};
use crate::syntax::{is_name, is_value};

/// The configuration of the plugin.
#[derive(Debug, Default, PartialEq)]
pub struct Settings {
    pub request: Rules,
    pub response: Rules,
}

impl Settings {
    /// Reads a configuration, all of it or nothing: whatever it does not know or expect it refuses,
    /// with an error that names the field. A plugin without a configuration changes nothing.
    pub fn parse(document: &[u8]) -> Parsed<Self> {
        let mut settings = Self::default();
        if document.is_empty() {
            return Ok(settings);
        }
        for (name, member) in &fields::parse(document)? {
            match name.as_str() {
                "request" => settings.request = rules(member, name)?,
                "response" => settings.response = rules(member, name)?,
                _ => return fields::unknown(name, "request and response"),
            }
        }
        Ok(settings)
    }
}

fn rules(value: &Value, path: &str) -> Parsed<Rules> {
    let mut rules = Rules::default();
    for (name, member) in fields::members(value, path)? {
        let path = format!("{path}.{name}");
        match name.as_str() {
            "remove" => rules.remove = names(member, &path)?,
            "set" => rules.replace = headers(member, &path, false)?,
            "add" => rules.add = headers(member, &path, true)?,
            _ => return fields::unknown(&path, "remove, set and add"),
        }
    }
    Ok(rules)
}

fn names(value: &Value, path: &str) -> Parsed<Vec<String>> {
    let read = |(index, item)| name(item, &format!("{path}[{index}]"));
    let items = fields::items(value, path)?.iter();
    items.enumerate().map(read).collect()
}

fn name(value: &Value, path: &str) -> Parsed<String> {
    match fields::text(value, path)? {
        name if is_name(name) => Ok(name.to_owned()),
        name => fields::refuse(path, &format!("{name:?} is not the name of a header")),
    }
}

fn headers(value: &Value, path: &str, repeats: bool) -> Parsed<Vec<Header>> {
    let mut headers = Vec::new();
    for (name, member) in fields::members(value, path)? {
        let path = format!("{path}.{name}");
        if !is_name(name) {
            return fields::refuse(&path, "not the name of a header");
        }
        for value in values(member, &path, repeats)? {
            headers.push(Header {
                name: name.clone(),
                value,
            });
        }
    }
    Ok(headers)
}

/// One value or, where a header may have several, a list of them.
fn values(value: &Value, path: &str, repeats: bool) -> Parsed<Vec<String>> {
    match value {
        Value::Array(items) if repeats => {
            let read = |(index, item)| text(item, &format!("{path}[{index}]"));
            items.iter().enumerate().map(read).collect()
        }
        _ => Ok(vec![text(value, path)?]),
    }
}

fn text(value: &Value, path: &str) -> Parsed<String> {
    match fields::text(value, path)? {
        text if is_value(text) => Ok(text.to_owned()),
        _ => fields::refuse(path, "control characters cannot be sent in a header"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_configuration_nothing_is_changed() {
        for document in ["", "{}", r#"{"request": {}}"#] {
            assert_eq!(
                Settings::parse(document.as_bytes()),
                Ok(Settings::default())
            );
        }
    }

    #[test]
    fn a_refusal_names_the_field() {
        for (document, expected) in [
            ("{", "not valid JSON: "),
            ("{} {}", "not valid JSON: "),
            ("[]", "expected an object, got an array"),
            (r#"{"requests": {}}"#, "requests: unknown field"),
            (
                r#"{"request": null}"#,
                "request: expected an object, got null",
            ),
            (
                r#"{"request": {"delete": []}}"#,
                "request.delete: unknown field",
            ),
            (
                r#"{"request": {"remove": [1]}}"#,
                "request.remove[0]: expected a string",
            ),
            (
                r#"{"request": {"set": {":path": "/"}}}"#,
                "request.set.:path: not the name",
            ),
            (
                r#"{"request": {"set": {"x": ["1"]}}}"#,
                "request.set.x: expected a string",
            ),
            (
                r#"{"response": {"add": {"x": ["1", true]}}}"#,
                "response.add.x[1]: expected",
            ),
            (
                r#"{"response": {"add": {"x": "1\r\n"}}}"#,
                "response.add.x: control characters",
            ),
        ] {
            let refusal = Settings::parse(document.as_bytes())
                .err()
                .unwrap_or_default();

            assert!(refusal.starts_with(expected), "{document}: {refusal}");
        }
    }
}
