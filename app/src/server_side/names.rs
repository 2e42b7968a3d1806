//! What people, groups and resources are called, for sentences on pages. A name that the directory no longer has stays
//! its id: records outlive what they speak of.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    approval::Approver,
    directory::Directory,
    id::ClientId,
    name::{GroupName, PersonId, TeamName},
    principal::{PrincipalKind, PrincipalRef},
    resource::ResourceRef,
    signal::Requester,
};
use service::Service;

/// The names of the directory in force.
pub(crate) struct Names(Arc<Directory>, BTreeMap<ClientId, String>);

impl Names {
    /// As this node has them in memory.
    pub(crate) fn of(service: &Service) -> Self {
        let held = service.snapshots().current();
        let clients = held
            .clients()
            .map(|client| (client.id, client.name.clone()))
            .collect();
        Self(Arc::clone(held.directory()), clients)
    }

    /// "Alice Meyer".
    pub(crate) fn person(&self, person: &PersonId) -> String {
        self.principal(&PrincipalRef::from(person.clone()))
    }

    /// "Alice Meyer"; "edr, by a signal" for what a source opened.
    pub(crate) fn requester(&self, requester: &Requester) -> String {
        match requester {
            Requester::Person(person) => self.person(person),
            Requester::Signal(signal) => match self.1.get(&signal.client) {
                Some(name) => format!("{name}, by a signal"),
                None => "a source, by a signal".to_owned(),
            },
        }
    }

    /// "Alice Meyer" for a person; workloads and agents go by their ids, which their people know: `ci/payments`.
    pub(crate) fn principal(&self, principal: &PrincipalRef) -> String {
        match principal.kind {
            PrincipalKind::Person => self
                .0
                .principals
                .get(principal)
                .map_or_else(|| principal.id.clone(), |found| found.display_name.clone()),
            PrincipalKind::Workload | PrincipalKind::Agent => principal.id.clone(),
        }
    }

    /// "Payments owners".
    pub(crate) fn group(&self, group: &GroupName) -> String {
        self.0
            .groups
            .get(group)
            .map_or_else(|| group.to_string(), |found| found.title.clone())
    }

    /// "Payments".
    pub(crate) fn team(&self, team: &TeamName) -> String {
        self.0
            .teams
            .get(team)
            .map_or_else(|| team.to_string(), |found| found.title.clone())
    }

    /// The name of the team that owns a resource.
    pub(crate) fn owners_of(&self, resource: &ResourceRef) -> Option<String> {
        self.0.resources.get(resource).map(|found| self.team(&found.team))
    }

    /// Who may fill a seat.
    pub(crate) fn approver(&self, approver: &Approver) -> String {
        match approver {
            Approver::Group(group) => self.group(group),
            Approver::Person(person) => self.person(person),
            Approver::ResourceOwners => "the resource’s owners".to_owned(),
            Approver::RequesterManager => "the requester’s manager".to_owned(),
        }
    }
}
