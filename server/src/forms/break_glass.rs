//! The form that breaks the glass.

use app::break_glass::read_input;
use service::{Service, ServiceError};

use super::of_error;
use crate::http::forms::{Forms, Outcome, Post};
use crate::mounts::caller;

/// Adds it.
pub(super) fn forms(forms: Forms, service: &Service) -> Forms {
    let service = service.clone();
    forms.on("/opt-outs/break-glass", &["check", "break"], move |post| {
        act(service.clone(), post)
    })
}

async fn act(service: Service, post: Post) -> Outcome {
    let caller = caller(&post.person, &post.request_id);
    let input = match read_input(&post.submission) {
        Ok(input) => input,
        Err(errors) => return Outcome::Refused(errors),
    };
    if !post.submission.has_intent("break") {
        // The page itself shows what it would come to.
        return match service.check_break_glass(&caller, &input).await {
            Ok(_) => Outcome::Show,
            Err(error) => of_error(error),
        };
    }
    let proof = post.sign_in_proof(service.now()).await;
    match service.break_glass(&caller, &input, proof).await {
        Ok(opt_out) => Outcome::Done(format!("/opt-outs/{}", opt_out.id)),
        Err(ServiceError::Forbidden {
            code: "sign_in_again",
            ..
        }) => Outcome::SignInAgain,
        Err(error) => of_error(error),
    }
}
