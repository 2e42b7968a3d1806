//! Emergencies: two bypasses, one that was looked at and one that nobody has looked at yet, and access to what was refused; and
//! a signal that waits to be confirmed.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::name::RuleId;
use domain::post_review::Finding;
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use domain::signal::Risk;
use domain::window::Instant;
use service::break_glass::BreakGlassInput;
use service::signals::SignalInput;

use super::acts::{Act, Question, Slot};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Slots beyond those of the other stories.
const REVIEWED: Slot = 9_001;
const OWED: Slot = 9_002;
const FOR_ACCESS: Slot = 9_003;

/// One emergency as it is told.
struct Told {
    who: &'static str,
    resource: &'static str,
    incident: &'static str,
    reason: &'static str,
    length_secs: i64,
}

pub(super) fn write(until: Instant, script: &mut Vec<(Instant, Act)>) {
    let mut at = |secs_before: i64, act: Act| script.push((until - TimeDelta::seconds(secs_before), act));
    let failing = Told {
        who: "jonas.weber",
        resource: "payments-prod",
        incident: "INC-4433",
        reason: "Card payments fail everywhere: the scheme’s certificate is expired and only an administrator can change it.",
        length_secs: HOUR,
    };
    let begun = 24 * DAY + 2 * HOUR;
    at(begun, broken(REVIEWED, &failing));
    for minutes in [4, 19] {
        at(begun - minutes * 60, Act::Ask(administers(&failing)));
    }
    at(
        begun - 9 * HOUR,
        Act::ConcludeReview {
            slot: REVIEWED,
            person: "bob.okafor",
            finding: Finding::FollowUp,
            note: "Right to do: both of us slept. Certificates get an alarm two weeks before they end.",
        },
    );

    let change = |sent: &str| Question {
        context: vec![("commit", sent.to_owned())],
        ..administers(&failing)
    };
    let begun = 12 * DAY + 5 * HOUR;
    at(
        begun,
        Act::BreakGlassFor {
            slot: FOR_ACCESS,
            person: "jonas.weber",
            question: change("b71d09e"),
            incident: "INC-4466",
            reason: "A settlement batch hangs and holds the lock of the payout table: one change ends it, and nothing else has to be \
                     touched.",
            length_secs: HOUR / 2,
        },
    );
    for minutes in [2, 11] {
        at(begun - minutes * 60, Act::Ask(change("b71d09e")));
    }
    at(
        begun - 16 * HOUR,
        Act::ConcludeReview {
            slot: FOR_ACCESS,
            person: "mara.silva",
            finding: Finding::Justified,
            note: "The batch had held it for 40 minutes. Just that change, and nothing beside it.",
        },
    );

    let node = Told {
        who: "dana.roth",
        resource: "search-prod",
        incident: "INC-4498",
        reason: "One search node answers with errors and has to be taken out of rotation by hand.",
        length_secs: HOUR / 2,
    };
    let begun = 20 * HOUR;
    at(begun, broken(OWED, &node));
    at(begun - 6 * 60, Act::Ask(administers(&node)));

    // Nobody has opened this one: it waits on the page that breaks the glass.
    at(HOUR - 13 * 60, Act::Ask(change("c93e0f4")));

    if let Ok(principal) = PrincipalRef::new(PrincipalKind::Person, "liam.byrne") {
        let input = SignalInput {
            risk: Risk::High,
            principal,
            source_id: "EM-77120".to_owned(),
            reason: "Impossible travel: sign-ins from Dublin and Singapore within 40 minutes.".to_owned(),
            expires_at: Some(until + TimeDelta::hours(12)),
        };
        at(
            2 * HOUR,
            Act::Signal {
                client: "endpoint-monitor",
                input: Box::new(input),
            },
        );
    }
}

fn administers(told: &Told) -> Question {
    Question {
        client: "console",
        subject: ("person", told.who),
        resource: ("service", told.resource),
        action: "admin",
        context: Vec::new(),
    }
}

/// A name that is none would be a slip of this file's, and what it names would be refused.
fn broken(slot: Slot, told: &Told) -> Act {
    let ask = Act::Ask(administers(told));
    let (Ok(resource), Ok(principal), Ok(capability), Ok(rule)) = (
        ResourceRef::new("service", told.resource),
        PrincipalRef::new(PrincipalKind::Person, told.who),
        "admin".parse(),
        RuleId::new("admin-needs-a-person"),
    ) else {
        return ask;
    };
    Act::BreakGlass {
        slot,
        person: told.who,
        input: Box::new(BreakGlassInput {
            resource,
            confirmation: told.resource.to_owned(),
            principal,
            capability: Some(capability),
            rules: BTreeSet::from([rule]),
            reason: told.reason.to_owned(),
            incident: told.incident.to_owned(),
            length_secs: Some(told.length_secs),
        }),
    }
}
