//! The worker that reports what has already happened by itself: ends, lapses, exhaustion. No decision waits for it;
//! it only writes the event, so that the ledger and the lists say so. Whether something has ended is asked of the database's
//! own clock, in the transaction that says so: what is reported as ended never comes back.

use crate::caller::system;
use crate::command::{Effect, EventDraft, finish};
use crate::post_reviews::{owed, review_at_end};
use crate::{Service, ServiceError, grants, opt_outs};
use domain::access_request::AccessRequestEvent;
use domain::event::EventKind;
use domain::id::{AccessRequestId, CorrelationId, GrantId, OptOutId};
use domain::opt_out::OptOutState;
use domain::window::Instant;

const WHO: &str = "reporter";

/// What came of many: how many were reported, and what went wrong first.
#[derive(Default)]
pub(crate) struct Outcome {
    count: usize,
    first_error: Option<ServiceError>,
}

impl Outcome {
    pub(crate) fn note(&mut self, reported: Result<bool, ServiceError>) {
        match reported {
            Ok(reported) => self.count += usize::from(reported),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "it could not be reported"
                );
                self.first_error.get_or_insert(error);
            }
        }
    }

    /// How many there were; the first error, if any failed.
    pub(crate) fn of_all(self) -> Result<usize, ServiceError> {
        self.first_error.map_or(Ok(self.count), Err)
    }
}

impl Service {
    /// Reports up to a hundred ends of each kind; returns how many there were. Several nodes can run it at once. Each is
    /// reported by itself, so that one that errs keeps no other waiting: it is tried again the next time, and the first error
    /// is returned.
    pub async fn report_ends(&self) -> Result<usize, ServiceError> {
        let now = self.checked_now()?;
        let pool = self.store().pool();
        let mut outcome = Outcome::default();
        for id in store::opt_outs::unreported_ends(pool, now).await? {
            outcome.note(self.report_opt_out(id).await);
        }
        for id in store::grants::unreported_ends(pool, now).await? {
            outcome.note(self.report_grant(id).await);
        }
        for id in store::access_requests::unreported_expiries(pool, now).await? {
            outcome.note(self.report_request(id).await);
        }
        outcome.of_all()
    }

    async fn report_opt_out(&self, id: OptOutId) -> Result<bool, ServiceError> {
        let loaded = self.snapshots().current();
        let mut tx = self.begin().await?;
        let Some(stored) = store::opt_outs::unreported_end(&mut tx, id).await? else {
            return Ok(false);
        };
        let now = self.time().of_transaction(&mut tx).await?;
        let state = stored.opt_out.state_at(now, stored.uses);
        let kind = match state {
            OptOutState::Expired => EventKind::OptOutExpired,
            OptOutState::Exhausted => EventKind::OptOutExhausted,
            OptOutState::ClosedEarly => EventKind::OptOutClosedEarly,
            OptOutState::Lapsed => {
                store::budgets::release(&mut tx, id, stored.opt_out.lapses_at).await?;
                EventKind::OptOutLapsed
            }
            OptOutState::Requested
            | OptOutState::InReview { .. }
            | OptOutState::Approved
            | OptOutState::Active
            | OptOutState::Suspended
            | OptOutState::Revoked
            | OptOutState::Rejected
            | OptOutState::Withdrawn => return Ok(false),
        };
        store::opt_outs::mark_end_reported(&mut tx, id, state).await?;
        let body = serde_json::json!({ "ends_at": stored.opt_out.window.ends_at(), "uses": stored.uses });
        let mut events = vec![opt_outs::event(kind, &stored, body)];
        let was_in_force = state != OptOutState::Lapsed;
        if was_in_force && let Some(review) = review_at_end(self, &loaded, &stored, now)? {
            store::post_reviews::insert(&mut tx, &review).await?;
            events.push(owed(&review));
        }
        self.report(tx, events, now).await
    }

    async fn report_grant(&self, id: GrantId) -> Result<bool, ServiceError> {
        let mut tx = self.begin().await?;
        let Some(grant) = store::grants::unreported_end(&mut tx, id).await? else {
            return Ok(false);
        };
        let now = self.time().of_transaction(&mut tx).await?;
        if grant.window.ends_at() > now {
            return Ok(false);
        }
        store::grants::mark_end_reported(&mut tx, id).await?;
        let body = serde_json::json!({ "ends_at": grant.window.ends_at() });
        self.report(tx, vec![grants::event(EventKind::GrantEnded, &grant, body)], now)
            .await
    }

    async fn report_request(&self, id: AccessRequestId) -> Result<bool, ServiceError> {
        let mut tx = self.begin().await?;
        let Some(mut request) = store::access_requests::for_update(&mut tx, id).await? else {
            return Ok(false);
        };
        let now = self.time().of_transaction(&mut tx).await?;
        if request.expires_at > now {
            return Ok(false);
        }
        // Another worker was here before, or somebody decided just in time.
        let Ok(state) = request.state.on(AccessRequestEvent::Expired) else {
            return Ok(false);
        };
        request.state = state;
        request.decided_at = Some(request.expires_at);
        store::access_requests::update(&mut tx, &request).await?;
        let body = serde_json::json!({ "expires_at": request.expires_at });
        let event = crate::access_requests::event(EventKind::AccessRequestExpired, &request, body);
        self.report(tx, vec![event], now).await
    }

    async fn report(
        &self,
        tx: store::Tx,
        events: Vec<EventDraft>,
        now: Instant,
    ) -> Result<bool, ServiceError> {
        let correlation = CorrelationId::from_uuid(self.ids().next(now));
        finish(self, tx, system(WHO, correlation), events, Effect::None, now).await?;
        Ok(true)
    }
}
