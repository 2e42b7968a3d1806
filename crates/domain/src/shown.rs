//! What an approver is shown of an item when they decide on it, as text, and the digest that binds their vote to it.
//!
//! It holds all that the item's page says about what is asked, by which policy and by whom it is decided, and what the
//! approver makes of it: not other people's votes, and no time that passes by itself. Two that differ in anything have
//! different digests, so a vote on what has changed meanwhile is found out, and [`Shown::differences`] says what changed.
//!
//! To show approvers something more, add it to [`Field`] and to `of`.

mod difference;
mod field;
mod of;

pub use difference::Difference;
pub use field::Field;

use crate::digest::{CanonicalError, Digest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest text of a field that is kept whole, in bytes: it travels with the form and lies in the session.
const LONGEST_WHOLE: usize = 512;
/// The longest text of all fields together that is read back, in bytes.
const LONGEST_TEXT: usize = 24 << 10;

/// What a field says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// In lines; none where there is nothing to say.
    Lines(Vec<String>),
    /// The digest of what is too long to be carried along.
    Long(Digest),
}

/// All that is shown, by field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shown(BTreeMap<Field, Entry>);

/// Why a text is nothing that was shown.
#[derive(Debug, thiserror::Error)]
#[error("this is not what a page shows")]
pub struct NotShown;

impl Shown {
    fn new(lines: impl IntoIterator<Item = (Field, Vec<String>)>) -> Self {
        Self(
            lines
                .into_iter()
                .map(|(field, lines)| (field, Entry::of(lines)))
                .collect(),
        )
    }

    /// The same with further fields, or others in the place of these.
    fn with(mut self, lines: impl IntoIterator<Item = (Field, Vec<String>)>) -> Self {
        self.0.extend(Self::new(lines).0);
        self
    }

    /// What the vote is bound to: SHA-256 over the canonical JSON.
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        Digest::of_canonical(&self.0)
    }

    /// The fields, in the order in which they are read.
    pub fn entries(&self) -> impl Iterator<Item = (Field, &Entry)> {
        self.0.iter().map(|(field, entry)| (*field, entry))
    }

    /// As a form carries it along.
    pub fn to_text(&self) -> String {
        // Texts by words of ours always have a JSON form.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// Reads what a form carried along: anybody's text, which says no more than what its sender claims to have seen.
    pub fn from_text(text: &str) -> Result<Self, NotShown> {
        if text.len() > LONGEST_TEXT {
            return Err(NotShown);
        }
        serde_json::from_str(text).map_err(|_| NotShown)
    }
}

impl Entry {
    fn of(lines: Vec<String>) -> Self {
        let long = lines.iter().map(String::len).sum::<usize>() > LONGEST_WHOLE;
        match long.then(|| Digest::of_canonical(&lines)) {
            Some(Ok(digest)) => Self::Long(digest),
            Some(Err(_)) | None => Self::Lines(lines),
        }
    }

    /// Whether there is nothing to say.
    pub const fn is_empty(&self) -> bool {
        match self {
            Self::Lines(lines) => lines.is_empty(),
            Self::Long(_) => false,
        }
    }

    /// In one line.
    pub fn words(&self) -> String {
        match self {
            Self::Lines(lines) if lines.is_empty() => "none".to_owned(),
            Self::Lines(lines) => lines.join(", "),
            Self::Long(digest) => {
                let digest = digest.to_string();
                format!(
                    "too long to show here ({}…)",
                    digest.get(..12).unwrap_or_default()
                )
            }
        }
    }
}
