//! Who and what an event speaks of, by name.

use std::collections::BTreeMap;

use domain::{approval::Approver, name::PersonId};
use service::Service;

use crate::server_side::Names;

/// The names of persons, clients and cases. One that is gone stays its id: records outlive what they speak of.
pub(crate) struct Actors {
    names: Option<Names>,
    clients: BTreeMap<String, String>,
    cases: BTreeMap<String, String>,
}

impl Actors {
    /// As this node has them in memory.
    pub(crate) fn of(service: &Service) -> Self {
        let held = service.snapshots().current();
        Self {
            names: Some(Names::of(service)),
            clients: held
                .clients()
                .map(|client| (client.id.to_string(), client.name.clone()))
                .collect(),
            cases: held
                .policy()
                .map(|policy| {
                    policy
                        .scenarios()
                        .iter()
                        .map(|case| (case.id.to_string(), case.name.clone()))
                        .collect()
                })
                .unwrap_or_default(),
        }
    }

    /// No names at all, for tests.
    #[cfg(test)]
    pub(crate) fn nobody() -> Self {
        Self {
            names: None,
            clients: BTreeMap::new(),
            cases: BTreeMap::new(),
        }
    }

    /// The name of an actor of an event.
    pub(crate) fn name(&self, kind: &str, id: &str) -> String {
        match kind {
            "person" => PersonId::new(id).map_or_else(|_| id.to_owned(), |person| self.person(&person)),
            "client" => self.clients.get(id).cloned().unwrap_or_else(|| id.to_owned()),
            "system" if id == "operator" => "The operator".to_owned(),
            _ => "Spillway".to_owned(),
        }
    }

    /// The name of a case for an opt-out.
    pub(crate) fn case(&self, id: &str) -> String {
        self.cases.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// Who may fill a seat.
    pub(crate) fn approver(&self, approver: &Approver) -> String {
        self.names
            .as_ref()
            .map_or_else(|| approver.to_string(), |names| names.approver(approver))
    }

    /// The name of a person.
    pub(crate) fn person(&self, person: &PersonId) -> String {
        self.names
            .as_ref()
            .map_or_else(|| person.to_string(), |names| names.person(person))
    }
}
