//! The forms of the opt-out pages: asking for one, deciding on it, ending it.

use app::form::{FieldError, Submission};
use app::opt_outs::{kept_scope, read_request, refused};
use domain::approval::Verdict;
use domain::id::OptOutId;
use domain::step_up::VotedOn;
use service::approvals::VoteInput;
use service::caller::PersonCaller;
use service::comments::CommentOn;
use service::once::Once;
use service::opt_outs::NarrowInput;
use service::{Service, ServiceError};

use super::{comments, of_error, voting};
use crate::http::forms::{Forms, Outcome, Post};

/// Adds them.
pub(super) fn forms(forms: Forms, service: &Service) -> Forms {
    let (asking, deciding) = (service.clone(), service.clone());
    forms
        .on(
            "/opt-outs/request",
            &["preview", "send", "save_draft", "discard_draft"],
            move |post| request(asking.clone(), post),
        )
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
                "confirm_keep",
                "keep",
                "confirm_close",
                "close",
                "confirm_ask_again",
                "ask_again",
                comments::INTENT,
            ],
            move |post| decide(deciding.clone(), post),
        )
}

fn caller(post: &Post) -> PersonCaller {
    PersonCaller {
        person: post.person.person.clone(),
        roles: post.person.roles.clone(),
        groups_read_at: Some(post.person.groups_read_at()),
        correlation: post.request_id.correlation(),
        once: None,
    }
}

async fn request(service: Service, post: Post) -> Outcome {
    let caller = PersonCaller {
        once: Once::of(&post.submission.values),
        ..caller(&post)
    };
    // The key is the page's, and no part of what was typed.
    let typed = |(name, _): &&(String, String)| name != service::once::KEY;
    let fields: Vec<_> = post.submission.values.iter().filter(typed).cloned().collect();
    match post.submission.intent.as_str() {
        // Whatever was typed: it need not make sense yet.
        "save_draft" => {
            let renewed = post.submission.value("renews");
            let there = match renewed.and_then(|id| id.parse::<OptOutId>().ok()) {
                Some(renewed) => format!("/opt-outs/request?draft=kept&renew={renewed}"),
                None => "/opt-outs/request?draft=kept".to_owned(),
            };
            return match service.save_draft(&caller, fields).await {
                Ok(()) => Outcome::Done(there),
                Err(error) => of_error(error),
            };
        }
        "discard_draft" => {
            return match service.discard_draft(&caller).await {
                Ok(()) => Outcome::Done("/opt-outs/request".to_owned()),
                Err(error) => of_error(error),
            };
        }
        // A look at the consequence is a good moment to keep what was typed. Nothing is refused where that fails.
        "preview" => {
            if let Err(error) = keep_unless_another(&service, &caller, fields).await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "a draft could not be kept"
                );
            }
        }
        _ => {}
    }
    let input = match read_request(&post.submission) {
        Ok(input) => input,
        Err(errors) => return Outcome::Refused(errors),
    };
    let sent = if post.submission.has_intent("send") {
        let sent = service.request_opt_out(&caller, &input).await;
        if sent.is_ok()
            && let Err(error) = service.discard_draft(&caller).await
        {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "a draft stays that was sent"
            );
        }
        sent.map(|opt_out| Outcome::Done(format!("/opt-outs/{}", opt_out.id)))
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

/// Keeps what was typed, unless that would silently replace a draft of something else: another renewal, or none.
async fn keep_unless_another(
    service: &Service,
    caller: &PersonCaller,
    fields: Vec<(String, String)>,
) -> Result<(), ServiceError> {
    let renews = |fields: &[(String, String)]| {
        fields
            .iter()
            .find(|(name, value)| name == "renews" && !value.is_empty())
            .map(|(_, value)| value.clone())
    };
    match service.draft(caller).await? {
        Some(draft) if renews(&draft.fields) != renews(&fields) => Ok(()),
        Some(_) | None => service.save_draft(caller, fields).await,
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
        "approve" | "deny" => return vote(&service, &caller, id, &post, reason).await,
        "revoke" => service.revoke_opt_out(&caller, id, &reason).await,
        "keep" => service.keep_opt_out(&caller, id, &reason).await,
        "close" => service.close_opt_out(&caller, id, &reason).await,
        "ask_again" => service.ask_again(&caller, id, &reason).await,
        "withdraw" => service.withdraw_opt_out(&caller, id).await,
        "confirm_signal" => service.confirm_signal(&caller, id).await,
        comments::INTENT => {
            let page = format!("/opt-outs/{id}");
            return comments::comment(&service, &post, CommentOn::OptOut(id), page).await;
        }
        // What is wrong with what was typed is mended before anything is confirmed.
        "confirm_approve" => {
            return match narrowing(form) {
                Ok(_) => Outcome::Show,
                Err(error) => Outcome::Refused(vec![error]),
            };
        }
        // The others only ask once more, and the page does that.
        _ => return Outcome::Show,
    };
    match done {
        Ok(opt_out) => Outcome::Done(format!("/opt-outs/{}", opt_out.id)),
        Err(error) => of_error(error),
    }
}

async fn vote(
    service: &Service,
    caller: &PersonCaller,
    id: OptOutId,
    post: &Post,
    reason: String,
) -> Outcome {
    let input = if post.submission.has_intent("deny") {
        VoteInput::deny(reason)
    } else {
        match narrowing(&post.submission) {
            Ok(narrow) => VoteInput::new(Verdict::Approve, reason).narrowed(narrow),
            Err(error) => return Outcome::Refused(vec![error]),
        }
    };
    let input = match voting::bound(input, post) {
        Ok(input) => input,
        Err(outcome) => return outcome,
    };
    let sent = (input.verdict, input.shown);
    let mut voted = service.vote_on_opt_out(caller, id, input.clone()).await;
    if let Some(known) = voting::session(post, &voted) {
        voted = service
            .vote_on_opt_out(caller, id, input.from_session(known))
            .await;
    }
    voting::outcome(
        service,
        caller,
        VotedOn::OptOut(id),
        sent,
        voted,
        format!("/opt-outs/{id}"),
    )
    .await
}

fn narrowing(form: &Submission) -> Result<NarrowInput, FieldError> {
    Ok(NarrowInput {
        length_secs: number(form, "shorten_to")?,
        scope: kept_scope(form)?,
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
