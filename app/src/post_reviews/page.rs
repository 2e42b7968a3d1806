//! `/post-reviews/:id`: what was done, and whether it was right.

use domain::{
    opt_out::OptOutState,
    post_review::{Finding, ReviewCause, ReviewState},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    access::{AccessSummary, Answered, Emergency},
    api::get_post_review,
    view::{AboutView, ConclusionView, PostReviewView},
};
use crate::{
    component::{
        badge::{Badge, OptOutBadge, TierMark, Tone},
        error_summary::ErrorSummary,
        facts::{Fact, Facts},
        field::{Choice, RadioCards, TextArea},
        icon::{Icon, Shape},
        id::{Id, short},
        load::load,
        page_header::{Crumb, PageHeader},
        panel::{Columns, Panel, PanelLink},
        time::{Time, TimeForm, length},
    },
    form::{Submission, use_submission},
    opt_outs::{Events, HoursFact, Uses, view::May, view::OptOutView},
};

/// One review.
#[component]
pub(crate) fn PostReviewPage() -> impl IntoView {
    let submission = use_submission();
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").unwrap_or_default());
    let found = Resource::new(id, get_post_review);
    load(
        found,
        move |review| view! { <Shown review submission=submission.clone()/> },
    )
}

#[component]
fn Shown(review: PostReviewView, submission: Submission) -> impl IntoView {
    let now = review.now;
    let due = (review.state == ReviewState::Owed).then(|| {
        view! {
            <span class="text-base-content/70">
                "due " <Time at=review.due_at now/>
            </span>
        }
    });
    let badges = view! {
        <ReviewBadge state=review.state overdue=review.overdue/>
        <TierMark tier=review.about.tier()/>
        <Id value=review.id.clone() copy=true/>
        {due}
    };
    let happened = review.happened.clone();
    let aside = view! {
        <Conclude review=review.clone() submission=submission.clone()/>
        <Panel title="What happened">
            <Events events=happened now/>
        </Panel>
    }
    .into_any();
    let (title, id, note) = (
        review.about.title().to_owned(),
        review.id.clone(),
        note(review.cause),
    );
    let done = match review.about.clone() {
        AboutView::OptOut(opt_out) => {
            let opt_out = *opt_out;
            view! {
                <Summary review opt_out=opt_out.clone()/>
                <Uses opt_out for_review=true/>
            }
            .into_any()
        }
        AboutView::Access(access) => {
            let access = *access;
            view! {
                <AccessSummary review access=access.clone()/>
                <Answered access now/>
            }
            .into_any()
        }
    };
    view! {
        <PageHeader
            title=format!("Post-review: {title}")
            window_title=format!("Post-review {}", short(&id))
            crumbs=vec![Crumb::link("Approvals", "/approvals"), Crumb::here(short(&id))]
            note=note
            badges=badges.into_any()
        />
        <ErrorSummary submission=submission/>
        <Columns aside>
            {done}
        </Columns>
    }
    .into_any()
}

const fn note(cause: ReviewCause) -> &'static str {
    match cause {
        ReviewCause::BreakGlass => "Somebody acted without being approved. Was it right?",
        ReviewCause::Ended => "It is over, and its tier asks whether it was right.",
    }
}

/// "owed", "overdue", "justified".
#[component]
pub(crate) fn ReviewBadge(state: ReviewState, overdue: bool) -> impl IntoView {
    let (tone, shape, text) = match state {
        ReviewState::Owed if overdue => (Tone::Danger, Shape::CircleAlert, "overdue"),
        ReviewState::Owed => (Tone::Strict, Shape::Hourglass, "owed"),
        ReviewState::Concluded(Finding::Justified) => (Tone::Settled, Shape::CircleCheck, "justified"),
        ReviewState::Concluded(Finding::Unjustified) => (Tone::Danger, Shape::CircleCross, "unjustified"),
        ReviewState::Concluded(Finding::FollowUp) => (Tone::Lax, Shape::Triangle, "follow-up"),
    };
    view! { <Badge tone text shape/> }.into_any()
}

#[component]
fn Summary(review: PostReviewView, opt_out: OptOutView) -> impl IntoView {
    let now = review.now;
    let broken = opt_out.broken.clone();
    let asked = approved_by(&review);
    let emergency = broken.map(|broken| {
        view! { <Emergency incident=broken.incident weak_sign_in=broken.weak_sign_in skipped=broken.skipped/> }
    });
    let link = view! { <PanelLink href=format!("/opt-outs/{}", opt_out.id) label="The opt-out"/> }.into_any();
    let (what, how_long, uses) = (opt_out.scope.line(), lasted(&opt_out), used(&opt_out));
    let (who, reason) = (opt_out.requested_by, opt_out.reason);
    let (starts_at, state, done) = (opt_out.starts_at, opt_out.state, review.done);
    view! {
        <Panel title="What was done" aside=link>
            <Facts>
                <Fact name="Who">{who}</Fact>
                {emergency}
                <Fact name="Approved by">{asked}</Fact>
                <Fact name="What">{what}</Fact>
                <Fact name="When">
                    <Time at=starts_at now form=TimeForm::Absolute/>
                    " for "
                    {how_long}
                    " "
                    <OptOutBadge state/>
                </Fact>
                <HoursFact hours=opt_out.hours/>
                <Fact name="Uses">{uses}</Fact>
                <Fact name="Done">{done}</Fact>
                <Fact name="Why">
                    <span class="whitespace-pre-line wrap-anywhere">{reason}</span>
                </Fact>
            </Facts>
        </Panel>
    }
    .into_any()
}

pub(super) fn approved_by(review: &PostReviewView) -> String {
    if review.approved_by.is_empty() {
        "nobody".to_owned()
    } else {
        review.approved_by.join(", ")
    }
}

fn lasted(opt_out: &OptOutView) -> String {
    match opt_out.ended_at.filter(|_| opt_out.state != OptOutState::Active) {
        Some(ended_at) => length((ended_at - opt_out.starts_at).num_seconds()),
        None => length(opt_out.length_secs),
    }
}

/// "3, of which 2 would have come out otherwise".
fn used(opt_out: &OptOutView) -> String {
    match (opt_out.uses_total, opt_out.uses_changed) {
        (0, _) => "none: no decision came out otherwise".to_owned(),
        (total, changed) => format!("{total}, of which {changed} would have come out otherwise without it"),
    }
}

#[component]
fn Conclude(review: PostReviewView, submission: Submission) -> impl IntoView {
    let asked = view! { <p class="note">"Asked: " {review.reviewers.clone()}</p> };
    match (review.conclusion.clone(), review.conclude.clone()) {
        (Some(conclusion), _) => view! {
            <Panel title="Concluded">
                <Concluded conclusion now=review.now/>
            </Panel>
        }
        .into_any(),
        (None, May::Yes) => view! {
            <Panel title="Your conclusion">
                {asked}
                <Form review submission/>
            </Panel>
        }
        .into_any(),
        (None, May::No(why)) => view! {
            <Panel title="Who concludes it">
                {asked}
                <p class="note mt-4 flex gap-2">
                    <Icon shape=Shape::Ban class="size-4 mt-0.5"/>
                    <span>{why}</span>
                </p>
            </Panel>
        }
        .into_any(),
        (None, May::Moot) => ().into_any(),
    }
}

#[component]
fn Concluded(conclusion: ConclusionView, now: domain::window::Instant) -> impl IntoView {
    view! {
        <p class="text-sm">
            <b>{conclusion.person}</b>
            ": "
            {conclusion.finding.words()}
            ", "
            <Time at=conclusion.at now form=TimeForm::Relative/>
        </p>
        <p class="text-sm mt-2 whitespace-pre-line wrap-anywhere">{conclusion.note}</p>
    }
    .into_any()
}

#[component]
fn Form(review: PostReviewView, submission: Submission) -> impl IntoView {
    let form = submission.of(&["conclude"]);
    let choices = vec![
        Choice::new(Finding::Justified.as_str(), "Justified").with_note("It was right to do it."),
        Choice::new(Finding::Unjustified.as_str(), "Unjustified").with_note("It should not have been done."),
        Choice::new(Finding::FollowUp.as_str(), "Follow-up").with_note("Something has to be changed first."),
    ];
    view! {
        <form class="mt-4 space-y-3" method="post" action=format!("/post-reviews/{}", review.id)>
            <RadioCards legend="What you found" name="finding" submission=form.clone() choices/>
            <TextArea
                label="Why"
                name="note"
                submission=form
                max_chars=Some(2_000)
                hint="It stands, and is kept in the audit log."
            />
            <button class="btn btn-primary btn-block" name="intent" value="conclude">
                "Conclude"
            </button>
        </form>
    }
    .into_any()
}
