//! Deciding several items at once. Each is still voted on by itself; this says which may stand on one list.

use crate::access_request::AccessRequest;
use crate::name::{Capability, RuleId, TierName};
use crate::opt_out::{Direction, OptOut};
use crate::resource::ResourceRef;
use crate::scope::ResourceSelector;
use crate::tier::Tier;
use std::collections::BTreeSet;

/// The most items that one act decides.
pub const MOST_AT_ONCE: usize = 20;

/// What has to be alike in items that are approved together. Who it is for may differ: that is what the list is read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Access to something.
    Access {
        /// Its tier.
        tier: TierName,
        /// On what.
        resource: ResourceRef,
        /// To do what.
        capability: Capability,
    },
    /// An opt-out.
    OptOut {
        /// Its tier.
        tier: TierName,
        /// Which way.
        direction: Direction,
        /// Out of which rules.
        rules: BTreeSet<RuleId>,
        /// On what; none: anything.
        resources: Option<BTreeSet<ResourceSelector>>,
        /// To do what; none: whatever.
        capabilities: Option<BTreeSet<Capability>>,
    },
}

impl Shape {
    /// The shape of an access request.
    pub fn of_access_request(request: &AccessRequest) -> Self {
        Self::Access {
            tier: request.tier.clone(),
            resource: request.resource.clone(),
            capability: request.capability.clone(),
        }
    }

    /// The shape of an opt-out.
    pub fn of_opt_out(opt_out: &OptOut) -> Self {
        Self::OptOut {
            tier: opt_out.tier.clone(),
            direction: opt_out.direction,
            rules: opt_out.scope.rules.clone(),
            resources: opt_out.scope.resources.clone(),
            capabilities: opt_out.scope.capabilities.clone(),
        }
    }

    /// Its tier.
    pub const fn tier(&self) -> &TierName {
        match self {
            Self::Access { tier, .. } | Self::OptOut { tier, .. } => tier,
        }
    }
}

/// Why several items cannot be decided at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AtOnceError {
    /// Nothing was selected.
    #[error("Select what you mean to decide.")]
    Nothing,
    /// More than [`MOST_AT_ONCE`].
    #[error("At most {MOST_AT_ONCE} are decided at once, so that somebody can have read them.")]
    TooMany,
    /// They differ in more than whom they are for.
    #[error("Only what is alike is approved at once: one kind, one tier, the same to be done on the same.")]
    Unlike,
    /// Too strict to be approved in a list.
    #[error("Tier {0} is too strict for that: approve each on its own page.")]
    TooStrict(TierName),
    /// Somebody breaks the glass.
    #[error("An emergency is decided on its own page: somebody has to have looked at it.")]
    Emergency,
    /// Approvers sign in afresh for each.
    #[error("Tier {0} asks for a fresh sign-in for each vote: decide each on its own page.")]
    SignsInAfresh(TierName),
}

/// Whether an item of this tier can be decided in a list at all. A tier that the policy in force does not have counts as one
/// that asks for a fresh sign-in.
pub fn in_a_list(tier: &TierName, tiers: &[Tier]) -> Result<(), AtOnceError> {
    match tiers.iter().find(|known| known.name == *tier) {
        Some(known) if !known.step_up => Ok(()),
        Some(_) | None => Err(AtOnceError::SignsInAfresh(tier.clone())),
    }
}

/// Whether an item of this tier can be approved in a list: its tier, or a stricter one, says so.
pub fn approved_in_a_list(tier: &TierName, tiers: &[Tier]) -> Result<(), AtOnceError> {
    in_a_list(tier, tiers)?;
    let marked = tiers
        .iter()
        .filter(|known| known.bulk_approve)
        .map(|known| known.rank)
        .max();
    let rank = tiers
        .iter()
        .find(|known| known.name == *tier)
        .map(|known| known.rank);
    match (rank, marked) {
        (Some(rank), Some(marked)) if rank <= marked => Ok(()),
        _ => Err(AtOnceError::TooStrict(tier.clone())),
    }
}

/// Whether these can be denied at once.
pub fn deny_at_once(shapes: &[Shape], tiers: &[Tier]) -> Result<(), AtOnceError> {
    countable(shapes)?;
    shapes.iter().try_for_each(|shape| in_a_list(shape.tier(), tiers))
}

/// Whether these can be approved at once.
pub fn approve_at_once(shapes: &[Shape], tiers: &[Tier]) -> Result<(), AtOnceError> {
    countable(shapes)?;
    shapes
        .iter()
        .try_for_each(|shape| approved_in_a_list(shape.tier(), tiers))?;
    let mut rest = shapes.iter();
    let first = rest.next();
    if rest.all(|shape| Some(shape) == first) {
        Ok(())
    } else {
        Err(AtOnceError::Unlike)
    }
}

fn countable(shapes: &[Shape]) -> Result<(), AtOnceError> {
    match shapes.len() {
        0 => Err(AtOnceError::Nothing),
        count if count > MOST_AT_ONCE => Err(AtOnceError::TooMany),
        _ => Ok(()),
    }
}
