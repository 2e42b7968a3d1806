//! Whether a bypass is still needed: the question, the answer, and closing it early.

use super::event;
use super::refusals::{conflict, reason_missing, reason_too_long, settled};
use crate::caller::{Authorised, PersonCaller, system};
use crate::command::{Effect, finish};
use crate::post_reviews::{owed, review_at_end};
use crate::reporter::Outcome;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::approval::LONGEST_REASON;
use domain::event::EventKind;
use domain::id::{CorrelationId, OptOutId};
use domain::opt_out::{Direction, NeedError, OptOut, OptOutEvent, Seen, is_needless, is_useful_again};
use domain::principal::PrincipalRef;
use domain::role::Permission;
use domain::window::Instant;
use std::sync::Arc;
use store::Tx;
use store::opt_outs::Stored;

const WHO: &str = "reporter";

/// What the worker has to say about a bypass.
enum Finding {
    /// It changes nothing.
    Needless,
    /// It was asked about, and has changed something since.
    Useful,
}

impl Service {
    /// Asks about bypasses that change nothing, and takes the question back where one does again; returns how many. Several
    /// nodes can run it at once. One that errs keeps no other waiting; the first error is returned. That one closes unanswered
    /// needs no worker: it follows from the question.
    pub async fn ask_about_needless(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let mut outcome = Outcome::default();
        for (id, seen) in store::opt_outs::seen_of_bypasses(self.store().pool(), now).await? {
            let Some(held) = loaded.snapshot()?.opt_out(id) else {
                continue;
            };
            if finding(&held.opt_out, held.uses.get(), &seen, now).is_some() {
                outcome.note(self.say_whether_needed(id, &seen, now).await);
            }
        }
        outcome.of_all()
    }

    async fn say_whether_needed(
        &self,
        id: OptOutId,
        seen: &[Seen],
        now: Instant,
    ) -> Result<bool, ServiceError> {
        let mut tx = self.begin().await?;
        let Some(mut stored) = store::opt_outs::for_update(&mut tx, id).await? else {
            return Ok(false);
        };
        // Judged again under the row's lock: another node may have said it, or somebody has ended it.
        let opt_out = stored.opt_out.clone();
        let (next, kind) = match finding(&opt_out, stored.uses, seen, now) {
            None => return Ok(false),
            Some(Finding::Needless) => (
                opt_out.ask_whether_needed(now, stored.uses),
                EventKind::OptOutFoundNeedless,
            ),
            Some(Finding::Useful) => (opt_out.ask_no_more(now, stored.uses), EventKind::OptOutKept),
        };
        stored.opt_out = next.map_err(ServiceError::internal)?;
        store::opt_outs::update(&mut tx, &stored, true, now).await?;
        let body = serde_json::json!({
            "closes_at": stored.opt_out.need.asked.map(|asked| asked.closes_at),
            "ask": stored.opt_out.requested_by,
            "looked_at": seen.len(),
        });
        let said = event(kind, &stored, body);
        let correlation = CorrelationId::from_uuid(self.ids().next(now));
        finish(
            self,
            tx,
            system(WHO, correlation),
            vec![said],
            Effect::OnDecisions,
            now,
        )
        .await?;
        Ok(true)
    }

    /// Keeps a bypass that was found needless, for a reason. Its clock begins anew; it can be kept once.
    pub async fn keep_opt_out(
        &self,
        caller: &PersonCaller,
        id: OptOutId,
        reason: &str,
    ) -> Result<OptOut, ServiceError> {
        let now = self.now();
        let Answering {
            mut tx,
            mut stored,
            authorised,
            ..
        } = self.answering(caller, id).await?;
        stored.opt_out = stored
            .opt_out
            .clone()
            .keep(caller.person.clone(), reason, now, stored.uses)
            .map_err(refused)?;
        store::opt_outs::update(&mut tx, &stored, true, now).await?;
        let kept = event(
            EventKind::OptOutKept,
            &stored,
            serde_json::json!({ "person": caller.person, "reason": reason.trim() }),
        );
        finish(self, tx, authorised, vec![kept], Effect::OnDecisions, now).await?;
        Ok(stored.opt_out)
    }

    /// Closes a bypass that is not needed any more, on every node at once. Only tightens, so no reason is asked for.
    pub async fn close_opt_out(
        &self,
        caller: &PersonCaller,
        id: OptOutId,
        reason: &str,
    ) -> Result<OptOut, ServiceError> {
        let now = self.now();
        let Answering {
            mut tx,
            mut stored,
            authorised,
            loaded,
        } = self.answering(caller, id).await?;
        let reason = reason.trim();
        if reason.chars().count() > LONGEST_REASON {
            return Err(reason_too_long(NeedError::LongReason));
        }
        stored.opt_out.state = stored
            .opt_out
            .state_at(now, stored.uses)
            .on(OptOutEvent::ClosedEarly)
            .map_err(super::vote::settled)?;
        stored.opt_out.revision = stored.opt_out.revision.saturating_add(1);
        store::opt_outs::update(&mut tx, &stored, true, now).await?;
        let closed = event(
            EventKind::OptOutClosedEarly,
            &stored,
            serde_json::json!({ "person": caller.person, "reason": reason, "uses": stored.uses }),
        );
        let mut events = vec![closed];
        if let Some(review) = review_at_end(self, &loaded, &stored, now)? {
            store::post_reviews::insert(&mut tx, &review).await?;
            events.push(owed(&review));
        }
        finish(self, tx, authorised, events, Effect::OnDecisions, now).await?;
        Ok(stored.opt_out)
    }

    /// A bypass that the caller answers for, locked.
    async fn answering(&self, caller: &PersonCaller, id: OptOutId) -> Result<Answering, ServiceError> {
        let loaded = self.snapshots().current_for_commands().await?;
        let mut tx = self.begin().await?;
        let stored = store::opt_outs::for_update(&mut tx, id)
            .await?
            .filter(|stored| self.sees_opt_out(caller, &loaded, stored))
            .ok_or(ServiceError::NotFound { what: "opt-out" })?;
        answers_for(caller, &loaded, &stored)?;
        let authorised = caller.authorise(Permission::ReadOwn)?;
        Ok(Answering {
            tx,
            stored,
            authorised,
            loaded,
        })
    }
}

/// What saying whether a bypass is needed begins with.
struct Answering {
    tx: Tx,
    stored: Stored,
    authorised: Authorised,
    loaded: Arc<Loaded>,
}

fn finding(opt_out: &OptOut, uses: u32, seen: &[Seen], now: Instant) -> Option<Finding> {
    if is_needless(opt_out, uses, seen, now) {
        Some(Finding::Needless)
    } else {
        (is_useful_again(opt_out, seen) && opt_out.is_active(now, uses)).then_some(Finding::Useful)
    }
}

/// Who asked for a bypass answers for it, and who owns what it covers. A `to_manual` is not theirs to close: that loosens.
pub(super) fn answers_for(
    caller: &PersonCaller,
    loaded: &Loaded,
    stored: &Stored,
) -> Result<(), ServiceError> {
    let opt_out = &stored.opt_out;
    if opt_out.direction == Direction::ToManual {
        return Err(ServiceError::Forbidden {
            code: "not_for_to_manual",
            why: "Only a bypass is closed for not being needed.".to_owned(),
        });
    }
    if opt_out.break_glass.is_some() {
        return Err(ServiceError::Forbidden {
            code: "not_for_break_glass",
            why: "An emergency is revoked, not closed: its review asks what it was good for.".to_owned(),
        });
    }
    let directory = loaded.directory();
    let mine = directory.groups_of(&PrincipalRef::from(caller.person.clone()));
    let owns = crate::approvals::owner_groups(directory, &opt_out.teams)
        .iter()
        .any(|group| mine.is_some_and(|mine| mine.contains(group)));
    if opt_out.requested_by == caller.person || owns {
        Ok(())
    } else {
        Err(ServiceError::Forbidden {
            code: "not_permitted",
            why: "Only who asked for it, or who owns what it covers, can say whether it is needed."
                .to_owned(),
        })
    }
}

fn refused(error: NeedError) -> ServiceError {
    match error {
        NeedError::NoReason => reason_missing(error),
        NeedError::LongReason => reason_too_long(error),
        NeedError::State(_) => settled(error),
        NeedError::NotAsked => conflict("not_asked", error),
        NeedError::KeptBefore => conflict("kept_before", error),
        NeedError::ToManual => ServiceError::Forbidden {
            code: "not_for_to_manual",
            why: error.to_string(),
        },
    }
}
