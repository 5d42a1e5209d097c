//! Reads a configuration field by field; an error names the field, such as `clients.alice` or
//! `rules[2].name`.

#![allow(dead_code)] // not every plugin has fields of every kind

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// What was read, or what is wrong, and in which field.
pub type Parsed<T> = Result<T, String>;

/// The members of the object that a document must be.
pub fn parse(document: &[u8]) -> Parsed<Map<String, Value>> {
    let value: Value =
        serde_json::from_slice(document).map_err(|problem| format!("not valid JSON: {problem}"))?;
    match value {
        Value::Object(members) => Ok(members),
        _ => mismatch("", "an object", &value),
    }
}

/// The members of an object.
pub fn members<'a>(value: &'a Value, path: &str) -> Parsed<&'a Map<String, Value>> {
    match value {
        Value::Object(members) => Ok(members),
        _ => mismatch(path, "an object", value),
    }
}

/// The items of an array.
pub fn items<'a>(value: &'a Value, path: &str) -> Parsed<&'a [Value]> {
    match value {
        Value::Array(items) => Ok(items),
        _ => mismatch(path, "an array", value),
    }
}

pub fn text<'a>(value: &'a Value, path: &str) -> Parsed<&'a str> {
    match value {
        Value::String(text) => Ok(text),
        _ => mismatch(path, "a string", value),
    }
}

/// A whole number in a range.
pub fn integer(value: &Value, path: &str, range: RangeInclusive<u64>) -> Parsed<u64> {
    let expected = format!("a whole number from {} to {}", range.start(), range.end());
    match value {
        // To JSON, 5.0 and 5e0 are whole numbers as 5 is.
        Value::Number(number) => match number.as_u64().or(number.as_f64().and_then(whole)) {
            Some(found) if range.contains(&found) => Ok(found),
            _ => refuse(path, &format!("expected {expected}, got {number}")),
        },
        _ => mismatch(path, &expected, value),
    }
}

fn whole(number: f64) -> Option<u64> {
    // What is too large or too small becomes the largest or the smallest there is.
    (number.fract() == 0.0 && number >= 0.0).then_some(number as u64)
}

/// Refuses a member that nobody knows.
pub fn unknown<T>(path: &str, known: &str) -> Parsed<T> {
    refuse(path, &format!("unknown field, known are {known}"))
}

fn mismatch<T>(path: &str, expected: &str, value: &Value) -> Parsed<T> {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    refuse(path, &format!("expected {expected}, got {kind}"))
}

pub fn refuse<T>(path: &str, problem: &str) -> Parsed<T> {
    let separator = if path.is_empty() { "" } else { ": " };
    Err(format!("{path}{separator}{problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_may_be_written_in_many_ways() {
        for number in ["5", "5.0", "50e-1", "0.5e1"] {
            let value: Value = serde_json::from_str(number).unwrap_or_default();

            assert_eq!(integer(&value, "n", 1..=5), Ok(5), "{number}");
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_field() {
        for (document, expected) in [
            ("{", "not valid JSON: "),
            ("{} {}", "not valid JSON: "),
            ("[]", "expected an object, got an array"),
            ("{}", "n: expected a whole number from 1 to 5, got null"),
            (
                r#"{"n": 0}"#,
                "n: expected a whole number from 1 to 5, got 0",
            ),
            (
                r#"{"n": -1}"#,
                "n: expected a whole number from 1 to 5, got -1",
            ),
            (
                r#"{"n": 1.5}"#,
                "n: expected a whole number from 1 to 5, got 1.5",
            ),
            (
                r#"{"n": "1"}"#,
                "n: expected a whole number from 1 to 5, got a string",
            ),
        ] {
            let read = |members: Map<String, Value>| integer(&members["n"], "n", 1..=5);
            let refusal = match parse(document.as_bytes()) {
                Ok(members) if members.is_empty() => integer(&Value::Null, "n", 1..=5).err(),
                parsed => parsed.and_then(read).err(),
            };

            assert!(
                refusal.unwrap_or_default().starts_with(expected),
                "{document}"
            );
        }
    }
}
