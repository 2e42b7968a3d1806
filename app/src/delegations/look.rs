//! From what the use case answers to what the page shows. On the server alone.

use domain::{approval::DelegationScope, name::PersonId, principal::PrincipalRef};
use service::{
    Service,
    caller::PersonCaller,
    delegations::{DelegationSummary, Delegations},
};

use super::view::{DelegationRow, DelegationsView};
use crate::{error::AppError, requests::words::listed, server_side::Names};

pub(super) fn delegations(
    service: &Service,
    caller: &PersonCaller,
    found: Delegations,
    zone: String,
) -> Result<DelegationsView, AppError> {
    let names = Names::of(service);
    let held = service.snapshots().current();
    let directory = held.directory();
    let mut people: Vec<(String, String)> = directory
        .persons()
        .filter(|(person, _)| *person != caller.person)
        .map(|(person, known)| (person.to_string(), known.display_name.clone()))
        .collect();
    people.sort_by(|one, two| one.1.cmp(&two.1));
    let groups = directory
        .groups_of(&PrincipalRef::from(caller.person.clone()))
        .into_iter()
        .flatten()
        .map(|group| (group.to_string(), names.group(group)))
        .collect();
    let mut tiers: Vec<_> = service
        .policy(caller)?
        .tiers()
        .iter()
        .map(|tier| (tier.rank, tier.name.to_string()))
        .collect();
    tiers.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    Ok(DelegationsView {
        rows: found.all.iter().map(|one| row(one, caller, &names)).collect(),
        may_make: found.may_make,
        people,
        groups,
        tiers: tiers.into_iter().map(|(_, name)| name).collect(),
        zone,
        now: found.now,
    })
}

fn row(summary: &DelegationSummary, caller: &PersonCaller, names: &Names) -> DelegationRow {
    let one = &summary.delegation;
    let side = |person: &PersonId| (*person != caller.person).then(|| names.person(person));
    DelegationRow {
        id: one.id.to_string(),
        from: side(&one.from),
        to: side(&one.to),
        starts_at: one.window.starts_at(),
        ends_at: one
            .ended_at
            .map_or(one.window.ends_at(), |ended| ended.min(one.window.ends_at())),
        reason: one.reason.clone(),
        scope: scope(&one.scope, names),
        state: summary.state,
        may_end: summary.may_end,
    }
}

fn scope(scope: &DelegationScope, names: &Names) -> Option<String> {
    let groups = (!scope.groups.is_empty()).then(|| {
        format!(
            "for {}",
            listed(scope.groups.iter().map(|group| names.group(group)), "and")
        )
    });
    let tiers = (!scope.tiers.is_empty()).then(|| {
        let word = if scope.tiers.len() == 1 { "tier" } else { "tiers" };
        format!(
            "in the {word} {}",
            listed(scope.tiers.iter().map(ToString::to_string), "and")
        )
    });
    match (groups, tiers) {
        (None, None) => None,
        (one, two) => Some([one, two].into_iter().flatten().collect::<Vec<_>>().join(" ")),
    }
}
