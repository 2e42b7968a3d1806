//! Sign-ins and sign-outs in the ledger. The sessions themselves are the server's.

use crate::caller::{Administrator, Authorised, PersonCaller, system};
use crate::command::{Effect, EventDraft, finish};
use crate::{Service, ServiceError};
use domain::event::EventKind;
use domain::id::CorrelationId;
use domain::name::PersonId;
use domain::principal::PrincipalRef;
use domain::role::Permission;
use serde_json::Value;
use std::collections::BTreeSet;
use store::Tx;

impl Service {
    /// Records that a person signed in, and how, as the identity provider vouched for it. Errors where no role allows the
    /// person anything here.
    pub async fn record_sign_in(&self, caller: &PersonCaller, facts: Value) -> Result<(), ServiceError> {
        let authorised = caller.authorise(Permission::ReadOwn)?;
        let mut tx = self.begin().await?;
        store::roles_seen::note(&mut tx, &caller.person, &caller.roles, self.now()).await?;
        self.record_session(tx, authorised, EventKind::SignedIn, &caller.person, facts)
            .await
    }

    /// Records that sessions of a person were ended: by their owner or by the identity provider, as `by` says.
    pub async fn record_sign_out(
        &self,
        person: &PersonId,
        by: &str,
        correlation: CorrelationId,
    ) -> Result<(), ServiceError> {
        let facts = serde_json::json!({ "by": by });
        let tx = self.begin().await?;
        self.record_session(
            tx,
            system("sign-out", correlation),
            EventKind::SignedOut,
            person,
            facts,
        )
        .await
    }

    /// Ends all sessions of a person, in all browsers, from this command's commit on. Returns how many there were; without
    /// any there is no event.
    ///
    /// Errors with not found where the directory has and had no such person.
    pub async fn end_sessions(
        &self,
        person: &PersonId,
        by: impl Into<Administrator<'_>>,
    ) -> Result<u64, ServiceError> {
        let authorised = by.into().authorise()?;
        let mut tx = self.begin().await?;
        if !store::directory::is_known(tx.conn(), &PrincipalRef::from(person.clone())).await? {
            return Err(ServiceError::NotFound { what: "person" });
        }
        let ended = store::sessions::end_of_person(tx.conn(), person).await?;
        if ended > 0 {
            let facts = serde_json::json!({ "by": "administrator", "sessions": ended });
            self.record_session(tx, authorised, EventKind::SignedOut, person, facts)
                .await?;
        }
        Ok(ended)
    }

    async fn record_session(
        &self,
        tx: Tx,
        authorised: Authorised,
        kind: EventKind,
        person: &PersonId,
        facts: Value,
    ) -> Result<(), ServiceError> {
        let loaded = self.snapshots().current();
        let found = loaded
            .directory()
            .principals
            .get(&PrincipalRef::from(person.clone()));
        let draft = EventDraft {
            kind,
            object_kind: "person",
            object_id: person.to_string(),
            refs: found
                .map(|found| found.uid.to_string())
                .into_iter()
                .collect::<BTreeSet<_>>(),
            policy_digest: None,
            body: serde_json::json!({ "person": person, "facts": facts }),
        };
        finish(self, tx, authorised, vec![draft], Effect::None, self.now()).await
    }
}
