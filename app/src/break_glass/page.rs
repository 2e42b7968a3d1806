//! `/opt-outs/break-glass`: out of a rule at once, because something burns.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::{break_glass_form, check_break_glass},
    view::{BreakGlassFormView, TermsView},
};
use crate::{
    component::{
        badge::{TierMark, Tone},
        error_summary::ErrorSummary,
        facts::{Fact, Facts},
        field::{SelectField, Suggestions, TextArea, TextField, TickList},
        icon::{Icon, Shape},
        load::load,
        notice::Notice,
        page_header::{Crumb, PageHeader},
        panel::{Columns, Panel},
        time::{Time, length},
    },
    error::AppError,
    form::{Submission, use_submission},
};

const PATH: &str = "/opt-outs/break-glass";
/// The id of the list of resources to type.
const RESOURCES: &str = "break-glass-resources";

/// The form. "Check" shows what it would come to, without script too; nothing is sent by that.
#[component]
pub(crate) fn BreakGlassPage() -> impl IntoView {
    let submission = use_submission();
    let query = use_query_map();
    let decision = move || query.with(|query| query.get("decision").unwrap_or_default());
    let offered = Resource::new(decision, break_glass_form);
    let shows = submission.has_intent("check") && submission.errors.is_empty();
    let typed = if shows {
        submission.values.clone()
    } else {
        Vec::new()
    };
    let terms = Resource::new(move || typed.clone(), checked);
    load(offered, move |offered| {
        view! { <Shown offered submission=submission.clone() terms/> }
    })
}

async fn checked(typed: Vec<(String, String)>) -> Result<Option<TermsView>, AppError> {
    if typed.is_empty() {
        Ok(None)
    } else {
        check_break_glass(typed).await.map(Some)
    }
}

#[component]
fn Shown(
    offered: BreakGlassFormView,
    submission: Submission,
    terms: Resource<Result<Option<TermsView>, AppError>>,
) -> impl IntoView {
    let back = submission.has_intent("kept").then(|| {
        view! {
            <div class="mt-4">
                <Notice tone=Tone::Settled announce=true>
                    "You have signed in again. What you typed is below; nothing has been sent yet."
                </Notice>
            </div>
        }
    });
    let aside = view! {
        <Consequence terms/>
        <Panel title="What it does">
            <ul class="list-disc space-y-1 pl-4 text-sm">
                <li>"It takes effect at once, on every node, and ends by itself."</li>
                <li>"Whoever would have decided is told and sees it on their start page."</li>
                <li>"Somebody else looks at it within 72 hours."</li>
                <li>"You need to have signed in within the last 5 minutes; if not, you are asked to first."</li>
            </ul>
        </Panel>
    }
    .into_any();
    view! {
        <PageHeader
            title="Break glass"
            crumbs=vec![Crumb::link("Opt-outs", "/opt-outs"), Crumb::here("Break glass")]
            note="For an emergency alone. Nobody is asked first, everybody concerned is told, and it is reviewed."
        />
        {back}
        <Shorter href=offered.overdue_href.clone() team=offered.team.clone()/>
        <ErrorSummary submission=submission.clone()/>
        <Columns aside>
            <form
                class="panel border-error/50 px-5 py-5 space-y-4"
                method="post"
                action=PATH
            >
                <Fields offered submission/>
                <div class="flex flex-wrap gap-3 pt-1">
                    // First in the document, so that the Enter key shows and does not send.
                    <button class="btn btn-outline" name="intent" value="check">
                        "Check"
                    </button>
                    <button class="btn btn-error" name="intent" value="break">
                        <Icon shape=Shape::Triangle/>
                        "Break the glass"
                    </button>
                </div>
            </form>
        </Columns>
    }
    .into_any()
}

/// Why it is shorter than usual.
#[component]
fn Shorter(href: Option<String>, team: String) -> impl IntoView {
    href.map(|href| {
        view! {
            <div class="mt-4">
                <Notice tone=Tone::Danger>
                    "At most 15 minutes: a post-review of " {team} " is overdue. "
                    <a class="link" href=href>
                        "The review"
                    </a>
                </Notice>
            </div>
        }
    })
}

#[component]
fn Fields(offered: BreakGlassFormView, submission: Submission) -> impl IntoView {
    let initial = offered.initial;
    let nothing = initial.nothing_breakable.then(|| {
        view! {
            <Notice tone=Tone::Lax>
                "No rule that stood in the way of that decision can be broken. Another one may not help."
            </Notice>
        }
    });
    view! {
        {nothing}
        <Suggestions id=RESOURCES values=offered.resources/>
        <TextField
            label="On what"
            name="resource"
            submission=submission.clone()
            initial=initial.resource
            suggestions=RESOURCES
            hint="The type and the name, as in service payments-prod"
        />
        <TextField
            label="Its name, once more"
            name="confirmation"
            submission=submission.clone()
            hint="Typed, so that it is the one that you mean"
        />
        <SelectField
            label="For whom"
            name="principal"
            submission=submission.clone()
            initial=initial.principal
            choices=offered.principals
        />
        <TextField
            label="To do what"
            name="capability"
            submission=submission.clone()
            initial=initial.capability
            optional=true
            hint="As in admin; empty: whatever"
        />
        <TickList
            label="Out of which rule"
            name="rules"
            submission=submission.clone()
            initial=initial.rules
            choices=offered.rules
            hint="Only these can be broken; every other rule holds in an emergency too."
        />
        <TextField
            label="Incident"
            name="incident"
            submission=submission.clone()
            max_chars=Some(64)
            hint="Its id, as in INC-4471"
        />
        <TextArea
            label="Reason"
            name="reason"
            submission=submission.clone()
            max_chars=Some(2_000)
            hint="What is wrong, in a sentence. It is read by whoever reviews it."
        />
        <SelectField
            label="For"
            name="length_secs"
            submission
            initial=offered.default_secs.to_string()
            choices=offered.lengths
        />
    }
    .into_any()
}

#[component]
fn Consequence(terms: Resource<Result<Option<TermsView>, AppError>>) -> impl IntoView {
    load(terms, |terms| terms.map(|terms| view! { <Terms terms/> }))
}

#[component]
fn Terms(terms: TermsView) -> impl IntoView {
    let now = terms.now;
    let effect = if terms.at_once {
        view! {
            <Notice tone=Tone::Danger announce=true>"It takes effect at once. Nothing has been sent yet."</Notice>
        }
        .into_any()
    } else {
        view! {
            <Notice tone=Tone::Strict announce=true>
                "Your team’s hours on this are spent, so one second person has to vote first. Nothing has been sent yet."
            </Notice>
        }
        .into_any()
    };
    let skipped = if terms.skipped.is_empty() {
        "nobody is left who could have decided".to_owned()
    } else {
        terms.skipped.join(", ")
    };
    view! {
        <Panel title="What will happen">
            {effect}
            <div class="mt-4">
                <Facts>
                    <Fact name="For">{length(terms.length_secs)}</Fact>
                    <Fact name="Until">
                        <Time at=terms.ends_at now/>
                    </Fact>
                    <Fact name="Tier">
                        <TierMark tier=terms.tier/>
                    </Fact>
                    <Fact name="Left at once">{length(terms.left_secs)} " in 7 days"</Fact>
                    <Fact name="Not asked, told">{skipped}</Fact>
                    <Fact name="Reviewed by">{terms.reviewers}</Fact>
                </Facts>
            </div>
        </Panel>
    }
    .into_any()
}
