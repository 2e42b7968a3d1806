//! Who calls a use case, and the proof that they may.

use crate::ServiceError;
use crate::once::Once;
use crate::snapshot::Loaded;
use chrono::TimeDelta;
use domain::client::Client;
use domain::digest::Digest;
use domain::id::{ClientId, CorrelationId};
use domain::name::{PersonId, TierName};
use domain::principal::PrincipalRef;
use domain::role::{Permission, Role};
use domain::step_up::FRESH_SECS;
use domain::window::Instant;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A signed-in person.
#[derive(Debug, Clone)]
pub struct PersonCaller {
    /// Who.
    pub person: PersonId,
    /// Their roles, from the identity provider's groups by configuration.
    pub roles: BTreeSet<Role>,
    /// When the identity provider said the groups that the roles follow from. None where no provider did: whoever makes such
    /// a caller vouches for the roles.
    pub groups_read_at: Option<Instant>,
    /// The HTTP request.
    pub correlation: CorrelationId,
    /// The form that it carries, where one that comes twice makes one thing.
    pub once: Option<Once>,
}

/// Who administers.
#[derive(Debug, Clone, Copy)]
pub enum Administrator<'a> {
    /// The operator who holds the database: the command line.
    Operator(CorrelationId),
    /// A person, who needs the role.
    Person(&'a PersonCaller),
}

impl From<CorrelationId> for Administrator<'_> {
    fn from(correlation: CorrelationId) -> Self {
        Self::Operator(correlation)
    }
}

impl<'a> From<&'a PersonCaller> for Administrator<'a> {
    fn from(person: &'a PersonCaller) -> Self {
        Self::Person(person)
    }
}

impl Administrator<'_> {
    /// Proof that this one may administer.
    pub(crate) fn authorise(self) -> Result<Authorised, ServiceError> {
        match self {
            Self::Operator(correlation) => Ok(system("operator", correlation)),
            Self::Person(person) => person.authorise(Permission::Administer),
        }
    }
}

/// A policy enforcement point.
#[derive(Debug, Clone)]
pub struct ClientCaller {
    /// Which.
    pub client: Arc<Client>,
    /// The token that it sent; none where Spillway itself acts as the client, as the demo's history does.
    pub token: Option<SentToken>,
    /// The HTTP request.
    pub correlation: CorrelationId,
}

/// A token as it was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentToken {
    /// Its SHA-256.
    pub sha256: Digest,
    /// When it was recognised.
    pub at: Instant,
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

    /// Whether the roles rest on groups that are older than this tier wants. A tier that policy has no more wants those of a
    /// fresh sign-in.
    pub(crate) fn has_old_groups(
        &self,
        loaded: &Loaded,
        tier: &TierName,
        now: Instant,
    ) -> Result<bool, ServiceError> {
        let tier = loaded.policy()?.tier(tier);
        let longest = TimeDelta::seconds(tier.map_or(FRESH_SECS, |tier| tier.groups_fresh_secs));
        Ok(self.groups_read_at.is_some_and(|at| now - at > longest))
    }

    /// Refuses somebody whose groups are older than this tier wants.
    pub(crate) fn with_fresh_groups(
        &self,
        loaded: &Loaded,
        tier: &TierName,
        now: Instant,
    ) -> Result<(), ServiceError> {
        match self.has_old_groups(loaded, tier, now)? {
            true => Err(ServiceError::old_groups()),
            false => Ok(()),
        }
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
        let held = match self.token {
            // By the token: it may have been rotated out since, on a node that this one had not heard of.
            Some(token) => loaded.client(&token.sha256, token.at),
            None => loaded.client_by_id(self.client.id),
        };
        held.ok_or_else(|| ServiceError::Forbidden {
            code: "client_revoked",
            why: "This client or its token was revoked.".to_owned(),
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
