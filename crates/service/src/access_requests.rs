//! Access requests: submit, vote, withdraw, look.

mod background;
mod grant;
mod judge;
mod open_items;
mod read;
mod submit;
mod vote;
mod withdraw;

pub use background::{AskingRule, Background, Outcomes, PRECEDENT_DAYS, WhyReview};
pub(crate) use grant::grant_of;
pub(crate) use judge::{exclude, joined, nobody_left_by_now};
pub use read::{AccessRequestDetail, AccessRequestList, Emergency};
pub use store::access_requests::Filter as AccessRequestFilter;
pub use submit::{Submission, SubmitError};
pub(crate) use submit::{body as submitted_body, exclusions, initiator};
pub(crate) use vote::refused;

use crate::approvals::{Joined, fell_back};
use crate::command::EventDraft;
use domain::access_request::AccessRequest;
use domain::event::EventKind;
use std::collections::BTreeSet;

/// Somebody joins a stage. Where nobody was left, that is an alarm.
pub(crate) fn joined_event(request: &AccessRequest, joined: &Joined) -> EventDraft {
    if fell_back(joined) {
        tracing::error!(request = %request.id, stage = joined.name, "too few are left to decide: the fallback is asked");
        event(EventKind::AccessRequestFellBack, request, joined.body())
    } else {
        event(EventKind::AccessRequestEscalated, request, joined.body())
    }
}

/// An event about a request. The leaf names the request, its client and its denial by their random ids.
pub(crate) fn event(kind: EventKind, request: &AccessRequest, body: serde_json::Value) -> EventDraft {
    EventDraft {
        kind,
        object_kind: "access_request",
        object_id: request.id.to_string(),
        refs: BTreeSet::from([
            request.id.to_string(),
            request.client.to_string(),
            request.decision.to_string(),
        ]),
        policy_digest: Some(request.policy_digest),
        body,
    }
}
