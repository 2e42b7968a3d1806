//! What a notice is about.

use crate::id::{
    AccessRequestId, ClientId, DelegationId, EndpointId, EventId, GrantId, OptOutId, PostReviewId,
};
use crate::name::{TeamName, TierName};
use serde::{Deserialize, Serialize};

/// Something that has a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum NoticeItem {
    /// Somebody's wish.
    AccessRequest {
        /// Which.
        id: AccessRequestId,
    },
    /// What an approved wish gave.
    Grant {
        /// Which.
        id: GrantId,
        /// The wish.
        request: AccessRequestId,
    },
    /// A governed exclusion.
    OptOut {
        /// Which.
        id: OptOutId,
    },
    /// What is looked at afterwards.
    PostReview {
        /// Which.
        id: PostReviewId,
    },
    /// A policy enforcement point, or a source of signals.
    Client {
        /// Which.
        id: ClientId,
    },
    /// How many bypasses a team has at a tier.
    Budget {
        /// Whose.
        team: TeamName,
        /// At which tier.
        tier: TierName,
    },
    /// Votes that somebody lent.
    Delegation {
        /// Which.
        id: DelegationId,
    },
    /// An address of a program or a chat.
    Endpoint {
        /// Which.
        id: EndpointId,
    },
    /// A policy version.
    Policy {
        /// The event that put it in force.
        event: EventId,
    },
    /// A change of the directory.
    Directory {
        /// Its event.
        event: EventId,
    },
    /// Everybody's mail.
    Mail,
    /// Where decisions are stored.
    DecisionRecords,
}

impl NoticeItem {
    /// The word in the database and on the wire.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AccessRequest { .. } => "access_request",
            Self::Grant { .. } => "grant",
            Self::OptOut { .. } => "opt_out",
            Self::PostReview { .. } => "post_review",
            Self::Client { .. } => "client",
            Self::Budget { .. } => "budget",
            Self::Delegation { .. } => "delegation",
            Self::Endpoint { .. } => "endpoint",
            Self::Policy { .. } => "policy",
            Self::Directory { .. } => "directory",
            Self::Mail => "mail",
            Self::DecisionRecords => "decision_records",
        }
    }

    /// The id in its outer form.
    pub fn id(&self) -> String {
        match self {
            Self::AccessRequest { id } => id.to_string(),
            Self::Grant { id, .. } => id.to_string(),
            Self::OptOut { id } => id.to_string(),
            Self::PostReview { id } => id.to_string(),
            Self::Client { id } => id.to_string(),
            Self::Budget { team, tier } => format!("{team}/{tier}"),
            Self::Delegation { id } => id.to_string(),
            Self::Endpoint { id } => id.to_string(),
            Self::Policy { event } | Self::Directory { event } => event.to_string(),
            Self::Mail => "mail".to_owned(),
            Self::DecisionRecords => "decision_records".to_owned(),
        }
    }
}
