use leptos::prelude::*;

use crate::form::Submission;

/// The name of the field, as the server reads it.
const NAME: &str = "once";

/// The key of the page that a form stands on, so that a form that comes twice makes one thing. One that comes back with
/// errors or a preview keeps its key.
#[component]
pub fn OnceField(
    /// A fresh one.
    key: String,
    /// What was posted, if anything was.
    submission: Submission,
) -> impl IntoView {
    let key = submission.value(NAME).map_or(key, str::to_owned);
    view! { <input type="hidden" name=NAME value=key/> }
}
