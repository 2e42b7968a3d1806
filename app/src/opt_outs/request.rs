//! `/opt-outs/request`: the form that asks for an opt-out, and beside it what would happen.

mod case_fields;
mod consequence;
mod draft;
mod fields;
mod premise_fields;
mod renewal;
mod time_fields;
mod typing;

use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{
    api::{opt_out_form, preview_opt_out},
    view::{PreviewView, RequestFormView},
};
use crate::{
    component::{
        error_summary::ErrorSummary,
        field::OnceField,
        load::load,
        page_header::{Crumb, PageHeader},
        panel::Columns,
    },
    error::AppError,
    form::{Submission, use_submission},
};
use case_fields::Chosen;
use consequence::Consequences;
use draft::DraftNotice;
use fields::{CaseFields, CoverFields, WhyFields};
use renewal::Renewed;

pub(super) const PATH: &str = "/opt-outs/request";

/// What is previewed: the fields as they stand. Empty: nothing has been asked for yet.
type Typed = Vec<(String, String)>;

/// The form. Without script the button "Preview" brings the page back with the consequence; with script the consequence
/// follows what is typed.
#[component]
pub(crate) fn RequestOptOut() -> impl IntoView {
    let submission = use_submission();
    // What was refused already says what is wrong: only whoever asked for a preview is told what the scope covers.
    let typed = RwSignal::new(
        if submission.errors.is_empty() || submission.has_intent("preview") {
            submission.values.clone()
        } else {
            Typed::new()
        },
    );
    // A renewal is opened by its address, and stays one by a field of the form.
    let address = use_query_map();
    let posted = submission.value("renews").map(str::to_owned);
    let renews = move || {
        posted
            .clone()
            .unwrap_or_else(|| address.with(|address| address.get("renew").unwrap_or_default()))
    };
    let offered = Resource::new(renews, opt_out_form);
    let continues = address.with_untracked(|address| address.get("draft").is_some());
    let preview = Resource::new(move || typed.get(), previewed);
    load(offered, move |offered| {
        view! { <Request offered submission=submission.clone() continues typed preview/> }
    })
}

async fn previewed(typed: Typed) -> Result<Option<PreviewView>, AppError> {
    if typed.is_empty() {
        Ok(None)
    } else {
        preview_opt_out(typed).await.map(Some)
    }
}

#[component]
fn Request(
    offered: RequestFormView,
    submission: Submission,
    /// Whether the form was opened to go on with the draft.
    continues: bool,
    typed: RwSignal<Typed>,
    preview: Resource<Result<Option<PreviewView>, AppError>>,
) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    let opened = submission.is_empty();
    // What is renewed, or was begun, fills the form in, until something was posted.
    let renewed = offered.renewal.as_ref().map(|renewal| renewal.id.clone());
    let draft = offered
        .draft
        .clone()
        .filter(|draft| renewed.is_none() || draft.renews == renewed);
    let continues = continues && draft.as_ref().is_some_and(|draft| draft.renews == renewed);
    let begun = match (&draft, &offered.renewal) {
        (Some(draft), _) if continues => Some(draft.values.clone()),
        (_, Some(renewal)) => Some(renewal.values.clone()),
        (_, None) => None,
    };
    let submission = match begun.filter(|_| opened) {
        Some(values) => Submission { values, ..submission },
        None => submission,
    };
    let draft = draft
        .filter(|_| opened)
        .map(|draft| view! { <DraftNotice draft continues now=offered.now/> });
    let chosen = RwSignal::new(Chosen::of(&submission));
    let mut on_typing = typing::follow(form, typed, chosen);
    let renewal = offered.renewal.clone();
    let title = if renewal.is_some() {
        "Renew an opt-out"
    } else {
        "Request an opt-out"
    };
    let now = offered.now;
    let refused = !submission.errors.is_empty();
    // On a small screen the consequence stands below the form, out of sight of who just asked for it.
    let previewed = (submission.has_intent("preview") && !refused).then(|| {
        view! {
            <p class="mt-4 text-sm lg:hidden">
                "Nothing has been sent. "
                <a class="link link-primary" href="#consequence" rel="external">
                    "What will happen"
                </a>
            </p>
        }
    });
    view! {
        <PageHeader
            title
            crumbs=vec![Crumb::link("Opt-outs", "/opt-outs"), Crumb::here("Request")]
            note="Takes something out of the automation, for a reason, for a time. It ends by itself."
        />
        <ErrorSummary submission=submission.clone()/>
        {previewed}
        {draft}
        {renewal.map(|renewal| view! { <Renewed renewal now/> })}
        <Columns aside=view! { <Consequences preview refused/> }.into_any() sticky=true>
            <form
                node_ref=form
                class="space-y-5"
                method="post"
                action=PATH
                on:input=move |_| on_typing()
            >
                <OnceField key=offered.once.clone() submission=submission.clone()/>
                <CaseFields offered=offered.clone() submission=submission.clone()/>
                <CoverFields offered=offered.clone() submission=submission.clone()/>
                <WhyFields offered submission chosen/>
                <div class="flex flex-wrap gap-3">
                    // First in the document, so that the Enter key shows and does not send.
                    <button class="btn btn-outline" name="intent" value="preview">
                        "Preview"
                    </button>
                    <button class="btn btn-primary" name="intent" value="send">
                        "Send for approval"
                    </button>
                    <button class="btn btn-ghost" name="intent" value="save_draft">
                        "Save draft"
                    </button>
                </div>
            </form>
        </Columns>
    }
    .into_any()
}
