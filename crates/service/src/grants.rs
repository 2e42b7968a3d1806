//! Grants end before their time: taken back or given back.

use crate::caller::PersonCaller;
use crate::command::{Effect, EventDraft, finish};
use crate::{Service, ServiceError};
use domain::approval::LONGEST_REASON;
use domain::event::EventKind;
use domain::grant::{EarlyEnd, Grant};
use domain::id::GrantId;
use domain::post_review::Reviewed;
use domain::role::Permission;
use std::collections::BTreeSet;

/// An event about a grant.
pub(crate) fn event(kind: EventKind, grant: &Grant, body: serde_json::Value) -> EventDraft {
    EventDraft {
        kind,
        object_kind: "grant",
        object_id: grant.id.to_string(),
        refs: BTreeSet::from([grant.id.to_string(), grant.request.to_string()]),
        policy_digest: None,
        body,
    }
}

impl Service {
    /// Ends a grant at once, on every node: its holder, or who started the workload, gives it back; somebody who may
    /// revoke takes it back.
    pub async fn end_grant(
        &self,
        caller: &PersonCaller,
        id: GrantId,
        reason: &str,
    ) -> Result<Grant, ServiceError> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let grant = store::grants::find(tx.conn(), id)
            .await?
            .ok_or(ServiceError::NotFound { what: "grant" })?;
        let request = store::access_requests::find(tx.conn(), grant.request)
            .await?
            .ok_or_else(|| ServiceError::internal(format!("no request {}", grant.request)))?;
        let own = grant.principal.person().as_ref() == Some(&caller.person)
            || request.wish.initiator.as_ref() == Some(&caller.person);
        let (authorised, how, kind) = if own {
            (
                caller.authorise(Permission::ReadOwn)?,
                EarlyEnd::Relinquished,
                EventKind::GrantRelinquished,
            )
        } else if caller.may(Permission::ReadAll) || caller.may(Permission::Revoke) {
            let authorised = caller.authorise(Permission::Revoke)?;
            let loaded = self.snapshots().current_for_commands().await?;
            caller.with_fresh_groups(&loaded, &grant.tier, now)?;
            (authorised, EarlyEnd::Revoked, EventKind::GrantRevoked)
        } else {
            return Err(ServiceError::NotFound { what: "grant" });
        };
        let grant = grant.end(how, now).map_err(|error| ServiceError::Conflict {
            code: "settled",
            why: format!("This grant is {} already.", error.0.as_str()),
        })?;
        let reason = reason.trim();
        if reason.chars().count() > LONGEST_REASON {
            return Err(ServiceError::field(
                "reason",
                "reason_too_long",
                format!("A reason has at most {LONGEST_REASON} characters."),
            ));
        }
        let Some(ended) = grant.ended else {
            return Err(ServiceError::internal("an ended grant without an end"));
        };
        store::grants::end(&mut tx, id, ended).await?;
        if grant.break_glass {
            // The hours that are left are the team's again; the review stays owed.
            store::break_glass::end(&mut tx, Reviewed::AccessRequest(grant.request), now).await?;
        }
        let drafted = event(kind, &grant, serde_json::json!({ "reason": reason }));
        finish(self, tx, authorised, vec![drafted], Effect::OnDecisions, now).await?;
        Ok(grant)
    }
}
