//! What is wrong with a policy version: all of it at once.

use domain::digest::Digest;

/// One thing that is wrong, or for a lint, one thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the policy folder.
    pub file: String,
    /// The rule's `@id`, where the problem is one rule's.
    pub rule: Option<String>,
    /// What is wrong, and what would mend it.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(file: &str, rule: Option<&str>, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            rule: rule.map(str::to_owned),
            message: message.into(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.rule {
            Some(rule) => write!(f, "{}: rule {rule}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// Everything that is wrong with a policy version, sorted by file, rule and message; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policy has {} problems, the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
pub struct PolicyErrors(Vec<Problem>);

impl PolicyErrors {
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self(problems)
    }

    /// The problems, sorted.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

/// Why a stored policy version cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredPolicyError {
    /// Its files are not the ones that were stored under its digest.
    #[error("the stored text of policy version {digest} has been changed: its digest is {}", .found.map_or_else(|| "none".to_owned(), |found| found.to_string()))]
    Changed {
        /// The digest that names the version.
        digest: Digest,
        /// The digest of the text that is there.
        found: Option<Digest>,
    },
    /// This program refuses it.
    #[error("the stored policy version is refused")]
    Refused(#[from] PolicyErrors),
}
