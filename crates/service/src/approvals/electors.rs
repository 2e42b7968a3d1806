//! Who can decide: who is in an asked group and had the role at their last sign-in.

use crate::ServiceError;
use domain::approval::{Approver, Deciders, Exclusion, Exclusions, Plan, PlanError, Stage, Vote};
use domain::directory::Directory;
use domain::name::PersonId;
use domain::principal::PrincipalRef;
use std::collections::{BTreeSet, HashMap};

/// The directory as it stands, and what is known of people's roles.
///
/// A person seen without the role is not counted and not asked. A person who has never signed in may have the role: they are
/// asked, and a stage that needs them is not given up, but no page says that they can decide.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Electors<'a> {
    directory: &'a Directory,
    /// Of everybody who has signed in: whether their roles let them decide then.
    roles_seen: &'a HashMap<PersonId, bool>,
}

impl<'a> Electors<'a> {
    pub(crate) const fn new(directory: &'a Directory, roles_seen: &'a HashMap<PersonId, bool>) -> Self {
        Self {
            directory,
            roles_seen,
        }
    }

    /// Everything that a person can decide as; nothing where they have left or are known not to have the role.
    pub(crate) fn capacities(self, person: &PersonId) -> BTreeSet<Approver> {
        match self.may_decide(person) {
            true => memberships(self.directory, person),
            false => BTreeSet::new(),
        }
    }

    /// Everybody who is asked by some stage and not excluded, with what they can decide as in it. A deputy is not among them: a
    /// seat that is lent is still one seat.
    pub(crate) fn of_plan(self, plan: &Plan, excluded: &Exclusions) -> Vec<(PersonId, BTreeSet<Approver>)> {
        self.able(&asked(&plan.stages), excluded)
    }

    /// Everybody who can decide as one of these and is not excluded, with which of them they can decide as.
    pub(crate) fn able(
        self,
        asked: &BTreeSet<Approver>,
        excluded: &Exclusions,
    ) -> Vec<(PersonId, BTreeSet<Approver>)> {
        self.named(asked)
            .filter(|(person, _)| excluded.of(person).is_none() && self.may_decide(person))
            .collect()
    }

    /// Errors where nobody could settle it any more, with who is asked and cannot decide.
    pub(crate) fn feasible(
        self,
        plan: &Plan,
        votes: &[Vote],
        excluded: &Exclusions,
    ) -> Result<(), NobodyLeft> {
        plan.feasible(votes, &self.of_plan(plan, excluded))
            .map_err(|error| NobodyLeft {
                error,
                cannot: self.cannot(plan, excluded),
            })
    }

    /// Who is asked and cannot decide, with why: "Bob Okafor, who asked for it".
    fn cannot(self, plan: &Plan, excluded: &Exclusions) -> Vec<String> {
        self.named(&asked(&plan.stages))
            .filter_map(|(person, _)| {
                let why = match excluded.of(&person) {
                    Some(why) => why.who(),
                    None if self.may_decide(&person) => return None,
                    None => "whose roles allow no vote",
                };
                let known = self.directory.principals.get(&PrincipalRef::from(person));
                known.map(|known| format!("{}, {why}", known.display_name))
            })
            .collect()
    }

    /// How many can decide in a stage and have not voted in any: each person counts once, over all stages.
    pub(super) fn count(self, stage: &Stage, excluded: &Exclusions, votes: &[Vote]) -> Deciders {
        let has_voted = |person: &PersonId| votes.iter().any(|vote| vote.persons().any(|one| one == person));
        let mut count = Deciders::default();
        for (person, _) in self.named(&asked(std::slice::from_ref(stage))) {
            if excluded.of(&person).is_some() || has_voted(&person) {
                continue;
            }
            count.named += 1;
            match self.roles_seen.get(&person) {
                Some(true) => count.able += 1,
                Some(false) => {}
                None => count.never_signed_in += 1,
            }
        }
        count
    }

    /// Whom a stage asks and who must not decide it, with why.
    pub(super) fn kept_out(self, stage: &Stage, excluded: &Exclusions) -> Vec<(PersonId, Exclusion)> {
        self.named(&asked(std::slice::from_ref(stage)))
            .filter_map(|(person, _)| excluded.of(&person).map(|why| (person, why)))
            .collect()
    }

    fn may_decide(self, person: &PersonId) -> bool {
        self.roles_seen.get(person) != Some(&false)
    }

    /// Everybody of the directory who is one of these, with which.
    fn named<'b>(
        self,
        asked: &'b BTreeSet<Approver>,
    ) -> impl Iterator<Item = (PersonId, BTreeSet<Approver>)> + use<'a, 'b> {
        let directory = self.directory;
        directory.persons().filter_map(move |(person, _)| {
            let groups = directory.groups_of(&PrincipalRef::from(person.clone()));
            let is = |approver: &&Approver| match approver {
                Approver::Group(group) => groups.is_some_and(|groups| groups.contains(group)),
                Approver::Person(named) => *named == person,
                Approver::ResourceOwners | Approver::RequesterManager => false,
            };
            let as_which: BTreeSet<Approver> = asked.iter().filter(is).cloned().collect();
            (!as_which.is_empty()).then_some((person, as_which))
        })
    }
}

/// Nobody could settle it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NobodyLeft {
    pub(crate) error: PlanError,
    /// Who is asked and cannot decide, with why.
    cannot: Vec<String>,
}

impl NobodyLeft {
    /// The conflict; `what` cannot be, as a clause.
    pub(crate) fn conflict(&self, what: &str) -> ServiceError {
        ServiceError::Conflict {
            code: "nobody_left_to_decide",
            why: format!("{what}: {self}"),
        }
    }
}

impl std::fmt::Display for NobodyLeft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        /// How many are named.
        const NAMED: usize = 5;
        let Self { error, cannot } = self;
        write!(f, "{error}.")?;
        if cannot.is_empty() {
            return Ok(());
        }
        let (named, more) = (cannot.iter().take(NAMED), cannot.len().saturating_sub(NAMED));
        let named: Vec<&str> = named.map(String::as_str).collect();
        write!(f, " Asked, but cannot decide: {}", named.join("; "))?;
        match more {
            0 => f.write_str("."),
            more => write!(f, "; and {more} more."),
        }
    }
}

fn asked(stages: &[Stage]) -> BTreeSet<Approver> {
    stages.iter().flat_map(Stage::asks).collect()
}

/// Everything that a person could be asked as, whatever their roles; somebody who has left is asked as nothing. Whether they
/// can decide as it says [`Electors::capacities`].
pub(crate) fn memberships(directory: &Directory, person: &PersonId) -> BTreeSet<Approver> {
    let principal = PrincipalRef::from(person.clone());
    if !directory.principals.contains_key(&principal) {
        return BTreeSet::new();
    }
    directory
        .groups_of(&principal)
        .into_iter()
        .flatten()
        .cloned()
        .map(Approver::Group)
        .chain([Approver::Person(person.clone())])
        .collect()
}
