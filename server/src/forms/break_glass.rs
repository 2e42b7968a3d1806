//! The form that breaks the glass.

use app::break_glass::{Typed, read_form};
use service::Service;
use service::caller::PersonCaller;
use service::once::Once;

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
    let caller = PersonCaller {
        once: Once::of(&post.submission.values),
        ..caller(&post.person, &post.request_id)
    };
    let typed = match read_form(&post.submission) {
        Ok(typed) => typed,
        Err(errors) => return Outcome::Refused(errors),
    };
    if !post.submission.has_intent("break") {
        // The page itself shows what it would come to.
        let checked = match &typed {
            Typed::Bypass(input) => service.check_break_glass(&caller, input).await,
            Typed::Access(input) => service.check_emergency_access(&caller, input).await,
        };
        return checked.map_or_else(of_error, |_| Outcome::Show);
    }
    let proof = post.sign_in_proof();
    let broken = match &typed {
        Typed::Bypass(input) => service
            .break_glass(&caller, input, proof)
            .await
            .map(|opt_out| format!("/opt-outs/{}", opt_out.id)),
        Typed::Access(input) => service
            .break_glass_for_access(&caller, input, proof)
            .await
            .map(|request| format!("/requests/{}", request.id)),
    };
    match broken {
        Ok(page) => Outcome::Done(page),
        Err(error) => of_error(error),
    }
}
