//! Who is asked too: after silence, or since nobody is left. Nobody's silence ever approves anything; more persons may
//! answer, as many as before have to.

use super::quorum::{Approver, Concerned};
use crate::window::Instant;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// The next list: `{ after_secs = 3_600, to = [{ group = "security" }] }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// After how many seconds without any vote.
    pub after_secs: i64,
    /// Who may fill the stage's seats too from then on.
    pub to: Vec<Approver>,
}

/// Why more are asked than the stage names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Widening {
    /// Nobody voted for as long as the stage allows.
    Silence,
    /// Of those whom the stage asks, too few are left after exclusions.
    NobodyLeft,
}

/// A list that has joined a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedToo {
    /// Why.
    pub why: Widening,
    /// Since when.
    pub at: Instant,
    /// Who.
    pub to: Vec<Approver>,
}

impl Escalation {
    /// When it is due after silence since `since`; never where that is beyond the calendar.
    pub fn due_at(&self, since: Instant) -> Option<Instant> {
        TimeDelta::try_seconds(self.after_secs).and_then(|after| since.checked_add_signed(after))
    }

    pub(super) fn resolve(&self, concerned: &Concerned) -> Self {
        Self {
            after_secs: self.after_secs,
            to: concerned.named(&self.to),
        }
    }
}
