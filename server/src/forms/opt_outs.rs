//! The forms of the opt-out pages: asking for one, deciding on it, ending it.

use app::form::{FieldError, Submission};
use app::opt_outs::{read_request, refused};
use domain::approval::Verdict;
use domain::id::OptOutId;
use service::caller::PersonCaller;
use service::opt_outs::NarrowInput;
use service::{Service, ServiceError};

use super::of_error;
use crate::http::forms::{Forms, Outcome, Post};

/// Adds them.
pub(super) fn forms(forms: Forms, service: &Service) -> Forms {
    let (asking, deciding) = (service.clone(), service.clone());
    forms
        .on("/opt-outs/request", &["preview", "send"], move |post| {
            request(asking.clone(), post)
        })
        .on(
            "/opt-outs/{id}",
            &[
                "confirm_approve",
                "approve",
                "confirm_deny",
                "deny",
                "confirm_revoke",
                "revoke",
                "confirm_withdraw",
                "withdraw",
                "confirm_signal",
            ],
            move |post| decide(deciding.clone(), post),
        )
}

fn caller(post: &Post) -> PersonCaller {
    PersonCaller {
        person: post.person.person.clone(),
        roles: post.person.roles.clone(),
        correlation: post.request_id.correlation(),
    }
}

async fn request(service: Service, post: Post) -> Outcome {
    let caller = caller(&post);
    let input = match read_request(&post.submission) {
        Ok(input) => input,
        Err(errors) => return Outcome::Refused(errors),
    };
    let sent = if post.submission.has_intent("send") {
        service
            .request_opt_out(&caller, &input)
            .await
            .map(|opt_out| Outcome::Done(format!("/opt-outs/{}", opt_out.id)))
    } else {
        // The page itself shows the consequence; here it only has to be told apart from what could not be sent.
        service
            .check_opt_out(&caller, &input)
            .await
            .map(|()| Outcome::Show)
    };
    match sent {
        Ok(outcome) => outcome,
        // Nobody left to decide is no race that was lost: it says what is wrong with what was typed.
        Err(error @ ServiceError::Conflict { .. }) => refused(error).map_or_else(of_error, Outcome::Refused),
        Err(error) => of_error(error),
    }
}

async fn decide(service: Service, post: Post) -> Outcome {
    let caller = caller(&post);
    let Some(id) = post.path.get("id").and_then(|id| id.parse::<OptOutId>().ok()) else {
        return Outcome::NotFound;
    };
    let form = &post.submission;
    let reason = form.value("reason").unwrap_or_default().replace("\r\n", "\n");
    let done = match form.intent.as_str() {
        "approve" => match narrowing(form) {
            Ok(narrow) => {
                service
                    .vote_on_opt_out(&caller, id, Verdict::Approve, &reason, narrow)
                    .await
            }
            Err(error) => return Outcome::Refused(vec![error]),
        },
        "deny" => {
            service
                .vote_on_opt_out(&caller, id, Verdict::Deny, &reason, NarrowInput::default())
                .await
        }
        "revoke" => service.revoke_opt_out(&caller, id, &reason).await,
        "withdraw" => service.withdraw_opt_out(&caller, id).await,
        "confirm_signal" => service.confirm_signal(&caller, id).await,
        // The others only ask once more, and the page does that.
        _ => return Outcome::Show,
    };
    match done {
        Ok(opt_out) => Outcome::Done(format!("/opt-outs/{}", opt_out.id)),
        Err(error) => of_error(error),
    }
}

fn narrowing(form: &Submission) -> Result<NarrowInput, FieldError> {
    Ok(NarrowInput {
        length_secs: number(form, "shorten_to")?,
        scope: None,
        max_uses: number(form, "max_uses")?,
    })
}

fn number<T: std::str::FromStr>(form: &Submission, name: &str) -> Result<Option<T>, FieldError> {
    let typed = form.value(name).map(str::trim).filter(|typed| !typed.is_empty());
    typed.map(str::parse).transpose().map_err(|_| {
        FieldError::at(
            &format!("/{name}"),
            "unreadable",
            "Write a whole number in digits.",
        )
    })
}
