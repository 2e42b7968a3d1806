//! What an approver looks at besides the request itself: why a person decides, and how similar ones went.

use super::{AccessRequestDetail, AccessRequestList};
use crate::{Service, ServiceError};
use domain::decision::{Decision, Matches};
use domain::grant::Grant;
use domain::id::{AccessRequestId, OptOutId};
use domain::name::RuleId;
use domain::opt_out::Direction;
use domain::outcome::Outcome;
use domain::rule::Question;
use policy::PolicyVersion;
use std::collections::BTreeMap;
use store::access_requests::Precedents;
use store::votes::{Item, Said};

/// How far back precedents are counted, in days.
pub const PRECEDENT_DAYS: i64 = 90;

/// A rule that asked for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskingRule {
    /// The rule.
    pub id: RuleId,
    /// What it says in plain words, as policy has it now; none where it has the rule no more.
    pub description: Option<String>,
}

/// Why the decision that a request is bound to left it to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyReview {
    /// The rules that asked for a person.
    pub rules: Vec<AskingRule>,
    /// Opt-outs that took it out of the automation.
    pub opt_outs: Vec<OptOutId>,
    /// What the outcome would have been without those rules and opt-outs, all else equal.
    pub without: Outcome,
}

/// The background of one request.
#[derive(Debug, Clone)]
pub struct Background {
    /// Why a person decides. None where the decision's record is gone: it is kept for a limited time.
    pub why: Option<WhyReview>,
    /// How similar ones went lately.
    pub precedents: Precedents,
    /// Who said what about the similar ones.
    pub said: Vec<Said>,
}

/// What a list shows beside its requests.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    /// The grants that they gave.
    pub grants: BTreeMap<AccessRequestId, Grant>,
    /// Who said what, in order.
    pub said: Vec<Said>,
}

impl Service {
    /// The background of a request that the caller has been shown: `detail` is the proof that they may see it.
    pub async fn access_request_background(
        &self,
        detail: &AccessRequestDetail,
    ) -> Result<Background, ServiceError> {
        let loaded = self.snapshots().current();
        let pool = self.store().pool();
        let since = detail.now - chrono::TimeDelta::days(PRECEDENT_DAYS);
        let decision = self.decision_record(detail.request.decision).await?;
        let items = detail
            .similar
            .iter()
            .map(|request| Item::AccessRequest(request.id.uuid()));
        Ok(Background {
            why: decision
                .map(|decision| why_review(&decision, loaded.policy().ok().map(|policy| policy.as_ref()))),
            precedents: store::access_requests::precedents(pool, &detail.request, since).await?,
            said: store::votes::said(pool, items).await?,
        })
    }

    /// What came of requests that the caller has been shown: `list` is the proof that they may see them.
    pub async fn access_request_outcomes(&self, list: &AccessRequestList) -> Result<Outcomes, ServiceError> {
        let ids: Vec<AccessRequestId> = list.requests.iter().map(|request| request.id).collect();
        self.outcomes(&ids).await
    }

    pub(crate) async fn outcomes(&self, ids: &[AccessRequestId]) -> Result<Outcomes, ServiceError> {
        let pool = self.store().pool();
        let grants = store::grants::of_requests(pool, ids).await?;
        let items = ids.iter().map(|id| Item::AccessRequest(id.uuid()));
        Ok(Outcomes {
            grants: grants.into_iter().map(|grant| (grant.request, grant)).collect(),
            said: store::votes::said(pool, items).await?,
        })
    }
}

fn why_review(decision: &Decision, policy: Option<&PolicyVersion>) -> WhyReview {
    let nothing = Matches::default();
    let evaluation = &decision.evaluation;
    let automate = evaluation.matches.get(&Question::Automate).unwrap_or(&nothing);
    let taken_out = |rule: &RuleId| {
        evaluation
            .applied
            .iter()
            .any(|applied| applied.rules.contains(rule))
    };
    let rules = automate.forbids.iter().filter(|rule| !taken_out(rule));
    WhyReview {
        rules: rules
            .map(|id| AskingRule {
                id: id.clone(),
                description: policy
                    .and_then(|policy| policy.rule(id))
                    .map(|rule| rule.description.clone()),
            })
            .collect(),
        opt_outs: evaluation
            .applied
            .iter()
            .filter(|applied| applied.direction == Direction::ToManual)
            .map(|applied| applied.opt_out)
            .collect(),
        // As `combine` has it, with nothing left that forbids: a permit is still needed, and an error refuses.
        without: if automate.permits.is_empty() || !automate.errors.is_empty() {
            Outcome::Review
        } else {
            Outcome::Automate
        },
    }
}
