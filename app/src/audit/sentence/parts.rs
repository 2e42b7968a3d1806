//! Parts of sentences, read from an event's body. One that lacks what a part would say makes it shorter.

use domain::{
    approval::Approver,
    name::PersonId,
    opt_out::{Recurrence, length_in_words},
};
use serde_json::Value;

use super::Sentence;
use crate::{audit::actors::Actors, requests::words::listed};

pub(super) fn incident(body: &Value) -> &str {
    text(body, "/incident/id").unwrap_or_default()
}

/// Who broke it stands in the body: at a second person's vote, the actor is that person.
pub(super) fn broke_glass(actor: String, body: &Value, actors: &Actors) -> Sentence {
    // Who broke it: a second person’s vote may have completed it.
    let asked = text(body, "/opt_out/requested_by")
        .or_else(|| text(body, "/initiator"))
        .or_else(|| text(body, "/subject/id"));
    let who = asked
        .and_then(|person| PersonId::new(person).ok())
        .map_or(actor, |person| actors.person(&person));
    let incident = text(body, "/incident")
        .map(|incident| format!(" in {incident}"))
        .unwrap_or_default();
    let why = match body.pointer("/opt_out") {
        Some(_) => because(body, "/opt_out/reason"),
        None => because(body, "/reason"),
    };
    Sentence {
        who,
        did: format!("broke the glass{incident}{why}"),
    }
}

pub(super) fn text<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer)
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
}

/// " Deployments of hooks.example.com": what it is called and where it is.
pub(super) fn endpoint(body: &Value) -> String {
    let name = text(body, "/name").map(|name| format!(" {name}"));
    let host = text(body, "/host").map(|host| format!(" at {host}"));
    [name, host].into_iter().flatten().collect()
}

/// ": “Replica only, queries are recorded.”", or a full stop where nothing was said. A quotation that is a sentence has
/// its own.
pub(super) fn because(body: &Value, pointer: &str) -> String {
    match text(body, pointer).map(str::trim_end) {
        None => ".".to_owned(),
        Some(why) if why.ends_with(['.', '!', '?', '…']) => format!(": “{why}”"),
        Some(why) => format!(": “{why}”."),
    }
}

pub(super) fn stage(body: &Value) -> String {
    match body.pointer("/stage").and_then(Value::as_u64) {
        Some(place) => format!("Stage {}", place.saturating_add(1)),
        None => "A stage".to_owned(),
    }
}

/// ": Security is asked too in stage 1."
pub(super) fn joined(body: &Value, actors: &Actors) -> String {
    let to: Vec<String> = body
        .get("to")
        .and_then(|to| serde_json::from_value::<Vec<Approver>>(to.clone()).ok())
        .unwrap_or_default()
        .iter()
        .map(|approver| actors.approver(approver))
        .collect();
    if to.is_empty() {
        return ".".to_owned();
    }
    let verb = if to.len() == 1 { "is" } else { "are" };
    let stage = stage(body).to_lowercase();
    format!(": {} {verb} asked too in {stage}.", listed(to.into_iter(), "and"))
}

/// "lent their votes to Priya Nair: “…”."
pub(super) fn delegated(body: &Value, actors: &Actors) -> String {
    let to = text(body, "/delegation/to")
        .and_then(|person| PersonId::new(person).ok())
        .map(|person| format!(" to {}", actors.person(&person)))
        .unwrap_or_default();
    format!("lent their votes{to}{}", because(body, "/reason"))
}

/// " ci-gateway"; nothing in events that do not name it.
pub(super) fn client(body: &Value) -> String {
    text(body, "/client/name").map_or_else(String::new, |name| format!(" {name}"))
}

/// ": may ask about the resources service *; may report incidents."
pub(super) fn changes(body: &Value) -> String {
    let texts: Vec<&str> = body
        .get("changes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|change| text(change, "/text"))
        .collect();
    if texts.is_empty() {
        ".".to_owned()
    } else {
        format!(": {}.", texts.join("; "))
    }
}

pub(super) fn directory_changed(body: &Value) -> String {
    if body.get("changes").is_some() {
        return format!("changed the directory{}", changes(body));
    }
    let count = |what: &str| {
        body.get(what)
            .and_then(Value::as_u64)
            .map(|count| format!("{count} {what}"))
    };
    let counts: Vec<String> = ["teams", "groups", "principals", "resources"]
        .into_iter()
        .filter_map(count)
        .collect();
    if counts.is_empty() {
        "changed the directory.".to_owned()
    } else {
        format!("put a directory in place: {}.", counts.join(", "))
    }
}

pub(super) fn submitted(body: &Value) -> String {
    match (
        text(body, "/subject/id"),
        text(body, "/action"),
        text(body, "/resource/id"),
    ) {
        (Some(who), Some(what), Some(on)) => {
            format!(" for {who} to {what} {on}{}", because(body, "/reason"))
        }
        _ => because(body, "/reason"),
    }
}

pub(super) fn requested(body: &Value, actors: &Actors) -> String {
    let case = text(body, "/opt_out/scenario")
        .map(|case| format!(", case {}", actors.case(case)))
        .unwrap_or_default();
    let ticket = text(body, "/opt_out/ticket")
        .map(|ticket| format!(", {ticket}"))
        .unwrap_or_default();
    let renewal = body
        .pointer("/opt_out/lineage/generation")
        .and_then(Value::as_u64)
        .map(|generation| format!(", as renewal {generation}"))
        .unwrap_or_default();
    let hours = body
        .pointer("/opt_out/recurrence")
        .and_then(|hours| serde_json::from_value::<Recurrence>(hours.clone()).ok())
        .map(|hours| format!(", for {hours}"))
        .unwrap_or_default();
    format!("requested it{renewal}{case}{ticket}{hours}.")
}

/// "narrowed 9 days to 7 days and approved stage 1: “…”."
pub(super) fn voted(body: &Value, actors: &Actors) -> String {
    let narrowed = match (length(body.get("asked")), length(body.get("narrowed"))) {
        (Some(asked), Some(now)) if asked != now => {
            format!(
                "narrowed {} to {} and ",
                length_in_words(asked),
                length_in_words(now)
            )
        }
        (Some(_), Some(_)) => "narrowed it and ".to_owned(),
        _ => match (seconds(body, "asked_secs"), seconds(body, "grant_secs")) {
            (Some(asked), Some(now)) if now < asked => {
                format!(
                    "shortened {} to {} and ",
                    length_in_words(asked),
                    length_in_words(now)
                )
            }
            _ => String::new(),
        },
    };
    let verdict = match text(body, "/verdict") {
        Some("approve") => "approved",
        Some("deny") => "denied",
        _ => "voted in",
    };
    let stage = stage(body).to_lowercase();
    let place = text(body, "/behalf/person")
        .and_then(|person| PersonId::new(person).ok())
        .map(|person| format!(" in the place of {}", actors.person(&person)))
        .unwrap_or_default();
    format!("{narrowed}{verdict} {stage}{place}{}", because(body, "/reason"))
}

pub(super) fn vote_voided(body: &Value, actors: &Actors) -> Sentence {
    let person = text(body, "/person").and_then(|person| PersonId::new(person).ok());
    let why = match text(body, "/why") {
        Some("left") => "they have left the directory",
        _ => "they must not decide this any more",
    };
    Sentence {
        who: match person {
            Some(person) => format!("The vote of {}", actors.person(&person)),
            None => "A vote".to_owned(),
        },
        did: format!("no longer counts, because {why}. {} is open again.", stage(body)),
    }
}

pub(super) fn seconds(body: &Value, name: &str) -> Option<i64> {
    body.get(name).and_then(Value::as_i64)
}

/// Seconds from start to end of an opt-out's revision.
pub(super) fn length(revision: Option<&Value>) -> Option<i64> {
    let at = |name: &str| {
        let text = text(revision?, &format!("/window/{name}"))?;
        text.parse::<domain::window::Instant>().ok()
    };
    Some((at("ends_at")? - at("starts_at")?).num_seconds())
}
