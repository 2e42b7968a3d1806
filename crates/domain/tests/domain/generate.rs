//! Random plans, people, directories and scopes, small enough that everything about them can be counted out.

use domain::approval::{Approver, Plan, Quorum, Stage};
use domain::directory::{Directory, Group, Principal, Resource, Team};
use domain::id::PrincipalUid;
use domain::name::{Capability, GroupName, PersonId, RuleId, TeamName};
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use domain::scope::{PrincipalSelector, ResourceSelector, Scope};
use domain::window::Instant;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const PERSONS: usize = 6;
const GROUPS: usize = 4;
const PRINCIPALS: usize = 4;
const RESOURCES: usize = 4;

pub(crate) fn at(micros: i64) -> Instant {
    Instant::from_timestamp_micros(micros).unwrap()
}

pub(crate) fn person(number: usize) -> PersonId {
    PersonId::new(format!("person-{number}")).unwrap()
}

pub(crate) fn group(number: usize) -> GroupName {
    GroupName::new(format!("group-{number}")).unwrap()
}

fn team(number: usize) -> TeamName {
    TeamName::new(format!("team-{number}")).unwrap()
}

pub(crate) fn principal(number: usize) -> PrincipalRef {
    let kind = PrincipalKind::ALL[number % 2];
    PrincipalRef::new(kind, format!("principal-{number}")).unwrap()
}

pub(crate) fn resource(number: usize) -> ResourceRef {
    let kind = ["service", "database"][number % 2];
    ResourceRef::new(kind, format!("resource-{number}")).unwrap()
}

pub(crate) fn capability(number: usize) -> Capability {
    Capability::new(["read", "deploy"][number]).unwrap()
}

fn approver() -> impl Strategy<Value = Approver> {
    prop_oneof![
        4 => (0..GROUPS).prop_map(|number| Approver::Group(group(number))),
        1 => (0..PERSONS).prop_map(|number| Approver::Person(person(number))),
    ]
}

pub(crate) fn quorum() -> impl Strategy<Value = Quorum> {
    let leaf = (1u32..=2, vec(approver(), 1..=3)).prop_map(|(n, of)| Quorum::AtLeast { n, of });
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..=2).prop_map(|all| Quorum::All { all }),
            vec(inner, 1..=2).prop_map(|any| Quorum::Any { any }),
        ]
    })
}

/// A plan that passes its check.
pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    vec(quorum(), 1..=3).prop_map(|quorums| Plan {
        stages: quorums
            .into_iter()
            .enumerate()
            .map(|(place, quorum)| Stage::new(format!("stage {place}"), quorum))
            .collect(),
    })
}

/// What each person can act as: oneself and some groups.
pub(crate) fn people() -> impl Strategy<Value = Vec<(PersonId, BTreeSet<Approver>)>> {
    vec(btree_set(0..GROUPS, 0..=3), PERSONS).prop_map(|memberships| {
        memberships
            .into_iter()
            .enumerate()
            .map(|(number, groups)| {
                let mut can: BTreeSet<Approver> = groups
                    .into_iter()
                    .map(|name| Approver::Group(group(name)))
                    .collect();
                can.insert(Approver::Person(person(number)));
                (person(number), can)
            })
            .collect()
    })
}

/// Always the same principals and resources; teams, groups, labels and nesting differ.
pub(crate) fn directory() -> impl Strategy<Value = Directory> {
    (
        vec((btree_set(0..PRINCIPALS, 0..=2), any::<[bool; 3]>()), 3),
        vec(0..2usize, PRINCIPALS),
        vec((0..2usize, option::of(0..2usize), any::<[bool; 3]>()), RESOURCES),
    )
        .prop_map(|(groups, teams_of, resources)| {
            // Only a lower number can be a parent, so there is no cycle.
            let below =
                |flags: [bool; 3], number: usize| (0..number.min(3)).filter(move |place| flags[*place]);
            let teams = (0..2).map(|number| {
                let owners = group(0);
                (
                    team(number),
                    Team {
                        title: String::new(),
                        owners,
                    },
                )
            });
            let groups = groups.into_iter().enumerate().map(|(number, (members, flags))| {
                let members = members.into_iter().map(principal).collect();
                let parents = below(flags, number).map(group).collect();
                (
                    group(number),
                    Group {
                        title: String::new(),
                        members,
                        parents,
                    },
                )
            });
            let principals = teams_of.into_iter().enumerate().map(|(number, team_of)| {
                let facts = Principal {
                    uid: PrincipalUid::from_uuid(uuid::Uuid::from_u128(number as u128)),
                    display_name: String::new(),
                    team: team(team_of),
                    attributes: [(
                        "site".to_owned(),
                        ["porto", "lisbon"][(number + team_of) % 2].into(),
                    )]
                    .into(),
                };
                (principal(number), facts)
            });
            let resources = resources
                .into_iter()
                .enumerate()
                .map(|(number, (team_of, label, flags))| {
                    let labels = label.map(|value| ("env".to_owned(), ["prod", "test"][value].to_owned()));
                    let facts = Resource {
                        display_name: String::new(),
                        team: team(team_of),
                        labels: labels.into_iter().collect(),
                        attributes: BTreeMap::new(),
                        parents: below(flags, number).map(resource).collect(),
                    };
                    (resource(number), facts)
                });
            Directory::new(
                teams.collect(),
                groups.collect(),
                principals.collect(),
                resources.collect(),
            )
            .unwrap()
        })
}

fn principal_selector() -> impl Strategy<Value = PrincipalSelector> {
    prop_oneof![
        (0..PRINCIPALS).prop_map(|number| PrincipalSelector::Id(principal(number))),
        (0..3usize).prop_map(|number| PrincipalSelector::Group(group(number))),
        (0..2usize).prop_map(|number| PrincipalSelector::Team(team(number))),
        select(&PrincipalKind::ALL[..]).prop_map(PrincipalSelector::Kind),
        select(vec!["porto", "lisbon"]).prop_map(|value| PrincipalSelector::Label {
            key: "site".to_owned(),
            value: value.to_owned(),
        }),
    ]
}

fn resource_selector() -> impl Strategy<Value = ResourceSelector> {
    prop_oneof![
        (0..RESOURCES).prop_map(|number| ResourceSelector::Id(resource(number))),
        select(vec!["prod", "test"]).prop_map(|value| ResourceSelector::Label {
            key: "env".to_owned(),
            value: value.to_owned(),
        }),
        (0..2usize).prop_map(|number| ResourceSelector::Team(team(number))),
        select(vec!["service", "database"]).prop_map(|kind| ResourceSelector::Type(kind.to_owned())),
    ]
}

pub(crate) fn scope() -> impl Strategy<Value = Scope> {
    (
        option::of(btree_set(principal_selector(), 1..=3)),
        option::of(btree_set(resource_selector(), 1..=3)),
        option::of(btree_set((0..2usize).prop_map(capability), 1..=2)),
        btree_set(
            (0..3usize).prop_map(|number| RuleId::new(format!("rule-{number}")).unwrap()),
            0..=3,
        ),
    )
        .prop_map(|(principals, resources, capabilities, rules)| Scope {
            principals,
            resources,
            capabilities,
            rules,
        })
}

/// A scope and one that was made of it by leaving things out and bounding what was open.
pub(crate) fn narrowed() -> impl Strategy<Value = (Scope, Scope)> {
    fn keep<T: Ord + Clone>(
        outer: Option<&BTreeSet<T>>,
        other: Option<BTreeSet<T>>,
        mask: u8,
    ) -> Option<BTreeSet<T>> {
        match outer {
            None => other,
            Some(set) => Some(kept(set, mask)),
        }
    }
    fn kept<T: Ord + Clone>(set: &BTreeSet<T>, mask: u8) -> BTreeSet<T> {
        set.iter()
            .enumerate()
            .filter(|(place, _)| mask >> place & 1 == 1)
            .map(|(_, item)| item.clone())
            .collect()
    }
    (scope(), scope(), any::<[u8; 4]>()).prop_map(|(outer, other, masks)| {
        let inner = Scope {
            principals: keep(outer.principals.as_ref(), other.principals, masks[0]),
            resources: keep(outer.resources.as_ref(), other.resources, masks[1]),
            capabilities: keep(outer.capabilities.as_ref(), other.capabilities, masks[2]),
            rules: kept(&outer.rules, masks[3]),
        };
        (outer, inner)
    })
}
