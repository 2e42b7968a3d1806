//! Which grant, if any, turns a review into a yes.

use super::applying::Applying;
use crate::snapshot::Snapshot;
use domain::decision::Input;
use domain::digest::Digest;
use domain::grant::{Grant, GrantState};
use domain::id::GrantId;
use domain::tier::Tier;
use domain::window::Instant;

/// The grant that matches, the one that ends last where there are several.
///
/// It counts only while it is in force, only if it was approved after every applying `to_manual` began, and only if it
/// was approved under a tier no laxer than now. Where the input names a grant, only that one counts. One for which the glass
/// was broken counts only where an `emergency` reaches: a rule that nobody marked for emergencies may have come to hold this
/// since, and the same tuple may come with a context that another rule minds.
pub(super) fn matching<'a>(
    snapshot: &'a Snapshot,
    input: &Input,
    tuple: &Digest,
    tier: &Tier,
    applying: &Applying<'_>,
    emergency: bool,
    now: Instant,
) -> Option<&'a Grant> {
    let named = input.approval.as_ref().map(|text| text.parse::<GrantId>());
    let barrier = applying.last_to_manual_began(now);
    snapshot
        .grants
        .of_tuple(tuple)
        .iter()
        .filter(|grant| match &named {
            None => true,
            Some(Ok(id)) => grant.id == *id,
            Some(Err(_)) => false,
        })
        .filter(|grant| grant.state(now) == GrantState::Active)
        .filter(|grant| emergency || !grant.break_glass)
        .filter(|grant| barrier.is_none_or(|began| grant.approved_at > began))
        .filter(|grant| {
            snapshot
                .policy()
                .tier(&grant.tier)
                .is_some_and(|approved| tier.no_stricter_than(approved))
        })
        .max_by_key(|grant| (grant.window.ends_at(), grant.id))
        .map(AsRef::as_ref)
}
