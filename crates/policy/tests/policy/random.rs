//! Random policies, opt-outs and grants over the demo's schema and directory.

use crate::demo;
use crate::support::*;
use domain::grant::Grant;
use domain::name::TierName;
use domain::opt_out::{Day, Direction, OptOut, Recurrence};
use domain::principal::PrincipalKind;
use domain::scope::{PrincipalSelector, ResourceSelector, Scope};
use domain::time_of_day::TimeOfDay;
use domain::zone::Zone;
use policy::{DirectoryView, PolicyVersion};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use std::collections::BTreeMap;

pub(crate) const WHO: [&str; 8] = [
    "person alice.meyer",
    "person yuki.mori",
    "person erik.nilsson",
    "person p.novak",
    "person liam.byrne",
    "workload ci/payments",
    "workload ci/search-experiments",
    "agent agent/triage",
];
pub(crate) const ON: [&str; 6] = [
    "service payments-prod",
    "service payments-staging",
    "service search-prod",
    "database ledger-db",
    "database ledger-db-replica",
    "role incident-admin",
];
pub(crate) const WHAT: [&str; 4] = ["read", "deploy", "admin", "member"];

/// One random rule: everything but its id.
#[derive(Debug, Clone)]
pub(crate) struct RandomRule {
    effect: &'static str,
    action: &'static str,
    principal: &'static str,
    resource: &'static str,
    conditions: String,
    exemptible: Option<&'static str>,
    tier: Option<&'static str>,
}

fn principal_scope() -> impl Strategy<Value = &'static str> {
    select(vec![
        "principal",
        "principal",
        "principal is Person",
        "principal is Workload",
        "principal == Person::\"yuki.mori\"",
        "principal == Workload::\"ci/payments\"",
        "principal in Group::\"staff\"",
        "principal in Group::\"staff-or-auditor\"",
        "principal in Group::\"pipelines\"",
        "principal in Team::\"search\"",
        "principal in Role::\"incident-admin\"",
        "principal is Person in Group::\"on-call\"",
        "principal in Agent::\"agent/triage\"",
    ])
}

fn resource_scope() -> impl Strategy<Value = &'static str> {
    select(vec![
        "resource",
        "resource",
        "resource is Service",
        "resource is Database",
        "resource == Service::\"payments-prod\"",
        "resource == Database::\"ledger-db\"",
        "resource in Database::\"ledger-db\"",
        "resource in Cluster::\"platform-prod\"",
        "resource in Team::\"payments\"",
        "resource is Service in Cluster::\"platform-dev\"",
        "resource == Role::\"incident-admin\"",
    ])
}

/// Conditions, some of which overflow and so fail for some inputs.
fn condition(with_tier: bool) -> BoxedStrategy<String> {
    let mut atoms = vec![
        "true",
        "context.capability == \"read\"",
        "context.capability == \"deploy\"",
        "[\"admin\", \"member\"].contains(context.capability)",
        "context.weekday == \"tuesday\"",
        "context.hour_utc < 9",
        "context.asserted has ticket",
        "resource.business_critical",
        "resource.sensitivity == \"confidential\"",
        "principal.team == resource.team",
        "resource.hasTag(\"env\") && resource.getTag(\"env\") == \"prod\"",
        "principal in Group::\"contractors\"",
        "principal in Role::\"incident-admin\"",
        "Service::\"payments-prod\".business_critical",
        "Service::\"payments-prod\" in Cluster::\"platform-prod\"",
        "(if resource.business_critical then 9223372036854775807 else 1) + context.hour_utc > 5",
        "context.hour_utc * 9223372036854775807 > 5",
        "context.asserted has rows && context.asserted.rows * 4611686018427387904 > 1",
    ];
    if with_tier {
        atoms.extend([
            "context.tier == \"critical\"",
            "[\"low\", \"standard\"].contains(context.tier)",
        ]);
    }
    let leaf = select(atoms).prop_map(str::to_owned);
    leaf.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one}) && ({two})")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one}) || ({two})")),
            inner.prop_map(|one| format!("!({one})")),
        ]
    })
    .boxed()
}

fn conditions(with_tier: bool) -> impl Strategy<Value = String> {
    vec((select(vec!["when", "unless"]), condition(with_tier)), 0..2).prop_map(|clauses| {
        clauses
            .into_iter()
            .map(|(word, condition)| format!(" {word} {{ {condition} }}"))
            .collect()
    })
}

fn rule() -> impl Strategy<Value = RandomRule> {
    let action = select(vec![
        "action == Action::\"grant\"",
        "action == Action::\"grant\"",
        "action == Action::\"automate\"",
        "action == Action::\"automate\"",
        "action in [Action::\"grant\", Action::\"automate\"]",
    ]);
    let effect = prop_oneof![3 => Just("permit"), 2 => Just("forbid")];
    let exemptible = prop_oneof![4 => Just(Some("bypass")), 1 => Just(Some("break_glass")), 1 => Just(Some("break_glass_only")), 1 => Just(None)];
    (
        effect,
        action,
        principal_scope(),
        resource_scope(),
        conditions(true),
        exemptible,
    )
        .prop_map(
            |(effect, action, principal, resource, conditions, exemptible)| RandomRule {
                exemptible: exemptible.filter(|_| effect == "forbid"),
                tier: None,
                effect,
                action,
                principal,
                resource,
                conditions,
            },
        )
}

fn classify() -> impl Strategy<Value = RandomRule> {
    let tier = select(vec!["low", "standard", "high", "critical"]);
    (principal_scope(), resource_scope(), conditions(false), tier).prop_map(
        |(principal, resource, conditions, tier)| RandomRule {
            effect: "permit",
            action: "action == Action::\"classify\"",
            exemptible: None,
            tier: Some(tier),
            principal,
            resource,
            conditions,
        },
    )
}

/// Up to 24 random rules, with a few that permit broadly, so that not everything is denied.
pub(crate) fn rules() -> impl Strategy<Value = Vec<RandomRule>> {
    let broad = |action: &'static str| RandomRule {
        effect: "permit",
        action,
        principal: "principal",
        resource: "resource",
        conditions: String::new(),
        exemptible: None,
        tier: None,
    };
    let broad = vec![
        broad("action == Action::\"grant\""),
        broad("action == Action::\"automate\""),
    ];
    (
        subsequence(broad, 0..=2),
        vec(rule(), 2..18),
        vec(classify(), 0..4),
    )
        .prop_map(|(broad, rules, classify)| broad.into_iter().chain(rules).chain(classify).collect())
}

/// The rules as Cedar text; their ids are `r0`, `r1` and so on.
pub(crate) fn text(rules: &[RandomRule]) -> String {
    rules
        .iter()
        .enumerate()
        .map(|(place, rule)| {
            let tier = rule.tier.map(|tier| format!("@tier(\"{tier}\")")).unwrap_or_default();
            let exemptible = rule.exemptible.map(|word| format!("@exemptible(\"{word}\")")).unwrap_or_default();
            format!(
                "@id(\"r{place}\") @description(\"Random.\") @trusts_asserted {tier} {exemptible}\n{} ({}, {}, {}){};\n",
                rule.effect, rule.principal, rule.action, rule.resource, rule.conditions
            )
        })
        .collect()
}

/// The demo's files with these rules in place of its own.
pub(crate) fn files(rules: &[RandomRule]) -> BTreeMap<String, String> {
    let mut files = demo::files();
    files.retain(|path, _| !path.starts_with("rules/"));
    files.insert("rules/random.cedar".to_owned(), text(rules));
    files.insert("scenarios.toml".to_owned(), "scenarios = []".to_owned());
    files
}

fn principal_selector() -> impl Strategy<Value = PrincipalSelector> {
    prop_oneof![
        select(WHO.to_vec()).prop_map(|who| PrincipalSelector::Id(principal(who))),
        select(vec!["staff", "on-call", "staff-or-auditor", "pipelines"])
            .prop_map(|group| PrincipalSelector::Group(group.parse().unwrap())),
        select(vec!["search", "payments"]).prop_map(|team| PrincipalSelector::Team(team.parse().unwrap())),
        select(PrincipalKind::ALL.to_vec()).prop_map(PrincipalSelector::Kind),
        select(vec!["staff", "contractor"]).prop_map(|value| PrincipalSelector::Label {
            key: "employment".to_owned(),
            value: value.to_owned(),
        }),
    ]
}

fn resource_selector() -> impl Strategy<Value = ResourceSelector> {
    prop_oneof![
        select(ON.to_vec()).prop_map(|on| ResourceSelector::Id(resource(on))),
        Just(ResourceSelector::Id(resource("cluster platform-prod"))),
        select(vec!["prod", "staging"]).prop_map(|value| ResourceSelector::Label {
            key: "env".to_owned(),
            value: value.to_owned(),
        }),
        select(vec!["data", "payments"]).prop_map(|team| ResourceSelector::Team(team.parse().unwrap())),
        Just(ResourceSelector::Type("service".to_owned())),
    ]
}

/// What an opt-out is made of, once there is a policy.
#[derive(Debug, Clone)]
pub(crate) struct RandomOptOut {
    direction: Direction,
    scope: Scope,
    rules: Vec<Index>,
    tier: &'static str,
    minutes: i64,
    break_glass: bool,
    lost: Vec<Index>,
    gained: Vec<&'static str>,
}

pub(crate) fn opt_out() -> impl Strategy<Value = RandomOptOut> {
    let scope = (
        proptest::option::of(btree_set(principal_selector(), 1..3)),
        proptest::option::of(btree_set(resource_selector(), 1..3)),
        proptest::option::of(btree_set(select(WHAT.to_vec()).prop_map(capability), 1..3)),
    )
        .prop_map(|(principals, resources, capabilities)| Scope {
            principals,
            resources,
            capabilities,
            ..Scope::default()
        });
    (
        select(Direction::ALL.to_vec()),
        scope,
        vec(any::<Index>(), 1..8),
        select(vec![
            "low", "standard", "high", "critical", "critical", "critical",
        ]),
        -90i64..90,
        prop::bool::weighted(0.2),
        vec(any::<Index>(), 0..2),
        subsequence(WHO.to_vec(), 0..2),
    )
        .prop_map(
            |(direction, scope, rules, tier, minutes, break_glass, lost, gained)| RandomOptOut {
                direction,
                scope,
                rules,
                tier,
                minutes,
                break_glass,
                lost,
                gained,
            },
        )
}

impl RandomOptOut {
    /// The opt-out itself: its window is moved by some minutes, and its coverage by a few members.
    pub(crate) fn build(&self, number: u128, policy: &PolicyVersion, view: &DirectoryView) -> OptOut {
        let mut scope = self.scope.clone();
        if self.direction == Direction::Bypass {
            scope.rules = self
                .rules
                .iter()
                .map(|index| index.get(policy.rules()).id.clone())
                .collect();
        }
        let mut built = approved(
            crate::support::opt_out(number, self.direction, scope),
            policy,
            view,
        );
        built.tier = TierName::new(self.tier).unwrap();
        let shift = chrono::TimeDelta::minutes(self.minutes);
        built.window =
            domain::window::Window::new(built.window.starts_at() + shift, built.window.ends_at() + shift)
                .unwrap();
        if self.minutes % 3 == 0 {
            // Half an hour of its own, around the tests' present or beside it.
            let from = u16::try_from(585 + self.minutes / 3).unwrap();
            let time = |minute| TimeOfDay::new(minute).unwrap();
            let hours = Recurrence::new([Day::Tue].into(), time(from), time(from + 30), Zone::utc());
            built.recurrence = Some(hours.unwrap());
        }
        if self.break_glass {
            built.break_glass = Some(crate::support::break_glass());
            // One in four was approved by the second person.
            if self.minutes % 4 != 0 {
                built.approved_at = None;
            }
        }
        if let Some(covered) = &mut built.coverage.principals {
            for index in &self.lost {
                if !covered.is_empty() {
                    let all: Vec<_> = covered.iter().cloned().collect();
                    covered.remove(index.get(&all));
                }
            }
            covered.extend(self.gained.iter().map(|who| principal(who)));
        }
        built
    }
}

/// All inputs over a few principals, resources and capabilities; with and without asserted context.
pub(crate) fn inputs() -> Vec<domain::decision::Input> {
    let mut inputs = Vec::new();
    for who in WHO {
        for on in ON {
            for (place, what) in WHAT.into_iter().enumerate() {
                let mut one = input(who, what, on);
                if place % 2 == 0 {
                    one.asserted.insert("ticket".to_owned(), "CHG-1".into());
                    one.asserted.insert("rows".to_owned(), 3.into());
                }
                inputs.push(one);
            }
        }
    }
    inputs
}

/// A role for one who may hold it, in force around [`tuesday`].
pub(crate) fn role_grant(
    view: &std::sync::Arc<DirectoryView>,
    policy: &std::sync::Arc<PolicyVersion>,
) -> Grant {
    let member = input("person yuki.mori", "member", "role incident-admin");
    let mut role = grant(1, &member, &ask(&snapshot(policy, view, &[], &[]), &member));
    role.tier = TierName::new("critical").unwrap();
    role
}
