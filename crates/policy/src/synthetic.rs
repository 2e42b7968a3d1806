//! Policies and directories of any size, for benchmarks: `script/bench` shows that evaluation does not grow with the
//! number of rules.

mod whole_set;

pub use whole_set::WholeSet;

use crate::{DirectoryView, PolicyVersion, Snapshot};
use domain::decision::{Input, Purpose};
use domain::directory::{Directory, Group, Principal, Resource, Team};
use domain::id::PrincipalUid;
use domain::name::{Capability, GroupName, TeamName};
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// Why there is no such benchmark.
#[derive(Debug, thiserror::Error)]
#[error("the synthetic organisation is unsound: {0}")]
pub struct SyntheticError(String);

fn unsound(error: impl std::fmt::Display) -> SyntheticError {
    SyntheticError(error.to_string())
}

const SCHEMA: &str = r#"
entity Group in [Group];
entity Team;
entity Person in [Group, Team];
entity Workload in [Group, Team];
entity Agent in [Group, Team];
entity Service in [Team] = { critical: Bool } tags String;
action classify appliesTo {
  principal: [Person, Workload, Agent], resource: [Service],
  context: { capability: String, weekday: String, hour_utc: Long, asserted: { ticket?: String } },
};
action grant, automate appliesTo {
  principal: [Person, Workload, Agent], resource: [Service],
  context: { capability: String, tier: String, weekday: String, hour_utc: Long, asserted: { ticket?: String } },
};
"#;

const TIERS: &str = r#"
[[tiers]]
name = "only"
rank = 1
description = "The only tier."
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }]
opt_out_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }]
grant = { default_secs = 3600, longest_secs = 3600 }
access_lapse_secs = 3600
opt_out_lapse_secs = 3600
reason_min_chars = 1
may_opt_out = [{ group = "all", directions = ["bypass", "to_manual"], longest_secs = 3600 }]
groups_fresh_secs = 3600
"#;

/// The files of a policy with this many rules: five for everybody, the others three to a service.
pub fn files(rules: usize) -> BTreeMap<String, String> {
    let mut text = String::from(
        r#"
@id("classify") @tier("only") @description("All.")
permit (principal, action == Action::"classify", resource is Service);
@id("may-deploy") @description("Pipelines may deploy.")
permit (principal in Group::"all", action == Action::"grant", resource is Service)
when { context.capability == "deploy" };
@id("automate") @description("At once.")
permit (principal in Group::"all", action == Action::"automate", resource is Service);
@id("freeze") @description("Not on Sundays.") @exemptible("bypass")
forbid (principal, action == Action::"automate", resource is Service)
when { context.weekday == "sunday" };
@id("critical") @description("Critical ones need a ticket.") @exemptible("bypass")
forbid (principal, action == Action::"automate", resource is Service)
when { resource.critical && !(context.asserted has ticket) };
"#,
    );
    for number in 5..rules {
        let service = (number - 5) / 3;
        // Writing to a string cannot fail.
        let _ = match number % 3 {
            0 => writeln!(
                text,
                "@id(\"r{number}\") @description(\"Rule.\") @exemptible(\"bypass\") \
                 forbid (principal, action == Action::\"automate\", resource == Service::\"s{service}\") \
                 when {{ context.capability == \"admin\" }};"
            ),
            1 => writeln!(
                text,
                "@id(\"r{number}\") @description(\"Rule.\") \
                 permit (principal in Group::\"g{service}\", action == Action::\"grant\", resource == Service::\"s{service}\") \
                 when {{ context.capability == \"read\" }};"
            ),
            _ => writeln!(
                text,
                "@id(\"r{number}\") @description(\"Rule.\") \
                 forbid (principal in Group::\"g{service}\", action == Action::\"grant\", resource is Service) \
                 when {{ context.hour_utc == 25 }};"
            ),
        };
    }
    BTreeMap::from([
        ("tiers.toml".to_owned(), TIERS.to_owned()),
        ("scenarios.toml".to_owned(), "scenarios = []".to_owned()),
        ("schema.cedarschema".to_owned(), SCHEMA.to_owned()),
        ("rules/all.cedar".to_owned(), text),
    ])
}

/// A directory with this many services, pipelines (`ci/<n>`, each in a group of its own and in `all`) and groups.
pub fn directory(size: usize) -> Result<Directory, SyntheticError> {
    let group = |text: String| GroupName::new(text).map_err(unsound);
    let team = TeamName::new("team").map_err(unsound)?;
    let all = group("all".to_owned())?;
    let mut groups = BTreeMap::from([(all.clone(), Group::default())]);
    let mut principals = BTreeMap::new();
    let mut resources = BTreeMap::new();
    for number in 0..size {
        let name = PrincipalRef::new(PrincipalKind::Workload, format!("ci/{number}")).map_err(unsound)?;
        let own = Group {
            title: String::new(),
            members: BTreeSet::from([name.clone()]),
            parents: BTreeSet::from([all.clone()]),
        };
        groups.insert(group(format!("g{number}"))?, own);
        let principal = Principal {
            uid: PrincipalUid::from_uuid(uuid::Uuid::from_u128(number as u128)),
            display_name: name.to_string(),
            team: team.clone(),
            attributes: BTreeMap::new(),
        };
        principals.insert(name, principal);
        let resource = Resource {
            display_name: String::new(),
            team: team.clone(),
            labels: BTreeMap::from([("env".to_owned(), "prod".to_owned())]),
            attributes: BTreeMap::from([("critical".to_owned(), serde_json::Value::Bool(number % 2 == 1))]),
            parents: BTreeSet::new(),
        };
        resources.insert(
            ResourceRef::new("service", format!("s{number}")).map_err(unsound)?,
            resource,
        );
    }
    let teams = BTreeMap::from([(
        team,
        Team {
            title: String::new(),
            owners: all,
        },
    )]);
    Directory::new(teams, groups, principals, resources).map_err(unsound)
}

/// A snapshot of this many rules over a directory of this size, without opt-outs or grants.
pub fn snapshot(rules: usize, size: usize) -> Result<Snapshot, SyntheticError> {
    let policy = Arc::new(PolicyVersion::load(&files(rules)).map_err(unsound)?);
    let view = Arc::new(DirectoryView::new(&policy, Arc::new(directory(size)?)).map_err(unsound)?);
    Snapshot::builder(1, policy, view).build().map_err(unsound)
}

/// Pipeline `number` asks to deploy service `number`; automatic for even numbers, a review for odd ones.
pub fn input(number: usize) -> Result<Input, SyntheticError> {
    Ok(Input {
        principal: PrincipalRef::new(PrincipalKind::Workload, format!("ci/{number}")).map_err(unsound)?,
        resource: ResourceRef::new("service", format!("s{number}")).map_err(unsound)?,
        capability: Capability::new("deploy").map_err(unsound)?,
        asserted: BTreeMap::new(),
        evidence: BTreeMap::new(),
        approval: None,
        client: None,
        purpose: Purpose::Enforce,
    })
}
