//! Reading decisions.

use super::Record;
use crate::caller::{ClientCaller, PersonCaller};
use crate::{Service, ServiceError};
use domain::decision::{Decision, Input};
use domain::id::DecisionId;
use domain::principal::PrincipalRef;
use domain::role::Permission;
use domain::scope::Coverage;
use domain::window::Instant;
use policy::{ExplainedRule, PolicyVersion, Recorded};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::decisions::{Filter, Listed, Stored};

/// How many records are read at a time: with what a client can make of one, some megabytes at most.
const PAGE: usize = 100;
/// The most bytes of records that a preview reads.
const MOST_BYTES: usize = 32 << 20;

/// A page of decisions.
#[derive(Debug, Clone)]
pub struct DecisionList {
    /// Newest first.
    pub decisions: Vec<Listed>,
    /// Where the next page begins, if there is one.
    pub next: Option<DecisionId>,
    /// When this was read.
    pub now: Instant,
}

/// A decision whole.
#[derive(Debug)]
pub struct DecisionDetail {
    /// The decision, from its record.
    pub decision: Decision,
    /// What else was recorded: the request as it came, entity versions, engines.
    pub record: Record,
    /// The rules that matched, in the words of the policy version that was in force.
    pub rules: Vec<ExplainedRule>,
    /// The hash of its ledger leaf.
    pub leaf_hash: [u8; 32],
}

impl Service {
    /// A page of decisions.
    pub async fn decisions(
        &self,
        caller: &PersonCaller,
        filter: Filter,
        limit: usize,
    ) -> Result<DecisionList, ServiceError> {
        caller.authorise(Permission::ReadAudit)?;
        let limit = limit.clamp(1, 200);
        let one_more = i64::try_from(limit).unwrap_or(200) + 1;
        let mut decisions = store::decisions::list(self.store().pool(), &filter, one_more).await?;
        let more = decisions.len() > limit;
        decisions.truncate(limit);
        let next = decisions.last().filter(|_| more).map(|decision| decision.id);
        Ok(DecisionList {
            decisions,
            next,
            now: self.now(),
        })
    }

    /// One decision whole: for who reads the audit log, and for the person whom it is about.
    pub async fn decision(
        &self,
        caller: &PersonCaller,
        id: DecisionId,
    ) -> Result<DecisionDetail, ServiceError> {
        let missing = ServiceError::NotFound { what: "decision" };
        let Some(stored) = store::decisions::find(self.store().pool(), id).await? else {
            return Err(missing);
        };
        if !caller.sees_decisions_of(&stored.listed.principal) {
            return Err(missing);
        }
        let record = record_of(&stored)?;
        let policy = self.policy_version(&record.decision.policy_digest).await?;
        Ok(DecisionDetail {
            rules: policy::explain(&policy, &record.decision.evaluation),
            decision: record.decision.clone(),
            leaf_hash: stored.leaf_hash,
            record,
        })
    }

    /// A decision of this very client: what an access request binds to.
    pub async fn client_decision(
        &self,
        caller: &ClientCaller,
        id: DecisionId,
    ) -> Result<Option<Decision>, ServiceError> {
        caller.held(&*self.snapshots().current_for_commands().await?)?;
        let found = store::decisions::find(self.store().pool(), id).await?;
        found
            .filter(|stored| stored.listed.client == Some(caller.client.id))
            .map(|stored| Ok(record_of(&stored)?.decision))
            .transpose()
    }

    /// A decision by id, for commands that act on what was decided before.
    pub(crate) async fn decision_record(&self, id: DecisionId) -> Result<Option<Decision>, ServiceError> {
        let found = store::decisions::find(self.store().pool(), id).await?;
        found.map(|stored| Ok(record_of(&stored)?.decision)).transpose()
    }

    /// Inputs of recorded decisions since an instant, newest first, that something with this coverage may reach, without
    /// their evidence, which no rule reads; and whether there are more.
    pub(crate) async fn recent_inputs(
        &self,
        coverage: &Coverage,
        since: Instant,
        limit: usize,
    ) -> Result<(Vec<Recorded>, bool), ServiceError> {
        let mut inputs = Vec::new();
        let (mut before, mut bytes) = (None, 0);
        loop {
            let page = self.recent_records(coverage, since, before).await?;
            let is_last = page.len() < PAGE;
            for (id, record) in page {
                if inputs.len() >= limit || bytes > MOST_BYTES {
                    return Ok((inputs, true));
                }
                bytes += record.len();
                before = Some(id);
                let decision = Record::from_bytes(&record)
                    .map_err(|error| broken(id, error))?
                    .decision;
                inputs.push(Recorded {
                    input: Input {
                        evidence: BTreeMap::new(),
                        ..decision.input
                    },
                    at: decision.at,
                });
            }
            if is_last {
                return Ok((inputs, false));
            }
        }
    }

    async fn recent_records(
        &self,
        coverage: &Coverage,
        since: Instant,
        before: Option<DecisionId>,
    ) -> Result<Vec<(DecisionId, Vec<u8>)>, ServiceError> {
        let pool = self.store().pool();
        let limit = i64::try_from(PAGE).map_err(ServiceError::internal)?;
        Ok(match (&coverage.resources, &coverage.principals) {
            (Some(resources), _) => {
                store::decisions::recent_about_resources(pool, resources, since, before, limit).await?
            }
            (None, Some(principals)) => {
                store::decisions::recent_about_principals(pool, principals, since, before, limit).await?
            }
            (None, None) => store::decisions::recent_records(pool, since, before, limit).await?,
        })
    }

    /// What was left to a person for any of these principals since an instant, newest first.
    pub(crate) async fn refusals(
        &self,
        principals: &[PrincipalRef],
        since: Instant,
        limit: i64,
    ) -> Result<Vec<Decision>, ServiceError> {
        let pool = self.store().pool();
        store::decisions::refused_to(pool, principals, since, limit)
            .await?
            .into_iter()
            .map(|(id, bytes)| {
                let record = Record::from_bytes(&bytes).map_err(|error| broken(id, error))?;
                Ok(record.decision)
            })
            .collect()
    }

    /// A stored policy version, compiled; the one in memory where it is that.
    pub(super) async fn policy_version(
        &self,
        digest: &domain::digest::Digest,
    ) -> Result<Arc<PolicyVersion>, ServiceError> {
        let loaded = self.snapshots().current();
        if let Ok(held) = loaded.policy()
            && held.digest() == *digest
        {
            return Ok(Arc::clone(held));
        }
        let files = store::policy_versions::files(self.store().pool(), digest)
            .await?
            .ok_or_else(|| ServiceError::internal(format!("policy version {digest} is not stored")))?;
        PolicyVersion::load_stored(&files, *digest)
            .map(Arc::new)
            .map_err(ServiceError::internal)
    }
}

pub(super) fn record_of(stored: &Stored) -> Result<Record, ServiceError> {
    Record::from_bytes(&stored.record).map_err(|error| broken(stored.listed.id, error))
}

fn broken(id: DecisionId, error: super::RecordError) -> ServiceError {
    tracing::error!(error = &error as &dyn std::error::Error, %id, "a decision's record cannot be read");
    ServiceError::internal(error)
}
