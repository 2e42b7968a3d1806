//! What has fallen is suspended.

use crate::caller::system;
use crate::command::{Effect, EventDraft, finish};
use crate::opt_outs::event;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::directory::Directory;
use domain::event::EventKind;
use domain::id::{CorrelationId, OptOutId};
use domain::name::RuleId;
use domain::opt_out::{OptOut, SuspensionCause};
use domain::window::Instant;
use policy::snapshot::HeldOptOut;
use std::collections::BTreeSet;
use store::Tx;
use store::opt_outs::Stored;

const WHO: &str = "reporter";

/// Suspends one that is in force by its row, and says so; nothing where there is nothing to suspend.
pub(crate) async fn suspend(
    tx: &mut Tx,
    mut stored: Stored,
    cause: SuspensionCause,
    now: Instant,
) -> Result<Option<EventDraft>, ServiceError> {
    let Ok(suspended) = stored.opt_out.clone().suspend(cause.clone(), now, stored.uses) else {
        return Ok(None);
    };
    stored.opt_out = suspended;
    store::opt_outs::update(tx, &stored, true, now).await?;
    if stored.opt_out.break_glass.is_some() {
        // What cannot be used is not counted.
        store::break_glass::end(tx, stored.opt_out.id.into(), now).await?;
    }
    let body = serde_json::json!({
        "cause": cause,
        "premise": stored.opt_out.conditions.premise,
        "said": said(&stored.opt_out, &cause),
    });
    Ok(Some(event(EventKind::OptOutSuspended, &stored, body)))
}

/// Why, as a sentence.
fn said(opt_out: &OptOut, cause: &SuspensionCause) -> String {
    match (cause, &opt_out.conditions.premise) {
        (SuspensionCause::PremiseFell { reading }, Some(premise)) => {
            let sentence = premise.sentence();
            format!("{sentence} Now {}.", reading.words())
        }
        (SuspensionCause::PremiseFell { reading }, None) => format!("Now {}.", reading.words()),
        (SuspensionCause::RuleChanged { rules }, _) => {
            let rules: Vec<&str> = rules.iter().map(RuleId::as_str).collect();
            format!("Changed since its approval: {}.", rules.join(", "))
        }
    }
}

/// Suspends all whose premise does not hold by a directory that is being put in force: in its transaction, so that none of
/// them comes back with the next one.
pub(crate) async fn suspend_fallen(
    tx: &mut Tx,
    directory: &Directory,
    now: Instant,
) -> Result<Vec<EventDraft>, ServiceError> {
    let standing = store::opt_outs::with_premise(tx, now).await?;
    if standing.is_empty() {
        return Ok(Vec::new());
    }
    let facts = store::incidents::facts(tx.conn()).await?;
    let mut events = Vec::new();
    for stored in standing {
        let Some(premise) = &stored.opt_out.conditions.premise else {
            continue;
        };
        let reading = premise.read(directory, &facts);
        if !premise.holds(&reading, now) {
            events.extend(suspend(tx, stored, SuspensionCause::PremiseFell { reading }, now).await?);
        }
    }
    Ok(events)
}

impl Service {
    /// Suspends what a decision would leave out already: a pinned rule has changed, a ticket was not answered for too long.
    /// Returns how many. Several nodes can run it at once.
    pub async fn suspend_what_fell(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let fallen: Vec<OptOutId> = loaded
            .snapshot()?
            .opt_outs()
            .iter()
            // Between its hours it is active and not in force. What falls then has fallen all the same: true again at the next
            // of them, it would come back by itself.
            .filter(|held| held.opt_out.is_active(now, held.uses.get()))
            .filter(|held| matches!(cause(&loaded, held, now), Ok(Some(_))))
            .map(|held| held.opt_out.id)
            .collect();
        let mut suspended = 0;
        let mut first_error = None;
        for id in fallen {
            match self.suspend_one(id, now).await {
                Ok(done) => suspended += usize::from(done),
                // The others are suspended all the same; it is tried again the next time.
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        opt_out = %id,
                        "what has fallen could not be suspended"
                    );
                    first_error.get_or_insert(error);
                }
            }
        }
        first_error.map_or(Ok(suspended), Err)
    }

    async fn suspend_one(&self, id: OptOutId, now: Instant) -> Result<bool, ServiceError> {
        let mut tx = self.begin().await?;
        let Some(stored) = store::opt_outs::for_update(&mut tx, id).await? else {
            return Ok(false);
        };
        // Judged again under the row's lock: another node may have said it, or somebody has ended it.
        let loaded = self.snapshots().current_for_commands().await?;
        let Some(held) = loaded.snapshot()?.opt_out(id) else {
            return Ok(false);
        };
        let Some(cause) = cause(&loaded, held, now)? else {
            return Ok(false);
        };
        let Some(event) = suspend(&mut tx, stored, cause, now).await? else {
            return Ok(false);
        };
        let correlation = CorrelationId::from_uuid(self.ids().next(now));
        let authorised = system(WHO, correlation);
        finish(self, tx, authorised, vec![event], Effect::OnDecisions, now).await?;
        Ok(true)
    }
}

/// Why an opt-out in force does not apply any more, if so.
fn cause(loaded: &Loaded, held: &HeldOptOut, now: Instant) -> Result<Option<SuspensionCause>, ServiceError> {
    let texts = loaded.policy()?.rule_texts();
    if !held.opt_out.pins_hold(texts) {
        let rules: BTreeSet<RuleId> = held
            .opt_out
            .pinned
            .iter()
            .filter(|pin| !texts.honour(&pin.id, &pin.body_digest))
            .map(|pin| pin.id.clone())
            .collect();
        return Ok(Some(SuspensionCause::RuleChanged { rules }));
    }
    Ok(match &held.reading {
        Some(reading) if !held.stands(now) => Some(SuspensionCause::PremiseFell {
            reading: reading.clone(),
        }),
        Some(_) | None => None,
    })
}
