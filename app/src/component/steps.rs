//! The stages of an approval as steps, from asked to granted.

use leptos::prelude::*;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is, such as "Payments owners, 1 of 3".
    pub label: String,
    /// Where the item stands.
    pub progress: Progress,
}

/// Where an item stands relative to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Behind it.
    Done,
    /// At it: it waits here.
    Current,
    /// Not there yet.
    Ahead,
    /// It ended here, refused.
    Refused,
}

/// The steps of an item, side by side, on small screens one below the other.
#[component]
pub fn Steps(
    /// In order.
    steps: Vec<Step>,
) -> impl IntoView {
    let items = steps
        .into_iter()
        .zip(1_u32..)
        .map(|(step, number)| {
            let (class, mark, spoken) = match step.progress {
                Progress::Done => ("step step-primary", "✓".to_owned(), "done: "),
                Progress::Current => ("step step-primary", number.to_string(), "now: "),
                Progress::Ahead => ("step", number.to_string(), "to come: "),
                Progress::Refused => ("step step-error", "✕".to_owned(), "refused: "),
            };
            let current = (step.progress == Progress::Current).then_some("step");
            view! {
                <li class=class data-content=mark aria-current=current>
                    <span>
                        <span class="sr-only">{spoken}</span>
                        {step.label}
                    </span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="steps steps-vertical sm:steps-horizontal w-full mt-5 text-sm">{items}</ol> }.into_any()
}
