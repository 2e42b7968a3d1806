//! What an event is about, as it stands in the command's transaction, and who its stakeholders are.

use super::mapping::Audience;
use crate::ServiceError;
use crate::approvals::{electorate, owner_groups, owners_of_workload, resolved};
use crate::snapshot::Loaded;
use domain::access_request::{AccessRequest, AccessRequestState};
use domain::approval::{Exclusions, Plan, Stage, Standing, Vote, standing};
use domain::directory::Directory;
use domain::grant::Grant;
use domain::id::{AccessRequestId, GrantId, OptOutId};
use domain::name::{PersonId, TierName};
use domain::notice::NoticeItem;
use domain::opt_out::{Direction, OptOutState};
use domain::principal::PrincipalRef;
use domain::window::Instant;
use std::collections::BTreeSet;
use store::Tx;
use store::opt_outs::Stored;
use store::votes::Item;

/// An item with its votes.
#[derive(Debug)]
pub(super) enum Subject {
    AccessRequest(Box<AccessRequest>, Vec<Vote>),
    Grant(Box<Grant>, Box<AccessRequest>),
    OptOut(Box<Stored>, Vec<Vote>),
}

impl Subject {
    /// Loads it by its kind and its id in the outer form; none where this kind has no notices.
    pub(super) async fn load(tx: &mut Tx, kind: &str, id: &str) -> Result<Option<Self>, ServiceError> {
        match kind {
            "access_request" => match id.parse::<AccessRequestId>() {
                Ok(id) => Self::access_request(tx, id).await,
                Err(error) => Err(ServiceError::internal(error)),
            },
            "grant" => match id.parse::<GrantId>() {
                Ok(id) => Self::grant(tx, id).await,
                Err(error) => Err(ServiceError::internal(error)),
            },
            "opt_out" => match id.parse::<OptOutId>() {
                Ok(id) => Self::opt_out(tx, id).await,
                Err(error) => Err(ServiceError::internal(error)),
            },
            _ => Ok(None),
        }
    }

    async fn access_request(tx: &mut Tx, id: AccessRequestId) -> Result<Option<Self>, ServiceError> {
        let Some(request) = store::access_requests::find(tx.conn(), id).await? else {
            return Ok(None);
        };
        let votes = store::votes::of(tx.conn(), Item::AccessRequest(id.uuid())).await?;
        Ok(Some(Self::AccessRequest(Box::new(request), votes)))
    }

    async fn grant(tx: &mut Tx, id: GrantId) -> Result<Option<Self>, ServiceError> {
        let Some(grant) = store::grants::find(tx.conn(), id).await? else {
            return Ok(None);
        };
        let request = store::access_requests::find(tx.conn(), grant.request).await?;
        Ok(request.map(|request| Self::Grant(Box::new(grant), Box::new(request))))
    }

    async fn opt_out(tx: &mut Tx, id: OptOutId) -> Result<Option<Self>, ServiceError> {
        let Some(stored) = store::opt_outs::find(tx.conn(), id).await? else {
            return Ok(None);
        };
        let votes = store::votes::of(tx.conn(), Item::OptOut(id.uuid())).await?;
        Ok(Some(Self::OptOut(Box::new(stored), votes)))
    }

    pub(super) fn item(&self) -> NoticeItem {
        match self {
            Self::AccessRequest(request, _) => NoticeItem::AccessRequest { id: request.id },
            Self::Grant(grant, _) => NoticeItem::Grant {
                id: grant.id,
                request: grant.request,
            },
            Self::OptOut(stored, _) => NoticeItem::OptOut {
                id: stored.opt_out.id,
            },
        }
    }

    /// What it is called.
    pub(super) fn title(&self) -> String {
        match self {
            Self::AccessRequest(request, _) | Self::Grant(_, request) => {
                format!(
                    "{} on {} for {}",
                    request.capability, request.resource.id, request.principal.id
                )
            }
            Self::OptOut(stored, _) => stored.opt_out.title.clone(),
        }
    }

    pub(super) fn tier(&self) -> &TierName {
        match self {
            Self::AccessRequest(request, _) => &request.tier,
            Self::Grant(grant, _) => &grant.tier,
            Self::OptOut(stored, _) => &stored.opt_out.tier,
        }
    }

    /// Until when it can be decided, else when it ends.
    pub(super) fn until(&self) -> Option<Instant> {
        match self {
            Self::AccessRequest(request, _) if request.state.is_terminal() => None,
            Self::AccessRequest(request, _) => Some(request.expires_at),
            Self::Grant(grant, _) => Some(grant.window.ends_at()),
            Self::OptOut(stored, _) if stored.opt_out.state.is_pending() => Some(stored.opt_out.lapses_at),
            Self::OptOut(stored, _) if stored.opt_out.state.is_terminal() => None,
            Self::OptOut(stored, _) => Some(stored.opt_out.window.ends_at()),
        }
    }

    /// The name of the stage that waits.
    pub(super) fn stage(&self) -> Option<String> {
        self.open_stage().map(|(stage, _)| stage.name.clone())
    }

    /// The stage that waits; of a settled item, the one that waited.
    fn open_stage(&self) -> Option<(&Stage, &Exclusions)> {
        let (plan, excluded, votes, stored) = match self {
            Self::Grant(..) => return None,
            Self::AccessRequest(request, votes) => {
                let stage = match request.state {
                    AccessRequestState::InReview { stage } => Some(stage),
                    AccessRequestState::Submitted
                    | AccessRequestState::Approved
                    | AccessRequestState::Denied
                    | AccessRequestState::Withdrawn
                    | AccessRequestState::Expired
                    | AccessRequestState::Voided => None,
                };
                (&request.plan, &request.excluded, votes, stage)
            }
            Self::OptOut(stored, votes) => {
                let stage = match stored.opt_out.state {
                    OptOutState::InReview { stage } => Some(stage),
                    OptOutState::Requested
                    | OptOutState::Approved
                    | OptOutState::Active
                    | OptOutState::Suspended
                    | OptOutState::Expired
                    | OptOutState::Revoked
                    | OptOutState::Exhausted
                    | OptOutState::ClosedEarly
                    | OptOutState::Rejected
                    | OptOutState::Withdrawn
                    | OptOutState::Lapsed => None,
                };
                (&stored.plan, &stored.excluded, votes, stage)
            }
        };
        let stage = stored.or(match standing(plan, votes) {
            Standing::Open { stage } => Some(stage),
            Standing::Approved | Standing::Denied => None,
        })?;
        let stage = plan.stages.get(usize::try_from(stage).ok()?)?;
        Some((stage, excluded))
    }

    /// The persons of a part of the stakeholders. Who has left is told nothing.
    pub(super) fn persons(&self, audience: Audience, loaded: &Loaded) -> BTreeSet<PersonId> {
        let directory = loaded.directory();
        let mut found = match audience {
            Audience::Requester => self.requester(directory),
            Audience::Beneficiaries => self.beneficiaries(directory),
            Audience::Owners => self.owners(directory),
            Audience::Deciders => self.deciders(directory),
            Audience::Skipped => self.skipped(loaded),
        };
        found.retain(|person| {
            directory
                .principals
                .contains_key(&PrincipalRef::from(person.clone()))
        });
        found
    }

    /// Who asked, where it is known.
    pub(super) fn requester(&self, directory: &Directory) -> BTreeSet<PersonId> {
        match self {
            Self::OptOut(stored, _) => BTreeSet::from([stored.opt_out.requested_by.clone()]),
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
    pub(super) fn asked_by(&self) -> Option<PersonId> {
        match self {
            Self::OptOut(stored, _) => Some(stored.opt_out.requested_by.clone()),
            Self::AccessRequest(request, _) | Self::Grant(_, request) => request
                .wish
                .initiator
                .clone()
                .or_else(|| request.principal.person()),
        }
    }

    fn beneficiaries(&self, directory: &Directory) -> BTreeSet<PersonId> {
        match self {
            Self::AccessRequest(request, _) | Self::Grant(_, request) => {
                request.principal.person().into_iter().collect()
            }
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

    fn deciders(&self, directory: &Directory) -> BTreeSet<PersonId> {
        let Some((stage, excluded)) = self.open_stage() else {
            return BTreeSet::new();
        };
        let votes = match self {
            Self::AccessRequest(_, votes) | Self::OptOut(_, votes) => votes.as_slice(),
            Self::Grant(..) => &[],
        };
        let plan = Plan {
            stages: vec![stage.clone()],
        };
        electorate(directory, &plan, excluded)
            .into_iter()
            .map(|(person, _)| person)
            .filter(|person| !votes.iter().any(|vote| vote.person == *person))
            .collect()
    }

    /// Whom the tier asks for access to what a bypass covers.
    fn skipped(&self, loaded: &Loaded) -> BTreeSet<PersonId> {
        let Self::OptOut(stored, _) = self else {
            return BTreeSet::new();
        };
        let opt_out = &stored.opt_out;
        let tier = match (opt_out.direction, loaded.policy()) {
            (Direction::Bypass, Ok(policy)) => policy.tier(&opt_out.tier),
            (Direction::ToManual, _) | (Direction::Bypass, Err(_)) => None,
        };
        let Some(tier) = tier else {
            return BTreeSet::new();
        };
        let directory = loaded.directory();
        let plan = resolved(&tier.access_stages, &owner_groups(directory, &opt_out.teams));
        electorate(directory, &plan, &Exclusions::default())
            .into_iter()
            .map(|(person, _)| person)
            .collect()
    }
}
