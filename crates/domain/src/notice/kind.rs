//! The closed list of kinds of notices.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// What a notice tells of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum NoticeKind { $($(#[$doc])* $name),+ }

        impl NoticeKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word on the wire and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

kinds! {
    /// Somebody asked for something.
    Requested = "requested",
    /// A stage waits for votes.
    StageReached = "stage_reached",
    /// Nobody has voted for long: further persons are asked too.
    Escalated = "escalated",
    /// Too few are left to decide: the fallback is asked.
    FellBack = "fell_back",
    /// The fallback is not enough either: nobody can decide it.
    NobodyLeft = "nobody_left",
    /// It still waits, and its time runs out.
    Reminder = "reminder",
    /// The last stage is filled.
    Approved = "approved",
    /// Somebody said no.
    Denied = "denied",
    /// Who asked took it back.
    Withdrawn = "withdrawn",
    /// Nobody decided in time.
    Lapsed = "lapsed",
    /// Policy no longer allows it.
    Voided = "voided",
    /// An opt-out applied to a decision for the first time.
    FirstUse = "first_use",
    /// Most of its uses are spent.
    MostUsed = "most_used",
    /// It ends soon.
    EndingSoon = "ending_soon",
    /// Its time or its uses are over.
    Ended = "ended",
    /// Somebody ended it early.
    Revoked = "revoked",
    /// It is out of force until it is approved again.
    Suspended = "suspended",
    /// A renewal of it is approved.
    Renewed = "renewed",
    /// It has changed no outcome for long: is it still needed?
    FoundNeedless = "found_needless",
    /// It was asked about, and stays.
    Kept = "kept",
    /// It ended because it is not needed.
    ClosedEarly = "closed_early",
    /// Somebody took what nobody has approved.
    BreakGlass = "break_glass",
    /// An emergency waits for one vote of a second person.
    SecondPerson = "second_person",
    /// Somebody has to look at it afterwards.
    ReviewOwed = "review_owed",
    /// Nobody has, in time.
    ReviewOverdue = "review_overdue",
    /// Somebody has.
    ReviewConcluded = "review_concluded",
    /// Somebody asks whoever asked for it.
    Questioned = "questioned",
    /// They have answered.
    Answered = "answered",
    /// Somebody said something about it.
    Commented = "commented",
    /// A source of signals took somebody out of the automation.
    Signalled = "signalled",
    /// A person agrees with a signal.
    Confirmed = "confirmed",
    /// A source of signals went beyond its limits.
    SignalsExceeded = "signals_exceeded",
    /// A client was registered: what it asks is answered from now on.
    ClientRegistered = "client_registered",
    /// A client may do more than before.
    ClientWidened = "client_widened",
    /// A policy version was put in force.
    PolicyPublished = "policy_published",
    /// Somebody or something came into the directory, left it or moved.
    DirectoryChanged = "directory_changed",
    /// A directory was refused, so the one in force is out of date.
    DirectoryRefused = "directory_refused",
    /// What it covered is gone from the directory, or has moved.
    CoversLess = "covers_less",
    /// A team uses up its bypasses faster than they were meant to last.
    BudgetBurn = "budget_burn",
    /// Somebody lent their votes to the reader.
    Lent = "lent",
    /// An address answered that it is gone, and hears nothing more.
    EndpointGone = "endpoint_gone",
    /// What was sent has not arrived and is not tried again.
    Undelivered = "undelivered",
    /// Decisions are stored outside of their month's partition.
    PartitionMissing = "partition_missing",
}

impl NoticeKind {
    /// Whether it goes out at once, whatever hour it is and whatever somebody has set.
    pub const fn is_urgent(self) -> bool {
        matches!(self, Self::BreakGlass | Self::SecondPerson)
    }
}

/// A word that is no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of notice")]
pub struct NoticeKindError(pub String);

impl std::str::FromStr for NoticeKind {
    type Err = NoticeKindError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| NoticeKindError(text.to_owned()))
    }
}
