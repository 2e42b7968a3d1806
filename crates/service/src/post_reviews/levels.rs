//! Who looks at it afterwards, and who does once they have not.

use crate::approvals::{Electors, concerned, resolved};
use crate::snapshot::Loaded;
use domain::approval::{Approver, Concerned, Exclusions, Plan, Quorum, Stage};
use domain::name::PersonId;
use domain::post_review::PostReview;
use domain::tier::Tier;
use domain::window::Instant;
use std::collections::BTreeSet;

/// Two levels of reviewers.
pub(crate) struct Levels {
    /// Who is asked.
    pub(crate) first: BTreeSet<Approver>,
    /// Who is asked too once it is overdue. Empty: there is nobody above.
    pub(crate) next: BTreeSet<Approver>,
}

/// The owners of what is covered, then the tier's approvers in the order of its stages, then its fallback: of these the first
/// two levels in which somebody is left after exclusions. A level that asks the same as one before it is none.
///
/// Where nobody is left in any of them, an error in the log says so: the review is owed all the same, and whoever joins one
/// of these groups can conclude it.
pub(crate) fn levels(
    electors: Electors<'_>,
    tier: &Tier,
    concerned: &Concerned,
    excluded: &Exclusions,
) -> Levels {
    let owning = concerned.owners.iter().cloned().map(Approver::Group).collect();
    let stages = [&tier.opt_out_stages, &tier.extra_stages]
        .into_iter()
        .flat_map(|stages| resolved(stages, concerned).stages)
        .map(|stage| stage.asks());
    let fallback = concerned.named(&tier.fallback).into_iter().collect();
    let mut levels: Vec<BTreeSet<Approver>> = Vec::new();
    let mut asked = BTreeSet::new();
    for level in std::iter::once(owning).chain(stages).chain([fallback]) {
        asked.extend(level.iter().cloned());
        if !levels.contains(&level) && somebody_is_left(electors, &level, excluded) {
            levels.push(level);
        }
    }
    if levels.is_empty() {
        tracing::error!(tier = %tier.name, "a post-review is owed, and nobody is left whom its tier asks for it");
        return Levels {
            first: asked,
            next: BTreeSet::new(),
        };
    }
    let mut levels = levels.into_iter();
    Levels {
        first: levels.next().unwrap_or_default(),
        next: levels.next().unwrap_or_default(),
    }
}

/// Who may conclude it at an instant: whom it asks, and where nobody of these is left by now, the level above, else the
/// fallback of its tier. Who has left cannot make a review be owed for ever.
pub(crate) fn asked_now(loaded: &Loaded, review: &PostReview, now: Instant) -> BTreeSet<Approver> {
    let electors = loaded.electors();
    let mut asked = review.may_conclude(now);
    if !somebody_is_left(electors, &asked, &review.excluded) {
        asked.extend(review.next_level.iter().cloned());
    }
    if !somebody_is_left(electors, &asked, &review.excluded) {
        let tier = loaded.policy().ok().and_then(|policy| policy.tier(&review.tier));
        let concerned = concerned(loaded.directory(), [], review.about.as_ref());
        asked.extend(tier.into_iter().flat_map(|tier| concerned.named(&tier.fallback)));
    }
    asked
}

/// Whether anybody could conclude it for this level.
pub(super) fn somebody_is_left(
    electors: Electors<'_>,
    level: &BTreeSet<Approver>,
    excluded: &Exclusions,
) -> bool {
    !asked_of(electors, level, excluded).is_empty()
}

/// Who could conclude it for this level.
pub(crate) fn asked_of(
    electors: Electors<'_>,
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
    electors
        .of_plan(&plan, excluded)
        .into_iter()
        .map(|(person, _)| person)
        .collect()
}
