//! What a decision comes to, ordered by strictness.

use serde::{Deserialize, Serialize};

/// `automate < review < deny`: the greater one is the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Granted without a person.
    Automate,
    /// A person has to approve first.
    Review,
    /// Never granted under this policy.
    Deny,
}

/// A word that is no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no outcome: use automate, review or deny")]
pub struct OutcomeError(pub String);

impl Outcome {
    /// All outcomes, laxest first.
    pub const ALL: [Self; 3] = [Self::Automate, Self::Review, Self::Deny];

    /// The word on the wire, in the database and in a badge.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automate => "automate",
            Self::Review => "review",
            Self::Deny => "deny",
        }
    }

    /// The stricter of the two.
    pub fn stricter(self, other: Self) -> Self {
        self.max(other)
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Outcome {
    type Err = OutcomeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or_else(|| OutcomeError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome::{Automate, Deny, Review};

    #[test]
    fn deny_is_strictest_and_automate_laxest() {
        assert_eq!(Automate.stricter(Review), Review);
        assert_eq!(Deny.stricter(Review), Deny);
        assert!(Automate < Review && Review < Deny);
    }
}
