//! Fields that one types into.

use leptos::{either::Either, prelude::*};

use super::{Below, LabelText, Tie};
use crate::form::Submission;

/// One line: a text, a number, a date.
#[component]
pub fn TextField(
    /// What belongs in it.
    #[prop(into)]
    label: String,
    /// Its name in the form.
    name: &'static str,
    /// What was posted.
    submission: Submission,
    /// What stands in it when the page is opened.
    #[prop(optional, into)]
    initial: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<String>,
    /// The control's `type`, such as `datetime-local` or `number`.
    #[prop(default = "text")]
    kind: &'static str,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// The most characters that can be typed.
    #[prop(optional_no_strip)]
    max_chars: Option<u32>,
    /// The `id` of the [`Suggestions`] that it offers.
    #[prop(optional, into)]
    suggestions: Option<String>,
) -> impl IntoView {
    let value = submission.value_or(name, &initial);
    let error = submission.error(name).cloned();
    let tie = Tie::new(name, hint.as_ref(), error.as_ref());
    view! {
        <div class="text-sm">
            <label for=tie.control.clone()>
                <LabelText text=label optional/>
            </label>
            <input
                id=tie.control.clone()
                class="input w-full mt-1"
                class:input-error=error.is_some()
                type=kind
                name=name
                value=value
                maxlength=max_chars.map(|most| most.to_string())
                list=suggestions
                autocomplete="off"
                aria-invalid=tie.invalid()
                aria-describedby=tie.described_by()
            />
            <Below hint hint_id=tie.hint error error_id=tie.error/>
        </div>
    }
    .into_any()
}

/// Values that a [`TextField`] offers while one types.
#[component]
pub fn Suggestions(
    /// Its id, for [`TextField`]'s `suggestions`.
    #[prop(into)]
    id: String,
    /// The values.
    values: Vec<String>,
) -> impl IntoView {
    let options = values
        .into_iter()
        .map(|value| view! { <option value=value></option> })
        .collect_view();
    view! { <datalist id=id>{options}</datalist> }.into_any()
}

/// Several lines.
#[component]
pub fn TextArea(
    /// What belongs in it.
    #[prop(into)]
    label: String,
    /// Its name in the form.
    name: &'static str,
    /// What was posted.
    submission: Submission,
    /// What stands in it when the page is opened.
    #[prop(optional, into)]
    initial: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is shown while it is empty, such as "Required to deny". Never the only place that says so.
    #[prop(optional)]
    placeholder: Option<&'static str>,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// The most characters that can be typed.
    #[prop(optional_no_strip)]
    max_chars: Option<u32>,
) -> impl IntoView {
    let value = submission.value_or(name, &initial);
    let error = submission.error(name).cloned();
    let tie = Tie::new(name, hint.as_ref(), error.as_ref());
    view! {
        <div class="text-sm">
            <label for=tie.control.clone()>
                <LabelText text=label optional/>
            </label>
            <textarea
                id=tie.control.clone()
                class="textarea w-full mt-1 min-h-24"
                class:textarea-error=error.is_some()
                name=name
                placeholder=placeholder
                maxlength=max_chars.map(|most| most.to_string())
                aria-invalid=tie.invalid()
                aria-describedby=tie.described_by()
            >
                {area_text(value)}
            </textarea>
            <Below hint hint_id=tie.hint error error_id=tie.error/>
        </div>
    }
    .into_any()
}

/// The text inside a `<textarea>`, made safe.
///
/// Leptos writes the children of a `textarea` into the server's HTML **without escaping** them (tachys 0.2,
/// `html/element/elements.rs`) and leaves them alone when it hydrates. So what somebody typed is escaped here on the server,
/// and is plain text in the browser. The line feed in front is the one that an HTML parser drops.
///
/// INVARIANT: nothing else in this crate puts text into a `textarea`.
fn area_text(value: String) -> impl IntoView {
    if cfg!(feature = "ssr") {
        Either::Left(format!("\n{}", escape(&value)))
    } else {
        Either::Right(value)
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn typed_text_cannot_leave_its_field() {
        let submission = Submission {
            values: vec![("reason".into(), "\n</textarea><script>a&b</script>".into())],
            errors: vec![],
            intent: "send".into(),
        };
        let html =
            Owner::new().with(|| view! { <TextArea label="Reason" name="reason" submission/> }.to_html());
        assert!(
            html.contains(">\n\n&lt;/textarea&gt;&lt;script&gt;a&amp;b&lt;/script&gt;</textarea>"),
            "{html}"
        );
    }

    #[test]
    fn an_error_is_tied_to_its_control_and_the_value_kept() {
        let submission = Submission {
            values: vec![("scope.until".into(), "\"><b>".into())],
            errors: vec![crate::form::FieldError::at(
                "/scope/until",
                "too_late",
                "At most 7 days.",
            )],
            intent: "send".into(),
        };
        let html = Owner::new()
            .with(|| view! { <TextField label="Until" name="scope.until" submission hint="UTC"/> }.to_html());
        for part in [
            "aria-describedby=\"field-scope-until-error field-scope-until-hint\"",
            "aria-invalid=\"true\"",
            "id=\"field-scope-until-error\"",
            "At most 7 days.",
            "value=\"&quot;&gt;&lt;b&gt;\"",
        ] {
            assert!(html.contains(part), "no {part} in {html}");
        }
    }
}
