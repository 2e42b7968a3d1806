//! Tiers: ranked levels of control.

use crate::approval::{Approver, Stage};
use crate::name::{GroupName, TierName};
use crate::opt_out::Direction;
use crate::scenario::Scenario;
use serde::{Deserialize, Serialize};

/// How long something may last, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lengths {
    /// Where the requester names none.
    pub default_secs: i64,
    /// The cap.
    pub longest_secs: i64,
}

/// One line of `may_opt_out`: what members of a group may ask to take out of the automation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptOutAllowance {
    /// Who. The first line whose group the requester is in sets the limits.
    pub group: GroupName,
    /// Which directions.
    pub directions: Vec<Direction>,
    /// The longest that such an opt-out may last, in seconds.
    pub longest_secs: i64,
}

/// Who looks at an opt-out once it has ended: `review = { by = { group = "security" }, within_secs = 604_800 }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewDuty {
    /// A group, a person, or the owners of what was covered. Never who asked, nor who was exempted.
    pub by: Approver,
    /// Within how many seconds after its end.
    pub within_secs: i64,
}

/// A ranked level of control, as `tiers.toml` states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Its name: `critical`, `high`, `standard`, `low`.
    pub name: TierName,
    /// The greater, the stricter; unique within a policy version.
    pub rank: u32,
    /// What it is for, in a sentence.
    pub description: String,
    /// Stages that an access request passes.
    pub access_stages: Vec<Stage>,
    /// Stages that an opt-out passes.
    pub opt_out_stages: Vec<Stage>,
    /// Stages that special causes add, in order: a budget that is empty, a second renewal.
    #[serde(default)]
    pub extra_stages: Vec<Stage>,
    /// Who is asked where too few of a stage are left after exclusions. None: it cannot be asked for then.
    #[serde(default)]
    pub fallback: Vec<Approver>,
    /// How long a grant lasts.
    pub grant: Lengths,
    /// How long an access request waits for its approvers before it expires, in seconds.
    #[serde(default = "four_hours")]
    pub access_lapse_secs: i64,
    /// How long an opt-out waits for its approvers before it lapses, in seconds.
    #[serde(default = "three_days")]
    pub opt_out_lapse_secs: i64,
    /// The fewest characters of a reason.
    pub reason_min_chars: usize,
    /// Who may ask for an opt-out, and which.
    pub may_opt_out: Vec<OptOutAllowance>,
    /// Bypasses per team in 30 days; none means without limit.
    #[serde(default)]
    pub budget: Option<u32>,
    /// The most principals that a bypass of this tier may cover; none means as many as it likes.
    #[serde(default)]
    pub most_principals: Option<u32>,
    /// The most resources that a bypass of this tier may cover.
    #[serde(default)]
    pub most_resources: Option<u32>,
    /// Whether approvers sign in afresh.
    #[serde(default)]
    pub step_up: bool,
    /// Whether requests of this tier and of laxer ones can be approved several at once.
    #[serde(default)]
    pub bulk_approve: bool,
    /// How old group membership from the identity provider may be, in seconds.
    pub groups_fresh_secs: i64,
    /// Context keys that bind a grant: another value of one of them needs another grant.
    #[serde(default)]
    pub binding_context: Vec<String>,
    /// Whether an opt-out that has ended is looked at: by whom, within how long.
    #[serde(default)]
    pub review: Option<ReviewDuty>,
    /// Where this tier's news goes (`#payments-access`).
    #[serde(default)]
    pub channel: Option<String>,
}

/// Where a tier does not say how long an access request waits: somebody is at work and wants to get on.
const fn four_hours() -> i64 {
    4 * 3_600
}

/// Where a tier does not say how long an opt-out waits: over a weekend.
const fn three_days() -> i64 {
    3 * 86_400
}

/// A bypass that covers more than its tier lets one cover.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at most {most} at tier {tier}, and this covers {covered}")]
pub struct TooBroad {
    /// The field of the scope: `principals` or `resources`.
    pub field: &'static str,
    /// The tier.
    pub tier: TierName,
    /// How many it may cover.
    pub most: u32,
    /// How many it covers.
    pub covered: usize,
}

impl Tier {
    /// What of this bypass is too broad for the tier. A dimension that covers any counts as broader than every limit.
    pub fn too_broad(&self, principals: Option<usize>, resources: Option<usize>) -> Vec<TooBroad> {
        [
            ("principals", self.most_principals, principals),
            ("resources", self.most_resources, resources),
        ]
        .into_iter()
        .filter_map(|(field, most, covered)| {
            let (most, covered) = (most?, covered.unwrap_or(usize::MAX));
            let within = usize::try_from(most).is_ok_and(|most| covered <= most);
            (!within).then(|| TooBroad {
                field,
                tier: self.name.clone(),
                most,
                covered,
            })
        })
        .collect()
    }

    /// The limits for a requester in these groups and this direction: the first line that matches.
    pub fn allowance(
        &self,
        direction: Direction,
        in_group: impl Fn(&GroupName) -> bool,
    ) -> Option<&OptOutAllowance> {
        self.may_opt_out
            .iter()
            .find(|line| in_group(&line.group))
            .filter(|line| line.directions.contains(&direction))
    }

    /// The stages of an opt-out: the tier's, then those of its case, then one for each cause that adds one: the next of
    /// `extra_stages`. Where those run out, the tier's last stage is asked once more; since nobody counts twice, that is
    /// another person. So no cause ever goes without its stage.
    pub fn stages_of_opt_out(&self, scenario: &Scenario, causes: usize) -> Vec<Stage> {
        let again = self.opt_out_stages.last().map(|last| Stage {
            name: format!("{}, once more", last.name),
            ..last.clone()
        });
        let added = self
            .extra_stages
            .iter()
            .cloned()
            .chain(again.into_iter().cycle())
            .take(causes);
        self.opt_out_stages
            .iter()
            .chain(&scenario.further_stages)
            .cloned()
            .chain(added)
            .collect()
    }

    /// Whether this tier is at most as strict as `other`.
    pub const fn no_stricter_than(&self, other: &Tier) -> bool {
        self.rank <= other.rank
    }
}
