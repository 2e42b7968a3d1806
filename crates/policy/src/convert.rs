//! JSON values to Cedar's, led by the type that the schema declares: what comes out needs no further validation.

use crate::vocabulary::uid;
use cedar_policy::{EntityTypeName, EntityUid, RestrictedExpression};
use cedar_policy_core::validator::types::{Attributes, EntityKind, Type};
use serde_json::Value;
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

/// Converts those members that `declared` knows; no rule can read the others, so they are left out.
///
/// Every entity that a value names is appended to `refs`. Errors: a value is not of its declared type, or a required
/// one is missing.
pub(crate) fn members<'a>(
    values: impl Fn(&str) -> Option<&'a Value>,
    declared: &Attributes,
    refs: &mut Vec<EntityUid>,
) -> Result<Vec<(String, RestrictedExpression)>, ConvertError> {
    let mut converted = Vec::new();
    for (name, declared) in declared.iter() {
        match values(name) {
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
        (Type::Long, Value::Number(number)) => number
            .as_i64()
            .map(RestrictedExpression::new_long)
            .ok_or_else(wrong),
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
            if let Some(surplus) = object.keys().find(|key| attrs.get_attr(key).is_none()) {
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
