//! A list that one types entry by entry, each in a field of its own, with suggestions.

use leptos::prelude::*;

use super::{Below, LabelText, Suggestions, Tie};
use crate::{component::time::is_hydrated, form::Submission};

/// The fewest fields that are shown.
const FEWEST: usize = 2;

/// Several lines under one name. One more than was filled in is always there, so that without script a list grows with
/// each preview; with script a button adds more at once.
#[component]
pub fn LinesField(
    /// What belongs in them.
    #[prop(into)]
    label: String,
    /// Their one name in the form.
    name: &'static str,
    /// What was posted.
    submission: Submission,
    /// What helps to fill them in.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What each offers while one types.
    #[prop(optional)]
    suggestions: Vec<String>,
    /// Whether all may stay empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let typed: Vec<String> = submission
        .values_of(name)
        .filter(|value| !value.trim().is_empty())
        .map(str::to_owned)
        .collect();
    let error = submission.error(name).cloned();
    let tie = Tie::new(name, hint.as_ref(), error.as_ref());
    let list = format!("{}-suggestions", tie.control);
    let shown = (typed.len() + 1).max(FEWEST);
    let added = RwSignal::new(0_usize);

    let describe = (tie.described_by(), tie.invalid());
    let spoken = label.clone();
    let line = {
        let list = list.clone();
        move |place: usize, value: String, id: Option<String>| {
            view! {
                <input
                    id=id
                    class="input w-full mt-1"
                    class:input-error=describe.1.is_some()
                    type="text"
                    name=name
                    value=value
                    list=list.clone()
                    autocomplete="off"
                    aria-label=(place > 0).then(|| format!("{spoken}, {}", place + 1))
                    aria-invalid=describe.1
                    aria-describedby=describe.0.clone()
                />
            }
        }
    };
    let first = (0..shown)
        .map(|place| {
            let value = typed.get(place).cloned().unwrap_or_default();
            line(place, value, (place == 0).then(|| tie.control.clone()))
        })
        .collect_view();
    let more = move || {
        let line = line.clone();
        view! {
            <For each=move || 0..added.get() key=|place| *place let:place>
                {line(shown + place, String::new(), None)}
            </For>
        }
    };
    let add = move || {
        is_hydrated().then(|| {
            view! {
                <button type="button" class="btn btn-ghost btn-xs mt-1" on:click=move |_| added.update(|n| *n += 1)>
                    "One more"
                </button>
            }
        })
    };
    view! {
        <div class="text-sm">
            <label for=tie.control.clone()>
                <LabelText text=label optional/>
            </label>
            {first}
            {more}
            {add}
            <Suggestions id=list values=suggestions/>
            <Below hint hint_id=tie.hint error error_id=tie.error/>
        </div>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_kept_and_one_line_is_free() {
        let submission = Submission {
            values: ["a", "", "b", "\"c"]
                .iter()
                .map(|value| ("who".to_owned(), (*value).to_owned()))
                .collect(),
            errors: vec![crate::form::FieldError::at("/who/0", "unknown", "There is no a.")],
            intent: "preview".into(),
        };
        let html = Owner::new().with(|| view! { <LinesField label="Who" name="who" submission/> }.to_html());
        assert_eq!(html.matches("name=\"who\"").count(), 4, "{html}");
        for part in [
            "value=\"b\"",
            "value=\"&quot;c\"",
            "aria-label=\"Who, 4\"",
            "There is no a.",
        ] {
            assert!(html.contains(part), "no {part} in {html}");
        }
    }
}
