//! Policy versions: put in force, looked at.

use crate::caller::{PersonCaller, system};
use crate::command::texts;
use crate::command::{Effect, EventDraft, finish};
use crate::{FieldError, Service, ServiceError};
use domain::event::EventKind;
use domain::id::{CorrelationId, EventId};
use domain::role::Permission;
use domain::window::Instant;
pub use policy::PolicyVersion;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Service {
    /// Puts a policy version in force, as the operator who holds the database. Refuses an invalid one, with everything
    /// that is wrong with it. The same version again changes nothing.
    pub async fn publish_policy(
        &self,
        files: &BTreeMap<String, String>,
        correlation: CorrelationId,
    ) -> Result<domain::digest::Digest, ServiceError> {
        let version = PolicyVersion::load(files).map_err(|errors| {
            ServiceError::Invalid(
                errors
                    .problems()
                    .iter()
                    .map(|problem| FieldError::new("policy", "invalid_policy", problem.to_string()))
                    .collect(),
            )
        })?;
        for lint in version.lints() {
            tracing::warn!(%lint, "the policy is valid, but probably not what its author means");
        }
        let digest = version.digest();
        let mut tx = self.begin().await?;
        // Nobody changes the directory meanwhile: the two fit each other when they are in force together.
        store::directory::lock(&mut tx).await?;
        let loaded = self.snapshots().current_within(&mut tx).await?;
        crate::directory::fits(&version, loaded.directory())?;
        // A row that is marked as published without its event, or beside a text that does not load, is not in force.
        let in_force = loaded.policy().is_ok_and(|policy| policy.digest() == digest);
        let published =
            store::policy_versions::publish(&mut tx, &digest, files, in_force, None, self.now()).await?;
        let Some(now) = published else {
            return Ok(digest);
        };
        let before = loaded.policy().ok();
        // Another policy may ask somebody who is not there.
        store::escalations::look_again(&mut tx, now).await?;
        let published = EventDraft {
            kind: EventKind::PolicyPublished,
            object_kind: "policy",
            object_id: EventId::from_uuid(self.ids().next(now)).to_string(),
            refs: BTreeSet::new(),
            policy_digest: Some(digest),
            // The text stays under its digest.
            body: serde_json::json!({
                "digest": digest,
                "before": before.map(|before| before.digest()),
                "changes": texts(version.changes_since(before.map(AsRef::as_ref))),
            }),
        };
        finish(
            self,
            tx,
            system("operator", correlation),
            vec![published],
            Effect::OnDecisions,
            now,
        )
        .await?;
        Ok(digest)
    }

    /// The policy version in force.
    pub fn policy(&self, caller: &PersonCaller) -> Result<Arc<PolicyVersion>, ServiceError> {
        caller.authorise(Permission::ReadPolicies)?;
        Ok(Arc::clone(self.snapshots().current().policy()?))
    }

    /// The policy version in force, and since when.
    pub async fn policy_in_force(
        &self,
        caller: &PersonCaller,
    ) -> Result<(Arc<PolicyVersion>, Option<Instant>), ServiceError> {
        let policy = self.policy(caller)?;
        let since = store::policy_versions::published_at(self.store().pool(), &policy.digest()).await?;
        Ok((policy, since))
    }
}
