//! Opt-outs: governed exclusions in two directions, with an end.

mod cause;
mod conditions;
mod details;
#[cfg(feature = "zones")]
mod hours;
mod limits;
mod narrow;
mod need;
pub mod premise;
mod record;
mod recurrence;
mod renewal;
mod state;

pub use cause::Cause;
pub use conditions::{AskAgainError, AskedAgain, Bound, Conditions, Left, Suspension, SuspensionCause};
pub use details::{DataClassification, DataClassificationError, Detail, DetailError, Details};
#[cfg(feature = "zones")]
pub use hours::Hours;
pub use limits::{LimitError, Limits, limits, words as length_in_words};
pub use narrow::{Narrowing, NarrowingError};
pub use need::{ANSWER_DAYS, LOOKED_AT, NEEDLESS_DAYS};
pub use need::{Asked, Kept, Need, NeedError, Seen, is_needless, is_useful_again};
pub use premise::{Facts, Premise, PremiseError, Reading, Thing, TicketAnswer};
pub use record::{OptOut, PinnedRule};
pub use recurrence::{Day, Recurrence, RecurrenceError};
pub use renewal::{Lineage, RENEWABLE_DAYS, RenewalError, halved};
pub use state::{OptOutError, OptOutEvent, OptOutState};

use serde::{Deserialize, Serialize};

/// Which way an opt-out goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Out of the automation, into human review: strict.
    ToManual,
    /// Out of a rule: lax.
    Bypass,
}

/// A word that is no direction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no direction: use to_manual or bypass")]
pub struct DirectionError(pub String);

impl Direction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::ToManual, Self::Bypass];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ToManual => "to_manual",
            Self::Bypass => "bypass",
        }
    }
}

impl std::str::FromStr for Direction {
    type Err = DirectionError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|direction| direction.as_str() == text)
            .ok_or_else(|| DirectionError(text.to_owned()))
    }
}
