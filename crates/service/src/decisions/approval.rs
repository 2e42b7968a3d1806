//! What a re-evaluation that was denied although it named an approval tells its client (AuthZEN Access Request and
//! Approval Profile, draft 1, "Completion Semantics").

use super::{Decided, Decider};
use crate::ServiceError;
use domain::grant::{Grant, GrantState};
use domain::id::GrantId;
use domain::outcome::Outcome;
use std::time::Duration;

/// How long looking up the named approval may take. The decision stands already, and its answer does not wait for those
/// who hold the connections of the pool.
const LOOKING_UP: Duration = Duration::from_millis(300);

/// What the client should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAction {
    /// File a new access request.
    Request,
    /// Evaluate again after some seconds.
    Retry {
        /// How many.
        after_secs: i64,
    },
    /// Nothing will help.
    None,
}

/// Why the approval did not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalVerdict {
    /// It is over: its time is up, it was taken or given back, or something since then asks for a fresh one.
    Expired,
    /// It is for another subject, resource, action or binding context.
    OutOfScope,
    /// Its time is to come.
    Pending {
        /// In how many seconds.
        starts_in_secs: i64,
    },
    /// Policy refuses whatever is approved.
    PolicyDenied,
    /// There is no such approval.
    Unverifiable,
}

impl ApprovalVerdict {
    /// The profile's reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Expired => "approval_expired",
            Self::OutOfScope => "out_of_scope",
            Self::Pending { .. } => "grant_pending",
            Self::PolicyDenied => "policy_denied",
            Self::Unverifiable => "approval_unverifiable",
        }
    }

    /// What the client should do.
    pub const fn next_action(self) -> NextAction {
        match self {
            Self::Expired | Self::OutOfScope => NextAction::Request,
            Self::Pending { starts_in_secs } => NextAction::Retry {
                after_secs: starts_in_secs,
            },
            Self::PolicyDenied | Self::Unverifiable => NextAction::None,
        }
    }
}

impl Decider {
    /// Why the named approval did not help; none where none was named or the answer is yes.
    pub async fn approval_verdict(&self, decided: &Decided) -> Result<Option<ApprovalVerdict>, ServiceError> {
        let decision = &decided.decision;
        let Some(named) = decision
            .input
            .approval
            .as_ref()
            .filter(|_| !decision.evaluation.answer)
        else {
            return Ok(None);
        };
        let Ok(id) = named.parse::<GrantId>() else {
            return Ok(Some(ApprovalVerdict::Unverifiable));
        };
        let held = decided
            .loaded
            .grants_of(&decision.input.principal)
            .iter()
            .find(|grant| grant.id == id);
        let found = match held {
            Some(grant) => Some(grant.as_ref().clone()),
            None => {
                let found = store::grants::find(self.service().store().pool(), id);
                tokio::time::timeout(LOOKING_UP, found)
                    .await
                    .map_err(|late| ServiceError::Unavailable(Box::new(late)))??
            }
        };
        // Of another principal it is unverifiable: the answer must not tell one client about another's approvals.
        let own = found.filter(|grant| grant.principal == decision.input.principal);
        Ok(Some(own.map_or(ApprovalVerdict::Unverifiable, |grant| {
            judge(&grant, decided)
        })))
    }
}

fn judge(grant: &Grant, decided: &Decided) -> ApprovalVerdict {
    let decision = &decided.decision;
    if decision.evaluation.effective == Outcome::Deny {
        return ApprovalVerdict::PolicyDenied;
    }
    if grant.tuple_digest != decision.evaluation.tuple_digest {
        return ApprovalVerdict::OutOfScope;
    }
    match grant.state(decision.at) {
        GrantState::Scheduled => ApprovalVerdict::Pending {
            starts_in_secs: (grant.window.starts_at() - decision.at).num_seconds().max(0) + 1,
        },
        // In force and still not enough: an opt-out or a stricter tier came after it.
        GrantState::Active | GrantState::Ended | GrantState::Revoked | GrantState::Relinquished => {
            ApprovalVerdict::Expired
        }
    }
}
