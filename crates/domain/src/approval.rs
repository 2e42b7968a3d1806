//! The approval algebra: stages in order, each a quorum of groups and persons joined by and/or, distinct persons over
//! all stages. A vote keeps the capacities that its voter had at that moment, so that a tally needs no directory.

mod at_once;
mod deciders;
mod delegation;
mod escalation;
mod exclusion;
mod plan;
mod quorum;
mod seats;
mod stage;
mod void;
mod vote;

pub use at_once::{
    AtOnceError, MOST_AT_ONCE, Shape, approve_at_once, approved_in_a_list, deny_at_once, in_a_list,
};
pub use deciders::Deciders;
pub use delegation::{
    Behalf, Delegation, DelegationError, DelegationScope, DelegationState, LONGEST_DELEGATION_SECS, Lent,
};
pub use escalation::{AskedToo, Escalation, Widening};
pub use exclusion::{Exclusion, Exclusions};
pub use plan::{Plan, PlanError};
pub use quorum::{Approver, Concerned, Quorum};
pub use seats::{MOST_ALTERNATIVES, MOST_SEATS};
pub use stage::Stage;
pub use void::{VoidReason, VoidVote, Votes, void_reason};
pub use vote::{
    Ballot, LONGEST_REASON, Standing, Verdict, Vote, VoteError, Voter, cast, noes_left, silent_since,
    standing,
};
