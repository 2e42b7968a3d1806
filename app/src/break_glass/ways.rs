//! The two ways of breaking the glass, and what each asks for.

use leptos::prelude::*;

use super::{
    page::PATH,
    view::{BreakGlassFormView, Way},
};
use crate::{
    component::{
        badge::Tone,
        empty_state::EmptyState,
        field::{Choice, RadioCards, SelectField, Suggestions, TextArea, TextField, TickList},
        icon::Shape,
        notice::Notice,
    },
    form::Submission,
};

/// The id of the list of resources to type.
const RESOURCES: &str = "break-glass-resources";

/// Links to both. Each is a page of its own address, so that they work without script.
#[component]
pub(super) fn Ways(
    way: Way,
    /// The decision that it began with, which the other way begins with too.
    decision: String,
) -> impl IntoView {
    let links = Way::ALL
        .into_iter()
        .map(|one| {
            let here = one == way;
            let (label, note) = match one {
                Way::Access => (
                    "Access to what was refused",
                    "The narrower one: for just that, by just whom it was refused to.",
                ),
                Way::Rule => (
                    "Out of a rule",
                    "For all that the rule stands in the way of on that resource.",
                ),
            };
            let about = match decision.as_str() {
                "" => String::new(),
                decision => format!("&decision={decision}"),
            };
            view! {
                <a
                    class="panel px-4 py-3 block hover:border-error"
                    class:border-error=here
                    href=format!("{PATH}?way={}{about}", one.as_str())
                    aria-current=here.then_some("page")
                >
                    <span class="text-sm font-medium">{label}</span>
                    <span class="note block">{note}</span>
                </a>
            }
        })
        .collect_view();
    view! {
        <nav aria-label="Ways to break the glass" class="mt-5 grid gap-3 sm:grid-cols-2">
            {links}
        </nav>
    }
    .into_any()
}

/// Why the decision that the page began with cannot be opened.
#[component]
fn NotOpened(why: Option<String>) -> impl IntoView {
    why.map(|why| {
        view! {
            <Notice tone=Tone::Lax>"That decision cannot be opened. " {why}</Notice>
        }
    })
}

/// Nothing to choose from, so that there is nothing to fill in either.
#[component]
pub(super) fn NothingRefused(not_opened: Option<String>) -> impl IntoView {
    view! {
        <div class="panel px-5 py-5">
            <NotOpened why=not_opened/>
            <Nothing/>
        </div>
    }
    .into_any()
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <EmptyState
            shape=Shape::Key
            title="Nothing that was refused to you can be opened"
            note="What a person has to decide on and only rules that are marked for emergencies keep from you stands here for 24 hours."
        />
    }
}

/// What was refused: one of the reader's own, or of a workload that they answer for.
#[component]
pub(super) fn AccessFields(offered: BreakGlassFormView, submission: Submission) -> impl IntoView {
    // What was typed stays, where nothing is left to be opened by now.
    let choices = if offered.refused.is_empty() {
        view! { <Nothing/> }.into_any()
    } else {
        view! {
            <RadioCards
                legend="What was refused"
                name="decision"
                submission=submission.clone()
                initial=offered.chosen
                choices=offered.refused
            />
        }
        .into_any()
    };
    view! {
        <NotOpened why=offered.not_opened/>
        {choices}
        <TextField
            label="The name of what it is on"
            name="confirmation"
            submission=submission.clone()
            hint="Typed, as in payments-prod, so that it is the one that you mean"
        />
        <Rest lengths=offered.lengths default_secs=offered.default_secs submission/>
    }
    .into_any()
}

/// What both ask for.
#[component]
fn Rest(lengths: Vec<Choice>, default_secs: i64, submission: Submission) -> impl IntoView {
    view! {
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
            initial=default_secs.to_string()
            choices=lengths
        />
    }
    .into_any()
}

/// Out of which rule, on what, for whom.
#[component]
pub(super) fn RuleFields(offered: BreakGlassFormView, submission: Submission) -> impl IntoView {
    let initial = offered.initial.clone();
    let lengths = offered.lengths.clone();
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
        <Rest lengths default_secs=offered.default_secs submission/>
    }
    .into_any()
}
