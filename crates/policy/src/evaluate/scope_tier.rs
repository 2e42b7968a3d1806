//! The strictest tier that a scope covers: what an opt-out is approved under.

use super::asking::Asking;
use crate::directory_view::{KnownPrincipal, KnownResource};
use crate::snapshot::Snapshot;
use domain::name::Capability;
use domain::scope::Scope;
use domain::tier::Tier;
use domain::window::Instant;

/// The most combinations that are tried; beyond them the strictest tier is taken.
pub const MOST_TRIED: usize = 20_000;

/// The strictest tier among everything that a scope covers now.
///
/// What a scope leaves open is tried whole: all principals, all resources, and every capability that a rule of classify
/// names, with one that none names for all the others. Where that are more than [`MOST_TRIED`] combinations, where a
/// rule of classify matches by pattern, or where the scope covers nothing, it is the strictest tier: an opt-out then
/// needs more approval than it had to, never less. Should a tier depend on what clients assert or on the hour, an
/// evaluation may still come to a stricter one; a bypass ignores that input.
pub fn scope_tier<'a>(snapshot: &'a Snapshot, scope: &Scope, now: Instant) -> &'a Tier {
    let strictest = snapshot.policy().strictest();
    let directory = snapshot.directory();
    let principals: Vec<&KnownPrincipal> = directory
        .known_principals()
        .filter(|known| scope.matches_principal(&known.facts))
        .collect();
    let resources: Vec<&KnownResource> = directory
        .known_resources()
        .filter(|known| scope.matches_resource(&known.facts))
        .collect();
    let Some(capabilities) = capabilities(snapshot, scope) else {
        return strictest;
    };
    let combinations = principals
        .len()
        .saturating_mul(resources.len())
        .saturating_mul(capabilities.len());
    if combinations == 0 || combinations > MOST_TRIED {
        return strictest;
    }
    let mut highest: Option<&Tier> = None;
    for principal in &principals {
        for resource in &resources {
            for capability in &capabilities {
                let tier = Asking::new(snapshot, principal, resource, capability, now)
                    .tier()
                    .unwrap_or(strictest);
                if tier.rank == strictest.rank {
                    return strictest;
                }
                highest = highest.filter(|so_far| so_far.rank >= tier.rank).or(Some(tier));
            }
        }
    }
    highest.unwrap_or(strictest)
}

fn capabilities(snapshot: &Snapshot, scope: &Scope) -> Option<Vec<Capability>> {
    if let Some(named) = &scope.capabilities {
        return Some(named.iter().cloned().collect());
    }
    let strings = snapshot.policy().classify_strings()?;
    let mut other = "any other".to_owned();
    while strings.contains(&other) {
        other.push('+');
    }
    strings
        .iter()
        .cloned()
        .chain([other])
        .filter_map(|text| Capability::new(text).ok())
        .map(Some)
        .collect()
}
