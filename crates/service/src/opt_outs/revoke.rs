//! An opt-out is ended before its time.

use super::covered::{Met, covers};
use super::event;
use super::refusals::{reason_missing, reason_too_long};
use crate::caller::PersonCaller;
use crate::command::{Effect, finish_as_judged, judged};
use crate::post_reviews::{owed, review_at_end};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::approval::LONGEST_REASON;
use domain::event::EventKind;
use domain::id::OptOutId;
use domain::name::visible_chars;
use domain::opt_out::{Direction, OptOut, OptOutEvent};
use domain::post_review::Reviewed;
use domain::role::Permission;
use store::opt_outs::Stored;

impl Service {
    /// Ends an opt-out at once, on every node. A reason is needed.
    pub async fn revoke_opt_out(
        &self,
        caller: &PersonCaller,
        id: OptOutId,
        reason: &str,
    ) -> Result<OptOut, ServiceError> {
        judged(|| self.revoke_opt_out_now(caller, id, reason)).await
    }

    async fn revoke_opt_out_now(
        &self,
        caller: &PersonCaller,
        id: OptOutId,
        reason: &str,
    ) -> Result<OptOut, ServiceError> {
        let mut tx = self.begin().await?;
        let found = store::opt_outs::for_update(&mut tx, id).await?;
        let now = self.now();
        let loaded = self.snapshots().current_within(&mut tx).await?;
        let mut stored = found
            .filter(|stored| self.sees_opt_out(caller, &loaded, stored))
            .ok_or(ServiceError::NotFound { what: "opt-out" })?;
        let met = Met::by(tx.conn(), &loaded, &stored.opt_out, now).await?;
        may_end(caller, &loaded, &stored, &met)?;
        let own = stored.opt_out.requested_by == caller.person;
        let authorised = caller.authorise(if own {
            Permission::ReadOwn
        } else {
            Permission::Revoke
        })?;
        if !own {
            caller.with_fresh_groups(&loaded, &stored.opt_out.tier, now)?;
        }
        let reason = reason.trim();
        if visible_chars(reason) == 0 {
            return Err(reason_missing("Say why you end it."));
        }
        if reason.chars().count() > LONGEST_REASON {
            return Err(reason_too_long(format!(
                "A reason has at most {LONGEST_REASON} characters."
            )));
        }
        stored.opt_out.state = stored
            .opt_out
            .state_at(now, stored.uses)
            .on(OptOutEvent::Revoked)
            .map_err(super::vote::settled)?;
        stored.opt_out.revision = stored.opt_out.revision.saturating_add(1);
        store::opt_outs::update(&mut tx, &stored, true, now).await?;
        let revoked = event(
            EventKind::OptOutRevoked,
            &stored,
            serde_json::json!({ "person": caller.person, "reason": reason }),
        );
        let mut events = vec![revoked];
        if stored.opt_out.break_glass.is_some() {
            store::break_glass::end(&mut tx, Reviewed::OptOut(id), now).await?;
        }
        if let Some(review) = review_at_end(self, &loaded, &stored, now)? {
            store::post_reviews::insert(&mut tx, &review).await?;
            events.push(owed(&review));
        }
        finish_as_judged(self, tx, authorised, events, Effect::OnDecisions, &loaded, now).await?;
        Ok(stored.opt_out)
    }
}

/// Ending a bypass tightens: its requester may, and whoever may revoke. Ending a `to_manual` loosens: nobody whom it
/// covers may, whatever their role.
pub(super) fn may_end(
    caller: &PersonCaller,
    loaded: &Loaded,
    stored: &Stored,
    met: &Met,
) -> Result<(), ServiceError> {
    let opt_out = &stored.opt_out;
    if opt_out.direction == Direction::ToManual && covers(loaded, opt_out, met, &caller.person) {
        return Err(ServiceError::Forbidden {
            code: "covered",
            why: "This takes you out of the automation, so somebody else has to end it.".to_owned(),
        });
    }
    if opt_out.requested_by.signal().is_some() && !caller.may(Permission::Vote) {
        return Err(ServiceError::Forbidden {
            code: "not_permitted",
            why: "A signal opened this, so its source or an approver has to end it.".to_owned(),
        });
    }
    if opt_out.requested_by == caller.person || caller.may(Permission::Revoke) {
        Ok(())
    } else {
        Err(ServiceError::Forbidden {
            code: "not_permitted",
            why: "Only who asked for it, an approver or an administrator can end it.".to_owned(),
        })
    }
}
