//! Fields that one chooses in.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Below, LabelText, Tie};
use crate::form::Submission;

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// What helps to choose it, where there is room.
    pub note: Option<String>,
}

impl Choice {
    /// A choice without a note.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            note: None,
        }
    }

    /// The same with a note.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// One of many, in a list that opens.
#[component]
pub fn SelectField(
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// Its name in the form.
    name: &'static str,
    /// What was posted.
    submission: Submission,
    /// What is chosen when the page is opened.
    #[prop(optional, into)]
    initial: String,
    /// What there is to choose.
    choices: Vec<Choice>,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether choosing nothing is fine.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let value = submission.value_or(name, &initial);
    let error = submission.error(name).cloned();
    let tie = Tie::new(name, hint.as_ref(), error.as_ref());
    let options = choices
        .into_iter()
        .map(|choice| {
            let selected = choice.value == value;
            view! {
                <option value=choice.value selected=selected>
                    {choice.label}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="text-sm">
            <label for=tie.control.clone()>
                <LabelText text=label optional/>
            </label>
            <select
                id=tie.control.clone()
                class="select w-full mt-1"
                class:select-error=error.is_some()
                name=name
                aria-invalid=tie.invalid()
                aria-describedby=tie.described_by()
            >
                {options}
            </select>
            <Below hint hint_id=tie.hint error error_id=tie.error/>
        </div>
    }
    .into_any()
}

/// One of a few, each with room to say what it is for.
#[component]
pub fn RadioCards(
    /// What is chosen, for readers who do not see the heading above.
    #[prop(into)]
    legend: String,
    /// Its name in the form.
    name: &'static str,
    /// What was posted.
    submission: Submission,
    /// What is chosen when the page is opened.
    #[prop(optional, into)]
    initial: String,
    /// What there is to choose.
    choices: Vec<Choice>,
) -> impl IntoView {
    let value = submission.value_or(name, &initial);
    let error = submission.error(name).cloned();
    let tie = Tie::new(name, None, error.as_ref());
    let described_by = tie.described_by();
    let cards = choices
        .into_iter()
        .enumerate()
        .map(|(place, choice)| {
            let checked = choice.value == value;
            // The summary's link leads to the first one.
            let id = (place == 0).then(|| tie.control.clone());
            view! {
                <label class="flex gap-3 rounded-box border border-base-300 px-4 py-3 cursor-pointer has-checked:border-primary has-checked:bg-primary/5">
                    <input
                        id=id
                        class="radio radio-sm radio-primary mt-0.5"
                        type="radio"
                        name=name
                        value=choice.value
                        checked=checked
                    />
                    <span class="min-w-0">
                        <span class="block text-sm font-medium">{choice.label}</span>
                        {choice.note.map(|note| view! { <span class="note block">{note}</span> })}
                    </span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset aria-describedby=described_by>
            <legend class="sr-only">{legend}</legend>
            <div class="grid gap-2.5 sm:grid-cols-2">{cards}</div>
            <Below hint=None hint_id=None error error_id=tie.error/>
        </fieldset>
    }
    .into_any()
}

/// Any number of a few.
#[component]
pub fn TickList(
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// The name that every ticked box sends.
    name: &'static str,
    /// What was posted.
    submission: Submission,
    /// What is ticked when the page is opened.
    #[prop(optional)]
    initial: Vec<String>,
    /// What there is to tick.
    choices: Vec<Choice>,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether none is fine.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let ticked: Vec<String> = if submission.is_empty() {
        initial
    } else {
        submission.values_of(name).map(str::to_owned).collect()
    };
    let error = submission.error(name).cloned();
    let tie = Tie::new(name, hint.as_ref(), error.as_ref());
    let described_by = tie.described_by();
    let boxes = choices
        .into_iter()
        .enumerate()
        .map(|(place, choice)| {
            let checked = ticked.contains(&choice.value);
            let id = (place == 0).then(|| tie.control.clone());
            view! {
                <label class="flex gap-2 py-1 cursor-pointer">
                    <input
                        id=id
                        class="checkbox checkbox-sm checkbox-primary mt-0.5"
                        type="checkbox"
                        name=name
                        value=choice.value
                        checked=checked
                    />
                    <span class="min-w-0">
                        {choice.label}
                        {choice.note.map(|note| view! { <span class="note">" " {note}</span> })}
                    </span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="text-sm" aria-describedby=described_by>
            <legend>
                <LabelText text=label optional/>
            </legend>
            <div class="mt-1 grid gap-x-6 sm:grid-cols-2">{boxes}</div>
            <Below hint hint_id=tie.hint error error_id=tie.error/>
        </fieldset>
    }
    .into_any()
}
