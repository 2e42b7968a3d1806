//! `/opt-outs/break-glass`: what was refused, or out of a rule, at once, because something burns.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::{break_glass_form, check_break_glass},
    consequence::Consequence,
    view::{BreakGlassFormView, TermsView, Way},
    ways::{AccessFields, NothingRefused, RuleFields, Ways},
};
use crate::{
    component::{
        badge::Tone,
        error_summary::ErrorSummary,
        field::OnceField,
        icon::{Icon, Shape},
        load::load,
        notice::Notice,
        page_header::{Crumb, PageHeader},
        panel::{Columns, Panel},
    },
    error::AppError,
    form::{Submission, use_submission},
};

pub(super) const PATH: &str = "/opt-outs/break-glass";

/// The form. "Check" shows what it would come to, without script too; nothing is sent by that.
#[component]
pub(crate) fn BreakGlassPage() -> impl IntoView {
    let submission = use_submission();
    let query = use_query_map();
    // A form posts to the bare path, so that what the address names was chosen after it.
    let named = {
        let posted = submission.clone();
        move |name: &'static str| {
            query
                .with(|query| query.get(name))
                .or_else(|| posted.value(name).map(str::to_owned))
                .unwrap_or_default()
        }
    };
    let (named_way, named_decision) = (named.clone(), named);
    let way = Memo::new(move |_| Way::of(&named_way("way")));
    let decision = Memo::new(move |_| named_decision("decision"));
    // Asked for anew for the other way too: what was refused may be granted by then.
    let offered = Resource::new(
        move || (decision.get(), way.get().as_str()),
        |(decision, _)| break_glass_form(decision),
    );
    let shows = submission.has_intent("check") && submission.errors.is_empty();
    let typed = if shows {
        submission.values.clone()
    } else {
        Vec::new()
    };
    let terms = Resource::new(move || typed.clone(), checked);
    load(offered, move |offered| {
        let (way, decision) = (way.get_untracked(), decision.get_untracked());
        view! { <Shown offered way decision submission=submission.clone() terms/> }
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
    way: Way,
    /// The decision that it began with.
    decision: String,
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
    let nothing = way == Way::Access && offered.refused.is_empty() && submission.is_empty();
    let form = if nothing {
        view! { <NothingRefused not_opened=offered.not_opened.clone()/> }.into_any()
    } else {
        view! { <Form offered=offered.clone() way submission=submission.clone()/> }.into_any()
    };
    view! {
        <PageHeader
            title="Break glass"
            crumbs=vec![Crumb::link("Opt-outs", "/opt-outs"), Crumb::here("Break glass")]
            note="For an emergency alone. Nobody is asked first, everybody concerned is told, and it is reviewed."
        />
        {back}
        <Shorter href=offered.overdue_href.clone() team=offered.team.clone()/>
        <Ways way decision/>
        <ErrorSummary submission=submission.clone()/>
        <Columns aside>{form}</Columns>
    }
    .into_any()
}

#[component]
fn Form(offered: BreakGlassFormView, way: Way, submission: Submission) -> impl IntoView {
    let once = view! { <OnceField key=offered.once.clone() submission=submission.clone()/> };
    let fields = match way {
        Way::Access => view! { <AccessFields offered submission/> }.into_any(),
        Way::Rule => view! { <RuleFields offered submission/> }.into_any(),
    };
    view! {
        <form
            class="panel border-error/50 px-5 py-5 space-y-4"
            method="post"
            action=PATH
        >
            <input type="hidden" name="way" value=way.as_str()/>
            {once}
            {fields}
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
