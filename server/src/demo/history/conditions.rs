//! Two bypasses that hang on an incident: one that ended with it, and one that is out of force since it is over.

use chrono::TimeDelta;
use domain::approval::Verdict;
use domain::incident::IncidentState;
use domain::opt_out::Direction;
use domain::window::Instant;
use service::incidents::IncidentInput;
use service::opt_outs::{NarrowInput, OptOutInput, PremiseInput};

use super::acts::{Act, Slot};
use super::opt_outs::{DAY, HOUR, Told, input};

/// A slot beyond those of the other stories.
const SUSPENDED: Slot = 9_101;

pub(super) fn write(until: Instant, script: &mut Vec<(Instant, Act)>) {
    let mut at = |secs_before: i64, act: Act| script.push((until - TimeDelta::seconds(secs_before), act));
    // Jonas's roll-backs of six days ago end half an hour after this, not after the two hours that he asked for.
    let failing = |state| {
        told_of(
            "INC-4487",
            "Payments answer with errors after release 4.11",
            state,
        )
    };
    at(6 * DAY + 600, failing(IncidentState::Open));
    at(6 * DAY - 50 * 60, failing(IncidentState::Resolved));

    let export = |state| told_of("INC-4495", "The gateway drops tickets of batch jobs", state);
    at(20 * HOUR, export(IncidentState::Open));
    let told = Told {
        scenario: "false-positive",
        direction: Direction::Bypass,
        title: "Nightly export while the gateway drops tickets",
        who: Some("workload job/nightly-export"),
        what: Some("database ledger-db"),
        to_do: Some("read"),
        rule: Some("read-needs-ticket"),
        reason: "The gateway loses the standing ticket of the nightly export until INC-4495 is mended.",
        ticket: None,
        length: 3 * DAY,
        incident: None,
    };
    if let Some(asked) = input(&told) {
        at(
            19 * HOUR,
            Act::RequestOptOut {
                slot: SUSPENDED,
                person: "alice.meyer",
                input: Box::new(OptOutInput {
                    premise: Some(PremiseInput::IncidentOpen {
                        incident: "INC-4495".to_owned(),
                    }),
                    ..asked
                }),
                renews: None,
            },
        );
        at(18 * HOUR, agrees("ravi.patel", "Only while it is broken."));
        at(
            17 * HOUR,
            agrees("omar.haddad", "Bound to the incident, so fine."),
        );
    }
    at(5 * HOUR, export(IncidentState::Resolved));
}

fn agrees(person: &'static str, reason: &'static str) -> Act {
    Act::VoteOptOut {
        slot: SUSPENDED,
        person,
        verdict: Verdict::Approve,
        reason,
        narrow: NarrowInput::default(),
    }
}

fn told_of(id: &'static str, title: &'static str, state: IncidentState) -> Act {
    Act::TellOfIncident {
        client: "incident-tool",
        input: Box::new(IncidentInput {
            id: id.to_owned(),
            state,
            title: title.to_owned(),
        }),
    }
}
