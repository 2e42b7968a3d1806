//! When a review can be concluded: once what is looked at is over, and by nobody whom it kept out.

use crate::ServiceError;
use crate::caller::PersonCaller;
use crate::opt_outs::{Met, covers};
use crate::snapshot::Loaded;
use domain::access_request::AccessRequest;
use domain::grant::Grant;
use domain::opt_out::Direction;
use domain::post_review::{PostReview, Reviewed};
use domain::window::Instant;
use store::Store;
use store::opt_outs::Stored;

/// What a review looks at.
pub(super) enum LookedAt {
    /// An opt-out, and whom it met.
    OptOut(Box<Stored>, Met),
    /// Access, and what it gave.
    Access(Box<AccessRequest>, Option<Box<Grant>>),
}

impl LookedAt {
    pub(super) async fn find(store: &Store, reviewed: Reviewed) -> Result<Self, ServiceError> {
        let pool = store.pool();
        let found = match reviewed {
            Reviewed::OptOut(id) => match store::opt_outs::find(pool, id).await? {
                Some(stored) => {
                    let mut conn = pool.acquire().await.map_err(store::StoreError::from)?;
                    let met = Met::by_decisions(&mut conn, &stored.opt_out).await?;
                    Some(Self::OptOut(Box::new(stored), met))
                }
                None => None,
            },
            Reviewed::AccessRequest(id) => {
                let grant = store::grants::of_request(pool, id).await?.map(Box::new);
                store::access_requests::find(pool, id)
                    .await?
                    .map(|request| Self::Access(Box::new(request), grant))
            }
        };
        found.ok_or_else(|| ServiceError::internal(format!("a review of nothing: {reviewed}")))
    }

    /// What is in force still has not been seen whole: a conclusion stands, and nobody would look at what came after it. And
    /// whom a `to_manual` keeps out does not say that it was wrong.
    pub(super) fn ready(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        review: &PostReview,
        now: Instant,
    ) -> Result<(), ServiceError> {
        if review.conclusion.is_none() && !self.is_over(now) {
            return Err(ServiceError::Conflict {
                code: "not_over",
                why: "It is not over yet. Look at it once it has ended, or end it first.".to_owned(),
            });
        }
        match self {
            Self::OptOut(stored, met)
                if stored.opt_out.direction == Direction::ToManual
                    && covers(loaded, &stored.opt_out, met, &caller.person) =>
            {
                Err(ServiceError::Forbidden {
                    code: "covered",
                    why: "This took you out of the automation, so somebody else has to look at it."
                        .to_owned(),
                })
            }
            Self::OptOut(..) | Self::Access(..) => Ok(()),
        }
    }

    fn is_over(&self, now: Instant) -> bool {
        match self {
            Self::OptOut(stored, _) => stored.opt_out.state_at(now, stored.uses).is_terminal(),
            Self::Access(_, grant) => grant.as_ref().is_none_or(|grant| grant.state(now).is_terminal()),
        }
    }
}
