//! Building blocks: a short way to say who asks for what, and opt-outs and grants to start from.

use chrono::{DateTime, TimeDelta, Utc};
use domain::break_glass::{BreakGlass, SignInStrength};
use domain::decision::{Evaluation, Input, Purpose};
use domain::grant::Grant;
use domain::id::{AccessRequestId, GrantId, OptOutId};
use domain::name::{Capability, PersonId, RuleId, ScenarioId, TierName};
use domain::opt_out::{Direction, OptOut, OptOutState, PinnedRule};
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use domain::scope::{Coverage, PrincipalSelector, ResourceSelector, Scope};
use domain::window::{Instant, Window};
use policy::{DirectoryView, PolicyVersion, Snapshot, Uses, Without, evaluate};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// A Tuesday, ten o'clock: no change freeze.
pub(crate) fn tuesday() -> Instant {
    "2026-11-24T10:00:00Z".parse::<DateTime<Utc>>().unwrap()
}

pub(crate) fn principal(text: &str) -> PrincipalRef {
    let (kind, id) = text.split_once(' ').unwrap();
    PrincipalRef::new(kind.parse::<PrincipalKind>().unwrap(), id).unwrap()
}

pub(crate) fn resource(text: &str) -> ResourceRef {
    let (kind, id) = text.split_once(' ').unwrap();
    ResourceRef::new(kind, id).unwrap()
}

pub(crate) fn capability(text: &str) -> Capability {
    Capability::new(text).unwrap()
}

pub(crate) fn input(who: &str, what: &str, on: &str) -> Input {
    Input {
        principal: principal(who),
        resource: resource(on),
        capability: capability(what),
        asserted: Default::default(),
        evidence: Default::default(),
        approval: None,
        client: None,
        purpose: Purpose::Enforce,
    }
}

/// A snapshot with opt-outs and grants.
pub(crate) fn snapshot(
    policy: &Arc<PolicyVersion>,
    directory: &Arc<DirectoryView>,
    opt_outs: &[OptOut],
    grants: &[Grant],
) -> Snapshot {
    let mut builder = Snapshot::builder(1, Arc::clone(policy), Arc::clone(directory));
    for opt_out in opt_outs {
        builder = builder.opt_out(Arc::new(opt_out.clone()), Uses::new(0));
    }
    for grant in grants {
        builder = builder.grant(Arc::new(grant.clone()));
    }
    builder.build().unwrap()
}

pub(crate) fn ask(snapshot: &Snapshot, input: &Input) -> Evaluation {
    evaluate(snapshot, input, tuesday(), &Without::nothing())
}

pub(crate) fn opt_out_id(number: u128) -> OptOutId {
    OptOutId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn grant_id(number: u128) -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(number))
}

/// An hour before to an hour after [`tuesday`].
pub(crate) fn around() -> Window {
    let hour = TimeDelta::hours(1);
    Window::new(tuesday() - hour, tuesday() + hour).unwrap()
}

/// An opt-out in force around [`tuesday`], approved an hour before under the strictest tier, that covered nobody yet.
pub(crate) fn opt_out(number: u128, direction: Direction, scope: Scope) -> OptOut {
    OptOut {
        id: opt_out_id(number),
        revision: 1,
        direction,
        scenario: ScenarioId::new("incident-response").unwrap(),
        title: "Test".to_owned(),
        reason: "Because a test needs one.".to_owned(),
        ticket: None,
        requested_by: PersonId::new("alice.meyer").unwrap().into(),
        break_glass: None,
        details: Default::default(),
        coverage: Coverage::default(),
        tier: TierName::new("critical").unwrap(),
        tier_rank: 40,
        teams: BTreeSet::new(),
        pinned: Vec::new(),
        window: around(),
        state: OptOutState::Approved,
        max_uses: None,
        requested_at: around().starts_at(),
        lapses_at: around().ends_at(),
        approved_at: Some(around().starts_at()),
        lineage: None,
        causes: Vec::new(),
        need: Default::default(),
        recurrence: None,
        zone: None,
        conditions: Default::default(),
        scope,
    }
}

/// What is recorded of a broken glass.
pub(crate) fn break_glass() -> BreakGlass {
    BreakGlass {
        incident: "INC-4471".to_owned(),
        team: "payments".parse().unwrap(),
        sign_in: SignInStrength::Fresh,
    }
}

/// Takes down what an opt-out covers, and pins the rules that it names as they stand.
pub(crate) fn approved(mut opt_out: OptOut, policy: &PolicyVersion, view: &DirectoryView) -> OptOut {
    opt_out.coverage = Coverage::of(
        &opt_out.scope,
        view.all_principal_facts(),
        view.all_resource_facts(),
    );
    opt_out.pinned = opt_out
        .scope
        .rules
        .iter()
        .filter_map(|id| policy.rule(id))
        .map(|rule| PinnedRule {
            id: rule.id.clone(),
            body_digest: rule.body_digest,
        })
        .collect();
    opt_out
}

pub(crate) fn rules(names: &[&str]) -> BTreeSet<RuleId> {
    names.iter().map(|name| RuleId::new(*name).unwrap()).collect()
}

/// A bypass of rules on one resource, for anybody.
pub(crate) fn bypass_scope(on: &str, names: &[&str]) -> Scope {
    Scope {
        resources: Some(BTreeSet::from([ResourceSelector::Id(resource(on))])),
        rules: rules(names),
        ..Scope::default()
    }
}

/// Everything that one principal asks for.
pub(crate) fn who_scope(who: &str) -> Scope {
    Scope {
        principals: Some(BTreeSet::from([PrincipalSelector::Id(principal(who))])),
        ..Scope::default()
    }
}

/// A grant in force around [`tuesday`], for exactly what an evaluation was asked, approved half an hour before.
pub(crate) fn grant(number: u128, input: &Input, evaluation: &Evaluation) -> Grant {
    Grant {
        id: grant_id(number),
        request: AccessRequestId::from_uuid(Uuid::from_u128(number)),
        principal: input.principal.clone(),
        resource: input.resource.clone(),
        capability: input.capability.clone(),
        tuple_digest: evaluation.tuple_digest,
        window: around(),
        approved_at: tuesday() - TimeDelta::minutes(30),
        tier: evaluation.tier.clone(),
        ended: None,
        break_glass: false,
    }
}
