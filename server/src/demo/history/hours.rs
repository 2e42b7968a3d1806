//! A bypass for Saturday nights alone: the index is rebuilt by a deployment, and the change freeze is on.

use chrono::TimeDelta;
use domain::approval::Verdict;
use domain::opt_out::{Day, Direction, Recurrence};

use super::acts::{Act, Question};
use super::opt_outs::{DAY, HOUR, Story, Told};

pub(super) fn write(story: &mut Story<'_>) {
    let asked = 8 * DAY;
    // Names that are none would be a slip of this file's; the story is left out, as those of its neighbours are.
    let Some(hours) = saturday_nights() else { return };
    let told = Told {
        scenario: "false-positive",
        direction: Direction::Bypass,
        title: "Index rebuilds on Saturday nights",
        who: Some("workload ci/search"),
        what: Some("service search-prod"),
        to_do: Some("deploy"),
        rule: Some("change-freeze"),
        reason: "The rebuild is started by a deployment without a change, while nobody searches. The freeze should not \
                 hold it, and will not once its rule knows such deployments.",
        ticket: Some("SEA-204"),
        length: 14 * DAY,
        incident: None,
    };
    let slot = story.asks_in_hours(asked, "yuki.mori", told, hours.clone());
    story.says(
        slot,
        asked - HOUR,
        "ines.marchetti",
        Verdict::Approve,
        "Saturday nights are ours.",
    );
    // The nights since then: one deployment starts it, one ends it.
    let mut after = story.until() - TimeDelta::seconds(asked - 2 * HOUR);
    while let Some(night) = hours.span_after(Direction::Bypass, after) {
        after = night.starts_at();
        let ends = [
            after + TimeDelta::minutes(20),
            night.ends_at() - TimeDelta::minutes(50),
        ];
        for at in ends {
            let before = (story.until() - at).num_seconds();
            if before <= 0 {
                return;
            }
            story.at(
                before,
                Act::Ask(Question {
                    client: "ci-gateway",
                    subject: ("workload", "ci/search"),
                    resource: ("service", "search-prod"),
                    action: "deploy",
                    context: Vec::new(),
                }),
            );
        }
    }
}

fn saturday_nights() -> Option<Recurrence> {
    let (from, until) = ("22:00".parse().ok()?, "06:00".parse().ok()?);
    let zone = "Europe/Berlin".parse().ok()?;
    Recurrence::new([Day::Sat].into(), from, until, zone).ok()
}
