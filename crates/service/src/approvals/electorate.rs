//! Who can act as what, judged against the directory as it stands.

use domain::approval::{Approver, Concerned, Exclusions, Plan};
use domain::directory::Directory;
use domain::name::{GroupName, PersonId, TeamName};
use domain::principal::PrincipalRef;
use std::collections::BTreeSet;

/// Everything that a person can act as now; somebody who has left can act as nothing.
pub(crate) fn capacities(directory: &Directory, person: &PersonId) -> BTreeSet<Approver> {
    let principal = PrincipalRef::from(person.clone());
    if !directory.principals.contains_key(&principal) {
        return BTreeSet::new();
    }
    directory
        .groups_of(&principal)
        .into_iter()
        .flatten()
        .cloned()
        .map(Approver::Group)
        .chain([Approver::Person(person.clone())])
        .collect()
}

/// Everybody who is asked by some stage and not excluded, with what they can act as in it. Whoever decides in another's
/// place is not among them: a seat that is lent is still one seat.
pub(crate) fn electorate(
    directory: &Directory,
    plan: &Plan,
    excluded: &Exclusions,
) -> Vec<(PersonId, BTreeSet<Approver>)> {
    let asked: BTreeSet<Approver> = plan
        .stages
        .iter()
        .flat_map(domain::approval::Stage::asks)
        .collect();
    able(directory, &asked, excluded)
}

/// Everybody who can act as one of these and is not excluded, with which of them they can act as.
pub(super) fn able(
    directory: &Directory,
    asked: &BTreeSet<Approver>,
    excluded: &Exclusions,
) -> Vec<(PersonId, BTreeSet<Approver>)> {
    directory
        .persons()
        .filter(|(person, _)| excluded.of(person).is_none())
        .filter_map(|(person, _)| {
            let can: BTreeSet<Approver> = capacities(directory, &person)
                .into_iter()
                .filter(|capacity| asked.contains(capacity))
                .collect();
            (!can.is_empty()).then_some((person, can))
        })
        .collect()
}

/// Whom something concerns that these teams own and that somebody asks for.
pub(crate) fn concerned<'a>(
    directory: &Directory,
    teams: impl IntoIterator<Item = &'a TeamName>,
    who_asks: Option<&PersonId>,
) -> Concerned {
    Concerned {
        owners: owner_groups(directory, teams),
        manager: who_asks.and_then(|person| manager(directory, person)),
    }
}

/// The person whom the directory names in the attribute `manager`. Somebody who has left, or is their own manager, is
/// none.
fn manager(directory: &Directory, person: &PersonId) -> Option<PersonId> {
    let found = directory.principals.get(&PrincipalRef::from(person.clone()))?;
    let named = PersonId::new(found.attributes.get("manager")?.as_str()?).ok()?;
    (named != *person
        && directory
            .principals
            .contains_key(&PrincipalRef::from(named.clone())))
    .then_some(named)
}

/// The owners' groups of teams.
pub(crate) fn owner_groups<'a>(
    directory: &Directory,
    teams: impl IntoIterator<Item = &'a TeamName>,
) -> BTreeSet<GroupName> {
    teams
        .into_iter()
        .filter_map(|team| directory.teams.get(team))
        .map(|team| team.owners.clone())
        .collect()
}

/// The persons named in a workload's attribute `owners`. What it asks for they must not decide; the owners of its team may,
/// or nobody of a team could decide about its own pipeline.
pub(crate) fn named_owners(directory: &Directory, workload: &PrincipalRef) -> BTreeSet<PersonId> {
    directory
        .principals
        .get(workload)
        .and_then(|found| found.attributes.get("owners"))
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str)
        .filter_map(|name| PersonId::new(name).ok())
        .collect()
}

/// Who answers for a workload or an agent: the persons named in its attribute `owners`, else its team's owners.
pub(crate) fn owners_of_workload(directory: &Directory, workload: &PrincipalRef) -> BTreeSet<PersonId> {
    let named = named_owners(directory, workload);
    let Some(found) = directory.principals.get(workload).filter(|_| named.is_empty()) else {
        return named;
    };
    owner_groups(directory, [&found.team])
        .iter()
        .flat_map(|group| directory.persons_in(group))
        .collect()
}
