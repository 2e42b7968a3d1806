//! One request, for those who follow it: where it stands, what it gave, how to end it.

use domain::{grant::GrantState, window::Instant};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    api::open_request,
    parts::{Asked, Precedents, Said, StageSteps, Story, Why},
    view::{EndGrant, GrantView, RequestView},
};
use crate::{
    comments::{self, Comments},
    component::{
        badge::{AccessRequestBadge, EmergencyBadge, GrantBadge, TierMark},
        confirm::Confirm,
        error_summary::ErrorSummary,
        facts::{Fact, Facts},
        field::TextField,
        icon::{Icon, Shape},
        id::Id,
        life_bar::{Life, LifeBar},
        load::load,
        page_header::{Crumb, PageHeader},
        panel::{Columns, Panel},
        time::{Time, TimeLeft, length},
    },
    form::{Submission, use_submission},
    opt_outs::{Broken, ReviewPanel, ToldPanel},
};

/// What can be done to a request on its page.
const FORMS: &[&str] = &["confirm_withdraw", "withdraw", "confirm_end", "end"];

#[component]
pub(crate) fn RequestPage() -> impl IntoView {
    let posted = use_submission();
    let (submission, said) = (posted.of(FORMS), posted.of(comments::INTENTS));
    let params = use_params_map();
    let request = Resource::new(move || params.read().get("id").unwrap_or_default(), open_request);
    load(
        request,
        move |request| view! { <Request request submission=submission.clone() said=said.clone()/> },
    )
}

#[component]
fn Request(
    request: RequestView,
    submission: Submission,
    /// What was posted of the comment's form.
    said: Submission,
) -> impl IntoView {
    let now = request.now;
    let path = format!("/requests/{}", request.id);
    let badges = view! {
        {request.emergency.as_ref().map(|_| view! { <EmergencyBadge/> })}
        <AccessRequestBadge state=request.state stages=Some(stages(&request))/>
        {request.grant.as_ref().map(|grant| view! { <GrantBadge state=grant.state/> })}
        <TierMark tier=request.tier.clone()/>
        <Id value=request.id.clone() copy=true/>
        {(!request.state.is_terminal()).then(|| view! { <TimeLeft until=request.expires_at now/> })}
    }
    .into_any();
    let decide = request.reader.may_vote().then(|| {
        view! {
            <a class="btn btn-primary btn-sm" href=format!("/approvals/{}", request.id)>
                <Icon shape=Shape::UserCheck/>
                "Decide on it"
            </a>
        }
    });
    let break_glass = request.reader.may_break_glass.then(|| {
        view! {
            <a
                class="btn btn-outline btn-error btn-sm"
                href=format!("/opt-outs/break-glass?decision={}", request.decision_id)
            >
                <Icon shape=Shape::Triangle/>
                "Break the glass"
            </a>
        }
    });
    let actions = view! { {decide} {break_glass} }.into_any();
    let granted = request.grant.is_some();
    let withdraw = (request.reader.may_withdraw && !asks(&submission)).then(|| {
        view! { <TakeBack path=path.clone()/> }
    });
    let access = request.grant.clone().map(|grant| {
        view! {
            <Access
                grant
                requested_at=request.requested_at
                may_end=request.reader.may_end.filter(|_| !asks(&submission))
                path=path.clone()
                now
            />
        }
    });
    let (waits, emergency) = (!request.state.is_terminal(), request.emergency.clone());
    let broken = emergency.clone().map(|emergency| emergency.broken);
    let banner = emergency
        .clone()
        .map(|emergency| view! { <Broken by=emergency.by waits broken=Some(emergency.broken)/> });
    let aside = view! {
        <ReviewPanel review=emergency.and_then(|emergency| emergency.review) now/>
        <ToldPanel broken/>
        {withdraw}
        <Said stages=request.stages.clone() now/>
    }
    .into_any();
    let record = request.reader.may_audit.then(|| request.decision_id.clone());
    view! {
        <PageHeader
            title=request.title.clone()
            crumbs=vec![Crumb::link("Requests", "/requests"), Crumb::here(crate::component::id::short(&request.id))]
            badges
            actions
        />
        {banner}
        <StageSteps
            stages=request.stages.clone()
            state=request.state
            requested_at=request.requested_at
            grant_secs=request.wish.grant_secs
            at_once=request.at_once()
            now
        />
        <Step request=request.clone() submission path=path.clone()/>
        <Columns aside>
            {access}
            <Asked title="What was asked for" wish=request.wish granted/>
            <Why why=request.why decision=record/>
            <Comments comments=request.comments action=path submission=said now/>
            <Story story=request.story now/>
            <Precedents title="Similar ones" similar=request.similar summary=request.precedents now/>
        </Columns>
    }
    .into_any()
}

fn stages(request: &RequestView) -> u32 {
    u32::try_from(request.stages.len()).unwrap_or(u32::MAX)
}

/// Whether the page asks to confirm something, or says why it could not be done.
fn asks(submission: &Submission) -> bool {
    !submission.is_empty()
}

/// What a button that was pressed leads to: the question whether to go on, or why it could not be done.
#[component]
fn Step(request: RequestView, submission: Submission, path: String) -> impl IntoView {
    let withdraws = submission.has_intent("confirm_withdraw") || submission.has_intent("withdraw");
    let ends = submission.has_intent("confirm_end") || submission.has_intent("end");
    if withdraws && request.reader.may_withdraw {
        view! {
            <Confirm
                action=path
                submission
                title="Take this request back?"
                consequence="Nobody will be asked to decide it any more. To get the access, ask for it again."
                intent="withdraw"
                label="Take it back"
                danger=true
            />
        }
        .into_any()
    } else if let (true, Some(how)) = (ends, request.reader.may_end) {
        let (title, consequence, label) = end_words(how, &request.wish.who);
        let field = submission.clone();
        view! {
            <Confirm
                action=path
                submission
                title=title
                consequence=consequence
                intent="end"
                label=label
                danger=true
                asked=vec!["reason"]
            >
                <TextField
                    label="Reason"
                    name="reason"
                    submission=field
                    hint="Stands in the audit log."
                    optional=true
                    max_chars=Some(500)
                />
            </Confirm>
        }
        .into_any()
    } else {
        view! { <ErrorSummary submission/> }.into_any()
    }
}

fn end_words(how: EndGrant, who: &str) -> (String, String, &'static str) {
    match how {
        EndGrant::GiveBack => (
            "Give this access back?".to_owned(),
            "It ends at once, everywhere. To have it again, ask again.".to_owned(),
            "Give it back",
        ),
        EndGrant::TakeBack => (
            "End this access now?".to_owned(),
            format!("{who} loses it at once, everywhere. To have it again, they must ask again."),
            "End it now",
        ),
    }
}

/// What it gave.
#[component]
fn Access(
    grant: GrantView,
    requested_at: Instant,
    /// How the reader may end it.
    may_end: Option<EndGrant>,
    path: String,
    now: Instant,
) -> impl IntoView {
    let life = Life {
        asked_at: requested_at,
        starts_at: grant.starts_at,
        ends_at: grant.ends_at,
        ended_at: grant.ended_at,
    };
    let end = grant.ended_at.unwrap_or(grant.ends_at);
    let starts = (grant.state == GrantState::Scheduled).then(|| {
        view! {
            <Fact name="Starts">
                <Time at=grant.starts_at now/>
            </Fact>
        }
    });
    let (end_word, lasts_word) = if grant.state.is_terminal() {
        ("Ended", "Lasted")
    } else {
        ("Ends", "Lasts")
    };
    let form = may_end.map(|how| {
        let label = match how {
            EndGrant::GiveBack => "Give it back",
            EndGrant::TakeBack => "End it now",
        };
        view! {
            <form method="post" action=path>
                <button class="btn btn-outline btn-error btn-sm" name="intent" value="confirm_end">
                    {label}
                </button>
            </form>
        }
    });
    view! {
        <Panel title="Access">
            <LifeBar life now/>
            <div class="mt-4 flex flex-wrap items-end justify-between gap-4">
                <Facts>
                    {starts}
                    <Fact name=end_word>
                        <Time at=end now/>
                    </Fact>
                    <Fact name=lasts_word>{length((end - grant.starts_at).num_seconds().max(0))}</Fact>
                    <Fact name="Grant">
                        <Id value=grant.id copy=true/>
                    </Fact>
                </Facts>
                {form}
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn TakeBack(path: String) -> impl IntoView {
    view! {
        <Panel title="Not needed any more?">
            <p class="note">"Take the request back, and nobody has to decide it."</p>
            <form class="mt-3" method="post" action=path>
                <button class="btn btn-sm" name="intent" value="confirm_withdraw">
                    <Icon shape=Shape::Undo/>
                    "Take it back"
                </button>
            </form>
        </Panel>
    }
    .into_any()
}
