//! Signals: what a monitoring tool says about a principal. Risk HIGH takes them out of the automation at once, LOW from the
//! same source puts them back. A tool that has gone mad must not stop everything: every source has limits, and beyond them
//! there is one alarm and nothing more.

use crate::client::SubjectPattern;
use crate::id::ClientId;
use crate::name::PersonId;
use crate::principal::PrincipalRef;
use crate::window::Instant;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// The fewest opt-outs that a source may have in force, however small the directory.
pub const LEAST_IN_FORCE: usize = 3;
/// The share of the directory's principals that a source may have in force, in percent.
pub const SHARE_PERCENT: usize = 5;
/// The longest id of a source, in characters.
pub const LONGEST_SOURCE_ID: usize = 128;
/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 2_000;

/// A client's right to signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalRight {
    /// About whom.
    pub subjects: Vec<SubjectPattern>,
    /// How many it may open in an hour.
    pub per_hour: u32,
    /// The longest that one may last, in seconds. What asks for more is cut to it.
    pub longest_secs: i64,
}

/// What a source says of a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Risk {
    /// Out of the automation.
    High,
    /// Back into it.
    Low,
}

/// Who an opt-out comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Requester {
    /// A person asked.
    Person(PersonId),
    /// A source signalled. It has no vote, and nobody is asked: only a `to_manual` can come of it.
    Signal(SignalRef),
}

/// Which signal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SignalRef {
    /// The source.
    pub client: ClientId,
    /// Its own id of what it saw.
    pub source_id: String,
}

impl Requester {
    /// The person, where one asked.
    pub const fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::Signal(_) => None,
        }
    }

    /// The signal, where one was given.
    pub const fn signal(&self) -> Option<&SignalRef> {
        match self {
            Self::Person(_) => None,
            Self::Signal(signal) => Some(signal),
        }
    }
}

impl From<PersonId> for Requester {
    fn from(person: PersonId) -> Self {
        Self::Person(person)
    }
}

/// Whether this person asked: what a source signalled, nobody did.
impl PartialEq<PersonId> for Requester {
    fn eq(&self, other: &PersonId) -> bool {
        self.person() == Some(other)
    }
}

/// What a source has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoFar {
    /// How many it has opened in the last hour.
    pub in_the_hour: usize,
    /// How many of its opt-outs are in force.
    pub in_force: usize,
    /// How many principals the directory has.
    pub principals: usize,
}

/// Why a signal opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    /// The client has no right to signal.
    #[error("this client may not signal")]
    NoRight,
    /// Not about this one.
    #[error("this client may not signal about that principal")]
    NotAbout,
    /// More in an hour than its rate.
    #[error("this source has opened as many in this hour as it may")]
    TooMany,
    /// More in force than its share of the directory.
    #[error("this source has as many in force as it may")]
    TooWide,
    /// Its end is not to come.
    #[error("it must end later than now")]
    Over,
}

impl SignalError {
    /// Whether it is a limit beyond which there is one alarm and nothing more.
    pub const fn is_limit(self) -> bool {
        match self {
            Self::TooMany | Self::TooWide => true,
            Self::NoRight | Self::NotAbout | Self::Over => false,
        }
    }
}

/// At most max(3, 5 % of the principals), rounded down.
pub const fn most_in_force(principals: usize) -> usize {
    let share = principals.saturating_mul(SHARE_PERCENT) / 100;
    if share > LEAST_IN_FORCE {
        share
    } else {
        LEAST_IN_FORCE
    }
}

impl SignalRight {
    /// Whether it may signal about this principal.
    pub fn is_about(&self, principal: &PrincipalRef) -> bool {
        self.subjects.iter().any(|pattern| pattern.picks(principal))
    }

    /// When an opt-out ends that a signal opens now: as the source asks, but within the longest length.
    pub fn open(
        &self,
        principal: &PrincipalRef,
        expires_at: Instant,
        so_far: SoFar,
        now: Instant,
    ) -> Result<Instant, SignalError> {
        if !self.is_about(principal) {
            return Err(SignalError::NotAbout);
        }
        if expires_at <= now {
            return Err(SignalError::Over);
        }
        if so_far.in_the_hour >= usize::try_from(self.per_hour).unwrap_or(usize::MAX) {
            return Err(SignalError::TooMany);
        }
        if so_far.in_force >= most_in_force(so_far.principals) {
            return Err(SignalError::TooWide);
        }
        let latest = TimeDelta::try_seconds(self.longest_secs)
            .and_then(|longest| now.checked_add_signed(longest))
            .unwrap_or(now);
        let ends_at = expires_at.min(latest);
        if ends_at > now {
            Ok(ends_at)
        } else {
            Err(SignalError::Over)
        }
    }
}
