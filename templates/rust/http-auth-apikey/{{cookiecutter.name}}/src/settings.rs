//! The configuration: read and checked, without a proxy.

use serde_json::Value;

use crate::fields::{self, Parsed};
use crate::keys::Client;
use crate::syntax::{is_header_name, is_quotable, is_visible};

const SHORTEST_KEY: usize = 16;

/// The configuration of the plugin.
#[derive(Debug, PartialEq)]
pub struct Settings {
    pub header: String,
    pub realm: String,
    pub clients: Vec<Client>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            header: "x-api-key".to_owned(),
            realm: "api".to_owned(),
            clients: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads a configuration, all of it or nothing; an error names the field.
    pub fn parse(document: &[u8]) -> Parsed<Self> {
        let mut settings = Self::default();
        for (name, value) in &fields::parse(document)? {
            match name.as_str() {
                "clients" => settings.clients = clients(value)?,
                "header" => settings.header = header(value)?,
                "realm" => settings.realm = realm(value)?,
                _ => return fields::unknown(name, "clients, header and realm"),
            }
        }
        if settings.clients.is_empty() {
            return fields::refuse("clients", "nobody may come in");
        }
        Ok(settings)
    }
}

fn clients(value: &Value) -> Parsed<Vec<Client>> {
    fields::members(value, "clients")?
        .iter()
        .map(client)
        .collect()
}

fn client((name, value): (&String, &Value)) -> Parsed<Client> {
    let path = format!("clients.{name}");
    let key = fields::text(value, &path)?;
    if !is_visible(name) {
        return fields::refuse(&path, "a name is of visible ASCII characters");
    }
    if key.len() < SHORTEST_KEY || !is_visible(key) {
        let problem = format!("a key is of {SHORTEST_KEY} visible ASCII characters or more");
        return fields::refuse(&path, &problem);
    }
    Ok(Client {
        name: name.clone(),
        key: key.to_owned(),
    })
}

fn header(value: &Value) -> Parsed<String> {
    match fields::text(value, "header")? {
        name if is_header_name(name) => Ok(name.to_lowercase()),
        _ => fields::refuse("header", "not the name of a header"),
    }
}

fn realm(value: &Value) -> Parsed<String> {
    match fields::text(value, "realm")? {
        realm if is_quotable(realm) => Ok(realm.to_owned()),
        _ => fields::refuse("realm", "this cannot stand in quotes in a header"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_field() {
        for (document, expected) in [
            ("{}", "clients: nobody"),
            (r#"{"clients": {"a": "short"}}"#, "clients.a: a key is"),
            (
                r#"{"clients": {"": "0123456789abcdef"}}"#,
                "clients.: a name is",
            ),
            (r#"{"header": "a b"}"#, "header: not the name"),
            (r#"{"realm": "\""}"#, "realm: this cannot"),
            (r#"{"keys": 1}"#, "keys: unknown field"),
        ] {
            let refusal = Settings::parse(document.as_bytes()).err();

            assert!(
                refusal.unwrap_or_default().starts_with(expected),
                "{document}"
            );
        }
    }
}
