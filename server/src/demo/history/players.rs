//! Who plays: the demo's clients and people.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::client::Client;
use domain::id::CorrelationId;
use domain::name::PersonId;
use service::Service;
use service::caller::{ClientCaller, PersonCaller};

use super::stage::HistoryError;
use crate::demo::people;

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

    /// A person, with the roles that they sign in with.
    pub(super) fn person(
        name: &'static str,
        correlation: CorrelationId,
    ) -> Result<PersonCaller, HistoryError> {
        let person = PersonId::new(name).map_err(|_| HistoryError::Player(name))?;
        Ok(people::caller(person, correlation))
    }
}
