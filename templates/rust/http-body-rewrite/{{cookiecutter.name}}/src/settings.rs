//! The configuration: read and checked, without a proxy.

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::fields::{self, Parsed};
use crate::replacement::Replacement;

const MOST_BYTES: u64 = 16_777_216;

/// The configuration of the plugin.
#[derive(Debug, PartialEq)]
pub struct Settings {
    pub request: Rc<[Replacement]>,
    pub response: Rc<[Replacement]>,
    pub max_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            request: Rc::default(),
            response: Rc::default(),
            max_bytes: 262_144,
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
                "request" => settings.request = replacements(value, name)?,
                "response" => settings.response = replacements(value, name)?,
                "max_bytes" => {
                    let bytes = fields::integer(value, name, 1..=MOST_BYTES)?;
                    settings.max_bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
                }
                _ => return fields::unknown(name, "request, response and max_bytes"),
            }
        }
        Ok(settings)
    }
}

fn replacements(value: &Value, path: &str) -> Parsed<Rc<[Replacement]>> {
    let read = |(index, item)| replacement(item, &format!("{path}[{index}]"));
    let items = fields::items(value, path)?.iter();
    items.enumerate().map(read).collect()
}

fn replacement(value: &Value, path: &str) -> Parsed<Replacement> {
    let members = fields::members(value, path)?;
    let is_unknown = |name: &&String| name.as_str() != "find" && name.as_str() != "replace";
    if let Some(name) = members.keys().find(is_unknown) {
        return fields::unknown(&format!("{path}.{name}"), "find and replace");
    }
    let find = text(members, "find", path)?;
    if find.is_empty() {
        return fields::refuse(&format!("{path}.find"), "nothing cannot be looked for");
    }
    let replace = text(members, "replace", path)?;
    Ok(Replacement { find, replace })
}

fn text(members: &Map<String, Value>, name: &str, path: &str) -> Parsed<Vec<u8>> {
    let path = format!("{path}.{name}");
    match members.get(name) {
        Some(value) => Ok(fields::text(value, &path)?.as_bytes().to_vec()),
        None => fields::refuse(&path, "needed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_field() {
        for (document, expected) in [
            (r#"{"request": {}}"#, "request: expected an array"),
            (r#"{"request": [1]}"#, "request[0]: expected an object"),
            (r#"{"request": [{}]}"#, "request[0].find: needed"),
            (r#"{"request": [{"find": ""}]}"#, "request[0].find: nothing"),
            (
                r#"{"response": [{"find": "a"}]}"#,
                "response[0].replace: needed",
            ),
            (
                r#"{"response": [{"x": "a"}]}"#,
                "response[0].x: unknown field",
            ),
            (r#"{"max_bytes": 0}"#, "max_bytes: expected a whole number"),
            (r#"{"body": 0}"#, "body: unknown field"),
        ] {
            let refusal = Settings::parse(document.as_bytes()).err();

            assert!(
                refusal.unwrap_or_default().starts_with(expected),
                "{document}"
            );
        }
    }
}
