//! What matched, in plain words.

use crate::evaluate::{CONTEXT_FAULT, REQUEST};
use crate::version::PolicyVersion;
use domain::decision::{Evaluation, Matches};
use domain::id::OptOutId;
use domain::name::RuleId;
use domain::rule::Question;

/// What a matched rule said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It permits.
    Permits,
    /// It forbids.
    Forbids,
    /// It failed, with Cedar's message.
    Failed(String),
}

/// One matched rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedRule {
    /// The rule.
    pub rule: RuleId,
    /// The question that it answered.
    pub question: Question,
    /// What it said.
    pub verdict: Verdict,
    /// That in a few words: "forbids automation".
    pub words: String,
    /// What the rule is for, as its author put it; none where the policy version at hand does not have the rule.
    pub description: Option<String>,
    /// The bypasses that took it out of this decision.
    pub taken_out_by: Vec<OptOutId>,
}

/// The matched rules of a decision: by question, forbids before permits, then by name. `policy` should be the version
/// that the decision was made under.
pub fn explain(policy: &PolicyVersion, evaluation: &Evaluation) -> Vec<ExplainedRule> {
    evaluation
        .matches
        .iter()
        .flat_map(|(question, matches)| {
            verdicts(matches).map(move |(rule, verdict)| (*question, rule, verdict))
        })
        .map(|(question, rule, verdict)| ExplainedRule {
            words: words(policy, question, rule, &verdict),
            description: policy.rule(rule).map(|found| found.description.clone()),
            taken_out_by: evaluation
                .applied
                .iter()
                .filter(|applied| verdict != Verdict::Permits && applied.rules.contains(rule))
                .map(|applied| applied.opt_out)
                .collect(),
            rule: rule.clone(),
            question,
            verdict,
        })
        .collect()
}

fn verdicts(matches: &Matches) -> impl Iterator<Item = (&RuleId, Verdict)> {
    let errors = matches
        .errors
        .iter()
        .map(|(rule, message)| (rule, Verdict::Failed(message.clone())));
    let forbids = matches.forbids.iter().map(|rule| (rule, Verdict::Forbids));
    let permits = matches.permits.iter().map(|rule| (rule, Verdict::Permits));
    errors.chain(forbids).chain(permits)
}

fn words(policy: &PolicyVersion, question: Question, rule: &RuleId, verdict: &Verdict) -> String {
    match (question, verdict) {
        (_, Verdict::Failed(message)) if rule.as_str() == REQUEST && message.starts_with(CONTEXT_FAULT) => {
            message.clone()
        }
        (_, Verdict::Failed(_)) => "failed, so the answer is no".to_owned(),
        (Question::Classify, Verdict::Permits | Verdict::Forbids) => {
            match policy.rule(rule).and_then(|found| found.tier.as_ref()) {
                Some(tier) => format!("puts it into tier {tier}"),
                None => "decides on the tier".to_owned(),
            }
        }
        (Question::Grant, Verdict::Permits) => "permits it".to_owned(),
        (Question::Grant, Verdict::Forbids) => "forbids it".to_owned(),
        (Question::Automate, Verdict::Permits) => "permits it without a person".to_owned(),
        (Question::Automate, Verdict::Forbids) => "asks for a person".to_owned(),
    }
}
