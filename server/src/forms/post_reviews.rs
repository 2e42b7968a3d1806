//! The form that concludes a post-review.

use app::form::FieldError;
use domain::id::PostReviewId;
use domain::post_review::Finding;
use service::Service;

use super::of_error;
use crate::http::forms::{Forms, Outcome, Post};
use crate::mounts::caller;

/// Adds it.
pub(super) fn forms(forms: Forms, service: &Service) -> Forms {
    let service = service.clone();
    forms.on("/post-reviews/{id}", &["conclude"], move |post| {
        conclude(service.clone(), post)
    })
}

async fn conclude(service: Service, post: Post) -> Outcome {
    let caller = caller(&post.person, &post.request_id);
    let Some(id) = post.path.get("id").and_then(|id| id.parse::<PostReviewId>().ok()) else {
        return Outcome::NotFound;
    };
    let form = &post.submission;
    let Ok(finding) = form.value("finding").unwrap_or_default().parse::<Finding>() else {
        return Outcome::Refused(vec![FieldError::at(
            "/finding",
            "missing",
            "Choose what you found.",
        )]);
    };
    let note = form.value("note").unwrap_or_default().replace("\r\n", "\n");
    match service.conclude_post_review(&caller, id, finding, &note).await {
        Ok(review) => Outcome::Done(format!("/post-reviews/{}", review.id)),
        Err(error) => of_error(error),
    }
}
