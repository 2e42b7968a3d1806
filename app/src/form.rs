//! How every form of the pages works: with script and without, by one mechanism.
//!
//! A form is `<form method="post" action="…">` **to the path of the page it stands on**. The server runs the
//! command; what succeeded is answered with a redirect, what failed renders *the same page again*, with the typed
//! text and with errors tied to the fields. There is no other way to write from a page: no `ActionForm`, no fetch. So a
//! form behaves the same before hydration, after it and with script off, and the typed text survives a refusal.
//!
//! # For page authors
//!
//! Call [`use_submission`] **once, at the top of the page component** (synchronously: not inside a `Suspend`, an effect or
//! an event handler, since it takes part in the hydration order). Give it to the components of
//! [`crate::component::field`], which read values and errors from it by field name:
//!
//! ```text
//! let submission = use_submission();
//! let form = submission.of(&["approve", "deny"]);
//! view! {
//!     <ErrorSummary submission=form.clone()/>
//!     <form method="post" action=path>
//!         <TextArea label="Reason" name="reason" submission=form.clone()/>
//!         <button class="btn btn-primary" name="intent" value="approve">"Approve"</button>
//!         <button class="btn btn-outline btn-error" name="intent" value="deny">"Deny"</button>
//!     </form>
//! }
//! ```
//!
//! - **Names.** A field's `name` is the JSON pointer of what it fills, without the leading slash and with dots for
//!   slashes: `/scope/resources` is `scope.resources`. A list is the same name repeated (checkboxes, several inputs).
//! - **Intents.** The button that was pressed says what was meant: `<button name="intent" value="approve">`. Every form
//!   has one; a page with several forms tells them apart by it ([`Submission::of`]). An intent may also only show
//!   something (`preview`, `confirm`): the page comes back with the values and without errors, and the page shows the
//!   next step when [`Submission::has_intent`] says so.
//! - An unticked box is absent, as browsers have it: `Submission::value` is `None` for it. To tell "came back unticked"
//!   from "first visit", ask [`Submission::is_empty`].
//! - What a form needs but the reader does not edit (a version to compare, the id of a stage) is a hidden field. It is
//!   input of an attacker like all others.
//!
//! # For the server: what a `POST` on a page's path must do
//!
//! 1. Run behind the CSRF layer and the session layer, exactly as the page's `GET`.
//! 2. Accept `application/x-www-form-urlencoded` of at most 64 KiB; anything else is 400 (413 if too long), as a page.
//! 3. Decode the fields **in order, with repetitions**, into [`Submission::values`]; take the field named `intent` out of
//!    them and into [`Submission::intent`]. An intent that this path does not know is 400.
//! 4. Run the command for (path, intent).
//! 5. It succeeded → `303 See Other` to the result's path (same site). Nothing is rendered.
//! 6. It was refused for what was typed → fill [`Submission::errors`] (our own sentences, by [`FieldError::at`] where the
//!    lower layer gives a JSON pointer), render the page, status **422**.
//! 7. It was refused because the thing has changed meanwhile (stale version, state no longer allows it) → the same with
//!    one error of the whole form ([`FieldError::form`]), status **409**.
//! 8. The intent only shows (`preview`, `confirm`) → render with values and without errors, status **200**.
//! 9. Not signed in, not visible, not allowed, not available → 401/303, 404, 403, 503 as for the page's `GET`.
//!
//! To render, call the same renderer as for `GET` with the same contexts and one more, the submission:
//!
//! ```text
//! let render = leptos_axum::render_app_async_with_context(
//!     move || {
//!         provide_page_contexts();                 // exactly what GET provides
//!         provide_context(submission.clone());
//!     },
//!     move || app::shell(options.clone()),
//! );
//! let mut response = render(Request::get(uri).body(Body::empty())?).await;
//! if response.status() == StatusCode::OK {        // a page that found a problem has set its own
//!     *response.status_mut() = status;
//! }
//! response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
//! ```
//!
//! The page serialises the submission into the document by itself, so that hydration sees the same tree.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A form as it was posted to the page's path, and what was wrong with it. Empty on a page that was merely opened.
///
/// Holds nothing that the browser did not send, but for the errors: it is embedded in the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Name and text of each field in the order of the form, repetitions kept, without `intent`.
    pub values: Vec<(String, String)>,
    /// What was refused, in the order of the fields. Empty where the intent only shows something.
    pub errors: Vec<FieldError>,
    /// The value of the button that was pressed. Empty on a page that was merely opened.
    pub intent: String,
}

/// Why one field, or the form as a whole, was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's `name`; empty for an error of the whole form.
    pub field: String,
    /// A stable word for programs and tests, such as `too_long`. Never shown.
    pub code: String,
    /// The sentence that stands beside the field and in the summary: what is wrong and what would be right.
    pub message: String,
}

impl FieldError {
    /// An error of the field at a JSON pointer: `/scope/resources/0/id` belongs to the field `scope.resources`, because
    /// what follows an index is inside one entry, and a list is one field of the form.
    pub fn at(pointer: &str, code: impl Into<String>, message: impl Into<String>) -> Self {
        let names: Vec<&str> = pointer
            .trim_start_matches('/')
            .split('/')
            .take_while(|part| part.parse::<usize>().is_err())
            .collect();
        Self {
            field: names.join("."),
            code: code.into(),
            message: message.into(),
        }
    }

    /// An error of the form as a whole, such as "somebody else decided this meanwhile".
    pub fn form(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::at("", code, message)
    }
}

impl Submission {
    /// Whether the page was merely opened, so that nothing has been typed yet.
    pub fn is_empty(&self) -> bool {
        self.intent.is_empty() && self.values.is_empty()
    }

    /// The part of this submission that belongs to the form with these intents: itself, or an empty one.
    #[must_use]
    pub fn of(&self, intents: &[&str]) -> Self {
        if intents.contains(&self.intent.as_str()) {
            self.clone()
        } else {
            Self::default()
        }
    }

    /// The part of this submission that belongs to other forms than that with these intents: itself, or an empty one.
    #[must_use]
    pub fn other_than(&self, intents: &[&str]) -> Self {
        if intents.contains(&self.intent.as_str()) {
            Self::default()
        } else {
            self.clone()
        }
    }

    /// Whether the button with this value was pressed.
    pub fn has_intent(&self, intent: &str) -> bool {
        self.intent == intent
    }

    /// What was typed into a field; of a repeated one, the first.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// What was typed, or `initial` on a page that was merely opened.
    ///
    /// A field that came back empty stays empty: the reader has cleared it.
    pub fn value_or(&self, name: &str, initial: &str) -> String {
        match self.value(name) {
            Some(value) => value.to_owned(),
            None if self.is_empty() => initial.to_owned(),
            None => String::new(),
        }
    }

    /// All values of a repeated field.
    pub fn values_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.values
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first error of a field.
    pub fn error(&self, name: &str) -> Option<&FieldError> {
        self.errors.iter().find(|error| error.field == name)
    }

    /// All errors, for the summary.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}

/// What was posted to this page, if it is being shown because of a post; otherwise an empty submission.
///
/// Call it once, at the top of a page component. It belongs to the document that the server sent: after a navigation in
/// the browser it is empty again, so that an old error never shows up on a page that is opened anew.
pub fn use_submission() -> Submission {
    SharedValue::new(|| use_context::<Submission>().unwrap_or_default()).into_inner()
}

/// The `id` of a field's control, so that labels, errors and the summary agree on it.
pub fn control_id(name: &str) -> String {
    format!("field-{}", name.replace(['.', ' '], "-"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn posted(values: &[(&str, &str)]) -> Submission {
        Submission {
            values: values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            errors: vec![FieldError::at("/reason", "too_short", "Write more.")],
            intent: "send".to_owned(),
        }
    }

    #[test]
    fn a_pointer_names_the_field_that_holds_it() {
        for (pointer, field) in [
            ("/reason", "reason"),
            ("/scope/resources", "scope.resources"),
            ("/scope/resources/0", "scope.resources"),
            ("/scope/resources/12/id", "scope.resources"),
            ("", ""),
            ("/", ""),
        ] {
            assert_eq!(FieldError::at(pointer, "c", "m").field, field, "{pointer}");
        }
    }

    #[test]
    fn a_cleared_field_does_not_fall_back_to_the_initial_value() {
        assert_eq!(Submission::default().value_or("reason", "why"), "why");
        assert_eq!(posted(&[("reason", "")]).value_or("reason", "why"), "");
        assert_eq!(posted(&[("other", "x")]).value_or("reason", "why"), "");
    }

    #[test]
    fn repeated_fields_keep_their_order() {
        let submission = posted(&[("r", "b"), ("x", "1"), ("r", "a")]);
        assert_eq!(submission.values_of("r").collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(submission.value("r"), Some("b"));
    }

    #[test]
    fn another_forms_submission_is_empty_here() {
        let submission = posted(&[("reason", "x")]);
        assert_eq!(submission.of(&["send", "preview"]), submission);
        assert!(submission.of(&["revoke"]).is_empty());
        assert_eq!(submission.other_than(&["revoke"]), submission);
        assert!(submission.other_than(&["send"]).is_empty());
        assert!(submission.error("reason").is_some());
        assert!(submission.of(&["revoke"]).errors().is_empty());
    }
}
