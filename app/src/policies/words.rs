//! A policy version as the page shows it.

use domain::{
    approval::{Approver, Stage},
    opt_out::{Direction, length_in_words},
    role::Permission,
    rule::{Effect, Exemptible, Question, RuleSummary},
    scenario::Scenario,
    tier::Tier,
    window::Instant,
};
use service::{Service, budgets::Budgets, caller::PersonCaller, policies::PolicyVersion};

use super::view::{AllowanceView, CaseView, PolicyView, RuleGroupView, RuleRole, RuleView, TierDetailView};
use crate::{
    budgets,
    error::AppError,
    requests::words::listed,
    server_side::{Names, Tiers},
};

/// The roles of rules, in the order of the page: the order in which a decision asks.
const ROLES: [RuleRole; 5] = [
    RuleRole::Classifies,
    RuleRole::Grants,
    RuleRole::Refuses,
    RuleRole::Automates,
    RuleRole::AsksForAPerson,
];

/// The version in force.
pub(super) fn policy(
    service: &Service,
    caller: &PersonCaller,
    policy: &PolicyVersion,
    published_at: Option<Instant>,
    accounts: Budgets,
) -> Result<PolicyView, AppError> {
    let tiers = Tiers::of(service, caller)?;
    let rules = |role: RuleRole| -> Vec<RuleView> {
        policy
            .rules()
            .iter()
            .filter(|rule| role_of(rule) == role)
            .map(|found| rule(found, policy.scenarios(), &tiers))
            .collect()
    };
    Ok(PolicyView {
        digest: format!("sha256:{}", policy.digest()),
        published_at,
        tiers: policy
            .tiers()
            .iter()
            .rev()
            .map(|found| tier(found, policy.tiers(), &tiers))
            .collect(),
        groups: ROLES
            .into_iter()
            .map(|role| RuleGroupView {
                role,
                rules: rules(role),
            })
            .filter(|group| !group.rules.is_empty())
            .collect(),
        budgets: budgets::accounts(accounts, &Names::of(service), &tiers),
        scenarios: policy.scenarios().iter().map(case).collect(),
        may_request: caller.may(Permission::Request),
        now: service.now(),
    })
}

/// What a rule does. One whose action scope spans several questions counts by the last that it answers: that is where
/// most requests meet it.
fn role_of(rule: &RuleSummary) -> RuleRole {
    match (rule.questions.last(), rule.effect) {
        (Some(Question::Classify), _) => RuleRole::Classifies,
        (Some(Question::Grant), Effect::Permit) => RuleRole::Grants,
        (Some(Question::Grant), Effect::Forbid) | (None, Effect::Forbid) => RuleRole::Refuses,
        (Some(Question::Automate) | None, Effect::Permit) => RuleRole::Automates,
        (Some(Question::Automate), Effect::Forbid) => RuleRole::AsksForAPerson,
    }
}

fn rule(rule: &RuleSummary, scenarios: &[Scenario], tiers: &Tiers) -> RuleView {
    RuleView {
        id: rule.id.to_string(),
        effect: rule.effect,
        words: rule.description.clone(),
        cedar: rule.cedar.clone(),
        digest: rule.body_digest.to_string(),
        carries_over: rule.carries_over.len(),
        exemptible: rule.exemptible,
        tier: rule.tier.as_ref().map(|tier| tiers.named(tier)),
        scenarios: match rule.exemptible {
            Exemptible::No | Exemptible::BreakGlassOnly => Vec::new(),
            Exemptible::Bypass | Exemptible::BreakGlass => scenarios
                .iter()
                .filter(|case| case.directions.contains(&Direction::Bypass))
                .filter(|case| case.rules.is_empty() || case.rules.contains(&rule.id))
                .map(|case| case.name.clone())
                .collect(),
        },
    }
}

fn tier(tier: &Tier, all: &[Tier], tiers: &Tiers) -> TierDetailView {
    TierDetailView {
        tier: tiers.named(&tier.name),
        description: tier.description.clone(),
        access_stages: stages(&tier.access_stages),
        opt_out_stages: stages(&tier.opt_out_stages),
        extra_stages: stages(&tier.extra_stages),
        fallback: (!tier.fallback.is_empty())
            .then(|| listed(tier.fallback.iter().map(ToString::to_string), "and")),
        budget: tier.budget,
        grant_secs: (tier.grant.default_secs, tier.grant.longest_secs),
        lapse_secs: (tier.access_lapse_secs, tier.opt_out_lapse_secs),
        reason_min_chars: tier.reason_min_chars,
        may_opt_out: tier
            .may_opt_out
            .iter()
            .map(|line| AllowanceView {
                group: line.group.to_string(),
                directions: line.directions.clone(),
                longest_secs: line.longest_secs,
            })
            .collect(),
        binding: tier.binding_context.clone(),
        most_covered: (tier.most_principals, tier.most_resources),
        step_up: tier.step_up,
        review: tier
            .review
            .as_ref()
            .map(|review| (review.by.to_string(), review.within_secs)),
        channel: tier.channel.clone(),
        approved_together: domain::approval::approved_in_a_list(&tier.name, all).is_ok(),
    }
}

fn stages(stages: &[Stage]) -> Vec<(String, String)> {
    stages
        .iter()
        .map(|stage| (stage.name.clone(), demand(stage)))
        .collect()
}

/// "1 of resource owners; after 4 hours of silence also security; 2 have to say no".
fn demand(stage: &Stage) -> String {
    let list = |to: &[Approver]| listed(to.iter().map(ToString::to_string), "and");
    let escalations = stage.escalate.iter().map(|next| {
        let after = length_in_words(next.after_secs);
        format!("after {after} of silence also {}", list(&next.to))
    });
    let denials = (stage.denials > 1).then(|| format!("{} have to say no", stage.denials));
    std::iter::once(stage.quorum.to_string())
        .chain(escalations)
        .chain(denials)
        .collect::<Vec<_>>()
        .join("; ")
}

fn case(case: &Scenario) -> CaseView {
    CaseView {
        id: case.id.to_string(),
        name: case.name.clone(),
        guidance: case.guidance.clone(),
        directions: case.directions.clone(),
        tiers: case.tiers.iter().map(ToString::to_string).collect(),
        incident_grace_secs: case.incident_bound.map(|bound| bound.grace_secs),
        premise_grace_secs: case.premise_grace_secs,
        rules: case.rules.iter().map(ToString::to_string).collect(),
        category: case.category,
        reason_kind: case.reason_kind,
        length_secs: (case.length.default_secs, case.length.longest_secs),
        max_uses: case.max_uses,
        ticket_required: case.ticket_required,
        ticket_form: case
            .ticket_form
            .as_ref()
            .map(|form| (form.pattern.clone(), form.message.clone())),
        required: case.required.clone(),
        further_stages: stages(&case.further_stages),
        cumulative_secs: case.cumulative_secs,
        most_renewals: case.most_renewals,
    }
}
