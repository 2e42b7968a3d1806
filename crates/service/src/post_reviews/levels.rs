//! Who looks at it afterwards, and who does once they have not.

use crate::approvals::{electorate, resolved};
use domain::approval::{Approver, Concerned, Exclusions, Plan, Quorum, Stage};
use domain::directory::Directory;
use domain::name::PersonId;
use domain::tier::Tier;
use std::collections::BTreeSet;

/// Two levels of reviewers.
pub(crate) struct Levels {
    /// Who is asked.
    pub(crate) first: BTreeSet<Approver>,
    /// Who is asked too once it is overdue. Empty: there is nobody above.
    pub(crate) next: BTreeSet<Approver>,
}

/// The owners of what is covered, then the tier's approvers in the order of its stages: of these the first two levels in
/// which somebody is left after exclusions. A level that asks the same as one before it is none.
pub(crate) fn levels(
    directory: &Directory,
    tier: &Tier,
    concerned: &Concerned,
    excluded: &Exclusions,
) -> Levels {
    let owning = concerned.owners.iter().cloned().map(Approver::Group).collect();
    let stages = [&tier.opt_out_stages, &tier.extra_stages]
        .into_iter()
        .flat_map(|stages| resolved(stages, concerned).stages)
        .map(|stage| stage.asks());
    let mut levels: Vec<BTreeSet<Approver>> = Vec::new();
    for level in std::iter::once(owning).chain(stages) {
        if !levels.contains(&level) && somebody_is_left(directory, &level, excluded) {
            levels.push(level);
        }
    }
    let mut levels = levels.into_iter();
    Levels {
        first: levels.next().unwrap_or_default(),
        next: levels.next().unwrap_or_default(),
    }
}

/// Whether anybody could conclude it for this level.
pub(super) fn somebody_is_left(
    directory: &Directory,
    level: &BTreeSet<Approver>,
    excluded: &Exclusions,
) -> bool {
    !asked_of(directory, level, excluded).is_empty()
}

/// Who could conclude it for this level.
pub(crate) fn asked_of(
    directory: &Directory,
    level: &BTreeSet<Approver>,
    excluded: &Exclusions,
) -> BTreeSet<PersonId> {
    let plan = Plan {
        stages: vec![Stage::new(
            "",
            Quorum::AtLeast {
                n: 1,
                of: level.iter().cloned().collect(),
            },
        )],
    };
    electorate(directory, &plan, excluded)
        .into_iter()
        .map(|(person, _)| person)
        .collect()
}
