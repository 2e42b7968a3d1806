//! JSON values to Cedar's, led by the type that the schema declares: what comes out needs no further validation.
//!
//! JSON has one kind of number, and no way to leave a member out of a fixed form but `null`: so `5.0` is the Long 5, and a
//! member that is `null` is absent.

use crate::vocabulary::uid;
use cedar_policy::{EntityTypeName, EntityUid, RestrictedExpression};
use cedar_policy_core::validator::types::{Attributes, EntityKind, Type};
use serde_json::{Number, Value};
use std::collections::BTreeMap;

/// Why a value is not what the schema declares.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` must be {wanted}")]
pub(crate) struct ConvertError {
    /// Where: attribute names joined by dots.
    pub(crate) path: String,
    /// What the schema declares.
    pub(crate) wanted: String,
}

/// Whole numbers below this survive as an IEEE 754 double (2^53); one that was read as a double and is beyond may have been
/// another.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// The whole number, where it is one and no digit of it can have been lost.
#[allow(
    clippy::cast_possible_truncation,
    reason = "it is whole and within 2^53, so nothing is cut off"
)]
fn long(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        number
            .as_f64()
            .filter(|float| float.fract() == 0.0 && float.abs() < LARGEST_EXACT)
            .map(|float| float as i64)
    })
}

/// Converts those members that `declared` knows; no rule can read the others, so they are left out.
///
/// One that is `null` is absent. Every entity that a value names is appended to `refs`. Errors: a value is not of its declared type, or a required
/// one is missing.
pub(crate) fn members<'a>(
    values: impl Fn(&str) -> Option<&'a Value>,
    declared: &Attributes,
    refs: &mut Vec<EntityUid>,
) -> Result<Vec<(String, RestrictedExpression)>, ConvertError> {
    let mut converted = Vec::new();
    for (name, declared) in declared.iter() {
        match values(name).filter(|value| !value.is_null()) {
            Some(value) => {
                converted.push((name.to_string(), convert(name, value, &declared.attr_type, refs)?))
            }
            None if declared.is_required => {
                return Err(ConvertError {
                    path: name.to_string(),
                    wanted: "there".to_owned(),
                });
            }
            None => {}
        }
    }
    Ok(converted)
}

/// Converts one value to its declared type.
pub(crate) fn convert(
    path: &str,
    value: &Value,
    declared: &Type,
    refs: &mut Vec<EntityUid>,
) -> Result<RestrictedExpression, ConvertError> {
    let wrong = || ConvertError {
        path: path.to_owned(),
        wanted: format!("of type {declared}"),
    };
    match (declared, value) {
        (Type::Bool(_), Value::Bool(value)) => Ok(RestrictedExpression::new_bool(*value)),
        (Type::Long, Value::Number(number)) => {
            long(number).map(RestrictedExpression::new_long).ok_or_else(wrong)
        }
        (Type::String, Value::String(text)) => Ok(RestrictedExpression::new_string(text.clone())),
        (
            Type::Set {
                element_type: Some(element),
            },
            Value::Array(items),
        ) => items
            .iter()
            .map(|item| convert(path, item, element, refs))
            .collect::<Result<Vec<_>, _>>()
            .map(RestrictedExpression::new_set),
        (Type::Record { attrs, .. }, Value::Object(object)) => {
            let surplus = object
                .iter()
                .find(|(key, value)| !value.is_null() && attrs.get_attr(key).is_none());
            if let Some((surplus, _)) = surplus {
                return Err(ConvertError {
                    path: format!("{path}.{surplus}"),
                    wanted: "left out: the schema does not declare it".to_owned(),
                });
            }
            let inner = members(|name| object.get(name), attrs, refs).map_err(|error| ConvertError {
                path: format!("{path}.{}", error.path),
                ..error
            })?;
            RestrictedExpression::new_record(inner.into_iter().collect::<BTreeMap<_, _>>())
                .map_err(|_| wrong())
        }
        (Type::ExtensionType { name }, Value::String(text)) => {
            // Cedar's constructors take any text and fail only when the value is first used, so it is parsed here.
            let expression = match name.to_string().as_str() {
                "ipaddr" => RestrictedExpression::new_ip(text),
                "decimal" => RestrictedExpression::new_decimal(text),
                "datetime" => RestrictedExpression::new_datetime(text),
                "duration" => RestrictedExpression::new_duration(text),
                _ => return Err(wrong()),
            };
            let sound = cedar_policy::Context::from_pairs([("value".to_owned(), expression.clone())]).is_ok();
            sound.then_some(expression).ok_or_else(wrong)
        }
        (Type::Entity(EntityKind::Entity(kinds)), Value::Object(object)) => {
            let text = |name: &str| object.get(name).and_then(Value::as_str);
            let kind = text("type")
                .and_then(|kind| kind.parse::<EntityTypeName>().ok())
                .filter(|kind| kinds.get_single_entity() == Some(kind.as_ref()));
            match (kind, text("id")) {
                (Some(kind), Some(id)) => {
                    let entity = uid(&kind, id);
                    refs.push(entity.clone());
                    Ok(RestrictedExpression::new_entity_uid(entity))
                }
                _ => Err(wrong()),
            }
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]
    use super::*;
    use cedar_policy::Schema;
    use serde_json::json;

    /// What comes of a value of each declared member; none where it is absent, the path where it does not fit.
    fn read(value: &Value) -> Result<Vec<String>, String> {
        let schema = Schema::from_cedarschema_str(
            "entity Thing = {
                rows?: Long, done?: Bool, price?: decimal, sizes?: Set<Long>,
                request?: { bytes: Long, note?: String },
            };",
        )
        .unwrap()
        .0;
        let kind: EntityTypeName = "Thing".parse().unwrap();
        let declared = schema
            .as_ref()
            .get_entity_type(kind.as_ref())
            .unwrap()
            .attributes();
        members(|name| value.get(name), declared, &mut Vec::new())
            .map(|found| found.into_iter().map(|(name, _)| name).collect())
            .map_err(|error| error.path)
    }

    #[test]
    fn values_are_read_by_their_declared_type_wherever_they_are() {
        for (value, expected) in [
            (json!({ "rows": 1e3, "sizes": [1, 2.0, 3e0] }), Ok("rows sizes")),
            (json!({ "rows": null, "done": null, "request": null }), Ok("")),
            (
                json!({ "request": { "bytes": 5.0, "note": null, "more": null } }),
                Ok("request"),
            ),
            (json!({ "price": "5.25" }), Ok("price")),
            (json!({ "rows": 0.1 }), Err("rows")),
            (json!({ "rows": 9_007_199_254_740_992.0 }), Err("rows")),
            (json!({ "done": "true" }), Err("done")),
            (json!({ "done": 1 }), Err("done")),
            (json!({ "price": 5.25 }), Err("price")),
            (json!({ "price": "5.25001" }), Err("price")),
            (json!({ "sizes": [1, null] }), Err("sizes")),
            (json!({ "sizes": 1 }), Err("sizes")),
            (json!({ "request": { "bytes": "5" } }), Err("request.bytes")),
            (json!({ "request": { "bytes": null } }), Err("request.bytes")),
            (
                json!({ "request": { "bytes": 5, "more": 1 } }),
                Err("request.more"),
            ),
        ] {
            let found = read(&value).map(|names| names.join(" "));
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{value}");
        }
    }
}
