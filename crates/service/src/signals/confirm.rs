//! A person looks at a signal and agrees. Lifting it is ending its opt-out.

use crate::approvals::Standpoint;
use crate::caller::PersonCaller;
use crate::command::{Effect, finish_as_judged, judged};
use crate::inbox::readable;
use crate::opt_outs::{Met, covers, event};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::event::EventKind;
use domain::id::OptOutId;
use domain::opt_out::{OptOut, OptOutState};
use domain::role::Permission;
use domain::window::Instant;
use store::opt_outs::Stored;

/// A signal that waits to be confirmed or lifted.
#[derive(Debug, Clone)]
pub struct SignalSummary {
    /// What it opened.
    pub opt_out: OptOut,
}

impl Service {
    /// Confirms that a principal stays out of the automation until the signal's own end.
    pub async fn confirm_signal(&self, caller: &PersonCaller, id: OptOutId) -> Result<OptOut, ServiceError> {
        judged(|| self.confirm_signal_now(caller, id)).await
    }

    async fn confirm_signal_now(&self, caller: &PersonCaller, id: OptOutId) -> Result<OptOut, ServiceError> {
        let mut tx = self.begin().await?;
        let found = store::opt_outs::for_update(&mut tx, id).await?;
        let now = self.now();
        let loaded = self.snapshots().current_within(&mut tx).await?;
        let stored = found
            .filter(|stored| self.sees_opt_out(caller, &loaded, stored))
            .ok_or(ServiceError::NotFound { what: "opt-out" })?;
        let authorised = caller.authorise(Permission::Vote)?;
        let confirmed = store::signals::of_opt_out(tx.conn(), id)
            .await?
            .ok_or(ServiceError::Conflict {
                code: "no_signal",
                why: "No signal opened this.".to_owned(),
            })?
            .confirmed;
        if let Some(why) = confirmed.map(|_| "confirmed already".to_owned()).or_else(|| {
            let state = stored.opt_out.state_at(now, stored.uses);
            (state != OptOutState::Active).then(|| state.words().to_owned())
        }) {
            return Err(ServiceError::Conflict {
                code: "settled",
                why: format!("This is {why}."),
            });
        }
        let met = Met::by(tx.conn(), &loaded, &stored.opt_out, now).await?;
        may_confirm(caller, &loaded, &stored, &met)?;
        store::signals::confirm(&mut tx, id, &caller.person, now).await?;
        let body = serde_json::json!({ "person": caller.person });
        let drafted = event(EventKind::OptOutConfirmed, &stored, body);
        let events = vec![drafted];
        finish_as_judged(self, tx, authorised, events, Effect::None, &loaded, now).await?;
        Ok(stored.opt_out)
    }

    /// The signals that the caller could confirm or lift now.
    pub(crate) async fn signals_for(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        now: Instant,
    ) -> Result<Vec<SignalSummary>, ServiceError> {
        let pool = self.store().pool();
        let mut found = Vec::new();
        for id in store::signals::unconfirmed(pool, now).await? {
            let Some(Some(stored)) = readable(store::opt_outs::find(pool, id).await)? else {
                continue;
            };
            let met = self.met_by(loaded, &stored, now).await?;
            if may_confirm(caller, loaded, &stored, &met).is_ok() {
                found.push(SignalSummary {
                    opt_out: stored.opt_out,
                });
            }
        }
        Ok(found)
    }

    /// What the caller may do about a signal's opt-out; nothing to do where no signal opened it or somebody has confirmed it.
    pub(crate) async fn signal_standpoint(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        stored: &Stored,
        state: OptOutState,
    ) -> Result<Option<Standpoint>, ServiceError> {
        if state != OptOutState::Active || stored.opt_out.requested_by.signal().is_none() {
            return Ok(None);
        }
        let signal = store::signals::of_opt_out(self.store().pool(), stored.opt_out.id).await?;
        if signal.is_none_or(|signal| signal.confirmed.is_some()) {
            return Ok(None);
        }
        if !caller.may(Permission::Vote) {
            return Ok(Some(Standpoint::MayNot(
                "Your roles do not let you decide on signals.".to_owned(),
            )));
        }
        let met = self.met_by(loaded, stored, self.now()).await?;
        Ok(Some(match may_confirm(caller, loaded, stored, &met) {
            Ok(()) => Standpoint::MayVote,
            Err(why) => Standpoint::MayNot(why.to_string()),
        }))
    }
}

/// An approver whom its tier would ask, and who is not covered by it.
fn may_confirm(
    caller: &PersonCaller,
    loaded: &Loaded,
    stored: &Stored,
    met: &Met,
) -> Result<(), ServiceError> {
    if covers(loaded, &stored.opt_out, met, &caller.person) {
        return Err(ServiceError::Forbidden {
            code: "covered",
            why: "This takes you out of the automation, so somebody else has to decide.".to_owned(),
        });
    }
    let can = loaded.electors().capacities(&caller.person);
    let asked = stored
        .plan
        .stages
        .iter()
        .flat_map(domain::approval::Stage::asks)
        .any(|approver| can.contains(&approver));
    if asked {
        Ok(())
    } else {
        Err(ServiceError::Forbidden {
            code: "not_eligible",
            why: "Others are asked to look at this.".to_owned(),
        })
    }
}
