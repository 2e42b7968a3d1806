//! What a rule's conditions read, found in Cedar's JSON form of the rule.

use serde_json::Value;
use std::collections::BTreeSet;

/// What the conditions of a rule hold.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// Whether `context.asserted` is read, or may be: a use of `context` as a whole counts.
    pub(crate) reads_asserted: bool,
    /// Entities named in the conditions, as (type, id). A rule may read their attributes.
    pub(crate) entities: BTreeSet<(String, String)>,
    /// Strings named in the conditions.
    pub(crate) strings: BTreeSet<String>,
    /// Whether strings are matched by a pattern (`like`).
    pub(crate) has_patterns: bool,
}

impl Body {
    /// Reads a rule in Cedar's JSON policy format.
    pub(crate) fn of(rule: &Value) -> Self {
        let mut body = Self::default();
        if let Some(conditions) = rule.get("conditions") {
            body.walk(conditions);
        }
        body
    }

    fn walk(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(entity) = members.get("__entity") {
                    let part = |name: &str| entity.get(name).and_then(Value::as_str).map(str::to_owned);
                    if let (Some(kind), Some(id)) = (part("type"), part("id")) {
                        self.entities.insert((kind, id));
                    }
                    return;
                }
                for (name, member) in members {
                    match name.as_str() {
                        "." | "has" if is_context(member.get("left")) => {
                            if names_asserted(member.get("attr")) {
                                self.reads_asserted = true;
                            }
                        }
                        // Names of attributes and of clauses, not strings that a rule compares with.
                        "attr" | "kind" => {}
                        "Var" => self.reads_asserted |= member.as_str() == Some("context"),
                        "like" => {
                            self.has_patterns = true;
                            self.walk(member);
                        }
                        _ => self.walk(member),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            Value::String(text) => {
                self.strings.insert(text.clone());
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

fn is_context(value: Option<&Value>) -> bool {
    value.and_then(|left| left.get("Var")).and_then(Value::as_str) == Some("context")
}

/// `has` names one attribute as text, or with Cedar's `has a.b` a path of them.
fn names_asserted(attr: Option<&Value>) -> bool {
    match attr {
        Some(Value::String(name)) => name == "asserted",
        // Anything that is no plain name is judged as if it read it.
        _ => true,
    }
}
