//! Who the stakeholders of a subject are.

use super::Subject;
use crate::approvals::{Electors, concerned, owner_groups, owners_of_workload, resolved};
use crate::notices::mapping::Audience;
use crate::post_reviews::asked_of;
use crate::snapshot::Loaded;
use domain::approval::{Exclusions, Plan, Verdict};
use domain::directory::Directory;
use domain::name::PersonId;
use domain::opt_out::Direction;
use domain::principal::PrincipalRef;
use std::collections::BTreeSet;

impl Subject {
    /// The persons of a part of the stakeholders. Who has left is told nothing.
    pub(crate) fn persons(&self, audience: Audience, loaded: &Loaded) -> BTreeSet<PersonId> {
        let directory = loaded.directory();
        let mut found = match audience {
            Audience::Requester => self.requester(directory),
            Audience::Beneficiaries => self.beneficiaries(directory),
            Audience::Owners => self.owners(directory),
            Audience::Deciders => self.deciders(loaded.electors()),
            Audience::Approvers => self.approvers(),
            Audience::NextLevel => self.next_level(loaded.electors()),
            Audience::Skipped => self.skipped(loaded),
            // Whoever asked a question stands in its answer.
            Audience::Asker => BTreeSet::new(),
            // Only what nobody decides has two sides.
            Audience::OtherSide => BTreeSet::new(),
            Audience::Administrators => self.administrators(),
        };
        found.retain(|person| {
            directory
                .principals
                .contains_key(&PrincipalRef::from(person.clone()))
        });
        found
    }

    /// Who asked, where it is known.
    pub(crate) fn requester(&self, directory: &Directory) -> BTreeSet<PersonId> {
        match self {
            Self::OptOut(stored, _) => stored
                .opt_out
                .requested_by
                .person()
                .cloned()
                .into_iter()
                .collect(),
            Self::PostReview(review, _) => review.about.clone().into_iter().collect(),
            Self::Client(_) => BTreeSet::new(),
            Self::AccessRequest(request, _) | Self::Grant(_, request) => {
                match request
                    .wish
                    .initiator
                    .clone()
                    .or_else(|| request.principal.person())
                {
                    Some(person) => BTreeSet::from([person]),
                    None => owners_of_workload(directory, &request.principal),
                }
            }
        }
    }

    /// The one person who asked, where it was a person.
    pub(in crate::notices) fn asked_by(&self) -> Option<PersonId> {
        match self {
            Self::OptOut(stored, _) => stored.opt_out.requested_by.person().cloned(),
            Self::PostReview(review, _) => review.about.clone(),
            Self::Client(_) => None,
            Self::AccessRequest(request, _) | Self::Grant(_, request) => request
                .wish
                .initiator
                .clone()
                .or_else(|| request.principal.person()),
        }
    }

    fn beneficiaries(&self, directory: &Directory) -> BTreeSet<PersonId> {
        match self {
            Self::Client(_) => BTreeSet::new(),
            Self::AccessRequest(request, _) | Self::Grant(_, request) => {
                request.principal.person().into_iter().collect()
            }
            Self::PostReview(_, about) => about.beneficiaries(directory),
            Self::OptOut(stored, _) => stored
                .opt_out
                .coverage
                .principals
                .iter()
                .flatten()
                .flat_map(|principal| match principal.person() {
                    Some(person) => BTreeSet::from([person]),
                    None => owners_of_workload(directory, principal),
                })
                .collect(),
        }
    }

    fn owners(&self, directory: &Directory) -> BTreeSet<PersonId> {
        let groups = match self {
            Self::Client(_) => BTreeSet::new(),
            Self::PostReview(_, about) => return about.owners(directory),
            Self::AccessRequest(request, _) | Self::Grant(_, request) => owner_groups(
                directory,
                directory
                    .resources
                    .get(&request.resource)
                    .map(|found| &found.team),
            ),
            Self::OptOut(stored, _) => owner_groups(directory, &stored.opt_out.teams),
        };
        groups
            .iter()
            .flat_map(|group| directory.persons_in(group))
            .collect()
    }

    fn deciders(&self, electors: Electors<'_>) -> BTreeSet<PersonId> {
        if let Self::PostReview(review, _) = self {
            return asked_of(electors, &review.reviewers, &review.excluded);
        }
        // A signal waits for any one of all whom its tier would ask.
        if let Self::OptOut(stored, _) = self
            && stored.opt_out.requested_by.signal().is_some()
        {
            return electors
                .of_plan(&stored.plan, &stored.excluded)
                .into_iter()
                .map(|(person, _)| person)
                .collect();
        }
        let Some((stage, excluded)) = self.open_stage() else {
            return BTreeSet::new();
        };
        let votes = match self {
            Self::AccessRequest(_, votes) | Self::OptOut(_, votes) => votes.as_slice(),
            Self::Grant(..) | Self::PostReview(..) | Self::Client(..) => &[],
        };
        let plan = Plan {
            stages: vec![stage.clone()],
        };
        electors
            .of_plan(&plan, excluded)
            .into_iter()
            .map(|(person, _)| person)
            .filter(|person| !votes.iter().any(|vote| vote.person == *person))
            .collect()
    }

    /// Who has approved an opt-out.
    fn approvers(&self) -> BTreeSet<PersonId> {
        match self {
            Self::OptOut(_, votes) | Self::AccessRequest(_, votes) => votes
                .iter()
                .filter(|vote| vote.verdict == Verdict::Approve)
                .map(|vote| vote.person.clone())
                .collect(),
            Self::Grant(..) | Self::PostReview(..) | Self::Client(..) => BTreeSet::new(),
        }
    }

    fn next_level(&self, electors: Electors<'_>) -> BTreeSet<PersonId> {
        match self {
            Self::PostReview(review, _) => asked_of(electors, &review.next_level, &review.excluded),
            Self::AccessRequest(..) | Self::Grant(..) | Self::OptOut(..) | Self::Client(..) => {
                BTreeSet::new()
            }
        }
    }

    fn administrators(&self) -> BTreeSet<PersonId> {
        match self {
            Self::Client(client) => client.administrators.clone(),
            Self::AccessRequest(..) | Self::Grant(..) | Self::OptOut(..) | Self::PostReview(..) => {
                BTreeSet::new()
            }
        }
    }

    /// Whom the tier asks for access to what a bypass covers; of an emergency, those too whom it asks for a bypass. Of
    /// emergency access, whom it asks for that.
    fn skipped(&self, loaded: &Loaded) -> BTreeSet<PersonId> {
        let directory = loaded.directory();
        let Ok(policy) = loaded.policy() else {
            return BTreeSet::new();
        };
        let plan = match self {
            Self::OptOut(stored, _) => {
                let opt_out = &stored.opt_out;
                let tier = match opt_out.direction {
                    Direction::Bypass => policy.tier(&opt_out.tier),
                    Direction::ToManual => None,
                };
                tier.map(|tier| {
                    let concerned = concerned(directory, &opt_out.teams, opt_out.requested_by.person());
                    let access = resolved(&tier.access_stages, &concerned);
                    match opt_out.break_glass {
                        Some(_) => access.union(&resolved(&tier.opt_out_stages, &concerned)),
                        None => access,
                    }
                })
            }
            Self::AccessRequest(request, _) if request.break_glass.is_some() => {
                policy.tier(&request.tier).map(|tier| {
                    let owner = directory.resources.get(&request.resource);
                    let team = owner.map(|found| &found.team);
                    resolved(
                        &tier.access_stages,
                        &concerned(directory, team, request.asked_by().as_ref()),
                    )
                })
            }
            Self::AccessRequest(..) | Self::Grant(..) | Self::PostReview(..) | Self::Client(..) => None,
        };
        plan.map(|plan| loaded.electors().of_plan(&plan, &Exclusions::default()))
            .unwrap_or_default()
            .into_iter()
            .map(|(person, _)| person)
            .collect()
    }
}
