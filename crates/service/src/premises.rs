//! Premises: read when somebody asks, approves or looks; suspended once they have fallen; put back by a fresh approval.
//!
//! A premise that does not hold takes its bypass out of the very next decision, without any of this. What is written here makes
//! that last: a premise that comes true again brings nothing back by itself.

mod ask_again;
mod pins;
mod suspend;
mod tickets;

pub(crate) use ask_again::may_ask_again;
pub use pins::ChangedRule;
pub(crate) use pins::{asked_about, carried_rules, changed_rules, present_pins};
pub(crate) use suspend::{suspend, suspend_fallen};
pub use tickets::TicketLookUp;

use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::directory::Directory;
use domain::opt_out::{Facts, OptOut, Premise, Reading};
use domain::window::Instant;
use store::Tx;

/// A premise as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PremiseNow {
    /// What was read.
    pub reading: Reading,
    /// Whether it holds.
    pub holds: bool,
    /// Why the last look-up had no answer.
    pub failed: Option<String>,
    /// When it was looked at.
    pub at: Instant,
}

/// Reads a premise as the database says.
pub(crate) async fn read(
    tx: &mut Tx,
    directory: &Directory,
    premise: &Premise,
    now: Instant,
) -> Result<PremiseNow, ServiceError> {
    let mut facts = Facts::default();
    let mut failed = None;
    if let Some(incident) = premise.incident()
        && let Some((found, _)) = store::incidents::find(tx.conn(), incident).await?
    {
        facts
            .incidents
            .insert(incident.clone(), found.is_resolved().is_none());
    }
    if let Some(ticket) = premise.ticket() {
        let (answer, why) = store::tickets::find(tx.conn(), ticket).await?;
        failed = why;
        facts
            .tickets
            .extend(answer.map(|answer| (ticket.to_owned(), answer)));
    }
    let reading = premise.read(directory, &facts);
    Ok(PremiseNow {
        holds: premise.holds(&reading, now),
        reading,
        failed,
        at: now,
    })
}

/// Refuses to approve what does not hold: its rules are not those that its approvers are asked about, or its premise has
/// fallen.
pub(crate) async fn still_holds(
    tx: &mut Tx,
    loaded: &Loaded,
    opt_out: &OptOut,
    now: Instant,
) -> Result<(), ServiceError> {
    if !opt_out.pins_asked_about_hold(loaded.policy()?.rule_texts()) {
        return Err(rule_changed());
    }
    let Some(premise) = &opt_out.conditions.premise else {
        return Ok(());
    };
    let found = read(tx, loaded.directory(), premise, now).await?;
    if found.holds {
        Ok(())
    } else {
        Err(ServiceError::Conflict {
            code: "premise_fell",
            why: format!(
                "Its premise does not hold now: {}. {}",
                found.reading.words(),
                premise.sentence()
            ),
        })
    }
}

/// The approval of what nobody has been shown: another text than the one that this was asked about.
pub(crate) fn rule_changed() -> ServiceError {
    crate::opt_outs::refusals::conflict(
        "rule_changed",
        "A rule that this names has changed since it was asked. It has to be asked again.",
    )
}

impl Service {
    /// The premise of an opt-out as it stands; none where it has none.
    pub(crate) async fn premise_now(
        &self,
        loaded: &Loaded,
        opt_out: &OptOut,
        now: Instant,
    ) -> Result<Option<PremiseNow>, ServiceError> {
        let Some(premise) = &opt_out.conditions.premise else {
            return Ok(None);
        };
        let mut tx = self.begin().await?;
        let found = read(&mut tx, loaded.directory(), premise, now).await?;
        tx.rollback().await?;
        Ok(Some(found))
    }
}
