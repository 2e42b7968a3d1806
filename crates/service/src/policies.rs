//! Policy versions: put in force, looked at.

use crate::caller::PersonCaller;
use crate::command::{EventDraft, texts};
use crate::{FieldError, Service, ServiceError};
use domain::event::EventKind;
use domain::id::EventId;
use domain::role::Permission;
use domain::window::Instant;
pub use policy::PolicyVersion;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// The version that these files are. Errors with everything that is wrong with it.
pub(crate) fn compiled(files: &BTreeMap<String, String>) -> Result<PolicyVersion, ServiceError> {
    PolicyVersion::load(files).map_err(|errors| {
        ServiceError::Invalid(
            errors
                .problems()
                .iter()
                .map(|problem| FieldError::new("policy", "invalid_policy", problem.to_string()))
                .collect(),
        )
    })
}

/// That a version was put in force in the place of another.
pub(crate) fn published(id: Uuid, version: &PolicyVersion, before: Option<&PolicyVersion>) -> EventDraft {
    let digest = version.digest();
    EventDraft {
        kind: EventKind::PolicyPublished,
        object_kind: "policy",
        object_id: EventId::from_uuid(id).to_string(),
        refs: BTreeSet::new(),
        policy_digest: Some(digest),
        // The text stays under its digest.
        body: serde_json::json!({
            "digest": digest,
            "before": before.map(PolicyVersion::digest),
            "changes": texts(version.changes_since(before)),
        }),
    }
}

impl Service {
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
