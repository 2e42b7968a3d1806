//! Addresses of machines and chats that notices go to.

use serde::{Deserialize, Serialize};

/// What is at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointKind {
    /// A program, which checks the signature (Standard Webhooks 1.0).
    Webhook,
    /// An incoming webhook of Slack.
    Slack,
    /// An incoming webhook of Teams.
    Teams,
}

impl EndpointKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Webhook, Self::Slack, Self::Teams];

    /// The word in the database and in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Teams => "teams",
        }
    }
}

/// A word that names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of endpoint")]
pub struct EndpointKindError(pub String);

impl std::str::FromStr for EndpointKind {
    type Err = EndpointKindError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| EndpointKindError(text.to_owned()))
    }
}

/// Why an endpoint is used no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledWhy {
    /// An administrator switched it off.
    Administrator,
    /// It answered that it is gone (410).
    Gone,
}

impl DisabledWhy {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Gone => "gone",
        }
    }
}
