//! What a recorded request says of context and properties.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Context and properties by name.
type Named = BTreeMap<String, Value>;

/// What the client sent besides names.
pub(super) struct Sent {
    context: Named,
    properties: Named,
}

#[derive(Default, Deserialize)]
struct Entity {
    #[serde(default)]
    properties: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Request {
    subject: Entity,
    resource: Entity,
    action: Entity,
    #[serde(default)]
    context: Named,
}

/// Reads the members of a request as the evaluation API reads them.
pub(super) fn read(request: &RawValue) -> Result<Sent, serde_json::Error> {
    let Request {
        subject,
        resource,
        action,
        mut context,
    } = serde_json::from_str(request.get())?;
    // It has a place of its own in the input.
    context.remove("approval");
    let properties = [
        ("subject.properties", subject),
        ("resource.properties", resource),
        ("action.properties", action),
    ];
    Ok(Sent {
        context,
        properties: properties
            .into_iter()
            .filter_map(|(name, entity)| Some((name.to_owned(), Value::Object(entity.properties?))))
            .collect(),
    })
}

impl Sent {
    /// Context that the client was trusted for, and everything else: evidence.
    pub(super) fn split(self, trusted: impl Fn(&str) -> bool) -> (Named, Named) {
        let (asserted, mut evidence): (Named, Named) =
            self.context.into_iter().partition(|(key, _)| trusted(key));
        evidence.extend(self.properties);
        (asserted, evidence)
    }
}
