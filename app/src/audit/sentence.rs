//! Events in plain words: "Ines Marchetti narrowed 9 days to 7 days and approved stage 1." The subject stands apart, since
//! pages set it in bold. A body that lacks what a sentence would say makes the sentence shorter, never wrong.

mod parts;

use domain::{enforcement::Done, event::EventKind, name::PersonId};
use serde_json::Value;
use service::audit::Event;

use super::actors::Actors;
use parts::*;

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
        K::SignInRefused => {
            let whose = whose(body, actors).unwrap_or_else(|| "somebody".to_owned());
            by_actor(format!("refused the sign-in of {whose}, who has no role."))
        }
        K::SignedOut => {
            let all = text(body, "/facts/by") == Some("administrator");
            match whose(body, actors).filter(|name| *name != actor) {
                Some(name) if all => by_actor(format!("ended all sessions of {name}.")),
                Some(name) => by_actor(format!("ended a session of {name}.")),
                None => by_actor("signed out.".to_owned()),
            }
        }
    }
}

/// Whose session it is about.
fn whose(body: &Value, actors: &Actors) -> Option<String> {
    let person = text(body, "/person").and_then(|person| PersonId::new(person).ok())?;
    Some(actors.person(&person))
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
