//! The signed-in person, as handlers see them.

use std::collections::BTreeSet;

use axum::extract::FromRequestParts;
use chrono::{DateTime, Utc};
use domain::name::PersonId;
use domain::role::Role;
use http::request::Parts;
use store::sessions::SessionIdentity;
use tower_sessions::Session;

use super::roles::RoleMap;
use crate::http::problem::Problem;

/// Where the identity lies in the session.
pub(super) const KEY: &str = "identity";

/// A person with a session that is in force. Handlers of browser routes take it as an extractor: 401 without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The person.
    pub person: PersonId,
    /// The name as people write it: the provider's, else the person's id.
    pub name: String,
    /// Roles by the configuration as it is now, not as it was at sign-in.
    pub roles: BTreeSet<Role>,
    /// The provider's groups at sign-in.
    pub groups: Vec<String>,
    /// The provider.
    pub iss: String,
    /// The person's id there.
    pub sub: String,
    /// When the person last proved to the provider who they are. A step-up compares it with now.
    pub auth_time: Option<DateTime<Utc>>,
    /// How strong that proof was.
    pub acr: Option<String>,
    /// By which methods.
    pub amr: Vec<String>,
    /// When they came back from the provider, and this session began.
    pub signed_in_at: Option<DateTime<Utc>>,
}

impl SignedIn {
    pub(super) fn of(identity: SessionIdentity, roles: &RoleMap) -> Self {
        let claims = identity.claims;
        Self {
            name: claims.name.unwrap_or_else(|| identity.person.to_string()),
            roles: roles.roles_of(&claims.groups),
            groups: claims.groups,
            person: identity.person,
            iss: identity.iss,
            sub: identity.sub,
            auth_time: claims.auth_time,
            acr: claims.acr,
            amr: claims.amr,
            signed_in_at: claims.signed_in_at,
        }
    }

    /// When the provider said the groups. Of a session that does not know, longer ago than any tier allows.
    pub(crate) fn groups_read_at(&self) -> DateTime<Utc> {
        self.signed_in_at.unwrap_or(DateTime::<Utc>::UNIX_EPOCH)
    }

    /// Reads the session. Errors only when the database does not answer.
    pub(crate) async fn load(
        session: &Session,
        roles: &RoleMap,
    ) -> Result<Option<Self>, tower_sessions::session::Error> {
        let identity: Option<SessionIdentity> = session.get(KEY).await?;
        Ok(identity.map(|identity| Self::of(identity, roles)))
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    /// The visitor layer has read the session before any browser route runs.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(Problem::unauthenticated)
    }
}
