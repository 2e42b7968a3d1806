//! The fields of forms: label, hint and error tied to the control, the typed text kept.
//!
//! Each takes the form's [`Submission`](crate::form::Submission) and looks up its own value and error by its name. Errors
//! and hints are tied by `aria-describedby`. A field is required unless it says that it is optional.

mod choice;
mod lines;
mod once;
mod text;
mod zone;

pub use choice::{Choice, RadioCards, SelectField, TickList};
pub use lines::LinesField;
pub use once::OnceField;
pub use text::{Suggestions, TextArea, TextField};
pub use zone::ZoneField;

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::form::{FieldError, control_id};

/// The ids that tie a control to its texts.
struct Tie {
    control: String,
    hint: Option<String>,
    error: Option<String>,
}

impl Tie {
    fn new(name: &str, hint: Option<&String>, error: Option<&FieldError>) -> Self {
        let control = control_id(name);
        Self {
            hint: hint.map(|_| format!("{control}-hint")),
            error: error.map(|_| format!("{control}-error")),
            control,
        }
    }

    /// The value of `aria-describedby`.
    fn described_by(&self) -> Option<String> {
        let ids: Vec<&str> = [&self.error, &self.hint]
            .into_iter()
            .filter_map(Option::as_deref)
            .collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalid(&self) -> Option<&'static str> {
        self.error.as_ref().map(|_| "true")
    }
}

/// The words of a label.
#[component]
fn LabelText(text: String, optional: bool) -> impl IntoView {
    view! {
        <span class="font-medium">{text}</span>
        {optional.then(|| view! { <span class="note">" optional"</span> })}
    }
    .into_any()
}

/// The hint and the error below a control.
#[component]
fn Below(
    hint: Option<String>,
    hint_id: Option<String>,
    error: Option<FieldError>,
    error_id: Option<String>,
) -> impl IntoView {
    view! {
        {error
            .map(|error| {
                view! {
                    <p id=error_id class="mt-1 flex gap-1 text-sm text-error">
                        <Icon shape=Shape::CircleAlert class="size-4 mt-0.5"/>
                        {error.message}
                    </p>
                }
            })}
        {hint
            .map(|hint| {
                view! {
                    <p id=hint_id class="note mt-1">
                        {hint}
                    </p>
                }
            })}
    }
    .into_any()
}
