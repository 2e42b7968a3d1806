//! The worker that reports what has already happened by itself: ends, lapses, exhaustion. No decision waits for it;
//! it only writes the event, so that the ledger and the lists say so.

use crate::caller::system;
use crate::command::{Effect, finish};
use crate::post_reviews::{owed, review_at_end};
use crate::{Service, ServiceError, grants, opt_outs};
use domain::access_request::AccessRequestEvent;
use domain::event::EventKind;
use domain::id::CorrelationId;
use domain::opt_out::OptOutState;

const WHO: &str = "reporter";

impl Service {
    /// Reports up to a hundred ends of each kind; returns how many there were. Several nodes can run it at once.
    pub async fn report_ends(&self) -> Result<usize, ServiceError> {
        Ok(self.report_opt_outs().await? + self.report_grants().await? + self.report_requests().await?)
    }

    async fn report_opt_outs(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let correlation = CorrelationId::from_uuid(self.ids().next(now));
        let loaded = self.snapshots().current();
        let mut tx = self.store().begin().await?;
        let mut events = Vec::new();
        for stored in store::opt_outs::unreported_ends(&mut tx, now).await? {
            let state = stored.opt_out.state_at(now, stored.uses);
            let kind = match state {
                OptOutState::Expired => EventKind::OptOutExpired,
                OptOutState::Exhausted => EventKind::OptOutExhausted,
                OptOutState::ClosedEarly => EventKind::OptOutClosedEarly,
                OptOutState::Lapsed => {
                    store::budgets::release(&mut tx, stored.opt_out.id, stored.opt_out.lapses_at).await?;
                    EventKind::OptOutLapsed
                }
                OptOutState::Requested
                | OptOutState::InReview { .. }
                | OptOutState::Approved
                | OptOutState::Active
                | OptOutState::Suspended
                | OptOutState::Revoked
                | OptOutState::Rejected
                | OptOutState::Withdrawn => continue,
            };
            store::opt_outs::mark_end_reported(&mut tx, stored.opt_out.id, state).await?;
            let body = serde_json::json!({ "ends_at": stored.opt_out.window.ends_at(), "uses": stored.uses });
            events.push(opt_outs::event(kind, &stored, body));
            let was_in_force = state != OptOutState::Lapsed;
            if was_in_force && let Some(review) = review_at_end(self, &loaded, &stored, now)? {
                store::post_reviews::insert(&mut tx, &review).await?;
                events.push(owed(&review));
            }
        }
        self.report(tx, events, correlation, now).await
    }

    async fn report_grants(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let correlation = CorrelationId::from_uuid(self.ids().next(now));
        let mut tx = self.store().begin().await?;
        let mut events = Vec::new();
        for grant in store::grants::unreported_ends(&mut tx, now).await? {
            store::grants::mark_end_reported(&mut tx, grant.id).await?;
            let body = serde_json::json!({ "ends_at": grant.window.ends_at() });
            events.push(grants::event(EventKind::GrantEnded, &grant, body));
        }
        self.report(tx, events, correlation, now).await
    }

    async fn report_requests(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let correlation = CorrelationId::from_uuid(self.ids().next(now));
        let mut tx = self.store().begin().await?;
        let mut events = Vec::new();
        for id in store::access_requests::unreported_expiries(&mut tx, now).await? {
            let Some(mut request) = store::access_requests::for_update(&mut tx, id).await? else {
                continue;
            };
            let Ok(state) = request.state.on(AccessRequestEvent::Expired) else {
                continue;
            };
            request.state = state;
            request.decided_at = Some(request.expires_at);
            store::access_requests::update(&mut tx, &request).await?;
            let body = serde_json::json!({ "expires_at": request.expires_at });
            events.push(crate::access_requests::event(
                EventKind::AccessRequestExpired,
                &request,
                body,
            ));
        }
        self.report(tx, events, correlation, now).await
    }

    async fn report(
        &self,
        tx: store::Tx,
        events: Vec<crate::command::EventDraft>,
        correlation: CorrelationId,
        now: domain::window::Instant,
    ) -> Result<usize, ServiceError> {
        let count = events.len();
        if count > 0 {
            finish(self, tx, system(WHO, correlation), events, Effect::None, now).await?;
        }
        Ok(count)
    }
}
