//! Taking a request back, and ending the grant that it gave, from the request's page.

use domain::id::AccessRequestId;
use service::caller::PersonCaller;
use service::comments::CommentOn;
use service::{Service, ServiceError};

use super::{comments, of_error};
use crate::http::forms::{Forms, Outcome, Post};
use crate::mounts::caller;

/// Neither can be undone, so each is asked for twice.
const INTENTS: &[&str] = &[
    "confirm_withdraw",
    "withdraw",
    "confirm_end",
    "end",
    comments::INTENT,
];

pub(super) fn forms(forms: Forms, service: &Service) -> Forms {
    let service = service.clone();
    forms.on("/requests/{id}", INTENTS, move |post| {
        change(service.clone(), post)
    })
}

async fn change(service: Service, post: Post) -> Outcome {
    let Some(id) = post
        .path
        .get("id")
        .and_then(|id| id.parse::<AccessRequestId>().ok())
    else {
        return Outcome::NotFound;
    };
    let caller = caller(&post.person, &post.request_id);
    let form = &post.submission;
    let done = match form.intent.as_str() {
        "withdraw" => service.withdraw_access_request(&caller, id).await.map(|_| ()),
        "end" => end_grant(&service, &caller, id, form.value("reason").unwrap_or_default()).await,
        comments::INTENT => {
            let page = format!("/requests/{id}");
            return comments::comment(&service, &post, CommentOn::AccessRequest(id), page).await;
        }
        _ => return Outcome::Show,
    };
    match done {
        Ok(()) => Outcome::Done(format!("/requests/{id}")),
        Err(error) => of_error(error),
    }
}

/// The page names the request alone; which grant it gave is looked up in the caller's scope, not taken from the form.
async fn end_grant(
    service: &Service,
    caller: &PersonCaller,
    id: AccessRequestId,
    reason: &str,
) -> Result<(), ServiceError> {
    let grant = service
        .access_request(caller, id)
        .await?
        .grant
        .ok_or(ServiceError::NotFound { what: "grant" })?;
    service.end_grant(caller, grant.id, reason).await.map(|_| ())
}
