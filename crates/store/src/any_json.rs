//! JSON columns that hold any JSON a client can send. `jsonb` takes every character but U+0000, so that one is written as
//! two others, and read back as what it was: digests are over the original.

use serde_json::{Map, Value};

/// Begins a pair of characters: Unicode reserves it for such inner uses, and no text that people exchange holds it.
const ESCAPE: char = '\u{fdd0}';
/// The second of the pair that stands for U+0000.
const NUL: char = '0';
/// The second of the pair that stands for [`ESCAPE`] itself.
const ITSELF: char = '1';

/// The form that `jsonb` takes.
pub(crate) fn storable(value: Value) -> Value {
    rewritten(value, &escaped)
}

/// What [`storable`] was given.
pub(crate) fn original(value: Value) -> Value {
    rewritten(value, &unescaped)
}

fn rewritten(value: Value, text: &impl Fn(String) -> String) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
        Value::String(string) => Value::String(text(string)),
        Value::Array(items) => items.into_iter().map(|item| rewritten(item, text)).collect(),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, member)| (text(name), rewritten(member, text)))
                .collect::<Map<_, _>>(),
        ),
    }
}

fn escaped(text: String) -> String {
    if !text.contains(['\0', ESCAPE]) {
        return text;
    }
    let mut written = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\0' => written.extend([ESCAPE, NUL]),
            ESCAPE => written.extend([ESCAPE, ITSELF]),
            other => written.push(other),
        }
    }
    written
}

fn unescaped(text: String) -> String {
    if !text.contains(ESCAPE) {
        return text;
    }
    let mut read = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let stands_for = match (c, rest.peek()) {
            (ESCAPE, Some(&NUL)) => Some('\0'),
            (ESCAPE, Some(&ITSELF)) => Some(ESCAPE),
            _ => None,
        };
        if stands_for.is_some() {
            rest.next();
        }
        read.push(stands_for.unwrap_or(c));
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn any_json_comes_back_as_it_was() {
        for value in [
            json!({ "note": "a\0", "ke\0y": { "deep": ["\0", "\u{fdd0}0", "\u{fdd0}", 1, null, true] } }),
            json!("\u{fdd0}1\0\u{fdd0}\0"),
            json!(["plain", "", { "": "" }]),
        ] {
            let stored = storable(value.clone());
            assert!(!stored.to_string().contains("\\u0000"), "{stored}");
            assert_eq!(original(stored), value);
        }
    }
}
