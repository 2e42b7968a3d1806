//! What a change of a client's rights does, in words, and whether it allows more.

use super::{Client, ResourcePattern, SubjectPattern, covers_id};
use crate::incident::IncidentPrefix;
use crate::signal::SignalRight;
use serde::{Deserialize, Serialize};

/// One difference between a client before and after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientChange {
    /// Whether the client may do more by it.
    pub widens: bool,
    /// What it is: "may ask about the subjects workload ci/*". Ids in it are somebody's own words.
    pub text: String,
}

impl SubjectPattern {
    /// Whether it picks every subject that the other picks.
    pub fn covers(&self, other: &Self) -> bool {
        self.kind.is_none_or(|kind| other.kind == Some(kind)) && covers_id(&self.id, &other.id)
    }
}

impl ResourcePattern {
    /// Whether it picks every resource that the other picks.
    pub fn covers(&self, other: &Self) -> bool {
        self.kind
            .as_ref()
            .is_none_or(|kind| other.kind.as_ref() == Some(kind))
            && covers_id(&self.id, &other.id)
    }
}

/// A text that is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid pattern: write a kind or `*`, a colon and an id, such as {1}")]
pub struct PatternError(String, &'static str);

/// `workload:ci/*`; `*` before the colon is any kind.
impl std::str::FromStr for SubjectPattern {
    type Err = PatternError;
    fn from_str(text: &str) -> Result<Self, PatternError> {
        let refused = || PatternError(text.to_owned(), "workload:ci/*");
        let (kind, id) = text.split_once(':').ok_or_else(refused)?;
        let kind = match kind {
            "*" => None,
            kind => Some(kind.parse().map_err(|_| refused())?),
        };
        Ok(Self {
            kind,
            id: id.to_owned(),
        })
    }
}

/// `service:payments-*`; `*` before the colon is any type.
impl std::str::FromStr for ResourcePattern {
    type Err = PatternError;
    fn from_str(text: &str) -> Result<Self, PatternError> {
        let refused = || PatternError(text.to_owned(), "service:payments-*");
        let (kind, id) = text.split_once(':').ok_or_else(refused)?;
        Ok(Self {
            kind: (kind != "*").then(|| kind.to_owned()),
            id: id.to_owned(),
        })
    }
}

impl std::fmt::Display for SubjectPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.map_or("any", |kind| kind.as_str()), self.id)
    }
}

impl std::fmt::Display for ResourcePattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.as_deref().unwrap_or("any"), self.id)
    }
}

impl Client {
    /// What is different in `after`; empty where the two have the same rights. The order of patterns is no difference.
    pub fn changes_to(&self, after: &Self) -> Vec<ClientChange> {
        let mut changes = Changes::default();
        changes.patterns(
            "ask about the subjects",
            &self.subjects,
            &after.subjects,
            SubjectPattern::covers,
        );
        changes.patterns(
            "ask about the resources",
            &self.resources,
            &after.resources,
            ResourcePattern::covers,
        );
        let keys = |client: &Self| client.trusted_keys.iter().cloned().collect::<Vec<_>>();
        changes.patterns("be trusted to assert", &keys(self), &keys(after), |one, other| {
            one == other
        });
        changes.signals(self.signals.as_ref(), after.signals.as_ref());
        changes.incidents(self.incidents.as_ref(), after.incidents.as_ref());
        changes.0
    }
}

#[derive(Default)]
struct Changes(Vec<ClientChange>);

impl Changes {
    fn push(&mut self, widens: bool, text: String) {
        self.0.push(ClientChange { widens, text });
    }

    /// What came and what left. It widens where none of those before covers what came.
    fn patterns<T: PartialEq + std::fmt::Display>(
        &mut self,
        what: &str,
        before: &[T],
        after: &[T],
        covers: impl Fn(&T, &T) -> bool,
    ) {
        for (at, came) in after.iter().enumerate() {
            let again = after.iter().take(at).any(|one| one == came);
            if !again && !before.contains(came) {
                let widens = !before.iter().any(|one| covers(one, came));
                self.push(widens, format!("may {what} {came}"));
            }
        }
        for (at, left) in before.iter().enumerate() {
            let again = before.iter().take(at).any(|one| one == left);
            if !again && !after.contains(left) {
                self.push(false, format!("may no longer {what} {left}"));
            }
        }
    }

    /// It widens unless every id that begins with the new prefix begins with the one before.
    fn incidents(&mut self, before: Option<&IncidentPrefix>, after: Option<&IncidentPrefix>) {
        match (before, after) {
            (before, after) if before == after => {}
            (_, None) => self.push(false, "may no longer report incidents".to_owned()),
            (before, Some(after)) => {
                let widens = before.is_none_or(|before| !after.as_str().starts_with(before.as_str()));
                let text = match after.as_str() {
                    "" => "may report all incidents".to_owned(),
                    prefix => format!("may report incidents {prefix}*"),
                };
                self.push(widens, text);
            }
        }
    }

    fn signals(&mut self, before: Option<&SignalRight>, after: Option<&SignalRight>) {
        match (before, after) {
            (None, None) => {}
            (Some(_), None) => self.push(false, "may no longer signal".to_owned()),
            (None, Some(after)) => {
                let about: Vec<String> = after.subjects.iter().map(ToString::to_string).collect();
                let text = format!(
                    "may signal about {}, {} in an hour, for {} s each",
                    about.join(", "),
                    after.per_hour,
                    after.longest_secs
                );
                self.push(true, text);
            }
            (Some(before), Some(after)) => {
                self.patterns(
                    "signal about",
                    &before.subjects,
                    &after.subjects,
                    SubjectPattern::covers,
                );
                self.number(
                    "signals in an hour",
                    before.per_hour.into(),
                    after.per_hour.into(),
                );
                self.number("seconds for a signal", before.longest_secs, after.longest_secs);
            }
        }
    }

    fn number(&mut self, what: &str, before: i64, after: i64) {
        if before != after {
            self.push(after > before, format!("{after} instead of {before} {what}"));
        }
    }
}
