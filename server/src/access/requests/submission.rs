//! Reads a submission. Members that the profile does not define are ignored; wrong types are named by their pointer.

use std::collections::BTreeMap;

use domain::digest::Digest;
use domain::name::Capability;
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use domain::text::is_clean;
use domain::window::Instant;
use serde_json::{Map, Value};
use service::access_requests::Submission;

use super::problems::{bad_key, control_character, invalid, invalid_binding, not_requestable, too_long};
use crate::http::problem::Problem;
use crate::http::time;

/// The longest text of a ticket, in characters.
const LONGEST_TICKET: usize = 64;
/// How much of `client` is kept, in bytes of JSON: it is shown to approvers, not relied on.
const LARGEST_CLIENT: usize = 4_096;

pub(super) fn read(body: &Value, key: Option<&str>) -> Result<Submission, Problem> {
    let Some(body) = body.as_object() else {
        return Err(invalid("", "wrong_type", "The body must be an object."));
    };
    if body.contains_key("items") {
        return Err(not_requestable(
            "Bundles are not offered: submit one request for each resource.",
        ));
    }
    let subject = object(body, "/subject")?;
    let kind: PrincipalKind = text(subject, "/subject/type")?
        .parse()
        .map_err(|_| invalid("/subject/type", "unknown", "Use person, workload or agent."))?;
    let principal = PrincipalRef::new(kind, text(subject, "/subject/id")?)
        .map_err(|error| invalid("/subject/id", "invalid", &error.to_string()))?;
    let resource = object(body, "/resource")?;
    let resource = ResourceRef::new(text(resource, "/resource/type")?, text(resource, "/resource/id")?)
        .map_err(|error| invalid("/resource", "invalid", &error.to_string()))?;
    let capability = Capability::new(text(object(body, "/action")?, "/action/name")?)
        .map_err(|error| invalid("/action/name", "invalid", &error.to_string()))?;

    let denial = optional_object(body, "/denial")?
        .ok_or_else(|| invalid_binding("The member `denial` is missing."))?;
    let evaluation = optional_text(denial, "/denial/evaluation_id")?
        .ok_or_else(|| invalid_binding("The member `denial.evaluation_id` is missing."))?;
    let evaluation = evaluation
        .parse()
        .map_err(|_| invalid_binding("No such evaluation of this client."))?;
    instant(denial, "/denial/expires_at")?.ok_or_else(|| {
        invalid(
            "/denial/expires_at",
            "missing",
            "Repeat `context.access_request.expires_at` of the denial.",
        )
    })?;

    let context = optional_object(body, "/context")?;
    let wanted = optional_object(body, "/requested_access")?;
    let reason = match context
        .map(|context| optional_text(context, "/context/business_justification"))
        .transpose()?
    {
        Some(Some(reason)) => Some(reason),
        _ => match context
            .map(|context| optional_text(context, "/context/reason"))
            .transpose()?
        {
            Some(Some(reason)) => Some(reason),
            _ => wanted
                .map(|wanted| optional_text(wanted, "/requested_access/reason"))
                .transpose()?
                .flatten(),
        },
    };
    let ticket = match context
        .map(|context| optional_text(context, "/context/ticket"))
        .transpose()?
        .flatten()
    {
        Some(ticket) if ticket.chars().count() > LONGEST_TICKET => {
            return Err(too_long("/context/ticket", LONGEST_TICKET));
        }
        other => other.map(str::to_owned),
    };
    let from = match wanted {
        Some(wanted) => instant(wanted, "/requested_access/requested_from")?,
        None => None,
    };
    let until = match wanted {
        Some(wanted) => instant(wanted, "/requested_access/requested_until")?,
        None => None,
    };
    Ok(Submission {
        principal,
        resource,
        capability,
        context: context.map(members),
        reason: reason.unwrap_or_default().to_owned(),
        ticket,
        from,
        until,
        denial: evaluation,
        client_says: client(body)?,
        idempotency: key.map(|key| idempotency(key, body)).transpose()?,
    })
}

fn members(object: &Map<String, Value>) -> BTreeMap<String, Value> {
    object
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn client(body: &Map<String, Value>) -> Result<BTreeMap<String, Value>, Problem> {
    let Some(client) = optional_object(body, "/client")? else {
        return Ok(BTreeMap::new());
    };
    if Value::Object(client.clone()).to_string().len() > LARGEST_CLIENT {
        return Err(invalid("/client", "too_long", "At most 4,096 bytes."));
    }
    Ok(members(client))
}

fn idempotency(key: &str, body: &Map<String, Value>) -> Result<(String, Digest), Problem> {
    let visible =
        !key.is_empty() && key.len() <= 255 && key.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    if !visible {
        return Err(bad_key());
    }
    let digest = Digest::of_canonical(body)
        .map_err(|_| invalid("", "number", "A number in the body has no exact JSON form."))?;
    Ok((key.to_owned(), digest))
}

/// The last part of a pointer is the member's name.
fn name(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or_default()
}

fn object<'a>(parent: &'a Map<String, Value>, pointer: &str) -> Result<&'a Map<String, Value>, Problem> {
    optional_object(parent, pointer)?.ok_or_else(|| invalid(pointer, "missing", "This is required."))
}

fn optional_object<'a>(
    parent: &'a Map<String, Value>,
    pointer: &str,
) -> Result<Option<&'a Map<String, Value>>, Problem> {
    match parent.get(name(pointer)) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(invalid(pointer, "wrong_type", "This must be an object.")),
    }
}

fn text<'a>(parent: &'a Map<String, Value>, pointer: &str) -> Result<&'a str, Problem> {
    optional_text(parent, pointer)?.ok_or_else(|| invalid(pointer, "missing", "This is required."))
}

fn optional_text<'a>(parent: &'a Map<String, Value>, pointer: &str) -> Result<Option<&'a str>, Problem> {
    match parent.get(name(pointer)) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if is_clean(text) => Ok(Some(text)),
        Some(Value::String(_)) => Err(control_character(pointer)),
        Some(_) => Err(invalid(pointer, "wrong_type", "This must be a string.")),
    }
}

fn instant(parent: &Map<String, Value>, pointer: &str) -> Result<Option<Instant>, Problem> {
    let Some(text) = optional_text(parent, pointer)? else {
        return Ok(None);
    };
    match time::read(text) {
        Some(at) => Ok(Some(at)),
        None => Err(invalid(pointer, "not_a_time", time::EXAMPLE)),
    }
}
