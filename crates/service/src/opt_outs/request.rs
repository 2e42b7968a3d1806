//! Somebody asks for an opt-out, or takes it back before it is decided.

use super::event;
use super::prepare::OptOutInput;
use crate::approvals::next_to_join;
use crate::caller::PersonCaller;
use crate::command::{Effect, finish};
use crate::{Service, ServiceError};
use domain::event::EventKind;
use domain::id::OptOutId;
use domain::opt_out::{Direction, OptOut, OptOutEvent, Premise};
use domain::role::Permission;
use domain::window::Instant;
use store::Tx;
use store::opt_outs::Stored;
use store::votes::Item;

/// The most opt-outs of one person that may wait for a decision: more would fill the inboxes of those who decide.
const MOST_OPEN: i64 = 100;

impl Service {
    /// Sends an opt-out for approval. Nothing is in force until somebody else approves it. The same form, sent twice, is
    /// answered by what the first one made.
    pub async fn request_opt_out(
        &self,
        caller: &PersonCaller,
        input: &OptOutInput,
    ) -> Result<OptOut, ServiceError> {
        let authorised = caller.authorise(Permission::Request)?;
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let mut tx = self.begin().await?;
        let id = OptOutId::from_uuid(self.ids().next(now));
        if let Some(made) = self.opt_out_made_before(&mut tx, caller, id, now).await? {
            tx.rollback().await?;
            return Ok(made);
        }
        if store::opt_outs::count_open(&mut tx, &caller.person, now).await? >= MOST_OPEN {
            return Err(ServiceError::Conflict {
                code: "too_many_open",
                why: format!(
                    "{MOST_OPEN} of your opt-outs already wait for a decision. Wait until some are decided, or withdraw some."
                ),
            });
        }
        // What is counted and what is renewed stay as they are read until the commit: two at once cannot both have the last
        // place of a budget, nor renew the same.
        if input.direction == Direction::Bypass {
            store::budgets::hold(&mut tx).await?;
        }
        if let Some(parent) = input.renews {
            store::opt_outs::for_update(&mut tx, parent).await?;
        }
        let known = self.known(&mut tx, caller, &loaded, input, now).await?;
        let prepared = self.prepare_opt_out(&caller.person, &loaded, input, &known, now)?;
        let mut stored = prepared.stored;
        stored.opt_out.id = id;
        let requested = event(EventKind::OptOutRequested, &stored, body(&stored));
        stored.opt_out.state = stored
            .opt_out
            .state
            .on(OptOutEvent::StageReached(0))
            .map_err(ServiceError::internal)?;
        let first = stored.plan.stages.first().map(|stage| stage.name.clone());
        let reached = event(
            EventKind::OptOutStageReached,
            &stored,
            serde_json::json!({ "stage": 0, "name": first }),
        );
        store::opt_outs::insert(&mut tx, &stored).await?;
        if let Some(ticket) = stored
            .opt_out
            .conditions
            .premise
            .as_ref()
            .and_then(Premise::ticket)
        {
            store::tickets::want(&mut tx, ticket, now).await?;
        }
        if stored.opt_out.direction == Direction::Bypass {
            store::budgets::charge(&mut tx, &stored.opt_out).await?;
        }
        let waits = next_to_join(&stored.plan, now, &[]).map(|(_, at)| at);
        store::escalations::set(&mut tx, Item::OptOut(stored.opt_out.id.uuid()), waits).await?;
        let mut events = vec![requested];
        events.extend(
            prepared
                .joined
                .iter()
                .map(|joined| super::joined_event(&stored, joined)),
        );
        events.push(reached);
        finish(self, tx, authorised, events, Effect::None, now).await?;
        Ok(stored.opt_out)
    }

    /// What the caller's form has made before, unless that is over by now; else it is noted that it makes this.
    pub(crate) async fn opt_out_made_before(
        &self,
        tx: &mut Tx,
        caller: &PersonCaller,
        makes: OptOutId,
        now: Instant,
    ) -> Result<Option<OptOut>, ServiceError> {
        let Some(made) = self.made_before(tx, caller, makes.uuid(), now).await? else {
            return Ok(None);
        };
        match store::opt_outs::find(tx.conn(), OptOutId::from_uuid(made)).await? {
            Some(stored) if !stored.opt_out.state_at(now, stored.uses).is_terminal() => {
                Ok(Some(stored.opt_out))
            }
            Some(_) | None => {
                self.makes_anew(tx, caller, makes.uuid(), now).await?;
                Ok(None)
            }
        }
    }

    /// The requester takes it back while it is pending.
    pub async fn withdraw_opt_out(
        &self,
        caller: &PersonCaller,
        id: OptOutId,
    ) -> Result<OptOut, ServiceError> {
        let authorised = caller.authorise(Permission::ReadOwn)?;
        let now = self.now();
        let mut tx = self.begin().await?;
        let mut stored = store::opt_outs::for_update(&mut tx, id)
            .await?
            .filter(|stored| stored.opt_out.requested_by == caller.person)
            .ok_or(ServiceError::NotFound { what: "opt-out" })?;
        stored.opt_out.state = stored
            .opt_out
            .state_at(now, stored.uses)
            .on(OptOutEvent::Withdrawn)
            .map_err(super::vote::settled)?;
        store::opt_outs::update(&mut tx, &stored, false, now).await?;
        store::budgets::release(&mut tx, id, now).await?;
        let withdrawn = event(EventKind::OptOutWithdrawn, &stored, serde_json::json!({}));
        finish(self, tx, authorised, vec![withdrawn], Effect::None, now).await?;
        Ok(stored.opt_out)
    }
}

/// What a request says to the ledger.
pub(crate) fn body(stored: &Stored) -> serde_json::Value {
    serde_json::json!({
        "opt_out": stored.opt_out,
        "plan": stored.plan,
        "excluded": stored.excluded,
        "scheduled": stored.scheduled,
    })
}
