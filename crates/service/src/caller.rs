//! Who calls a use case, and the proof that they may.

use crate::ServiceError;
use crate::once::Once;
use crate::snapshot::Loaded;
use domain::client::Client;
use domain::id::{ClientId, CorrelationId};
use domain::name::PersonId;
use domain::principal::PrincipalRef;
use domain::role::{Permission, Role};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A signed-in person.
#[derive(Debug, Clone)]
pub struct PersonCaller {
    /// Who.
    pub person: PersonId,
    /// Their roles, from the identity provider's groups by configuration.
    pub roles: BTreeSet<Role>,
    /// The HTTP request.
    pub correlation: CorrelationId,
    /// The form that it carries, where one that comes twice makes one thing.
    pub once: Option<Once>,
}

/// A policy enforcement point.
#[derive(Debug, Clone)]
pub struct ClientCaller {
    /// Which.
    pub client: Arc<Client>,
    /// The HTTP request.
    pub correlation: CorrelationId,
}

/// Who an event says did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    Person(PersonId),
    /// A client.
    Client(ClientId),
    /// Spillway itself: a worker, or the operator's command line.
    System(&'static str),
}

impl Actor {
    /// The kind, for the ledger.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Client(_) => "client",
            Self::System(_) => "system",
        }
    }

    /// The id, for the ledger.
    pub fn id(&self) -> String {
        match self {
            Self::Person(person) => person.to_string(),
            Self::Client(client) => client.to_string(),
            Self::System(what) => (*what).to_owned(),
        }
    }
}

/// The proof of an authorisation. Only this module makes one, and `command::finish` asks for it.
#[derive(Debug)]
pub struct Authorised {
    pub(crate) actor: Actor,
    pub(crate) correlation: CorrelationId,
}

impl PersonCaller {
    /// Whether one of the roles allows it.
    pub fn may(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role.may(permission))
    }

    /// Whether they may see what was decided for this principal: who reads the audit log, and whom it is about.
    pub fn sees_decisions_of(&self, principal: &PrincipalRef) -> bool {
        let is_own = *principal == PrincipalRef::from(self.person.clone());
        self.may(Permission::ReadAudit) || (is_own && self.may(Permission::ReadOwn))
    }

    /// Proof that one of the roles allows it.
    pub fn authorise(&self, permission: Permission) -> Result<Authorised, ServiceError> {
        if self.may(permission) {
            Ok(Authorised {
                actor: Actor::Person(self.person.clone()),
                correlation: self.correlation,
            })
        } else {
            Err(ServiceError::Forbidden {
                code: "not_permitted",
                why: format!("Your roles do not let you {}.", words(permission)),
            })
        }
    }
}

impl ClientCaller {
    /// The client as it is now, with what it may ask about by now: it was recognised on a node that may have been behind.
    pub(crate) fn held<'a>(&self, loaded: &'a Loaded) -> Result<&'a Arc<Client>, ServiceError> {
        loaded
            .client_by_id(self.client.id)
            .ok_or_else(|| ServiceError::Forbidden {
                code: "client_revoked",
                why: "This client was revoked.".to_owned(),
            })
    }

    /// Proof that the client still has its credentials. What it may ask about is checked by the command.
    pub(crate) fn authorise(&self, loaded: &Loaded) -> Result<Authorised, ServiceError> {
        self.held(loaded)?;
        Ok(Authorised {
            actor: Actor::Client(self.client.id),
            correlation: self.correlation,
        })
    }
}

/// Proof for Spillway's own work: workers, the first start, the operator who holds the database.
pub(crate) const fn system(what: &'static str, correlation: CorrelationId) -> Authorised {
    Authorised {
        actor: Actor::System(what),
        correlation,
    }
}

const fn words(permission: Permission) -> &'static str {
    match permission {
        Permission::Request => "ask for this",
        Permission::Vote => "decide on requests",
        Permission::ReadOwn => "see this",
        Permission::ReadAll => "see other people's requests",
        Permission::ReadAudit => "read the audit log",
        Permission::ReadPolicies => "read policies",
        Permission::Revoke => "end what others asked for",
        Permission::Administer => "administer Spillway",
        Permission::BreakGlass => "break the glass",
    }
}
