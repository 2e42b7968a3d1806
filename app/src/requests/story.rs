//! A request's events as a story in plain words. On the server alone.

use domain::event::EventKind;
use serde_json::Value;
use service::access_requests::AccessRequestDetail;

use super::view::{StoryView, Turn};
use crate::{component::time::length, server_side::Names};

/// What an event says of itself.
struct Telling {
    kind: EventKind,
    body: Value,
}

/// The events, newest first, without those that only repeat another one.
pub(super) fn tell(detail: &AccessRequestDetail, names: &Names) -> Vec<StoryView> {
    let mut events: Vec<_> = detail.events.iter().collect();
    // What one command did has one instant, and ids within it are random.
    events.sort_by_key(|event| (event.at, place(event.kind)));
    events
        .into_iter()
        .rev()
        .filter_map(|event| {
            let telling = Telling {
                kind: event.kind,
                body: parse(&event.body),
            };
            let (turn, sentence) = telling.sentence()?;
            let actor = match event.actor_kind.as_str() {
                // Whoever voted last did not grant it alone.
                _ if telling.kind == EventKind::AccessRequestApproved => "Everybody asked".to_owned(),
                // A second person's vote may have completed it.
                _ if telling.kind == EventKind::AccessRequestBrokeGlass => detail
                    .request
                    .asked_by()
                    .map_or_else(|| "Somebody".to_owned(), |person| names.person(&person)),
                "person" => event
                    .actor_id
                    .parse()
                    .map_or_else(|_| event.actor_id.clone(), |person| names.person(&person)),
                "client" => detail
                    .client_name
                    .clone()
                    .unwrap_or_else(|| "A client".to_owned()),
                _ => "Spillway".to_owned(),
            };
            Some(StoryView {
                at: event.at,
                turn,
                actor,
                sentence,
                said: telling.words().to_owned(),
            })
        })
        .collect()
}

/// The place of an event among those of one command.
fn place(kind: EventKind) -> u8 {
    if kind == EventKind::AccessRequestSubmitted {
        0
    } else if kind == EventKind::AccessRequestVoted {
        1
    } else {
        2
    }
}

/// How long was asked for at first, in seconds.
pub(super) fn asked_secs(detail: &AccessRequestDetail) -> Option<i64> {
    let submitted = detail.events.iter().find(|event| {
        [
            EventKind::AccessRequestSubmitted,
            EventKind::AccessRequestBrokeGlass,
        ]
        .contains(&event.kind)
    })?;
    parse(&submitted.body).get("grant_secs").and_then(Value::as_i64)
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or(Value::Null)
}

impl Telling {
    fn text(&self, member: &str) -> &str {
        self.body.get(member).and_then(Value::as_str).unwrap_or_default()
    }

    /// What the actor said: why, or the comment itself.
    fn words(&self) -> &str {
        match self.text("reason") {
            "" => self.text("comment"),
            reason => reason,
        }
    }

    fn number(&self, member: &str) -> Option<i64> {
        self.body.get(member).and_then(Value::as_i64)
    }

    fn sentence(&self) -> Option<(Turn, String)> {
        let simply = |turn, sentence: &str| Some((turn, sentence.to_owned()));
        match self.kind {
            EventKind::AccessRequestSubmitted => simply(Turn::Asked, "asked for this"),
            EventKind::AccessRequestStageReached => {
                let stage = self.number("stage").unwrap_or(0) + 1;
                Some((
                    Turn::Passed,
                    format!("brought it before stage {stage}, {}", self.text("name")),
                ))
            }
            EventKind::AccessRequestEscalated => {
                simply(Turn::Passed, "asked further people, since nobody voted for long")
            }
            EventKind::AccessRequestFellBack => simply(
                Turn::Passed,
                "asked the fallback, since too few are left to decide",
            ),
            EventKind::AccessRequestNobodyLeft => simply(
                Turn::Passed,
                "found that nobody is left who could decide: the fallback is not enough",
            ),
            EventKind::AccessRequestVoted => Some(self.vote()),
            EventKind::AccessRequestVoteVoided => Some((
                Turn::Passed,
                format!(
                    "found that the vote of {} no longer counts, because {}",
                    self.text("person"),
                    match self.text("why") {
                        "left" => "they have left the directory",
                        _ => "they must not decide this any more",
                    }
                ),
            )),
            EventKind::AccessRequestCommented => simply(
                Turn::Said,
                match self.text("kind") {
                    "question" => "asked whoever asked for this",
                    "answer" => "answered",
                    _ => "said",
                },
            ),
            EventKind::AccessRequestApproved => simply(Turn::Granted, "agreed, so the access was granted"),
            // The vote says so already.
            EventKind::AccessRequestDenied => None,
            EventKind::AccessRequestWithdrawn => simply(Turn::TakenBack, "took the request back"),
            EventKind::AccessRequestExpired => {
                simply(Turn::Over, "closed it, because nobody decided in time")
            }
            EventKind::AccessRequestVoided => simply(
                Turn::Ended,
                "voided it, because policy does not allow it any more",
            ),
            EventKind::AccessRequestBrokeGlass => Some((
                Turn::Broken,
                format!(
                    "broke the glass in {}, so the access is there",
                    self.text("incident")
                ),
            )),
            EventKind::GrantRevoked => simply(Turn::Ended, "took the access back"),
            EventKind::GrantRelinquished => simply(Turn::TakenBack, "gave the access back"),
            EventKind::GrantEnded => simply(Turn::Over, "ended the access, because its time was over"),
            EventKind::PolicyPublished
            | EventKind::DirectoryChanged
            | EventKind::DirectoryRefused
            | EventKind::ClientRegistered
            | EventKind::ClientWidened
            | EventKind::ClientNarrowed
            | EventKind::ClientTokenRotated
            | EventKind::ClientRevoked
            | EventKind::OptOutRequested
            | EventKind::OptOutStageReached
            | EventKind::OptOutVoted
            | EventKind::OptOutVoteVoided
            | EventKind::OptOutEscalated
            | EventKind::OptOutFellBack
            | EventKind::OptOutNobodyLeft
            | EventKind::DelegationMade
            | EventKind::DelegationEnded
            | EventKind::OptOutCommented
            | EventKind::OptOutApproved
            | EventKind::OptOutRejected
            | EventKind::OptOutWithdrawn
            | EventKind::OptOutLapsed
            | EventKind::OptOutSuspended
            | EventKind::OptOutAskedAgain
            | EventKind::OptOutRefusedAgain
            | EventKind::OptOutCutShort
            | EventKind::OptOutCoversLess
            | EventKind::IncidentOpened
            | EventKind::IncidentResolved
            | EventKind::TicketLookedUp
            | EventKind::OptOutRevoked
            | EventKind::OptOutExpired
            | EventKind::OptOutExhausted
            | EventKind::OptOutBrokeGlass
            | EventKind::PostReviewOwed
            | EventKind::PostReviewConcluded
            | EventKind::OptOutSignalled
            | EventKind::OptOutCleared
            | EventKind::OptOutConfirmed
            | EventKind::SignalsExceeded
            | EventKind::OutOfScopeAsked
            | EventKind::EnforcementReported
            | EventKind::OptOutRenewed
            | EventKind::OptOutFoundNeedless
            | EventKind::OptOutKept
            | EventKind::OptOutClosedEarly
            | EventKind::EndpointRegistered
            | EventKind::EndpointSecretRotated
            | EventKind::EndpointDisabled
            | EventKind::EndpointEnabled
            | EventKind::DeliveryResent
            | EventKind::NoticePreferencesChanged
            | EventKind::SignedIn
            | EventKind::SignInRefused
            | EventKind::SignedOut => None,
        }
    }

    fn vote(&self) -> (Turn, String) {
        let stage = self.number("stage").unwrap_or(0) + 1;
        if self.text("verdict") == "deny" {
            return (Turn::SaidNo, format!("said no in stage {stage}"));
        }
        let shortened = match (self.number("asked_secs"), self.number("grant_secs")) {
            (Some(asked), Some(given)) if given < asked => format!(", for {} only", length(given)),
            _ => String::new(),
        };
        (Turn::SaidYes, format!("said yes in stage {stage}{shortened}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn sentence(kind: EventKind, body: &str) -> String {
        Telling {
            kind,
            body: parse(body.as_bytes()),
        }
        .sentence()
        .unwrap()
        .1
    }

    #[test]
    fn a_vote_says_its_stage_as_people_count_and_what_it_narrowed() {
        let voted = |body| sentence(EventKind::AccessRequestVoted, body);
        assert_eq!(
            voted(r#"{"stage":0,"verdict":"approve","asked_secs":60,"grant_secs":60}"#),
            "said yes in stage 1"
        );
        assert_eq!(
            voted(r#"{"stage":1,"verdict":"approve","asked_secs":3600,"grant_secs":1800}"#),
            "said yes in stage 2, for 30 min only"
        );
        assert_eq!(voted(r#"{"stage":1,"verdict":"deny"}"#), "said no in stage 2");
    }

    #[test]
    fn a_command_is_told_in_its_order() {
        let voted = place(EventKind::AccessRequestVoted);
        assert!(place(EventKind::AccessRequestSubmitted) < place(EventKind::AccessRequestStageReached));
        assert!(
            voted < place(EventKind::AccessRequestApproved)
                && voted < place(EventKind::AccessRequestStageReached)
        );
    }

    #[test]
    fn a_body_that_was_erased_leaves_the_turn() {
        assert_eq!(sentence(EventKind::GrantRevoked, ""), "took the access back");
        assert_eq!(
            sentence(EventKind::AccessRequestStageReached, "{}"),
            "brought it before stage 1, "
        );
    }
}
