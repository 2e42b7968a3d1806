//! Whom something concerns, by the directory as it stands.

use domain::approval::Concerned;
use domain::directory::Directory;
use domain::name::{GroupName, PersonId, TeamName};
use domain::principal::PrincipalRef;
use std::collections::BTreeSet;

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

/// Whether a person owns what one of these teams has.
pub(crate) fn owns<'a>(
    directory: &Directory,
    teams: impl IntoIterator<Item = &'a TeamName>,
    person: &PersonId,
) -> bool {
    let groups = directory.groups_of(&PrincipalRef::from(person.clone()));
    groups.is_some_and(|groups| !groups.is_disjoint(&owner_groups(directory, teams)))
}

/// Whether a person is one of [`owners_of_workload`].
pub(crate) fn answers_for(directory: &Directory, workload: &PrincipalRef, person: &PersonId) -> bool {
    let named = named_owners(directory, workload);
    if !named.is_empty() {
        return named.contains(person);
    }
    let found = directory.principals.get(workload);
    found.is_some_and(|found| owns(directory, [&found.team], person))
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
