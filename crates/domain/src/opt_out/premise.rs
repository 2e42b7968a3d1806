//! What a bypass stands on: a condition that a machine can check. While it does not hold, the bypass is out of force, and
//! once that was seen it takes a fresh approval to put it back.

use super::Direction;
use crate::directory::{Attributes, Directory};
use crate::name::{IncidentId, is_one_line};
use crate::principal::PrincipalRef;
use crate::resource::ResourceRef;
use crate::window::Instant;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often a ticket is looked up, in seconds.
pub const LOOKED_UP_EVERY_SECS: i64 = 3_600;
/// For how long after a look-up was due the last answer counts, where the policy says nothing else, in seconds.
pub const GRACE_SECS: i64 = 7_200;
/// The most characters of an attribute's name, its value and a ticket.
const LONGEST: usize = 128;

/// Something in the directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// A person, workload or agent.
    Principal(PrincipalRef),
    /// A resource.
    Resource(ResourceRef),
}

impl std::fmt::Display for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Principal(principal) => principal.fmt(f),
            Self::Resource(resource) => resource.fmt(f),
        }
    }
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "premise")]
pub enum Premise {
    /// The directory says this of something.
    Attribute {
        /// Of what.
        of: Thing,
        /// Which attribute.
        name: String,
        /// What it must say: a text, a whole number or `true` and `false`.
        is: String,
    },
    /// An attribute still says what it said when this was asked for: an artefact's digest, a commit.
    DigestUnchanged {
        /// Of what.
        of: Thing,
        /// Which attribute.
        name: String,
        /// What it said.
        was: String,
    },
    /// An incident is open.
    IncidentOpen {
        /// Which.
        incident: IncidentId,
    },
    /// A ticket is open, as its system says.
    TicketOpen {
        /// Which.
        ticket: String,
        /// For how long after a look-up was due the last answer counts.
        grace_secs: i64,
    },
}

/// What premises are read from beside the directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether an incident is open; absent: unknown.
    pub incidents: BTreeMap<IncidentId, bool>,
    /// What was last answered of a ticket; absent: nothing yet.
    pub tickets: BTreeMap<String, TicketAnswer>,
}

/// The last answer about a ticket. Errors are none: they leave the last one where it is, and it grows old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketAnswer {
    /// Whether it is open.
    pub open: bool,
    /// When that was said.
    pub at: Instant,
}

/// What a premise read. It stands in a decision's record, so that the decision replays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "read")]
pub enum Reading {
    /// An attribute, as text; none where it is not there, or is no single value.
    Attribute {
        /// The text.
        value: Option<String>,
    },
    /// Whether an incident is open; none where nobody has told of it.
    Incident {
        /// Whether.
        open: Option<bool>,
    },
    /// The last answer about a ticket; none where there was none yet.
    Ticket {
        /// It.
        answer: Option<TicketAnswer>,
    },
}

/// Why it is no premise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PremiseError {
    /// Strictness has no conditions.
    #[error("only a bypass stands on a premise")]
    ToManual,
    /// Nothing, too much or what nobody can read.
    #[error("write 1 to {LONGEST} characters on one line")]
    Text,
}

impl Premise {
    /// Whether an opt-out in this direction can stand on it.
    pub fn check(&self, direction: Direction) -> Result<(), PremiseError> {
        if direction == Direction::ToManual {
            return Err(PremiseError::ToManual);
        }
        let fits = |text: &str| {
            !text.trim().is_empty()
                && text.chars().count() <= LONGEST
                && is_one_line(text)
                && text.trim() == text
        };
        let fit = match self {
            Self::Attribute { name, is, .. } => fits(name) && fits(is),
            Self::DigestUnchanged { name, was, .. } => fits(name) && fits(was),
            Self::IncidentOpen { .. } => true,
            Self::TicketOpen { ticket, .. } => fits(ticket),
        };
        if fit { Ok(()) } else { Err(PremiseError::Text) }
    }

    /// Whether another one is the same condition: for how long a ticket's last answer counts is the case's to say.
    pub fn is_kept_by(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::TicketOpen { ticket, .. }, Self::TicketOpen { ticket: other, .. }) => ticket == other,
            _ => self == other,
        }
    }

    /// The word for its kind, in forms and in the database.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Attribute { .. } => "attribute",
            Self::DigestUnchanged { .. } => "digest_unchanged",
            Self::IncidentOpen { .. } => "incident_open",
            Self::TicketOpen { .. } => "ticket_open",
        }
    }

    /// What it is about: "Only while service payments-prod has freeze = true."
    pub fn sentence(&self) -> String {
        match self {
            Self::Attribute { of, name, is } => format!("Only while {of} has {name} = {is}."),
            Self::DigestUnchanged { of, name, was } => {
                format!("Only while {name} of {of} is unchanged: {was}.")
            }
            Self::IncidentOpen { incident } => format!("Only while incident {incident} is open."),
            Self::TicketOpen { ticket, grace_secs } => format!(
                "Only while ticket {ticket} is open. It is looked up every hour; without an answer, the last one counts for {} more.",
                super::length_in_words(*grace_secs)
            ),
        }
    }

    /// The incident that it names.
    pub const fn incident(&self) -> Option<&IncidentId> {
        match self {
            Self::IncidentOpen { incident } => Some(incident),
            Self::Attribute { .. } | Self::DigestUnchanged { .. } | Self::TicketOpen { .. } => None,
        }
    }

    /// The ticket that it names.
    pub fn ticket(&self) -> Option<&str> {
        match self {
            Self::TicketOpen { ticket, .. } => Some(ticket),
            Self::Attribute { .. } | Self::DigestUnchanged { .. } | Self::IncidentOpen { .. } => None,
        }
    }

    /// Reads what it is about.
    pub fn read(&self, directory: &Directory, facts: &Facts) -> Reading {
        match self {
            Self::Attribute { of, name, .. } | Self::DigestUnchanged { of, name, .. } => Reading::Attribute {
                value: attribute(directory, of, name),
            },
            Self::IncidentOpen { incident } => Reading::Incident {
                open: facts.incidents.get(incident).copied(),
            },
            Self::TicketOpen { ticket, .. } => Reading::Ticket {
                answer: facts.tickets.get(ticket).copied(),
            },
        }
    }

    /// Whether it holds by what was read. What is not known does not hold, nor what has not been answered for too long.
    pub fn holds(&self, reading: &Reading, now: Instant) -> bool {
        match (self, reading) {
            (Self::Attribute { is, .. }, Reading::Attribute { value: Some(value) }) => value == is,
            (Self::DigestUnchanged { was, .. }, Reading::Attribute { value: Some(value) }) => value == was,
            (Self::IncidentOpen { .. }, Reading::Incident { open }) => *open == Some(true),
            (Self::TicketOpen { grace_secs, .. }, Reading::Ticket { answer: Some(answer) }) => {
                answer.open
                    && TimeDelta::try_seconds(grace_secs.saturating_add(LOOKED_UP_EVERY_SECS))
                        .and_then(|length| answer.at.checked_add_signed(length))
                        .is_some_and(|until| now < until)
            }
            (
                Self::Attribute { .. }
                | Self::DigestUnchanged { .. }
                | Self::IncidentOpen { .. }
                | Self::TicketOpen { .. },
                _,
            ) => false,
        }
    }
}

impl Reading {
    /// What was read, as a sentence's end: "it is false", "nobody has told of it".
    pub fn words(&self) -> String {
        match self {
            Self::Attribute { value: Some(value) } => format!("it is {value}"),
            Self::Attribute { value: None } => "there is no such attribute".to_owned(),
            Self::Incident { open: Some(true) } => "it is open".to_owned(),
            Self::Incident { open: Some(false) } => "it is resolved".to_owned(),
            Self::Incident { open: None } => "nobody has told of it".to_owned(),
            Self::Ticket { answer: Some(answer) } => format!(
                "it was {} at {}",
                if answer.open { "open" } else { "closed" },
                answer.at.format("%Y-%m-%d %H:%M UTC")
            ),
            Self::Ticket { answer: None } => "it has not been looked up yet".to_owned(),
        }
    }
}

/// A single value as people write it; lists and records are none.
pub fn attribute(directory: &Directory, of: &Thing, name: &str) -> Option<String> {
    let attributes: Option<&Attributes> = match of {
        Thing::Principal(principal) => directory.principals.get(principal).map(|found| &found.attributes),
        Thing::Resource(resource) => directory.resources.get(resource).map(|found| &found.attributes),
    };
    match attributes?.get(name)? {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Bool(value) => Some(value.to_string()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    }
}
