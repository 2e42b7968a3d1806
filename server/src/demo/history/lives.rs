//! Opt-outs beyond one approval: a line of renewals, a budget that is used up, and a bypass that nobody needs.

use domain::approval::Verdict;
use domain::opt_out::Direction;

use super::opt_outs::{DAY, HOUR, Story, Told, audit};

pub(super) fn write(story: &mut Story<'_>) {
    renewals(story);
    incidents(story);
    needless(story);
}

/// The interim audit took longer, twice: each time at most half as long as the last, and one more stage from the second time on.
fn renewals(story: &mut Story<'_>) {
    let agreed = |story: &mut Story<'_>, slot, asked: i64, third: bool| {
        story.says(
            slot,
            asked - HOUR,
            "ravi.patel",
            Verdict::Approve,
            "Still sampling.",
        );
        story.says(
            slot,
            asked - 2 * HOUR,
            "omar.haddad",
            Verdict::Approve,
            "Replica only, queries are recorded.",
        );
        if third {
            story.says(
                slot,
                asked - 3 * HOUR,
                "erik.nilsson",
                Verdict::Approve,
                "The last time, as agreed with Alice.",
            );
        }
    };
    let first = story.asks(
        24 * DAY,
        "alice.meyer",
        audit("Ledger reads for the interim audit", 4 * DAY),
    );
    agreed(story, first, 24 * DAY, false);
    let second = story.asks_again(
        20 * DAY,
        "alice.meyer",
        Told {
            reason: "The examiners found two accounts that they had not asked for; they need two more days of samples.",
            ..audit("Ledger reads for the interim audit", 2 * DAY)
        },
        Some(first),
    );
    agreed(story, second, 20 * DAY, false);
    let third = story.asks_again(
        17 * DAY,
        "alice.meyer",
        Told {
            reason: "The second account is reconciled by hand; the examiners sign on Thursday and want to sample until then.",
            ..audit("Ledger reads for the interim audit", DAY)
        },
        Some(second),
    );
    agreed(story, third, 17 * DAY, true);
}

/// With the incident of two weeks ago these are six: the budget of payments at the strictest tier is used up, so the next
/// one asks one stage more.
fn incidents(story: &mut Story<'_>) {
    let told: [(i64, &'static str, &'static str); 5] = [
        (26 * DAY, "INC-4398", "Roll-back releases during INC-4398"),
        (22 * DAY, "INC-4417", "Roll-back releases during INC-4417"),
        (18 * DAY, "INC-4440", "Roll-back releases during INC-4440"),
        (6 * DAY, "INC-4487", "Roll-back releases during INC-4487"),
        (9 * HOUR, "INC-4499", "Roll-back releases during INC-4499"),
    ];
    for (asked, incident, title) in told {
        let slot = story.asks(
            asked,
            "jonas.weber",
            Told {
                scenario: "incident-response",
                direction: Direction::Bypass,
                title,
                who: Some("workload ci/payments"),
                what: Some("service payments-prod"),
                to_do: Some("deploy"),
                rule: Some("no-unattended-prod-deploy"),
                reason: "Payments fail again after the last release; small roll-backs have to go out within minutes.",
                ticket: None,
                length: 2 * HOUR,
                incident: Some(incident),
            },
        );
        story.says(slot, asked - 240, "mara.silva", Verdict::Approve, "In the call.");
        story.says(
            slot,
            asked - 420,
            "sofia.rossi",
            Verdict::Approve,
            "Incident confirmed.",
        );
    }
}

/// Staging never needed this rule taken out: after fifty deployments without a difference, Jonas is asked.
fn needless(story: &mut Story<'_>) {
    let slot = story.asks(
        9 * DAY + 2 * HOUR,
        "jonas.weber",
        Told {
            scenario: "false-positive",
            direction: Direction::Bypass,
            title: "Deployments to staging without a person",
            who: Some("workload ci/payments"),
            what: Some("service payments-staging"),
            to_do: Some("deploy"),
            rule: Some("no-unattended-prod-deploy"),
            reason: "We think that staging waits for a person since the rule was rewritten.",
            ticket: None,
            length: 13 * DAY,
            incident: None,
        },
    );
    story.says(
        slot,
        9 * DAY + HOUR,
        "bob.okafor",
        Verdict::Approve,
        "Let us see whether it helps.",
    );
}
