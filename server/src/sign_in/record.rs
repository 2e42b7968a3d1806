//! What the ledger is told of sessions.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::id::CorrelationId;
use domain::name::PersonId;
use domain::role::Role;
use store::sessions::SessionIdentity;

/// What happened to a session.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionEvent {
    /// Somebody signed in.
    SignedIn {
        /// As whom, and how.
        identity: Box<SessionIdentity>,
        /// The roles that follow from it.
        roles: BTreeSet<Role>,
    },
    /// Sessions of somebody were ended.
    SignedOut {
        /// Whose.
        person: PersonId,
        /// By whom.
        by: EndedBy,
    },
}

/// Who ended a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// Its owner, in its browser.
    Owner,
    /// Its owner, and all others too.
    OwnerEverywhere,
    /// The identity provider.
    Provider,
}

impl EndedBy {
    /// The word in the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::OwnerEverywhere => "owner_everywhere",
            Self::Provider => "provider",
        }
    }
}

/// The event could not be recorded.
#[derive(Debug, thiserror::Error)]
#[error("the event could not be recorded")]
pub struct NotRecorded(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Records an event; given by the part that knows the ledger.
///
/// Nobody is signed in without it. A sign-out stands even when it cannot be recorded: ending a session must not depend on
/// anything else.
pub type Record = Arc<
    dyn Fn(SessionEvent, CorrelationId) -> Pin<Box<dyn Future<Output = Result<(), NotRecorded>> + Send>>
        + Send
        + Sync,
>;
