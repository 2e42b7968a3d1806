//! The worker that opens stages again after a change of the directory: whoever has voted and must not decide any more, or has
//! left, has no vote. No approval waits for it, since each vote looks for itself; it is there so that approvers are asked in
//! time.

use crate::access_requests::{event as request_event, exclude as exclude_from_request};
use crate::approvals::{Tally, void_reason};
use crate::caller::system;
use crate::command::{Effect, EventDraft, finish_as_judged, judged};
use crate::opt_outs::{event as opt_out_event, exclude as exclude_from_opt_out};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::access_request::{AccessRequestEvent, AccessRequestState};
use domain::approval::{Exclusions, Plan, Standing, standing};
use domain::event::EventKind;
use domain::id::{AccessRequestId, CorrelationId, OptOutId};
use domain::opt_out::{OptOutEvent, OptOutState};
use domain::window::Instant;
use store::Tx;
use store::generation::Generation;
use store::votes::Item;

const WHO: &str = "reopening";

impl Service {
    /// Makes void the votes that count no longer under the present directory; how many items were opened again. `checked` is
    /// the generation that was looked at last, so that nothing is read while nothing has changed. Several nodes can run it at
    /// once.
    pub async fn reopen_stages(&self, checked: &mut Option<Generation>) -> Result<usize, ServiceError> {
        self.checked_now()?;
        let loaded = self.snapshots().current();
        if *checked == Some(loaded.generation()) {
            return Ok(0);
        }
        let mut reopened = crate::reporter::Outcome::default();
        for (kind, id) in store::votes::pending_items(self.store().pool()).await? {
            let item = if kind == "access_request" {
                Item::AccessRequest(id)
            } else {
                Item::OptOut(id)
            };
            reopened.note(self.reopen(&loaded, item).await);
        }
        let count = reopened.of_all()?;
        *checked = Some(loaded.generation());
        Ok(count)
    }

    async fn reopen(&self, loaded: &Loaded, item: Item) -> Result<bool, ServiceError> {
        // Without a lock first: nearly always there is nothing to do.
        let Some(excluded) = self.excluded_by_now(loaded, item).await? else {
            return Ok(false);
        };
        let votes = store::votes::of(self.store().pool(), item).await?;
        let all_count = votes
            .iter()
            .all(|vote| void_reason(loaded.directory(), &excluded, vote).is_none());
        if all_count {
            return Ok(false);
        }
        match item {
            Item::AccessRequest(id) => {
                judged(|| self.reopen_request(item, AccessRequestId::from_uuid(id))).await
            }
            Item::OptOut(id) => judged(|| self.reopen_opt_out(item, OptOutId::from_uuid(id))).await,
        }
    }

    async fn excluded_by_now(&self, loaded: &Loaded, item: Item) -> Result<Option<Exclusions>, ServiceError> {
        let pool = self.store().pool();
        Ok(match item {
            Item::AccessRequest(id) => {
                let found = store::access_requests::find(pool, AccessRequestId::from_uuid(id)).await?;
                found.map(|mut request| {
                    exclude_from_request(loaded, &mut request);
                    request.excluded
                })
            }
            Item::OptOut(id) => match store::opt_outs::find(pool, OptOutId::from_uuid(id)).await? {
                Some(mut stored) => {
                    exclude_from_opt_out(loaded, &mut stored)?;
                    Some(stored.excluded)
                }
                None => None,
            },
        })
    }

    async fn reopen_request(&self, item: Item, id: AccessRequestId) -> Result<bool, ServiceError> {
        let mut tx = self.begin().await?;
        let found = store::access_requests::for_update(&mut tx, id).await?;
        let now = self.now();
        let loaded = self.snapshots().current_within(&mut tx).await?;
        let Some(mut request) = found.filter(|request| !request.state_at(now).is_terminal()) else {
            return Ok(false);
        };
        exclude_from_request(&loaded, &mut request);
        let tally = Tally::take(&mut tx, loaded.directory(), item, &request.excluded, now).await?;
        let mut events =
            tally.events(|body| request_event(EventKind::AccessRequestVoteVoided, &request, body));
        if let Some((stage, body)) = opened(&request.plan, &tally)
            && request.state != (AccessRequestState::InReview { stage })
        {
            request.state = request
                .state
                .on(AccessRequestEvent::StageReached(stage))
                .map_err(ServiceError::internal)?;
            events.push(request_event(
                EventKind::AccessRequestStageReached,
                &request,
                body,
            ));
        }
        store::access_requests::update(&mut tx, &request).await?;
        self.commit_reopened(tx, &loaded, events, now).await
    }

    async fn reopen_opt_out(&self, item: Item, id: OptOutId) -> Result<bool, ServiceError> {
        let mut tx = self.begin().await?;
        let found = store::opt_outs::for_update(&mut tx, id).await?;
        let now = self.now();
        let loaded = self.snapshots().current_within(&mut tx).await?;
        let pending = |stored: &store::opt_outs::Stored| stored.opt_out.is_before_approvers(now, stored.uses);
        let Some(mut stored) = found.filter(pending) else {
            return Ok(false);
        };
        exclude_from_opt_out(&loaded, &mut stored)?;
        let tally = Tally::take(&mut tx, loaded.directory(), item, &stored.excluded, now).await?;
        let mut events = tally.events(|body| opt_out_event(EventKind::OptOutVoteVoided, &stored, body));
        if let Some((stage, body)) = opened(&stored.plan, &tally)
            && stored.opt_out.state.is_pending()
            && stored.opt_out.state != (OptOutState::InReview { stage })
        {
            stored.opt_out.state = stored
                .opt_out
                .state
                .on(OptOutEvent::StageReached(stage))
                .map_err(ServiceError::internal)?;
            events.push(opt_out_event(EventKind::OptOutStageReached, &stored, body));
        }
        store::opt_outs::update(&mut tx, &stored, false, now).await?;
        self.commit_reopened(tx, &loaded, events, now).await
    }

    async fn commit_reopened(
        &self,
        tx: Tx,
        loaded: &Loaded,
        events: Vec<EventDraft>,
        now: Instant,
    ) -> Result<bool, ServiceError> {
        if events.is_empty() {
            tx.rollback().await?;
            return Ok(false);
        }
        let who = system(WHO, CorrelationId::from_uuid(self.ids().next(now)));
        finish_as_judged(self, tx, who, events, Effect::None, loaded, now).await?;
        Ok(true)
    }
}

/// The stage that waits now, with what the ledger says of it.
fn opened(plan: &Plan, tally: &Tally) -> Option<(u32, serde_json::Value)> {
    let Standing::Open { stage } = standing(plan, &tally.counted) else {
        return None;
    };
    let name = usize::try_from(stage)
        .ok()
        .and_then(|place| plan.stages.get(place))
        .map(|stage| &stage.name);
    Some((stage, serde_json::json!({ "stage": stage, "name": name })))
}
