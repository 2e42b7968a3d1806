//! What an event is about, as it stands in the command's transaction, and who its stakeholders are.

mod deputies;
mod stakeholders;

use crate::ServiceError;
use crate::snapshot::Loaded;
use domain::access_request::{AccessRequest, AccessRequestState};
use domain::approval::{Exclusions, Plan, Stage, Standing, Vote, standing};
use domain::grant::Grant;
use domain::id::{AccessRequestId, ClientId, GrantId, OptOutId, PostReviewId};
use domain::name::{PersonId, TierName};
use domain::notice::NoticeItem;
use domain::opt_out::OptOutState;
use domain::post_review::{PostReview, Reviewed};
use domain::role::Role;
use domain::window::Instant;
use std::collections::BTreeSet;
use store::Tx;
use store::opt_outs::Stored;
use store::votes::Item;

/// An item with its votes.
#[derive(Debug)]
pub(crate) enum Subject {
    AccessRequest(Box<AccessRequest>, Vec<Vote>),
    Grant(Box<Grant>, Box<AccessRequest>),
    OptOut(Box<Stored>, Vec<Vote>),
    /// With what is looked at, without its votes.
    PostReview(Box<PostReview>, Box<Self>),
    Client(Box<ClientSubject>),
}

/// A client that something is wrong with: the one thing that is told of clients.
#[derive(Debug)]
pub(crate) struct ClientSubject {
    id: ClientId,
    name: String,
    /// The strictest there is: nothing says that less depends on it.
    tier: TierName,
    administrators: BTreeSet<PersonId>,
}

impl Subject {
    /// Loads it by its kind and its id in the outer form; none where this kind has no notices.
    pub(super) async fn load(
        tx: &mut Tx,
        loaded: &Loaded,
        kind: &str,
        id: &str,
    ) -> Result<Option<Self>, ServiceError> {
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
            "post_review" => match id.parse::<PostReviewId>() {
                Ok(id) => Self::post_review(tx, id).await,
                Err(error) => Err(ServiceError::internal(error)),
            },
            "client" => match id.parse::<ClientId>() {
                Ok(id) => Self::client(tx, loaded, id).await,
                Err(error) => Err(ServiceError::internal(error)),
            },
            _ => Ok(None),
        }
    }

    async fn client(tx: &mut Tx, loaded: &Loaded, id: ClientId) -> Result<Option<Self>, ServiceError> {
        let Some(client) = loaded.client_by_id(id) else {
            return Ok(None);
        };
        let Some(strictest) = loaded.policy()?.tiers().last() else {
            return Ok(None);
        };
        Ok(Some(Self::Client(Box::new(ClientSubject {
            id,
            name: client.name.clone(),
            tier: strictest.name.clone(),
            administrators: store::roles_seen::with(tx.conn(), Role::Administrator).await?,
        }))))
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

    async fn post_review(tx: &mut Tx, id: PostReviewId) -> Result<Option<Self>, ServiceError> {
        let Some(found) = store::post_reviews::find(tx.conn(), id).await? else {
            return Ok(None);
        };
        let about = match found.review.reviewed {
            Reviewed::OptOut(id) => store::opt_outs::find(tx.conn(), id)
                .await?
                .map(|stored| Self::OptOut(Box::new(stored), Vec::new())),
            Reviewed::AccessRequest(id) => store::access_requests::find(tx.conn(), id)
                .await?
                .map(|request| Self::AccessRequest(Box::new(request), Vec::new())),
        };
        Ok(about.map(|about| Self::PostReview(Box::new(found.review), Box::new(about))))
    }

    /// Whether somebody breaks the glass by it.
    pub(super) fn is_emergency(&self) -> bool {
        match self {
            Self::OptOut(stored, _) => stored.opt_out.break_glass.is_some(),
            Self::AccessRequest(request, _) => request.break_glass.is_some(),
            Self::Grant(..) | Self::PostReview(..) | Self::Client(..) => false,
        }
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
            Self::PostReview(review, _) => NoticeItem::PostReview { id: review.id },
            Self::Client(client) => NoticeItem::Client { id: client.id },
        }
    }

    /// What its votes and comments are kept under; none of what nobody decides.
    pub(crate) fn voted_on(&self) -> Option<Item> {
        match self {
            Self::AccessRequest(request, _) => Some(Item::AccessRequest(request.id.uuid())),
            Self::OptOut(stored, _) => Some(Item::OptOut(stored.opt_out.id.uuid())),
            Self::Grant(..) | Self::PostReview(..) | Self::Client(..) => None,
        }
    }

    /// Who is asked to decide it.
    pub(crate) fn plan(&self) -> Option<&Plan> {
        match self {
            Self::AccessRequest(request, _) => Some(&request.plan),
            Self::OptOut(stored, _) => Some(&stored.plan),
            Self::Grant(..) | Self::PostReview(..) | Self::Client(..) => None,
        }
    }

    /// What it is called.
    pub(super) fn title(&self) -> String {
        match self {
            Self::AccessRequest(request, _) | Self::Grant(_, request) => {
                let wish = format!(
                    "{} on {} for {}",
                    request.capability, request.resource.id, request.principal.id
                );
                match &request.break_glass {
                    Some(broken) => format!("Break-glass, {}: {wish}", broken.incident),
                    None => wish,
                }
            }
            Self::OptOut(stored, _) => stored.opt_out.title.clone(),
            Self::PostReview(_, about) => about.title(),
            Self::Client(client) => client.name.clone(),
        }
    }

    pub(super) fn tier(&self) -> &TierName {
        match self {
            Self::AccessRequest(request, _) => &request.tier,
            Self::Grant(grant, _) => &grant.tier,
            Self::OptOut(stored, _) => &stored.opt_out.tier,
            Self::PostReview(review, _) => &review.tier,
            Self::Client(client) => &client.tier,
        }
    }

    /// Until when it can be decided, else when it ends.
    pub(super) fn until(&self) -> Option<Instant> {
        match self {
            Self::AccessRequest(request, _) if request.state.is_terminal() => None,
            Self::AccessRequest(request, _) => Some(request.expires_at),
            Self::Grant(grant, _) => Some(grant.window.ends_at()),
            Self::OptOut(stored, _)
                if stored.opt_out.state.is_pending() || stored.opt_out.wanted_by().is_some() =>
            {
                Some(stored.opt_out.lapses_at)
            }
            Self::OptOut(stored, _) if stored.opt_out.state.is_terminal() => None,
            Self::Client(_) => None,
            Self::PostReview(review, _) => review.conclusion.is_none().then_some(review.due_at),
            Self::OptOut(stored, _) => {
                let opt_out = &stored.opt_out;
                Some(opt_out.closes_at().unwrap_or(opt_out.window.ends_at()))
            }
        }
    }

    /// The name of the stage that waits.
    pub(super) fn stage(&self) -> Option<String> {
        self.open_stage().map(|(stage, _)| stage.name.clone())
    }

    /// The stage that waits; of a settled item, the one that waited.
    fn open_stage(&self) -> Option<(&Stage, &Exclusions)> {
        let (plan, excluded, votes, stored) = match self {
            Self::Grant(..) | Self::PostReview(..) | Self::Client(..) => return None,
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
}
