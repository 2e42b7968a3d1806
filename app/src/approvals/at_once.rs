//! What can be decided in one go, in words, and what came of it. On the server alone.

use domain::{
    access_request::{AccessRequest, AccessRequestState},
    approval::{MOST_AT_ONCE, approved_in_a_list, in_a_list},
    opt_out::{Direction, OptOut},
    tier::Tier,
    window::Instant,
};
use service::{
    Service,
    bulk::{BulkItem, BulkOutcome, ItemOutcome},
    inbox::InboxItem,
    opt_outs::OptOutSummary,
};

use super::view::{ActRowView, ActView, AtOnce};
use crate::{
    component::time::{absolute, length},
    opt_outs::scope_text::{principal_text, resource_text},
    requests::{look::title, words::listed},
    server_side::Names,
};

/// How an item can be decided together with others.
pub(super) fn how(item: &InboxItem, tiers: &[Tier]) -> AtOnce {
    let (Some(id), Some(shape)) = (BulkItem::of(item), item.shape()) else {
        return AtOnce::No;
    };
    match (
        in_a_list(shape.tier(), tiers),
        approved_in_a_list(shape.tier(), tiers),
    ) {
        (Err(_), _) => AtOnce::No,
        (Ok(()), Ok(())) => AtOnce::Either(id.to_string()),
        (Ok(()), Err(_)) => AtOnce::Denied(id.to_string()),
    }
}

/// What the rules for deciding in one go are, as this policy has them.
pub(super) fn sentences(tiers: &[Tier]) -> Vec<String> {
    let names = |wanted: &dyn Fn(&Tier) -> bool| {
        let names: Vec<String> = tiers
            .iter()
            .filter(|tier| wanted(tier))
            .map(|tier| tier.name.to_string())
            .collect();
        (!names.is_empty()).then(|| listed(names.into_iter(), "and"))
    };
    let approved = names(&|tier| approved_in_a_list(&tier.name, tiers).is_ok());
    let afresh = names(&|tier| tier.step_up);
    [
        approved.map(|names| {
            format!(
                "Up to {MOST_AT_ONCE} that are alike can be approved together, of tier {names}; any can be denied together."
            )
        }),
        afresh.map(|names| {
            format!("Tier {names} asks for a fresh sign-in for each vote: that is decided one by one.")
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What an approval of it does, if it is the last one needed.
pub(super) fn does(item: &InboxItem, names: &Names, now: Instant) -> String {
    match item {
        InboxItem::AccessRequest(request, _) => access(request, names, now),
        InboxItem::OptOut(summary, _) => opt_out(&summary.opt_out),
        InboxItem::PostReview(_) | InboxItem::Signal(_) => String::new(),
    }
}

fn access(request: &AccessRequest, names: &Names, now: Instant) -> String {
    let begins = match request.wanted_from.filter(|from| *from > now) {
        Some(from) => format!("beginning {}", absolute(from, now, 0)),
        None => "beginning at once".to_owned(),
    };
    let until = request
        .wanted_until
        .map(|until| format!(" and ending {} at the latest", absolute(until, now, 0)))
        .unwrap_or_default();
    format!(
        "{} may {} on {} for {}, {begins}{until}.",
        names.principal(&request.principal),
        request.capability,
        request.resource,
        length(request.grant_secs)
    )
}

fn opt_out(opt_out: &OptOut) -> String {
    let scope = &opt_out.scope;
    let or = |texts: Vec<String>, any: &str| {
        if texts.is_empty() {
            any.to_owned()
        } else {
            listed(texts.into_iter(), "and")
        }
    };
    let who = or(
        scope.principals.iter().flatten().map(principal_text).collect(),
        "anybody",
    );
    let what = or(
        scope.resources.iter().flatten().map(resource_text).collect(),
        "anything",
    );
    let to_do = scope
        .capabilities
        .as_ref()
        .map(|capabilities| {
            format!(
                " to {}",
                listed(capabilities.iter().map(ToString::to_string), "or")
            )
        })
        .unwrap_or_default();
    let long = length(opt_out.window.length_secs());
    match opt_out.direction {
        Direction::Bypass => format!(
            "{} no longer stops {who}{to_do} on {what}, for {long}.",
            or(scope.rules.iter().map(ToString::to_string).collect(), "No rule")
        ),
        Direction::ToManual => format!("A person decides whatever {who} wants{to_do} on {what}, for {long}."),
    }
}

/// What came of an act.
pub(super) fn act(service: &Service, found: &BulkOutcome) -> ActView {
    let names = Names::of(service);
    ActView {
        approves: found.verdict == domain::approval::Verdict::Approve,
        rows: found.items.iter().map(|item| row(item, found, &names)).collect(),
        cut_off: found.cut_off,
        at: found.at,
        now: found.now,
    }
}

fn row(item: &ItemOutcome, found: &BulkOutcome, names: &Names) -> ActRowView {
    let (called, href, stands) = match (&item.request, &item.opt_out) {
        (Some(request), _) => (
            format!("{}, {}", title(request), names.principal(&request.principal)),
            format!("/approvals/{}", request.id),
            request_words(request.state_at(found.now)),
        ),
        (None, Some(summary)) => (
            format!("Opt-out: {}", summary.opt_out.title),
            format!("/opt-outs/{}", summary.opt_out.id),
            opt_out_words(summary),
        ),
        (None, None) => (
            "Something that you no longer see".to_owned(),
            "/approvals".to_owned(),
            String::new(),
        ),
    };
    let words = match (item.counts, &item.refused) {
        (true, _) => stands,
        (false, Some(why)) => why.clone(),
        (false, None) => {
            "It was not reached. It still waits, unless somebody else has decided it.".to_owned()
        }
    };
    ActRowView {
        title: called,
        href,
        counts: item.counts,
        words,
    }
}

fn request_words(state: AccessRequestState) -> String {
    match state {
        AccessRequestState::Submitted | AccessRequestState::InReview { .. } => {
            "Your vote counts. Somebody else is asked next.".to_owned()
        }
        AccessRequestState::Approved => "Your vote counts. The access is granted.".to_owned(),
        AccessRequestState::Denied => "Your vote counts. It is denied.".to_owned(),
        AccessRequestState::Withdrawn => "Your vote counts. It was taken back since.".to_owned(),
        AccessRequestState::Expired => "Your vote counts. Nobody else decided in time.".to_owned(),
        AccessRequestState::Voided => "Policy no longer allows it, so it is void.".to_owned(),
    }
}

fn opt_out_words(summary: &OptOutSummary) -> String {
    if summary.state.is_pending() {
        "Your vote counts. Somebody else is asked next.".to_owned()
    } else {
        format!("Your vote counts. It is {}.", summary.state.words())
    }
}
