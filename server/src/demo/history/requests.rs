//! Access requests: releases to production, reads without a ticket, the incident role.

use chrono::TimeDelta;
use domain::approval::Verdict;
use domain::window::Instant;

use super::DAYS;
use super::acts::{Act, Question, Slot};
use super::calendar::{Dice, is_workday, midnight, office_hours};

const RELEASES: [&str; 6] = [
    "fix for duplicate refunds",
    "new retry policy for card networks",
    "library updates and a security fix",
    "faster settlement reports",
    "smaller container image",
    "feature flag for instant payouts",
];

pub(super) fn write(until: Instant, script: &mut Vec<(Instant, Act)>) {
    let mut dice = Dice::new(23);
    let mut slot: Slot = 1_000;
    let mut release = 180;
    for days in (1..=DAYS).rev() {
        let day = midnight(until, days);
        if !is_workday(day) {
            continue;
        }
        for _ in 0..=dice.below(2) {
            slot += 1;
            release += 1;
            one_release(slot, release, office_hours(day, &mut dice), &mut dice, script);
        }
        if dice.below(3) == 0 {
            slot += 1;
            one_read(slot, office_hours(day, &mut dice), &mut dice, script);
        }
        if dice.below(9) == 0 {
            slot += 1;
            one_role(slot, office_hours(day, &mut dice), script);
        }
    }
    waiting(until, script);
}

/// A release to production: approved within minutes, now and then denied.
fn one_release(slot: Slot, release: u64, at: Instant, dice: &mut Dice, script: &mut Vec<(Instant, Act)>) {
    script.push((at, deploy(slot, release, dice.one_of(&RELEASES))));
    let voted = at + TimeDelta::seconds(120 + i64::try_from(dice.below(1_500)).unwrap_or(0));
    let person = dice.one_of(&["bob.okafor", "bob.okafor", "mara.silva", "tom.becker"]);
    let (verdict, reason) = match dice.below(14) {
        0 => (
            Verdict::Deny,
            "Not during the settlement run; again after 16:00, please.",
        ),
        1 | 2 => (Verdict::Approve, "Reviewed with the team in stand-up."),
        _ => (Verdict::Approve, "Change reviewed, roll-back is ready."),
    };
    script.push((
        voted,
        Act::VoteRequest {
            slot,
            person,
            verdict,
            reason,
        },
    ));
    script.push((voted + TimeDelta::seconds(20), Act::AskAgain { slot }));
}

fn deploy(slot: Slot, release: u64, what: &str) -> Act {
    let version = format!("4.{}.{}", release / 16, release % 16);
    let commit = format!("{:07x}", release.wrapping_mul(2_654_435_761) & 0xfff_ffff);
    Act::Submit {
        slot,
        question: Question {
            client: "ci-gateway",
            subject: ("workload", "ci/payments"),
            resource: ("service", "payments-prod"),
            action: "deploy",
            context: vec![
                ("initiator", "jonas.weber".to_owned()),
                ("commit", commit),
                ("release", version.clone()),
                ("run", (47_000 + release).to_string()),
            ],
        },
        reason: format!("Release {version}: {what}."),
        ticket: Some(format!("CHG-{}", 8_800 + release)),
    }
}

/// A read of confidential data without a ticket.
fn one_read(slot: Slot, at: Instant, dice: &mut Dice, script: &mut Vec<(Instant, Act)>) {
    let reader = dice.one_of(&["alice.meyer", "hanna.lindt"]);
    script.push((at, read(slot, reader)));
    // Nobody gets to every tenth of them in time.
    if dice.below(10) == 0 {
        return;
    }
    let voted = at + TimeDelta::seconds(300 + i64::try_from(dice.below(5_000)).unwrap_or(0));
    let person = dice.one_of(&["ines.marchetti", "ravi.patel", "noor.aziz"]);
    let (verdict, reason) = match dice.below(6) {
        0 => (Verdict::Deny, "Open a ticket for this one, then it needs nobody."),
        _ => (Verdict::Approve, "For the reconciliation only."),
    };
    script.push((
        voted,
        Act::VoteRequest {
            slot,
            person,
            verdict,
            reason,
        },
    ));
    script.push((voted + TimeDelta::seconds(45), Act::AskAgain { slot }));
}

fn read(slot: Slot, reader: &'static str) -> Act {
    Act::Submit {
        slot,
        question: Question {
            client: "psql-gateway",
            subject: ("person", reader),
            resource: ("database", "ledger-db"),
            action: "read",
            context: Vec::new(),
        },
        reason: "Reconciliation of yesterday's postings; the ticket system is slow today.".to_owned(),
        ticket: None,
    }
}

/// The incident role, for a while.
fn one_role(slot: Slot, at: Instant, script: &mut Vec<(Instant, Act)>) {
    let submit = Act::Submit {
        slot,
        question: Question {
            client: "console",
            subject: ("person", "dana.roth"),
            resource: ("role", "incident-admin"),
            action: "member",
            context: Vec::new(),
        },
        reason: "On call tonight, the edge gateway drops connections.".to_owned(),
        ticket: Some("INC-4471".to_owned()),
    };
    script.push((at, submit));
    let approve = Act::VoteRequest {
        slot,
        person: "omar.haddad",
        verdict: Verdict::Approve,
        reason: "Incident confirmed with the edge team.",
    };
    script.push((at + TimeDelta::minutes(6), approve));
    script.push((at + TimeDelta::minutes(7), Act::AskAgain { slot }));
    let admin = Question {
        client: "console",
        subject: ("person", "dana.roth"),
        resource: ("service", "edge-gw"),
        action: "admin",
        context: Vec::new(),
    };
    script.push((at + TimeDelta::minutes(9), Act::Ask(admin)));
}

/// What waits when a visitor comes.
fn waiting(until: Instant, script: &mut Vec<(Instant, Act)>) {
    script.push((
        until - TimeDelta::minutes(22),
        deploy(1, 274, "fix for duplicate refunds"),
    ));
    script.push((until - TimeDelta::minutes(51), read(2, "alice.meyer")));
}
