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
    /// Records that a person signed in, with which roles, and how, as the identity provider vouched for it. Errors where no
    /// role allows the person anything here; that is recorded too, since they may have had one before.
    ///
    /// What waits is looked at again where the person decides otherwise than at the last sign-in.
    pub async fn record_sign_in(&self, caller: &PersonCaller, facts: Value) -> Result<(), ServiceError> {
        let (mut tx, now) = (self.begin().await?, self.now());
        let changed = store::roles_seen::note(&mut tx, &caller.person, &caller.roles, now).await?;
        let effect = if changed {
            store::escalations::look_again(&mut tx, now).await?;
            Effect::OnDecisions
        } else {
            Effect::None
        };
        let (kind, by, refused) = match caller.authorise(Permission::ReadOwn) {
            Ok(person) => (EventKind::SignedIn, person, None),
            Err(refused) => {
                let sign_in = system("sign-in", caller.correlation);
                (EventKind::SignInRefused, sign_in, Some(refused))
            }
        };
        let body = serde_json::json!({ "person": caller.person, "facts": facts, "roles": caller.roles });
        let draft = self.session_event(kind, &caller.person, body);
        let recorded = finish(self, tx, by, vec![draft], effect, now).await;
        let Some(refused) = refused else { return recorded };
        if let Err(error) = recorded {
            // Nobody is let in by it.
            tracing::error!(%error, "a refused sign-in could not be recorded");
        }
        Err(refused)
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
        let body = serde_json::json!({ "person": person, "facts": facts });
        let draft = self.session_event(kind, person, body);
        finish(self, tx, authorised, vec![draft], Effect::None, self.now()).await
    }

    fn session_event(&self, kind: EventKind, person: &PersonId, body: Value) -> EventDraft {
        let loaded = self.snapshots().current();
        let found = loaded
            .directory()
            .principals
            .get(&PrincipalRef::from(person.clone()));
        EventDraft {
            kind,
            object_kind: "person",
            object_id: person.to_string(),
            refs: found
                .map(|found| found.uid.to_string())
                .into_iter()
                .collect::<BTreeSet<_>>(),
            policy_digest: None,
            body,
        }
    }
}
