//! Reading an evaluation request. What the specification does not name is ignored; what it requires and what has another
//! type than it says is refused, with the member's name.

use std::collections::BTreeMap;

use domain::name::Capability;
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use service::decisions::Asked;

use super::refuse::Refusal;

/// The most bytes of one member of a request.
const LARGEST_MEMBER_BYTES: usize = 16 * 1024;
/// The most bytes of what is recorded of one message: of each evaluation its four members, with the defaults that it
/// takes. One message with large defaults would otherwise be recorded 256 times.
const MOST_RECORDED_BYTES: usize = 256 * 1024;
/// The most context keys.
const MOST_KEYS: usize = 128;

/// The four members of a request, not yet looked into.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct Members<'a> {
    #[serde(borrow, default)]
    subject: Option<&'a RawValue>,
    #[serde(borrow, default)]
    action: Option<&'a RawValue>,
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
    #[serde(borrow, default)]
    context: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entity {
    r#type: String,
    id: String,
    #[serde(default)]
    properties: Option<serde_json::Map<String, Value>>,
}

#[derive(Deserialize)]
struct Action {
    name: String,
    #[serde(default)]
    properties: Option<serde_json::Map<String, Value>>,
}

#[derive(Deserialize)]
struct Approval {
    id: String,
}

/// Reads a JSON object; `what` names it in the refusal.
pub(super) fn object<'a, T: Deserialize<'a>>(what: &str, raw: &'a RawValue) -> Result<T, Refusal> {
    if !raw.get().trim_start().starts_with('{') {
        return Err(Refusal::bad(format!("{what} must be a JSON object.")));
    }
    serde_json::from_str(raw.get()).map_err(|error| unfit(what, &error))
}

fn unfit(what: &str, error: &serde_json::Error) -> Refusal {
    // serde's sentences speak of the caller's own input alone; the position is one within a part of it, and only noise.
    let text = error.to_string();
    let sentence = text
        .rfind(" at line ")
        .and_then(|end| text.get(..end))
        .unwrap_or(&text);
    Refusal::bad(format!("{what} is not valid: {sentence}."))
}

impl<'a> Members<'a> {
    /// These members, and those of `defaults` where they are missing.
    pub(super) fn or(self, defaults: Members<'a>) -> Self {
        Self {
            subject: self.subject.or(defaults.subject),
            action: self.action.or(defaults.action),
            resource: self.resource.or(defaults.resource),
            context: self.context.or(defaults.context),
        }
    }

    /// The members with their names.
    fn named(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        [
            ("subject", self.subject),
            ("action", self.action),
            ("resource", self.resource),
            ("context", self.context),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?.get())))
    }

    /// These members as one request, for the record. What the specification does not name is left out.
    fn together(self) -> Result<Box<RawValue>, Refusal> {
        let parts: Vec<String> = self
            .named()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        RawValue::from_string(format!("{{{}}}", parts.join(",")))
            .map_err(|_| Refusal::bad("The evaluation is not valid JSON."))
    }

    /// What is asked by this evaluation alone, whose members are bounded one by one.
    pub(super) fn asked(self) -> Result<Asked, Refusal> {
        let request = self.together()?;
        let subject: Entity = member("subject", self.subject)?;
        let resource: Entity = member("resource", self.resource)?;
        let action: Action = member("action", self.action)?;
        let mut context: BTreeMap<String, Value> = match self.context {
            Some(_) => member("context", self.context)?,
            None => BTreeMap::new(),
        };
        if context.len() > MOST_KEYS {
            return Err(Refusal::bad(format!(
                "`context` has at most {MOST_KEYS} members."
            )));
        }
        let approval = match context.remove("approval") {
            None | Some(Value::Null) => None,
            Some(value) => {
                let Approval { id } =
                    serde_json::from_value(value).map_err(|error| unfit("`context.approval`", &error))?;
                Some(id)
            }
        };
        let kind: PrincipalKind = subject
            .r#type
            .parse()
            .map_err(|error| refuse("subject.type", &error))?;
        Ok(Asked {
            principal: PrincipalRef::new(kind, subject.id).map_err(|error| refuse("subject.id", &error))?,
            resource: ResourceRef::new(resource.r#type, resource.id)
                .map_err(|error| refuse("resource", &error))?,
            capability: Capability::new(action.name).map_err(|error| refuse("action.name", &error))?,
            properties: [
                ("subject.properties", subject.properties),
                ("resource.properties", resource.properties),
                ("action.properties", action.properties),
            ]
            .into_iter()
            .filter_map(|(name, properties)| Some((name.to_owned(), Value::Object(properties?))))
            .collect(),
            context,
            approval,
            request,
        })
    }
}

/// What the evaluations of one message ask. Errors with 413, before any of them is read, where too much would be recorded.
pub(super) fn questions(evaluations: &[Members<'_>]) -> Result<Vec<Asked>, Refusal> {
    let recorded: usize = evaluations
        .iter()
        .flat_map(Members::named)
        .map(|(_, value)| value.len())
        .sum();
    if recorded > MOST_RECORDED_BYTES {
        return Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!(
                "The evaluations of one message, each with the defaults that it takes, have at most {MOST_RECORDED_BYTES} \
                 bytes. These have {recorded}. Send several messages, or less context."
            ),
        ));
    }
    evaluations.iter().map(|members| members.asked()).collect()
}

fn member<T: DeserializeOwned>(name: &str, value: Option<&RawValue>) -> Result<T, Refusal> {
    let what = format!("`{name}`");
    let raw = value.ok_or_else(|| Refusal::bad(format!("{what} is missing.")))?;
    if raw.get().len() > LARGEST_MEMBER_BYTES {
        return Err(Refusal::bad(format!(
            "{what} has at most {LARGEST_MEMBER_BYTES} bytes."
        )));
    }
    object(&what, raw)
}

fn refuse(member: &str, error: &dyn std::fmt::Display) -> Refusal {
    Refusal::bad(format!("`{member}` is not valid: {error}."))
}
