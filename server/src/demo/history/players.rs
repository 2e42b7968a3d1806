//! Who plays: the demo's clients and people.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::client::Client;
use domain::id::CorrelationId;
use domain::name::PersonId;
use domain::role::Role;
use service::Service;
use service::caller::{ClientCaller, PersonCaller};

use super::stage::HistoryError;

/// The clients by name.
#[derive(Debug)]
pub(super) struct Players {
    clients: BTreeMap<String, Arc<Client>>,
}

impl Players {
    pub(super) fn of(service: &Service) -> Result<Self, HistoryError> {
        let clients = service
            .snapshots()
            .current()
            .clients()
            .map(|client| (client.name.clone(), Arc::clone(client)))
            .collect();
        Ok(Self { clients })
    }

    pub(super) fn client(
        &self,
        name: &'static str,
        correlation: CorrelationId,
    ) -> Result<ClientCaller, HistoryError> {
        let client = self.clients.get(name).ok_or(HistoryError::Player(name))?;
        Ok(ClientCaller {
            client: Arc::clone(client),
            token: None,
            correlation,
        })
    }

    /// A person with the roles that people who ask and decide have.
    pub(super) fn person(
        name: &'static str,
        correlation: CorrelationId,
    ) -> Result<PersonCaller, HistoryError> {
        Ok(PersonCaller {
            person: PersonId::new(name).map_err(|_| HistoryError::Player(name))?,
            roles: BTreeSet::from([Role::Requester, Role::Approver]),
            groups_read_at: None,
            correlation,
            once: None,
        })
    }

    /// A person who looks after the installation.
    pub(super) fn administrator(
        name: &'static str,
        correlation: CorrelationId,
    ) -> Result<PersonCaller, HistoryError> {
        let mut caller = Self::person(name, correlation)?;
        caller.roles.insert(Role::Administrator);
        Ok(caller)
    }

    /// A person on call.
    pub(super) fn responder(
        name: &'static str,
        correlation: CorrelationId,
    ) -> Result<PersonCaller, HistoryError> {
        let mut caller = Self::person(name, correlation)?;
        caller.roles.insert(Role::Responder);
        Ok(caller)
    }
}
