//! Events in plain words: "Ines Marchetti narrowed 9 days to 7 days and approved stage 1." The subject stands apart, since
//! pages set it in bold. A body that lacks what a sentence would say makes the sentence shorter, never wrong.

use domain::{
    approval::Approver,
    enforcement::Done,
    event::EventKind,
    name::PersonId,
    opt_out::{Recurrence, length_in_words},
};
use serde_json::Value;
use service::audit::Event;

use super::actors::Actors;
use crate::requests::words::listed;

/// Who did what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// The subject.
    pub(crate) who: String,
    /// What follows it, with its full stop.
    pub(crate) did: String,
}

/// Says what happened.
pub(crate) fn sentence(event: &Event, actors: &Actors) -> Sentence {
    let body = serde_json::from_slice(&event.body).unwrap_or(Value::Null);
    say(
        event.kind,
        actors.name(&event.actor_kind, &event.actor_id),
        &body,
        actors,
    )
}

fn say(kind: EventKind, actor: String, body: &Value, actors: &Actors) -> Sentence {
    use EventKind as K;
    let by_actor = |did: String| Sentence {
        who: actor.clone(),
        did,
    };
    let said = |who: &str, did: &str| Sentence {
        who: who.to_owned(),
        did: did.to_owned(),
    };
    match kind {
        K::PolicyPublished => by_actor(format!("put a policy version in force{}", changes(body))),
        K::DirectoryChanged => by_actor(directory_changed(body)),
        K::DirectoryRefused => said("A directory", &format!("was refused{}", changes(body))),
        K::ClientRegistered => by_actor(match text(body, "/client/name") {
            Some(name) => format!("registered the client {name}."),
            None => "registered a client.".to_owned(),
        }),
        K::ClientWidened => by_actor(format!(
            "gave the client{} more rights{}",
            client(body),
            changes(body)
        )),
        K::ClientNarrowed => by_actor(format!(
            "took rights from the client{}{}",
            client(body),
            changes(body)
        )),
        K::ClientTokenRotated => by_actor(format!("rotated the token of the client{}.", client(body))),
        K::ClientRevoked => by_actor(format!(
            "took the credentials of the client{} away.",
            client(body)
        )),
        K::AccessRequestSubmitted => by_actor(format!("asked for access{}", submitted(body))),
        K::AccessRequestStageReached | K::OptOutStageReached => Sentence {
            who: format!(
                "{}{}",
                stage(body),
                text(body, "/name")
                    .map(|name| format!(", {name},"))
                    .unwrap_or_default()
            ),
            did: "opened for votes.".to_owned(),
        },
        K::AccessRequestEscalated | K::OptOutEscalated => {
            said("Nobody", &format!("has voted for long{}", joined(body, actors)))
        }
        K::AccessRequestFellBack | K::OptOutFellBack => {
            said("Too few", &format!("are left to decide{}", joined(body, actors)))
        }
        K::AccessRequestNobodyLeft | K::OptOutNobodyLeft => said(
            "Nobody",
            &format!(
                "is left who could decide{}: the fallback is not enough.",
                text(body, "/name")
                    .map(|name| format!(" stage {name}"))
                    .unwrap_or_default()
            ),
        ),
        K::DelegationMade => by_actor(delegated(body, actors)),
        K::DelegationEnded => by_actor("ended a delegation early.".to_owned()),
        K::AccessRequestVoted | K::OptOutVoted => by_actor(voted(body, actors)),
        K::AccessRequestVoteVoided | K::OptOutVoteVoided => vote_voided(body, actors),
        K::AccessRequestCommented | K::OptOutCommented => by_actor(match text(body, "/kind") {
            Some("question") => format!("asked whoever asked for it{}", because(body, "/comment")),
            Some("answer") => format!("answered{}", because(body, "/comment")),
            _ => format!("commented{}", because(body, "/comment")),
        }),
        K::AccessRequestApproved => said("The last stage", "is filled: access is granted."),
        K::OptOutApproved if body.get("again").is_some() => {
            said("The last stage", "is filled: it is in force again.")
        }
        K::OptOutApproved => said("The last stage", "is filled: it is approved."),
        K::AccessRequestDenied => said("It", &format!("is denied{}", because(body, "/reason"))),
        K::OptOutRejected => said("It", &format!("is rejected{}", because(body, "/reason"))),
        K::AccessRequestWithdrawn => by_actor(format!("took it back{}", because(body, "/comment"))),
        K::OptOutWithdrawn => by_actor("took it back.".to_owned()),
        K::AccessRequestExpired | K::OptOutLapsed => said("Nobody", "decided in time."),
        K::AccessRequestVoided => said("Policy", "no longer allows it: it is void."),
        K::GrantRevoked => by_actor(format!("took the grant back{}", because(body, "/reason"))),
        K::GrantRelinquished => by_actor(format!("gave the grant back{}", because(body, "/reason"))),
        K::GrantEnded => said("The grant’s time", "is over."),
        K::OptOutRequested => by_actor(requested(body, actors)),
        K::OptOutSuspended => match text(body, "/said") {
            Some(why) => said(
                "It",
                &format!("is out of force until it is approved again. {why}"),
            ),
            None => said("A rule that it names", "has changed: it is out of force."),
        },
        K::OptOutAskedAgain => by_actor(format!("asked for approval again{}", because(body, "/reason"))),
        K::OptOutRefusedAgain => said("It", &format!("stays out of force{}", because(body, "/reason"))),
        K::OptOutCoversLess => said(
            "The directory",
            &format!("changed. {}", text(body, "/text").unwrap_or("It covers less.")),
        ),
        K::OptOutCutShort => said("Its incident", "is resolved, so it ends earlier."),
        K::IncidentOpened => by_actor(format!("told of incident {}.", incident(body))),
        K::IncidentResolved => by_actor(format!("told that incident {} is resolved.", incident(body))),
        K::TicketLookedUp => Sentence {
            who: format!("Ticket {}", text(body, "/ticket").unwrap_or_default()),
            did: match body.get("open").and_then(Value::as_bool) {
                Some(true) => "is open.".to_owned(),
                Some(false) => "is closed.".to_owned(),
                None => "was looked up.".to_owned(),
            },
        },
        K::OptOutRevoked => by_actor(format!("ended it{}", because(body, "/reason"))),
        K::OptOutExpired => said("Its time", "is over: the normal flow resumes."),
        K::OptOutExhausted => said("Its uses", "are spent: the normal flow resumes."),
        K::AccessRequestBrokeGlass | K::OptOutBrokeGlass => broke_glass(actor, body, actors),
        K::PostReviewOwed => said("A post-review", "is owed."),
        K::PostReviewConcluded => by_actor(match text(body, "/conclusion/finding") {
            Some(finding) => format!(
                "found it {}{}",
                finding.replace('_', "-"),
                because(body, "/conclusion/note")
            ),
            None => "concluded the post-review.".to_owned(),
        }),
        K::OptOutSignalled => by_actor(format!("signalled{}", because(body, "/opt_out/reason"))),
        K::OptOutCleared => by_actor(format!(
            "signalled that the risk is low{}",
            because(body, "/reason")
        )),
        K::OptOutConfirmed => by_actor("confirmed the signal.".to_owned()),
        K::SignalsExceeded => by_actor(match text(body, "/limit") {
            Some(limit) => format!("signalled more than it may: {limit}."),
            None => "signalled more than it may.".to_owned(),
        }),
        K::OutOfScopeAsked => match body.pointer("/count").and_then(Value::as_u64) {
            Some(1) => said("A client", "asked one question that is not in its scope."),
            Some(count) => said(
                "A client",
                &format!("asked {count} questions that are not in its scope."),
            ),
            None => said("A client", "asked questions that are not in its scope."),
        },
        K::EnforcementReported => by_actor(
            match text(body, "/enforcement/done").and_then(|done| done.parse::<Done>().ok()) {
                Some(done) => format!("reported what was done: {}.", done.words()),
                None => "reported what was done.".to_owned(),
            },
        ),
        K::OptOutRenewed => said("A renewal", "of it is approved."),
        K::OptOutFoundNeedless => said(
            "It",
            "has changed no outcome for long: who asked for it is asked whether it can go.",
        ),
        K::OptOutKept if body.get("looked_at").is_some() => {
            said("It", "has changed an outcome again, so it stays.")
        }
        K::OptOutKept => by_actor(format!("kept it{}", because(body, "/reason"))),
        K::OptOutClosedEarly if body.get("ends_at").is_some() => {
            said("Nobody", "said that it is still needed: it is closed early.")
        }
        K::OptOutClosedEarly => by_actor(format!("closed it early{}", because(body, "/reason"))),
        K::EndpointRegistered => by_actor(format!("registered the endpoint{}.", endpoint(body))),
        K::EndpointSecretRotated => by_actor(format!("gave the webhook{} a new secret.", endpoint(body))),
        K::EndpointDisabled if text(body, "/disabled") == Some("gone") => {
            said("The endpoint", "said that it is gone, and is used no more.")
        }
        K::EndpointDisabled => by_actor(format!("disabled the endpoint{}.", endpoint(body))),
        K::EndpointEnabled => by_actor(format!("took the endpoint{} into use again.", endpoint(body))),
        K::DeliveryResent => match body.pointer("/count").and_then(Value::as_u64) {
            Some(count) => by_actor(format!("had {count} deliveries sent once more.")),
            None => by_actor("had a delivery sent once more.".to_owned()),
        },
        K::NoticePreferencesChanged => by_actor("changed how they are told.".to_owned()),
        K::SignedIn => by_actor("signed in.".to_owned()),
        K::SignedOut => {
            let whose = text(body, "/person").and_then(|person| PersonId::new(person).ok());
            let all = text(body, "/facts/by") == Some("administrator");
            match whose
                .map(|person| actors.person(&person))
                .filter(|name| *name != actor)
            {
                Some(name) if all => by_actor(format!("ended all sessions of {name}.")),
                Some(name) => by_actor(format!("ended a session of {name}.")),
                None => by_actor("signed out.".to_owned()),
            }
        }
    }
}

fn incident(body: &Value) -> &str {
    text(body, "/incident/id").unwrap_or_default()
}

/// Who broke it stands in the body: at a second person's vote, the actor is that person.
fn broke_glass(actor: String, body: &Value, actors: &Actors) -> Sentence {
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

fn text<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer)
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
}

/// " Deployments of hooks.example.com": what it is called and where it is.
fn endpoint(body: &Value) -> String {
    let name = text(body, "/name").map(|name| format!(" {name}"));
    let host = text(body, "/host").map(|host| format!(" at {host}"));
    [name, host].into_iter().flatten().collect()
}

/// ": “Replica only, queries are recorded.”", or a full stop where nothing was said. A quotation that is a sentence has
/// its own.
fn because(body: &Value, pointer: &str) -> String {
    match text(body, pointer).map(str::trim_end) {
        None => ".".to_owned(),
        Some(why) if why.ends_with(['.', '!', '?', '…']) => format!(": “{why}”"),
        Some(why) => format!(": “{why}”."),
    }
}

fn stage(body: &Value) -> String {
    match body.pointer("/stage").and_then(Value::as_u64) {
        Some(place) => format!("Stage {}", place.saturating_add(1)),
        None => "A stage".to_owned(),
    }
}

/// ": Security is asked too in stage 1."
fn joined(body: &Value, actors: &Actors) -> String {
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
fn delegated(body: &Value, actors: &Actors) -> String {
    let to = text(body, "/delegation/to")
        .and_then(|person| PersonId::new(person).ok())
        .map(|person| format!(" to {}", actors.person(&person)))
        .unwrap_or_default();
    format!("lent their votes{to}{}", because(body, "/reason"))
}

/// " ci-gateway"; nothing in events that do not name it.
fn client(body: &Value) -> String {
    text(body, "/client/name").map_or_else(String::new, |name| format!(" {name}"))
}

/// ": may ask about the resources service *; may report incidents."
fn changes(body: &Value) -> String {
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

fn directory_changed(body: &Value) -> String {
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

fn submitted(body: &Value) -> String {
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

fn requested(body: &Value, actors: &Actors) -> String {
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
fn voted(body: &Value, actors: &Actors) -> String {
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

fn vote_voided(body: &Value, actors: &Actors) -> Sentence {
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

fn seconds(body: &Value, name: &str) -> Option<i64> {
    body.get(name).and_then(Value::as_i64)
}

/// Seconds from start to end of an opt-out's revision.
fn length(revision: Option<&Value>) -> Option<i64> {
    let at = |name: &str| {
        let text = text(revision?, &format!("/window/{name}"))?;
        text.parse::<domain::window::Instant>().ok()
    };
    Some((at("ends_at")? - at("starts_at")?).num_seconds())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use serde_json::json;

    fn told(kind: EventKind, body: &Value) -> String {
        let Sentence { who, did } = say(kind, "Ines Marchetti".to_owned(), body, &Actors::nobody());
        format!("{who} {did}")
    }

    #[test]
    fn a_vote_says_what_was_taken_away() {
        let window = |days: u32| json!({ "window": { "starts_at": "2026-11-25T08:00:00Z", "ends_at": format!("2026-12-{days:02}T08:00:00Z") } });
        let mut body = json!({ "stage": 0, "verdict": "approve", "reason": "Replica only" });
        assert_eq!(
            told(EventKind::OptOutVoted, &body),
            "Ines Marchetti approved stage 1: “Replica only”."
        );
        body["asked"] = window(4);
        body["narrowed"] = window(2);
        assert_eq!(
            told(EventKind::OptOutVoted, &body),
            "Ines Marchetti narrowed 9 days to 7 days and approved stage 1: “Replica only”."
        );
        let shortened =
            json!({ "stage": 1, "verdict": "approve", "reason": "", "asked_secs": 3600, "grant_secs": 1800 });
        assert_eq!(
            told(EventKind::AccessRequestVoted, &shortened),
            "Ines Marchetti shortened 1 hour to 30 minutes and approved stage 2."
        );
    }

    #[test]
    fn who_joins_and_in_whose_place_somebody_votes_is_said() {
        let body = json!({ "stage": 0, "to": [{ "group": "security" }, { "person": "tom" }] });
        assert_eq!(
            told(EventKind::OptOutEscalated, &body),
            "Nobody has voted for long: security and tom are asked too in stage 1."
        );
        let vote = json!({ "stage": 0, "verdict": "approve", "behalf": { "person": "tom" } });
        assert_eq!(
            told(EventKind::OptOutVoted, &vote),
            "Ines Marchetti approved stage 1 in the place of tom."
        );
        let made = json!({ "delegation": { "to": "tom" }, "reason": "on leave" });
        assert_eq!(
            told(EventKind::DelegationMade, &made),
            "Ines Marchetti lent their votes to tom: “on leave”."
        );
    }

    #[test]
    fn a_quotation_that_is_a_sentence_ends_it() {
        for (why, said) in [
            ("Done.", "Ines Marchetti ended it: “Done.”"),
            ("done ", "Ines Marchetti ended it: “done”."),
            (" ", "Ines Marchetti ended it."),
        ] {
            assert_eq!(told(EventKind::OptOutRevoked, &json!({ "reason": why })), said);
        }
    }

    #[test]
    fn an_erased_or_strange_body_makes_a_shorter_sentence() {
        for kind in EventKind::ALL {
            for body in [
                Value::Null,
                json!([]),
                json!({ "stage": "x", "reason": 7, "verdict": {} }),
            ] {
                let told = told(*kind, &body);
                assert!(told.ends_with('.') && !told.contains("null"), "{kind:?}: {told}");
            }
        }
        assert_eq!(
            told(EventKind::OptOutRequested, &Value::Null),
            "Ines Marchetti requested it."
        );
        let nights = json!({ "opt_out": { "recurrence": {
            "days": ["sat"], "from": "22:00", "until": "06:00", "zone": "Europe/Berlin"
        } } });
        assert_eq!(
            told(EventKind::OptOutRequested, &nights),
            "Ines Marchetti requested it, for Sat 22:00–Sun 06:00 Europe/Berlin."
        );
    }
}
