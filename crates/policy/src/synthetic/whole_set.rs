//! All rules of a synthetic policy in one set, as Cedar itself would ask them: what the scope index is compared with.

use super::{SyntheticError, files, unsound};
use crate::evaluate::{Without, evaluate};
use crate::snapshot::Snapshot;
use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision, PolicyId, PolicySet, Request, RestrictedExpression,
};
use chrono::Timelike as _;
use domain::decision::{Evaluation, Input, Matches};
use domain::rule::Question;
use domain::window::Instant;
use std::collections::BTreeSet;

/// The rules of [`super::files`] without an index.
#[derive(Debug)]
pub struct WholeSet(PolicySet);

impl WholeSet {
    /// The set of this many rules.
    pub fn new(rules: usize) -> Result<Self, SyntheticError> {
        let files = files(rules);
        let text = files
            .get("rules/all.cedar")
            .ok_or_else(|| unsound("it has no rules"))?;
        let parsed: PolicySet = text.parse().map_err(unsound)?;
        let named: Vec<_> = parsed
            .policies()
            .map(|policy| {
                let id = policy.annotation("id").unwrap_or_default();
                policy.new_id(PolicyId::new(id))
            })
            .collect();
        Ok(Self(PolicySet::from_policies(named).map_err(unsound)?))
    }

    /// Whether Cedar answers all three questions over the whole set as [`evaluate`] has: decision, reasons and errors.
    pub fn agrees(&self, snapshot: &Snapshot, input: &Input, now: Instant) -> Result<bool, SyntheticError> {
        let evaluation = evaluate(snapshot, input, now, &Without::nothing());
        for (question, matches) in &evaluation.matches {
            let request = request(snapshot, input, &evaluation, *question, now)?;
            if !self.same(snapshot, &request, matches) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn same(&self, snapshot: &Snapshot, request: &Request, matches: &Matches) -> bool {
        let response = Authorizer::new().is_authorized(request, &self.0, &snapshot.directory().entities);
        // Cedar names the forbids that decided, or else the permits.
        let decided_by = match matches.forbids.is_empty() {
            true => &matches.permits,
            false => &matches.forbids,
        };
        let allows = !matches.permits.is_empty() && matches.forbids.is_empty();
        let reasons: BTreeSet<String> = response.diagnostics().reason().map(ToString::to_string).collect();
        let errors: BTreeSet<String> = response
            .diagnostics()
            .errors()
            .map(|AuthorizationError::PolicyEvaluationError(error)| error.policy_id().to_string())
            .collect();
        (response.decision() == Decision::Allow) == allows
            && reasons == decided_by.iter().map(ToString::to_string).collect()
            && errors == matches.errors.iter().map(|(rule, _)| rule.to_string()).collect()
    }
}

fn request(
    snapshot: &Snapshot,
    input: &Input,
    evaluation: &Evaluation,
    question: Question,
    now: Instant,
) -> Result<Request, SyntheticError> {
    let view = snapshot.directory();
    let principal = view
        .principal(&input.principal)
        .ok_or_else(|| unsound("an unknown principal asks"))?;
    let resource = view
        .resource(&input.resource)
        .ok_or_else(|| unsound("an unknown resource is asked for"))?;
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let weekday = now.format("%A").to_string().to_lowercase();
    let mut pairs = vec![
        ("capability".to_owned(), text(input.capability.as_str())),
        ("weekday".to_owned(), text(&weekday)),
        (
            "hour_utc".to_owned(),
            RestrictedExpression::new_long(now.hour().into()),
        ),
        (
            "asserted".to_owned(),
            RestrictedExpression::new_record([]).map_err(unsound)?,
        ),
    ];
    if question != Question::Classify {
        pairs.push(("tier".to_owned(), text(evaluation.tier.as_str())));
    }
    let context = Context::from_pairs(pairs).map_err(unsound)?;
    Request::new(
        principal.uid.clone(),
        snapshot.policy().vocabulary.action(question).clone(),
        resource.uid.clone(),
        context,
        None,
    )
    .map_err(unsound)
}
