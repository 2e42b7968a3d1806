//! Somebody is away, and somebody does not answer: votes that are lent, and silence that asks further people.

use chrono::TimeDelta;
use domain::approval::Verdict;
use domain::window::Instant;

use super::acts::{Act, Lending, Question, Slot};

/// The slots of these requests.
const FIRST: Slot = 4_000;

pub(super) fn write(until: Instant, script: &mut Vec<(Instant, Act)>) {
    let ago = |hours: i64| until - TimeDelta::hours(hours);
    lent(&ago, script);
    silence(&ago, script);
}

/// Ines is at a conference, and Dana decides for the data owners in her place.
fn lent(ago: &impl Fn(i64) -> Instant, script: &mut Vec<(Instant, Act)>) {
    script.push((
        ago(52),
        Act::Lend(Lending {
            person: "ines.marchetti",
            to: "dana.roth",
            groups: &["data-owners"],
            until: ago(-6 * 24),
            reason: "At the conference in Lisbon until next week.",
        }),
    ));
    let slot = FIRST;
    script.push((ago(29), read(slot)));
    script.push((
        ago(28),
        vote(
            slot,
            "dana.roth",
            "The account is named in AUD-77; one hour is enough.",
        ),
    ));
    script.push((ago(28) + TimeDelta::seconds(20), Act::AskAgain { slot }));
}

/// Search's owners do not answer: the first time Platform's have, this time they have yet to.
fn silence(ago: &impl Fn(i64) -> Instant, script: &mut Vec<(Instant, Act)>) {
    let (settled, waiting) = (FIRST + 1, FIRST + 2);
    script.push((
        ago(9 * 24),
        deploy(settled, "Search release 2.18: fixes the empty result page"),
    ));
    script.push((
        ago(9 * 24 - 5),
        vote(
            settled,
            "erik.nilsson",
            "Search is on its off-site; the change is small and was reviewed.",
        ),
    ));
    script.push((
        ago(5),
        deploy(waiting, "Search release 2.19: new spelling dictionary"),
    ));
}

fn vote(slot: Slot, person: &'static str, reason: &'static str) -> Act {
    Act::VoteRequest {
        slot,
        person,
        verdict: Verdict::Approve,
        reason,
    }
}

fn read(slot: Slot) -> Act {
    Act::Submit {
        slot,
        question: Question {
            client: "psql-gateway",
            subject: ("person", "alice.meyer"),
            resource: ("database", "ledger-db"),
            action: "read",
            context: Vec::new(),
        },
        reason: "Trace the account of AUD-77 through the postings of Monday".to_owned(),
        ticket: Some("AUD-77".to_owned()),
    }
}

fn deploy(slot: Slot, reason: &str) -> Act {
    Act::Submit {
        slot,
        question: Question {
            client: "ci-gateway",
            subject: ("person", "liam.byrne"),
            resource: ("service", "search-prod"),
            action: "deploy",
            context: Vec::new(),
        },
        reason: reason.to_owned(),
        ticket: None,
    }
}
