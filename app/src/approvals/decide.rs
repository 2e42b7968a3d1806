//! Everything to decide on one request, on one screen.

mod panel;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    comments::{self, Comments},
    component::{
        badge::{AccessRequestBadge, TierMark},
        id::{Id, short},
        load::load,
        page_header::{Crumb, PageHeader},
        panel::Columns,
        time::TimeLeft,
    },
    form::{Submission, use_submission},
    opt_outs::Broken,
    requests::{
        open_request,
        parts::{Asked, Precedents, Said, StageSteps, Why},
        view::RequestView,
    },
};
use panel::{ConfirmVote, DecisionPanel, is_confirmed_first};

/// What the buttons of the decision panel mean.
const FORM: &[&str] = &["confirm_approve", "confirm_deny", "approve", "deny"];

#[component]
pub(crate) fn ApprovalPage() -> impl IntoView {
    let posted = use_submission();
    let (submission, said) = (posted.of(FORM), posted.of(comments::INTENTS));
    let params = use_params_map();
    let request = Resource::new(move || params.read().get("id").unwrap_or_default(), open_request);
    load(
        request,
        move |request| view! { <Approval request submission=submission.clone() said=said.clone()/> },
    )
}

#[component]
fn Approval(
    request: RequestView,
    submission: Submission,
    /// What was posted of the comment's form.
    said: Submission,
) -> impl IntoView {
    let now = request.now;
    let stages = u32::try_from(request.stages.len()).unwrap_or(u32::MAX);
    let badges = view! {
        <AccessRequestBadge state=request.state stages=Some(stages)/>
        <TierMark tier=request.tier.clone()/>
        <Id value=request.id.clone() copy=true/>
        {(!request.state.is_terminal()).then(|| view! { <TimeLeft until=request.expires_at now/> })}
    }
    .into_any();
    let asks = request.reader.may_vote() && is_confirmed_first(&submission);
    let confirm =
        asks.then(|| view! { <ConfirmVote request=request.clone() submission=submission.clone()/> });
    let aside = view! {
        {(!asks).then(|| view! { <DecisionPanel request=request.clone() submission/> })}
        <Said stages=request.stages.clone() now/>
    }
    .into_any();
    let record = request.reader.may_audit.then(|| request.decision_id.clone());
    let granted = request.grant.is_some();
    let emergency = request.emergency.clone().map(|emergency| {
        let waits = !request.state.is_terminal();
        view! { <Broken by=emergency.by waits broken=Some(emergency.broken)/> }
    });
    view! {
        <PageHeader
            title=request.title.clone()
            crumbs=vec![Crumb::link("Approvals", "/approvals"), Crumb::here(short(&request.id))]
            badges
        />
        {emergency}
        <StageSteps
            stages=request.stages.clone()
            state=request.state
            requested_at=request.requested_at
            grant_secs=request.wish.grant_secs
            at_once=request.at_once()
            now
        />
        {confirm}
        <Columns aside sticky=true>
            <Asked title="What you are asked to allow" wish=request.wish granted/>
            <Why why=request.why decision=record/>
            <Comments
                comments=request.comments
                action=format!("/approvals/{}", request.id)
                submission=said
                now
            />
        </Columns>
        // Below both columns, so that on a telephone the decision comes before what only helps to judge.
        <div class="mt-5">
            <Precedents title="Similar ones before" similar=request.similar summary=request.precedents now/>
        </div>
    }
    .into_any()
}
