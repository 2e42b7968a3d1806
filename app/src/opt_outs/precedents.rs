//! How similar opt-outs went, in words. On the server alone.

use domain::{approval::Verdict, opt_out::OptOutState, role::Permission};
use service::{
    caller::PersonCaller,
    opt_outs::{OptOutDetail, PRECEDENT_DAYS, SimilarOptOut},
};

use super::view::{PrecedentView, PrecedentsView};
use crate::{requests::words, server_side::Names};

/// None where nothing is to be decided, or the reader may not read what others asked for.
pub(super) fn precedents(
    found: &OptOutDetail,
    caller: &PersonCaller,
    names: &Names,
) -> Option<PrecedentsView> {
    if !found.state.is_pending() || !caller.may(Permission::ReadAll) {
        return None;
    }
    let counts = found.precedents.counts;
    Some(PrecedentsView {
        summary: words::precedents(counts.settled, counts.approved, None, PRECEDENT_DAYS),
        rows: found
            .precedents
            .similar
            .iter()
            .map(|similar| row(similar, found, names))
            .collect(),
    })
}

fn row(similar: &SimilarOptOut, found: &OptOutDetail, names: &Names) -> PrecedentView {
    let opt_out = &similar.opt_out;
    PrecedentView {
        id: opt_out.id.to_string(),
        what: format!("{}: {}", names.requester(&opt_out.requested_by), opt_out.title),
        state: similar.state,
        decided_by: decided_by(similar, found, names),
        at: opt_out.requested_at,
    }
}

/// Who approved it, or who said no and why.
fn decided_by(similar: &SimilarOptOut, found: &OptOutDetail, names: &Names) -> String {
    let said = || {
        found
            .precedents
            .said
            .iter()
            .filter(|said| said.item == similar.opt_out.id.uuid())
    };
    if similar.state == OptOutState::Rejected {
        return said()
            .find(|said| said.verdict == Verdict::Deny)
            .map(|said| format!("{}: {}", names.person(&said.person), said.reason))
            .unwrap_or_default();
    }
    said()
        .filter(|said| said.verdict == Verdict::Approve)
        .map(|said| names.person(&said.person))
        .collect::<Vec<_>>()
        .join(", ")
}
