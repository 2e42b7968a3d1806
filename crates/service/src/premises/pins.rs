//! The rules of a suspended bypass as they stand: what it would come back with, and what its approvers are asked about.

use crate::ServiceError;
use crate::opt_outs::refusals::conflict;
use domain::name::RuleId;
use domain::opt_out::{OptOut, PinnedRule};
use domain::rule::{Exemptible, RuleSummary};
use policy::PolicyVersion;

/// A rule whose text is another than the one that was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRule {
    /// As it was approved.
    pub was: PinnedRule,
    /// As it is; none where the policy has it no more.
    pub is: Option<RuleSummary>,
}

/// Its rules as the published version has them. Errors where one is gone, or nobody can be exempted from it any more: that
/// cannot come back, whoever agrees.
pub(crate) fn present_pins(
    policy: &PolicyVersion,
    opt_out: &OptOut,
) -> Result<Vec<PinnedRule>, ServiceError> {
    let refused = |code, why: String| Err(conflict(code, why));
    let may_take_out = |exemptible: Exemptible| match opt_out.break_glass {
        Some(_) => exemptible != Exemptible::No,
        None => exemptible.by_bypass(),
    };
    opt_out
        .pinned
        .iter()
        .map(|pin| match policy.rule(&pin.id) {
            None => refused(
                "rule_gone",
                format!(
                    "The policy has no rule {} any more, so this cannot come back: ask for a new one.",
                    pin.id
                ),
            ),
            Some(rule) if !may_take_out(rule.exemptible) => refused(
                "not_exemptible",
                format!(
                    "A bypass like this cannot take out {} any more, so this cannot come back.",
                    pin.id
                ),
            ),
            Some(rule) => Ok(PinnedRule {
                id: pin.id.clone(),
                body_digest: rule.body_digest,
            }),
        })
        .collect()
}

/// The rules that have another text than the one that was approved; none of one that is not suspended.
pub(crate) fn changed_rules(policy: &PolicyVersion, opt_out: &OptOut) -> Vec<ChangedRule> {
    if opt_out.conditions.suspension.is_none() {
        return Vec::new();
    }
    opt_out
        .pinned
        .iter()
        .filter(|pin| {
            policy
                .rule(&pin.id)
                .is_none_or(|rule| rule.body_digest != pin.body_digest)
        })
        .map(|pin| ChangedRule {
            was: pin.clone(),
            is: policy.rule(&pin.id).cloned(),
        })
        .collect()
}

/// The rules that have another text than the one that was approved, which the policy version carries over; none of one that
/// is suspended, which nothing carries back.
pub(crate) fn carried_rules(policy: &PolicyVersion, opt_out: &OptOut) -> Vec<RuleId> {
    if opt_out.conditions.suspension.is_some() {
        return Vec::new();
    }
    opt_out
        .pinned
        .iter()
        .filter(|pin| policy.rule_texts().carry_over(&pin.id, &pin.body_digest))
        .map(|pin| pin.id.clone())
        .collect()
}

/// What approvers are shown of them: each with the digest of its present text, which the page of the suspended one shows whole,
/// and in words.
pub(crate) fn asked_about(policy: &PolicyVersion, opt_out: &OptOut) -> Vec<String> {
    changed_rules(policy, opt_out)
        .into_iter()
        .map(|changed| match changed.is {
            Some(rule) => format!("{} ({}): {}", rule.id, rule.body_digest, rule.description),
            None => format!("{} is gone", changed.was.id),
        })
        .collect()
}
