//! Directories that come every day: what they take out of force is said before it is, and who has left is out at any rate.

mod coverage;
mod faults;
mod month;
mod names;
mod prepared;
mod refused;
mod unchanged;

use crate::world::{World, correlation};
use domain::name::GroupName;
use service::directory::DirectoryFile;
use service::in_force::{Accepted, InForce, Wanted};
use service::{FieldError, ServiceError};

/// The fields, codes and first words of a refusal.
fn refusals(told: &Result<InForce, ServiceError>) -> Vec<FieldError> {
    match told {
        Err(ServiceError::Invalid(fields)) => fields.clone(),
        other => panic!("{other:?}"),
    }
}

fn codes(told: &Result<InForce, ServiceError>) -> Vec<&'static str> {
    refusals(told).iter().map(|field| field.code).collect()
}

impl World {
    /// Imports a directory, going on with these names.
    async fn imports(&self, directory: &DirectoryFile, accept: &[&str]) -> Result<InForce, ServiceError> {
        let accept: Accepted = accept.iter().copied().collect();
        let wanted = Wanted {
            directory: Some(directory),
            policy: None,
            accept: Some(&accept),
        };
        self.service.put_in_force(wanted, correlation()).await
    }

    fn generation(&self) -> store::generation::Generation {
        self.service.snapshots().current().generation()
    }
}

/// The directory in which a group is called otherwise, wherever it is named.
fn renamed(directory: &DirectoryFile, from: &str, to: &str) -> DirectoryFile {
    let (from, to): (GroupName, GroupName) = (from.parse().unwrap(), to.parse().unwrap());
    let mut changed = directory.clone();
    let group = changed.groups.remove(&from).unwrap();
    changed.groups.insert(to.clone(), group);
    for team in changed.teams.values_mut().filter(|team| team.owners == from) {
        team.owners = to.clone();
    }
    for group in changed.groups.values_mut() {
        if group.parents.remove(&from) {
            group.parents.insert(to.clone());
        }
    }
    changed
}

/// The directory without a person, wherever they are named.
fn without(directory: &DirectoryFile, person: &str) -> DirectoryFile {
    let mut changed = directory.clone();
    changed.principals.retain(|one| one.id != person);
    for group in changed.groups.values_mut() {
        group.members.retain(|member| member != person);
    }
    changed
}
