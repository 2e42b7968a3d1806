//! A decision on the wire: AuthZEN's `decision` and a context that says why.

use chrono::{SecondsFormat, TimeDelta};
use domain::id::OptOutId;
use domain::name::{RuleId, TierName};
use domain::opt_out::Direction;
use domain::outcome::Outcome;
use domain::rule::Question;
use domain::window::Instant;
use policy::{ExplainedRule, Verdict};
use serde::Serialize;
use service::decisions::{ApprovalVerdict, Decided, NextAction};

use super::Access;

/// How long a denial can be turned into an access request.
const REQUESTABLE: TimeDelta = TimeDelta::minutes(15);
/// When to ask again where the named approval could not be looked up.
const LOOK_AGAIN_SECS: i64 = 5;

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    decision: bool,
    context: Context,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Context {
    Decided(Box<Reasons>),
    Error { error: ItemError },
}

#[derive(Debug, Serialize)]
struct ItemError {
    status: u16,
    message: &'static str,
}

#[derive(Debug, Serialize)]
struct Reasons {
    evaluation_id: String,
    evaluated_at: String,
    reason: &'static str,
    outcome: Outcome,
    base_outcome: Outcome,
    tier: TierName,
    policy_digest: String,
    rules: Vec<Rule>,
    opt_outs: Vec<OptOut>,
    leaf_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<Approval>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_request: Option<AccessRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_action: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Rule {
    id: RuleId,
    question: Question,
    effect: &'static str,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    taken_out_by: Vec<OptOutId>,
}

#[derive(Debug, Serialize)]
struct OptOut {
    id: OptOutId,
    direction: Direction,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    rules: Vec<RuleId>,
    /// What the outcome would have been without any opt-out.
    outcome_without: Outcome,
    /// What this one did by itself: `changed`, `none`, or `hidden` behind a `to_manual`.
    effect: &'static str,
}

#[derive(Debug, Serialize)]
struct Approval {
    id: String,
    approved_until: String,
}

#[derive(Debug, Serialize)]
struct AccessRequest {
    endpoint: String,
    expires_at: String,
    template: TierName,
    display: Display,
}

#[derive(Debug, Serialize)]
struct Display {
    title: &'static str,
    description: String,
}

/// The answer to a decision. Looks the named approval up where it did not help.
pub(super) async fn answer(access: &Access, decided: &Decided) -> Answer {
    let verdict = access.decider.approval_verdict(decided).await;
    let (reason, next) = match verdict {
        Ok(Some(verdict)) => (Some(verdict.reason()), Some(verdict.next_action())),
        Ok(None) => (None, None),
        // The decision stands and is recorded; only why the approval did not help is not known just now.
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "an approval could not be looked up"
            );
            (
                Some(ApprovalVerdict::Unverifiable.reason()),
                Some(NextAction::Retry {
                    after_secs: LOOK_AGAIN_SECS,
                }),
            )
        }
    };
    let evaluation = &decided.decision.evaluation;
    let requestable = evaluation.effective == Outcome::Review
        && !evaluation.answer
        && next.is_none_or(|next| next == NextAction::Request);
    let (next_action, retry_after) = match next {
        None => (None, None),
        Some(NextAction::Request) if requestable => (Some("request"), None),
        Some(NextAction::Retry { after_secs }) => (Some("retry"), Some(after_secs)),
        Some(NextAction::Request | NextAction::None) => (Some("none"), None),
    };
    let reasons = Reasons {
        evaluation_id: decided.decision.id.to_string(),
        evaluated_at: instant(decided.decision.at),
        reason: reason.unwrap_or(evaluation.reason.as_str()),
        outcome: evaluation.effective,
        base_outcome: evaluation.base,
        tier: evaluation.tier.clone(),
        policy_digest: decided.decision.policy_digest.to_string(),
        rules: rules(decided),
        opt_outs: opt_outs(decided),
        leaf_hash: hex::encode(decided.leaf_hash),
        approval: evaluation
            .grant
            .zip(evaluation.grant_ends_at)
            .map(|(id, ends_at)| Approval {
                id: id.to_string(),
                approved_until: instant(ends_at),
            }),
        access_request: requestable.then(|| access_request(access, decided)),
        next_action,
        retry_after,
    };
    Answer {
        decision: evaluation.answer,
        context: Context::Decided(Box::new(reasons)),
    }
}

/// The answer to a question that this client may not ask.
pub(super) const fn out_of_scope(message: &'static str) -> Answer {
    Answer {
        decision: false,
        context: Context::Error {
            error: ItemError { status: 403, message },
        },
    }
}

/// RFC 3339 in UTC, in microseconds.
fn instant(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn access_request(access: &Access, decided: &Decided) -> AccessRequest {
    let tier = &decided.decision.evaluation.tier;
    AccessRequest {
        endpoint: access.base.at("/access/v1/requests"),
        expires_at: instant(decided.decision.at + REQUESTABLE),
        template: tier.clone(),
        display: Display {
            title: "Ask for approval",
            description: format!("At tier {tier}, a person has to approve this first."),
        },
    }
}

/// The rules that the outcome hangs on: what put it into its tier, what failed or forbade, and for an automatic yes what
/// permitted.
fn rules(decided: &Decided) -> Vec<Rule> {
    let Ok(policy) = decided.loaded.policy() else {
        return Vec::new();
    };
    let evaluation = &decided.decision.evaluation;
    let matters = |rule: &ExplainedRule| match (&rule.verdict, rule.question) {
        (Verdict::Failed(_) | Verdict::Forbids, _) => true,
        (Verdict::Permits, Question::Classify) => policy
            .rule(&rule.rule)
            .is_some_and(|found| found.tier.as_ref() == Some(&evaluation.tier)),
        (Verdict::Permits, Question::Grant | Question::Automate) => evaluation.effective == Outcome::Automate,
    };
    policy::explain(policy, evaluation)
        .into_iter()
        .filter(matters)
        .map(|rule| Rule {
            effect: match rule.verdict {
                Verdict::Permits => "permit",
                Verdict::Forbids => "forbid",
                Verdict::Failed(_) => "error",
            },
            id: rule.rule,
            question: rule.question,
            says: rule.words,
            description: rule.description,
            taken_out_by: rule.taken_out_by,
        })
        .collect()
}

fn opt_outs(decided: &Decided) -> Vec<OptOut> {
    let evaluation = &decided.decision.evaluation;
    let held = |id| {
        decided
            .loaded
            .snapshot()
            .ok()
            .and_then(|snapshot| snapshot.opt_out(id))
    };
    evaluation
        .applied
        .iter()
        .zip(policy::effects(evaluation))
        .map(|(applied, effect)| OptOut {
            effect: effect.as_str(),
            id: applied.opt_out,
            direction: applied.direction,
            title: held(applied.opt_out).map(|held| held.opt_out.title.clone()),
            rules: applied.rules.clone(),
            outcome_without: evaluation.base,
        })
        .collect()
}
