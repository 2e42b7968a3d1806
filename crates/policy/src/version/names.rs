//! The names that a policy uses of what the directory has. A name that nothing has takes a rule out of force without a word,
//! or leaves a stage without anybody.

use super::PolicyVersion;
use super::rules::Rule;
use crate::index::Term;
use crate::vocabulary::Vocabulary;
use cedar_policy::EntityUid;
use domain::approval::{Approver, Stage};
use domain::directory::Directory;
use domain::name::{GroupName, TeamName};
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use domain::scenario::Scenario;
use domain::tier::Tier;
use std::collections::BTreeMap;

/// The name of something in the directory: `group mentees`, `person alice.meyer`, `service payments-prod`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named {
    /// `group`, `team`, a kind of principal or a type of resource.
    pub kind: String,
    /// Its name or id among its kind.
    pub id: String,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

impl Named {
    fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            id: id.into(),
        }
    }

    /// What an entity of Cedar's is called here; none for actions and for types that the schema does not have.
    pub(crate) fn entity(vocabulary: &Vocabulary, uid: &EntityUid) -> Option<Self> {
        let kind = vocabulary.kind_of(uid.type_name())?;
        Some(Self::new(kind, uid.id().unescaped()))
    }

    /// Whether it is a person, a workload or an agent.
    pub(crate) fn is_principal(&self) -> bool {
        self.kind.parse::<PrincipalKind>().is_ok()
    }

    /// Whether the directory has it.
    pub fn is_in(&self, directory: &Directory) -> bool {
        match self.kind.as_str() {
            "group" => GroupName::new(self.id.clone()).is_ok_and(|name| directory.groups.contains_key(&name)),
            "team" => TeamName::new(self.id.clone()).is_ok_and(|name| directory.teams.contains_key(&name)),
            kind => match kind.parse::<PrincipalKind>() {
                Ok(kind) => PrincipalRef::new(kind, self.id.clone())
                    .is_ok_and(|name| directory.principals.contains_key(&name)),
                Err(_) => ResourceRef::new(kind, self.id.clone())
                    .is_ok_and(|name| directory.resources.contains_key(&name)),
            },
        }
    }
}

/// Names, each with the first place that uses it: `rule freeze`, `tier high, fallback`.
pub(super) type Names = BTreeMap<Named, String>;

impl PolicyVersion {
    /// The names that it uses and that the directory does not have, each with the first place that uses it.
    pub fn unknown_in<'a>(&'a self, directory: &'a Directory) -> impl Iterator<Item = (&'a Named, &'a str)> {
        self.names
            .iter()
            .filter(|(name, _)| !name.is_in(directory))
            .map(|(name, place)| (name, place.as_str()))
    }
}

/// Every name that rules, tiers and scenarios use.
pub(super) fn of(vocabulary: &Vocabulary, rules: &[Rule], tiers: &[Tier], scenarios: &[Scenario]) -> Names {
    let mut names = Names::new();
    for rule in rules {
        let place = format!("rule {}", rule.summary.id);
        for entity in [&rule.principal, &rule.resource].into_iter().filter_map(in_scope) {
            note(&mut names, Named::entity(vocabulary, entity), &place);
        }
        for (kind, id) in &rule.body.entities {
            let kind = vocabulary.kind_called(kind);
            note(&mut names, kind.map(|kind| Named::new(kind, id)), &place);
        }
    }
    for tier in tiers {
        let of = |what: &str| format!("tier {}, {what}", tier.name);
        for (stages, what) in [
            (&tier.access_stages, "access_stages"),
            (&tier.opt_out_stages, "opt_out_stages"),
            (&tier.extra_stages, "extra_stages"),
        ] {
            for approver in stages.iter().flat_map(asked_by) {
                note(&mut names, named(approver), &of(what));
            }
        }
        for approver in &tier.fallback {
            note(&mut names, named(approver), &of("fallback"));
        }
        for allowance in &tier.may_opt_out {
            let group = Named::new("group", allowance.group.as_str());
            note(&mut names, Some(group), &of("may_opt_out"));
        }
        if let Some(duty) = &tier.review {
            note(&mut names, named(&duty.by), &of("review"));
        }
    }
    for scenario in scenarios {
        let place = format!("scenario {}, further_stages", scenario.id);
        for approver in scenario.further_stages.iter().flat_map(asked_by) {
            note(&mut names, named(approver), &place);
        }
    }
    names
}

fn note(names: &mut Names, name: Option<Named>, place: &str) {
    if let Some(name) = name {
        names.entry(name).or_insert_with(|| place.to_owned());
    }
}

const fn in_scope(term: &Term) -> Option<&EntityUid> {
    match term {
        Term::Is(uid) | Term::In(uid) | Term::TypeIn(_, uid) => Some(uid),
        Term::Any | Term::Type(_) => None,
    }
}

/// Everybody whom a stage asks, at once or after silence.
fn asked_by(stage: &Stage) -> impl Iterator<Item = &Approver> {
    let later = stage.escalate.iter().flat_map(|next| &next.to);
    stage.quorum.approvers().into_iter().chain(later)
}

fn named(approver: &Approver) -> Option<Named> {
    match approver {
        Approver::Group(group) => Some(Named::new("group", group.as_str())),
        Approver::Person(person) => Some(Named::new("person", person.as_str())),
        Approver::ResourceOwners | Approver::RequesterManager => None,
    }
}
