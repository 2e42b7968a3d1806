//! Recorded JSON, to be read.

use leptos::prelude::*;

/// A text in a box that scrolls by itself, by keyboard too.
#[component]
pub(super) fn JsonText(
    /// What it is, for readers who do not see the heading.
    #[prop(into)]
    label: String,
    /// The text.
    text: String,
) -> impl IntoView {
    view! {
        <pre
            class="max-h-[32rem] overflow-auto rounded-field border border-base-300 bg-base-200 p-3 text-[0.8rem] leading-relaxed"
            tabindex="0"
            role="region"
            aria-label=label
        >
            <code>{text}</code>
        </pre>
    }
    .into_any()
}
