//! The form that says something about an item: it stands on several pages, so it is part of their forms.

use app::form::{FieldError, Submission};
use domain::comment::Saying;
use service::Service;
use service::comments::CommentOn;

use super::of_error;
use crate::http::forms::{Outcome, Post};
use crate::mounts::caller;

/// The button's intent.
pub(super) const INTENT: &str = "comment";

/// Says it, and comes back to the page where it was said.
pub(super) async fn comment(service: &Service, post: &Post, on: CommentOn, page: String) -> Outcome {
    let form = &post.submission;
    let saying = match saying(form) {
        Ok(saying) => saying,
        Err(error) => return Outcome::Refused(vec![error]),
    };
    let text = form.value("comment").unwrap_or_default();
    let caller = caller(&post.person, &post.request_id);
    match service.comment(&caller, on, saying, text).await {
        Ok(_) => Outcome::Done(page),
        Err(error) => of_error(error),
    }
}

/// What is meant: an answer names its question, a question is ticked.
fn saying(form: &Submission) -> Result<Saying, FieldError> {
    match form.value("answers").map(str::trim) {
        None | Some("") if form.value("saying") == Some("question") => Ok(Saying::Question),
        None | Some("") => Ok(Saying::Remark),
        Some(id) => id.parse().map(Saying::Answer).map_err(|_| {
            FieldError::at(
                "/answers",
                "unreadable",
                "Choose one of the questions that are open.",
            )
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(values: &[(&str, &str)]) -> Submission {
        Submission {
            values: values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Submission::default()
        }
    }

    #[test]
    fn what_is_meant_follows_from_what_was_chosen() {
        assert_eq!(saying(&form(&[])), Ok(Saying::Remark));
        assert_eq!(saying(&form(&[("answers", "")])), Ok(Saying::Remark));
        assert_eq!(saying(&form(&[("saying", "question")])), Ok(Saying::Question));
        let id = domain::id::CommentId::from_uuid(uuid::Uuid::from_u128(7));
        let named = id.to_string();
        assert_eq!(
            saying(&form(&[("answers", &named), ("saying", "question")])),
            Ok(Saying::Answer(id))
        );
        let refused = saying(&form(&[("answers", "opt_1")]));
        assert_eq!(refused.map_err(|error| error.field), Err("answers".to_owned()));
    }
}
