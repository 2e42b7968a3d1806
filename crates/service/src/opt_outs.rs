//! Opt-outs: prepare, preview, request, renew, vote, revoke, withdraw, keep, close, look.

mod approve;
mod check;
mod conditions;
mod covered;
mod fields;
mod for_clients;
mod forecast;
mod hours;
mod judge;
mod known;
mod narrow;
mod need;
mod precedents;
mod prepare;
mod preview;
mod read;
pub(crate) mod refusals;
mod renewal;
mod request;
mod revoke;
mod vote;

pub use conditions::PremiseInput;
pub(crate) use covered::{Met, covers};
pub use for_clients::{AskedOver, SeenByClient};
pub use forecast::{ScopeForecast, ScopeSoFar};
pub(crate) use judge::{exclude, joined, nobody_left_by_now};
pub use narrow::NarrowInput;
pub use precedents::{PRECEDENT_DAYS, Precedents, SimilarOptOut};
pub use prepare::{OptOutInput, Prepared};
pub(crate) use prepare::{exclude_beneficiaries, teams};
pub use preview::{ExampleChange, OptOutPreview};
pub use read::{OptOutDetail, OptOutList, OptOutSummary};
pub use renewal::{Relative, RenewalOffer};
pub(crate) use request::body as request_body;
pub use store::opt_outs::{Filter as OptOutFilter, Use as OptOutUse};

use crate::approvals::{Joined, fell_back};
use crate::command::EventDraft;
use domain::event::EventKind;
use std::collections::BTreeSet;
use store::opt_outs::Stored;

/// Somebody joins a stage. Where nobody was left, that is an alarm.
pub(crate) fn joined_event(stored: &Stored, joined: &Joined) -> EventDraft {
    if fell_back(joined) {
        tracing::error!(opt_out = %stored.opt_out.id, stage = joined.name, "too few are left to decide: the fallback is asked");
        event(EventKind::OptOutFellBack, stored, joined.body())
    } else {
        event(EventKind::OptOutEscalated, stored, joined.body())
    }
}

/// An event about an opt-out. The leaf names it by its random id.
pub(crate) fn event(kind: EventKind, stored: &Stored, body: serde_json::Value) -> EventDraft {
    EventDraft {
        kind,
        object_kind: "opt_out",
        object_id: stored.opt_out.id.to_string(),
        refs: BTreeSet::from([stored.opt_out.id.to_string()]),
        policy_digest: Some(stored.policy_digest),
        body,
    }
}
