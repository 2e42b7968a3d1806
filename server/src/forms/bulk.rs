//! Deciding several at once, from the inbox.

use app::form::FieldError;
use domain::approval::Verdict;
use service::Service;
use service::bulk::BulkItem;

use super::of_error;
use crate::http::forms::{Forms, Outcome, Post};
use crate::mounts::caller;

/// The first of each pair shows what the second will do.
const INTENTS: &[&str] = &[
    "confirm_approve_selected",
    "approve_selected",
    "confirm_deny_selected",
    "deny_selected",
];

/// Adds it.
pub(super) fn forms(forms: Forms, service: &Service) -> Forms {
    let service = service.clone();
    forms.on("/approvals", INTENTS, move |post| decide(service.clone(), post))
}

async fn decide(service: Service, post: Post) -> Outcome {
    let form = &post.submission;
    let parsed: Result<Vec<BulkItem>, _> = form.values_of("item").map(str::parse).collect();
    let Ok(items) = parsed else {
        let sentence = "Select from what waits for you.";
        return Outcome::Refused(vec![FieldError::at("/item", "unreadable", sentence)]);
    };
    let caller = caller(&post.person, &post.request_id);
    let (verdict, decides) = match form.intent.as_str() {
        "approve_selected" => (Verdict::Approve, true),
        "deny_selected" => (Verdict::Deny, true),
        "confirm_deny_selected" => (Verdict::Deny, false),
        _ => (Verdict::Approve, false),
    };
    if !decides {
        return match service.check_at_once(&caller, verdict, &items).await {
            Ok(()) => Outcome::Show,
            Err(error) => of_error(error),
        };
    }
    let reason = form.value("reason").unwrap_or_default().replace("\r\n", "\n");
    match service.decide_at_once(&caller, verdict, &reason, &items).await {
        Ok(act) => Outcome::Done(format!("/approvals/acts/{act}")),
        Err(error) => of_error(error),
    }
}
