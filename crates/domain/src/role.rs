//! What signed-in persons may do in Spillway itself. Roles open doors; they never make anybody eligible to vote on
//! their own request.

use serde::{Deserialize, Serialize};

/// A role, from the identity provider's groups by configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asks for access and opt-outs.
    Requester,
    /// Sits in approver groups.
    Approver,
    /// Reads everything, changes nothing.
    Auditor,
    /// Runs the directory, clients and sessions; ends what must end.
    Administrator,
    /// Writes policy.
    PolicyAuthor,
    /// Breaks the glass in an emergency.
    Responder,
}

/// What somebody may want to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Ask for access or an opt-out.
    Request,
    /// Open the inbox and vote, where the plan asks for one's group.
    Vote,
    /// See one's own items and those one may decide.
    ReadOwn,
    /// See everybody's items.
    ReadAll,
    /// Read the ledger and decisions.
    ReadAudit,
    /// Read tiers, rules and scenarios.
    ReadPolicies,
    /// End somebody else's opt-out or grant.
    Revoke,
    /// Change directory and clients.
    Administer,
    /// Break the glass.
    BreakGlass,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 9] = [
        Self::Request,
        Self::Vote,
        Self::ReadOwn,
        Self::ReadAll,
        Self::ReadAudit,
        Self::ReadPolicies,
        Self::Revoke,
        Self::Administer,
        Self::BreakGlass,
    ];

    /// The word in tables and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Vote => "vote",
            Self::ReadOwn => "read_own",
            Self::ReadAll => "read_all",
            Self::ReadAudit => "read_audit",
            Self::ReadPolicies => "read_policies",
            Self::Revoke => "revoke",
            Self::Administer => "administer",
            Self::BreakGlass => "break_glass",
        }
    }
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 6] = [
        Self::Requester,
        Self::Approver,
        Self::Auditor,
        Self::Administrator,
        Self::PolicyAuthor,
        Self::Responder,
    ];

    /// The word in configuration, on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
            Self::PolicyAuthor => "policy_author",
            Self::Responder => "responder",
        }
    }

    /// Whether this role alone allows it.
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match (self, permission) {
            (_, P::ReadOwn | P::ReadPolicies) => true,
            (
                Self::Requester | Self::Approver | Self::Administrator | Self::PolicyAuthor | Self::Responder,
                P::Request,
            ) => true,
            (Self::Auditor, P::Request) => false,
            (Self::Approver, P::Vote | P::ReadAll | P::Revoke) => true,
            (Self::Administrator, P::ReadAll | P::ReadAudit | P::Revoke | P::Administer) => true,
            (Self::Auditor, P::ReadAll | P::ReadAudit) => true,
            (Self::Approver, P::ReadAudit) => true,
            (Self::PolicyAuthor, P::ReadAll) => true,
            // Given apart from every other role: whoever may approve or administer may not break the glass by that.
            (Self::Responder, P::BreakGlass) => true,
            (Self::Requester, P::Vote | P::ReadAll | P::ReadAudit | P::Revoke | P::Administer)
            | (Self::Approver, P::Administer)
            | (Self::Auditor, P::Vote | P::Revoke | P::Administer)
            | (Self::Administrator, P::Vote)
            | (Self::PolicyAuthor, P::Vote | P::ReadAudit | P::Revoke | P::Administer)
            | (Self::Responder, P::Vote | P::ReadAll | P::ReadAudit | P::Revoke | P::Administer)
            | (
                Self::Requester | Self::Approver | Self::Auditor | Self::Administrator | Self::PolicyAuthor,
                P::BreakGlass,
            ) => false,
        }
    }
}

/// A word that is no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no role")]
pub struct RoleError(pub String);

impl std::str::FromStr for Role {
    type Err = RoleError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| RoleError(text.to_owned()))
    }
}
