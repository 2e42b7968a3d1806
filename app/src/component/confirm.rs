//! The step before something that cannot be undone.

use leptos::prelude::*;

use super::error_summary::ErrorSummary;
use crate::form::Submission;

/// Asks once more, with the typed values kept, and posts the final intent.
///
/// The first button posts an intent that only shows (`confirm_revoke`); the page then comes back and shows this where
/// `submission.has_intent("confirm_revoke")` or the final intent was refused. So it works without script.
#[component]
pub fn Confirm(
    /// The page's path.
    #[prop(into)]
    action: String,
    /// What was posted with the first step: kept in hidden fields, but for those that `children` ask for.
    submission: Submission,
    /// What is about to happen: "Revoke this opt-out now?"
    #[prop(into)]
    title: String,
    /// What it means and for whom.
    #[prop(into)]
    consequence: String,
    /// The intent that does it.
    intent: &'static str,
    /// The verb on the button: "Revoke now".
    #[prop(into)]
    label: String,
    /// Whether it takes something away from somebody.
    #[prop(optional)]
    danger: bool,
    /// Names of the fields that `children` show.
    #[prop(optional)]
    asked: Vec<&'static str>,
    /// Fields that this step asks for, such as a reason.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let hidden = submission
        .values
        .iter()
        .filter(|(name, _)| !asked.contains(&name.as_str()))
        .map(|(name, value)| {
            view! { <input type="hidden" name=name.clone() value=value.clone()/> }
        })
        .collect_view();
    let button = if danger {
        "btn btn-error"
    } else {
        "btn btn-primary"
    };
    let back = action.clone();
    view! {
        <section class="panel mt-5 p-5" id="confirm">
            // The reader has just pressed a button further down: this is where it led.
            <h2 class="panel-title" tabindex="-1" autofocus=true>
                {title}
            </h2>
            <p class="mt-1 text-sm">{consequence}</p>
            <ErrorSummary submission/>
            <form class="mt-4 space-y-4" method="post" action=action>
                {hidden}
                {children.map(|children| children())}
                <div class="flex flex-wrap gap-2">
                    <button class=button name="intent" value=intent>
                        {label}
                    </button>
                    <a class="btn btn-ghost" href=back rel="external">
                        "Keep it as it is"
                    </a>
                </div>
            </form>
        </section>
    }
    .into_any()
}
