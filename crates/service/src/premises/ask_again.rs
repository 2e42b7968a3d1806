//! Who asked for a suspended opt-out asks its approvers to put it back.

use super::{present_pins, still_holds};
use crate::approvals::next_to_join;
use crate::caller::PersonCaller;
use crate::command::{Effect, finish};
use crate::opt_outs::event;
use crate::opt_outs::refusals::{conflict, reason_missing, reason_too_long, settled};
use crate::{Service, ServiceError};
use domain::event::EventKind;
use domain::id::OptOutId;
use domain::opt_out::{AskAgainError, OptOut};
use domain::role::Permission;
use store::opt_outs::Stored;
use store::votes::Item;

impl Service {
    /// Asks its approvers once more, all stages of them, while its premise holds again, about its rules as they stand by now.
    /// Nothing comes back before they agree.
    pub async fn ask_again(
        &self,
        caller: &PersonCaller,
        id: OptOutId,
        reason: &str,
    ) -> Result<OptOut, ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let mut tx = self.begin().await?;
        store::incidents::hold(&mut tx).await?;
        let mut stored = store::opt_outs::for_update(&mut tx, id)
            .await?
            .filter(|stored| self.sees_opt_out(caller, &loaded, stored))
            .ok_or(ServiceError::NotFound { what: "opt-out" })?;
        may_ask_again(caller, &stored)?;
        let authorised = caller.authorise(Permission::Request)?;
        let policy = loaded.policy()?;
        // Its approvers are asked about its rules as they stand, and it comes back with those: a text that changes once more
        // before the last of them has agreed is asked about anew.
        let pins = present_pins(policy, &stored.opt_out)?;
        let tier = policy.tier(&stored.opt_out.tier).unwrap_or(policy.strictest());
        let until = chrono::TimeDelta::try_seconds(tier.opt_out_lapse_secs)
            .and_then(|lapse| now.checked_add_signed(lapse))
            .unwrap_or(stored.opt_out.window.ends_at());
        stored.opt_out = stored
            .opt_out
            .clone()
            .ask_again(caller.person.clone(), reason, pins, until, now, stored.uses)
            .map_err(refused)?;
        still_holds(&mut tx, &loaded, &stored.opt_out, now).await?;
        stored.plan = stored.plan.anew();
        let joined = crate::opt_outs::joined(&loaded, &mut stored, &[], now);
        loaded
            .electors()
            .feasible(&stored.plan, &[], &stored.excluded)
            .map_err(|nobody| nobody.conflict("This cannot be sent"))?;
        store::opt_outs::update(&mut tx, &stored, true, now).await?;
        let stage = stored.plan.stages.first().map(|stage| stage.name.clone());
        let asked = event(
            EventKind::OptOutAskedAgain,
            &stored,
            serde_json::json!({ "person": caller.person, "reason": reason.trim(), "stage": 0, "name": stage }),
        );
        let waits = next_to_join(&stored.plan, now, &[]).map(|(_, at)| at);
        store::escalations::set(&mut tx, Item::OptOut(id.uuid()), waits).await?;
        let events = std::iter::once(asked).chain(joined).collect();
        finish(self, tx, authorised, events, Effect::None, now).await?;
        Ok(stored.opt_out)
    }
}

/// Who asked for it may, where it is no emergency: that one has its review, and a new one is at once.
pub(crate) fn may_ask_again(caller: &PersonCaller, stored: &Stored) -> Result<(), ServiceError> {
    if stored.opt_out.break_glass.is_some() {
        return Err(ServiceError::Forbidden {
            code: "not_for_break_glass",
            why: "An emergency is not put back: break the glass anew.".to_owned(),
        });
    }
    if stored.opt_out.requested_by == caller.person {
        Ok(())
    } else {
        Err(ServiceError::Forbidden {
            code: "not_permitted",
            why: "Only who asked for it can ask to put it back.".to_owned(),
        })
    }
}

fn refused(error: AskAgainError) -> ServiceError {
    match error {
        AskAgainError::NoReason => reason_missing(error),
        AskAgainError::LongReason => reason_too_long(error),
        AskAgainError::State(_) => settled(error),
        AskAgainError::Asked => conflict("asked_already", error),
    }
}
