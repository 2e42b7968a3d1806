//! The worker that lets the next list join in time. No vote waits for it: a vote lets everybody join whose time has come.

use crate::access_requests::joined as join_request;
use crate::approvals::next_to_join;
use crate::caller::system;
use crate::command::{Effect, finish};
use crate::opt_outs::joined as join_opt_out;
use crate::{Service, ServiceError};
use domain::approval::Vote;
use domain::id::{AccessRequestId, CorrelationId, OptOutId};
use domain::window::Instant;
use store::Tx;
use store::votes::Item;

const WHO: &str = "escalation";
/// How many are looked at in one go.
const AT_ONCE: i64 = 100;

impl Service {
    /// Lets those join whose time has come; how many items were looked at. Several nodes can run it at once. One that errs
    /// keeps no other waiting: it is tried again the next time, and the first error is returned.
    pub async fn escalate_silence(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let due = store::escalations::due(self.store().pool(), now, AT_ONCE).await?;
        let count = due.len();
        let mut first_error = None;
        for (kind, id) in due {
            if let Err(error) = self.escalate(&kind, id, now).await {
                first_error.get_or_insert(error);
            }
        }
        first_error.map_or(Ok(count), Err)
    }

    async fn escalate(&self, kind: &str, id: uuid::Uuid, now: Instant) -> Result<(), ServiceError> {
        let mut tx = self.begin().await?;
        let looked = if kind == "access_request" {
            self.escalate_request(&mut tx, AccessRequestId::from_uuid(id), now)
                .await?
        } else {
            self.escalate_opt_out(&mut tx, OptOutId::from_uuid(id), now)
                .await?
        };
        looked.commit(self, tx, now).await
    }

    async fn escalate_request(
        &self,
        tx: &mut Tx,
        id: AccessRequestId,
        now: Instant,
    ) -> Result<Looked, ServiceError> {
        let item = Item::AccessRequest(id.uuid());
        // Before the row is locked, over a connection of its own: who waits for the row may hold the others.
        let original = match store::access_requests::find(self.store().pool(), id).await? {
            Some(request) => self.decision_record(request.decision).await?,
            None => None,
        };
        let loaded = self.snapshots().current_for_commands().await?;
        let pending = store::access_requests::for_update(tx, id)
            .await?
            .filter(|request| !request.state_at(now).is_terminal());
        let Some(mut request) = pending else {
            store::escalations::set(tx, item, None).await?;
            return Ok(Looked::default());
        };
        let votes: Vec<Vote> = store::votes::of(tx.conn(), item).await?;
        let mut events = join_request(&loaded, &mut request, &votes, now);
        if !events.is_empty() {
            store::access_requests::update(tx, &request).await?;
        }
        let next = next_to_join(&request.plan, request.requested_at, &votes).map(|(_, at)| at);
        store::escalations::set(tx, item, next).await?;
        if let Some(original) = original {
            let (original, votes) = (original.input, votes.as_slice());
            events.extend(
                crate::access_requests::nobody_left_by_now(tx, &loaded, &request, (original, votes), now)
                    .await?,
            );
        }
        Ok(Looked(events))
    }

    async fn escalate_opt_out(
        &self,
        tx: &mut Tx,
        id: OptOutId,
        now: Instant,
    ) -> Result<Looked, ServiceError> {
        let item = Item::OptOut(id.uuid());
        let loaded = self.snapshots().current_for_commands().await?;
        let pending = store::opt_outs::for_update(tx, id)
            .await?
            .filter(|stored| stored.opt_out.is_before_approvers(now, stored.uses));
        let Some(mut stored) = pending else {
            store::escalations::set(tx, item, None).await?;
            return Ok(Looked::default());
        };
        let votes: Vec<Vote> = store::votes::of(tx.conn(), item).await?;
        let mut events = join_opt_out(&loaded, &mut stored, &votes, now);
        if !events.is_empty() {
            store::opt_outs::update(tx, &stored, false, now).await?;
        }
        let next = next_to_join(&stored.plan, stored.opt_out.asked_since(), &votes).map(|(_, at)| at);
        store::escalations::set(tx, item, next).await?;
        events.extend(crate::opt_outs::nobody_left_by_now(tx, &loaded, &stored, &votes, now).await?);
        Ok(Looked(events))
    }
}

/// What came of looking at one item.
#[derive(Default)]
struct Looked(Vec<crate::command::EventDraft>);

impl Looked {
    async fn commit(self, service: &Service, tx: Tx, now: Instant) -> Result<(), ServiceError> {
        if self.0.is_empty() {
            return crate::command::commit_news(service, tx).await;
        }
        let correlation = CorrelationId::from_uuid(service.ids().next(now));
        finish(service, tx, system(WHO, correlation), self.0, Effect::None, now).await
    }
}
