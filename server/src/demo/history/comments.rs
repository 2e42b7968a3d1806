//! What people say to each other before they decide, and a few requests alike enough to be decided in one go.

use chrono::TimeDelta;
use domain::comment::CommentKind;
use domain::opt_out::Direction;
use domain::window::Instant;

use super::acts::{Act, Slot, Topic};
use super::opt_outs::{DAY, HOUR, Story, Told};

/// The slot of the read that waits (`requests::waiting`).
const WAITING_READ: Slot = 2;

/// On access requests: one question that still waits for its answer.
pub(super) fn write(until: Instant, script: &mut Vec<(Instant, Act)>) {
    script.push((
        until - TimeDelta::minutes(34),
        Act::Comment {
            on: Topic::Request(WAITING_READ),
            person: "noor.aziz",
            kind: CommentKind::Question,
            text: "Which postings, and would the replica do? It needs nobody's approval before 18:00.",
        },
    ));
}

/// On the examiner's opt-out: a question, its answer, a remark.
pub(super) fn examiner(story: &mut Story<'_>, slot: Slot) {
    let on = Topic::OptOut(slot);
    for (secs_before, person, kind, text) in [
        (
            4 * HOUR,
            "ravi.patel",
            CommentKind::Question,
            "Is this examiner on the list that the auditors gave us?",
        ),
        (
            3 * HOUR,
            "alice.meyer",
            CommentKind::Answer,
            "Since Monday; the letter is in the audit room's folder, as no. 7.",
        ),
        (
            2 * HOUR,
            "omar.haddad",
            CommentKind::Remark,
            "Security has seen the letter. Nothing against it from us.",
        ),
    ] {
        story.at(
            secs_before,
            Act::Comment {
                on,
                person,
                kind,
                text,
            },
        );
    }
}

/// Three for the same rule on the same service of tier low, each for somebody else.
pub(super) fn alike(story: &mut Story<'_>) {
    for (secs_before, who) in [
        (6 * HOUR, "person jonas.weber"),
        (6 * HOUR - 600, "person alice.meyer"),
        (6 * HOUR - 900, "person hanna.lindt"),
    ] {
        story.asks(
            secs_before,
            "jonas.weber",
            Told {
                scenario: "false-positive",
                direction: Direction::Bypass,
                title: "Staging from the training centre",
                who: Some(who),
                what: Some("service payments-staging"),
                to_do: None,
                rule: Some("known-network"),
                reason: "Two days of training outside the office, on a network that the list does not have yet.",
                ticket: None,
                length: 2 * DAY,
                incident: None,
            },
        );
    }
}
