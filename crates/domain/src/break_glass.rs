//! Break-glass: emergency access or an emergency bypass, which takes effect at once and owes a post-review.
//!
//! It is always to be had, so nothing here refuses somebody whose hands are needed: hours that are spent ask for a second
//! person, a post-review that is overdue makes it shorter, an identity provider that is down makes it recorded as such.

use crate::name::TeamName;
use crate::opt_out::length_in_words;
pub use crate::step_up::FRESH_SECS;
use crate::step_up::SKEW_SECS;
use crate::window::{Instant, Window};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How long it lasts where nobody says, in seconds.
pub const DEFAULT_SECS: i64 = 3_600;
/// The longest, in seconds.
pub const LONGEST_SECS: i64 = 4 * 3_600;
/// The longest while a post-review of the team is overdue, in seconds.
pub const CUT_SECS: i64 = 15 * 60;
/// What a team may use at once on a resource within [`ALLOWANCE_DAYS`], in seconds.
pub const ALLOWANCE_SECS: i64 = 8 * 3_600;
/// The days that [`ALLOWANCE_SECS`] is for, rolling.
pub const ALLOWANCE_DAYS: i64 = 7;
/// How long after a refusal the glass can be broken for what it refused, in seconds: longer than an access request's denial
/// counts, since an incident is not over with a shift.
pub const REFUSED_WITHIN_SECS: i64 = 24 * 3_600;
/// The fewest characters of a reason: somebody writes it with an alarm in their ears.
pub const REASON_MIN_CHARS: usize = 10;
/// How old a session may be where the identity provider is down, in seconds.
pub const SESSION_SECS: i64 = 8 * 3_600;

/// What an opt-out, or a request for access, records of the glass that was broken for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlass {
    /// The incident's id, where it is tracked.
    pub incident: String,
    /// The team of the person who broke it: its hours are counted.
    pub team: TeamName,
    /// How sure Spillway was of who it is.
    pub sign_in: SignInStrength,
}

/// How sure Spillway was of who broke the glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInStrength {
    /// They had proved to the identity provider who they are within [`FRESH_SECS`].
    Fresh,
    /// The provider did not answer; their session began within [`SESSION_SECS`].
    Session,
}

impl SignInStrength {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Fresh, Self::Session];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Session => "session",
        }
    }

    /// Within how many seconds the post-review is due: 72 h, and 24 h where nobody could be asked for a fresh sign-in.
    pub const fn review_within_secs(self) -> i64 {
        match self {
            Self::Fresh => 72 * 3_600,
            Self::Session => 24 * 3_600,
        }
    }
}

/// What is known of somebody's sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInProof {
    /// When they last proved to the provider who they are, as the provider vouched for it.
    pub proved_at: Option<Instant>,
    /// When their session began.
    pub session_began_at: Option<Instant>,
    /// Whether the provider answers now.
    pub provider_answers: bool,
}

/// Why a sign-in is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The provider can be asked, and has not been lately.
    #[error("Sign in again first: breaking the glass takes a sign-in of the last 5 minutes.")]
    NotFresh,
    /// The provider cannot be asked, and the session is too old.
    #[error("The identity provider does not answer, and this session is older than 8 hours.")]
    SessionTooOld,
}

impl SignInProof {
    /// How strong it is at an instant. An instant that lies ahead by more than clocks differ proves nothing.
    pub fn strength(&self, now: Instant) -> Result<SignInStrength, SignInError> {
        let within = |at: Option<Instant>, secs: i64| {
            at.is_some_and(|at| {
                let age = now - at;
                age <= TimeDelta::seconds(secs) && age >= TimeDelta::seconds(-SKEW_SECS)
            })
        };
        if within(self.proved_at, FRESH_SECS) {
            Ok(SignInStrength::Fresh)
        } else if self.provider_answers {
            Err(SignInError::NotFresh)
        } else if within(self.session_began_at, SESSION_SECS) {
            Ok(SignInStrength::Session)
        } else {
            Err(SignInError::SessionTooOld)
        }
    }
}

/// Whether it takes effect by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// At its commit.
    AtOnce,
    /// Once a second person has voted for it: the team's hours on that resource are spent.
    SecondPerson,
}

/// How long it may last, and whether somebody else has to say yes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The longest, in seconds.
    pub longest_secs: i64,
    /// Where nobody says, in seconds.
    pub default_secs: i64,
    /// What is left at once, in seconds.
    pub left_secs: i64,
}

/// Why a length will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LengthError {
    /// Nothing, or less.
    #[error("It must last a while.")]
    NotPositive,
    /// Longer than it may last now.
    #[error("At most {}.", length_in_words(*.longest_secs))]
    TooLong {
        /// The longest, in seconds.
        longest_secs: i64,
    },
}

impl Terms {
    /// The terms of a team on a resource at an instant, given the windows in which it broke the glass there, and whether
    /// a post-review that it owes an answer to is overdue.
    pub fn at(spells: &[Window], overdue: bool, now: Instant) -> Self {
        let longest_secs = if overdue { CUT_SECS } else { LONGEST_SECS };
        Self {
            longest_secs,
            default_secs: DEFAULT_SECS.min(longest_secs),
            left_secs: (ALLOWANCE_SECS - spent_secs(spells, now)).max(0),
        }
    }

    /// The length that was asked for, else the default, and what it takes.
    pub fn judge(&self, asked_secs: Option<i64>) -> Result<(i64, Effect), LengthError> {
        let secs = asked_secs.unwrap_or(self.default_secs);
        if secs <= 0 {
            return Err(LengthError::NotPositive);
        }
        if secs > self.longest_secs {
            return Err(LengthError::TooLong {
                longest_secs: self.longest_secs,
            });
        }
        let effect = if secs <= self.left_secs {
            Effect::AtOnce
        } else {
            Effect::SecondPerson
        };
        Ok((secs, effect))
    }
}

/// The seconds of these windows that lie in the last [`ALLOWANCE_DAYS`] or are still to come. A part of a second counts
/// as one, so that many short ones do not add up to nothing.
pub fn spent_secs(spells: &[Window], now: Instant) -> i64 {
    let since = now - TimeDelta::days(ALLOWANCE_DAYS);
    spells
        .iter()
        .map(|spell| {
            let counted = spell.ends_at() - spell.starts_at().max(since);
            let whole = counted.num_seconds();
            (whole + i64::from(counted.subsec_nanos() > 0)).max(0)
        })
        .sum()
}
