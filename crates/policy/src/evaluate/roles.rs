//! Which temporary roles a principal holds.
//!
//! A role's grant counts as any other does: while it is in force, only if it was approved after every `to_manual` that
//! reaches the membership began, and only if it was approved under a tier no laxer than the membership's present one. That
//! tier is asked for without temporary roles, since no role may vouch for another.

use super::asking::Asking;
use crate::directory_view::{KnownPrincipal, KnownResource};
use crate::snapshot::Snapshot;
use domain::grant::{Grant, GrantState};
use domain::id::OptOutId;
use domain::name::Capability;
use domain::opt_out::{Direction, OptOut};
use domain::resource::ROLE_CAPABILITY;
use domain::scope;
use domain::window::Instant;

/// The roles that a principal holds now, and each opt-out that was looked at because it is in force over one of them.
#[derive(Debug, Default)]
pub(super) struct Roles<'a> {
    pub(super) held: Vec<&'a KnownResource>,
    pub(super) considered: Vec<(OptOutId, u32)>,
}

impl<'a> Roles<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, principal: &'a KnownPrincipal, now: Instant) -> Self {
        let mut roles = Self::default();
        let grants = snapshot.grants.roles_of(&principal.facts.principal);
        if grants.is_empty() {
            return roles;
        }
        let Ok(member) = Capability::new(ROLE_CAPABILITY) else {
            return roles;
        };
        for grant in grants {
            if grant.state(now) == GrantState::Active
                && let Some(role) = snapshot.directory().resource(&grant.resource)
                && roles.count(snapshot, principal, role, &member, grant, now)
            {
                roles.held.push(role);
            }
        }
        roles.considered.sort();
        roles.considered.dedup();
        roles
    }

    fn count(
        &mut self,
        snapshot: &'a Snapshot,
        principal: &'a KnownPrincipal,
        role: &'a KnownResource,
        member: &Capability,
        grant: &Grant,
        now: Instant,
    ) -> bool {
        let reaches = |opt_out: &OptOut| {
            opt_out.direction == Direction::ToManual
                && scope::reaches(
                    opt_out.direction,
                    &opt_out.scope,
                    &opt_out.coverage,
                    &principal.facts,
                    &role.facts,
                    member,
                )
        };
        let mut after_all = true;
        for held in snapshot.opt_outs.candidates(principal, role) {
            if held.opt_out.in_force(now, held.uses.get()) && reaches(&held.opt_out) {
                self.considered.push((held.opt_out.id, held.opt_out.revision));
                after_all &= grant.approved_at > held.opt_out.applies_since(now);
            }
        }
        let approved = snapshot.policy().tier(&grant.tier);
        let present = Asking::without_roles(snapshot, principal, role, member, now).tier();
        after_all
            && present
                .is_ok_and(|present| approved.is_some_and(|approved| present.no_stricter_than(approved)))
    }
}
