//! What was refused, first thing on the page, with a link to each field.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::form::{Submission, control_id};

/// The summary of a refused form. Nothing where nothing was refused.
///
/// It takes the focus, by an attribute, so that it does so without script too.
#[component]
pub fn ErrorSummary(
    /// What was posted: the part that belongs to this form ([`Submission::of`]).
    submission: Submission,
) -> impl IntoView {
    (!submission.errors.is_empty()).then(|| {
        let items = submission
            .errors
            .into_iter()
            .map(|error| {
                if error.field.is_empty() {
                    view! { <li>{error.message}</li> }.into_any()
                } else {
                    let href = format!("#{}", control_id(&error.field));
                    // `external`, because a jump inside the page is the browser's own, focus included.
                    view! {
                        <li>
                            <a class="link inline-block py-1" href=href rel="external">
                                {error.message}
                            </a>
                        </li>
                    }
                    .into_any()
                }
            })
            .collect_view();
        view! {
            <div class="notice notice-danger mt-5" role="alert" tabindex="-1" autofocus=true>
                <Icon shape=Shape::CircleAlert class="size-4 mt-0.5"/>
                <div class="min-w-0">
                    <h2 class="font-semibold">"That cannot be sent yet"</h2>
                    <ul class="mt-1 space-y-0.5">{items}</ul>
                </div>
            </div>
        }
        .into_any()
    })
}
