//! Voting on an access request, from its approval page.

use app::form::{FieldError, Submission};
use domain::approval::Verdict;
use domain::id::AccessRequestId;
use domain::step_up::VotedOn;
use service::Service;
use service::approvals::VoteInput;
use service::comments::CommentOn;

use super::{comments, voting};
use crate::http::forms::{Forms, Outcome, Post};
use crate::mounts::caller;

/// A vote is asked for twice: the first button shows what it will do, the second does it.
const INTENTS: &[&str] = &[
    "confirm_approve",
    "confirm_deny",
    "approve",
    "deny",
    comments::INTENT,
];

pub(super) fn forms(forms: Forms, service: &Service) -> Forms {
    let service = service.clone();
    forms.on("/approvals/{id}", INTENTS, move |post| {
        vote(service.clone(), post)
    })
}

async fn vote(service: Service, post: Post) -> Outcome {
    let Some(id) = post
        .path
        .get("id")
        .and_then(|id| id.parse::<AccessRequestId>().ok())
    else {
        return Outcome::NotFound;
    };
    let form = &post.submission;
    if form.has_intent(comments::INTENT) {
        let page = format!("/approvals/{id}");
        return comments::comment(&service, &post, CommentOn::AccessRequest(id), page).await;
    }
    let verdict = if form.has_intent("deny") || form.has_intent("confirm_deny") {
        Verdict::Deny
    } else {
        Verdict::Approve
    };
    let reason = form.value("reason").unwrap_or_default();
    let shorten_to_secs = match shorten_to(form) {
        Ok(secs) => secs,
        Err(error) => return Outcome::Refused(vec![error]),
    };
    if !form.has_intent("approve") && !form.has_intent("deny") {
        return first_step(verdict, reason);
    }
    let caller = caller(&post.person, &post.request_id);
    let input = VoteInput::new(verdict, reason).lasting(shorten_to_secs);
    let input = match voting::bound(input, &post) {
        Ok(input) => input,
        Err(outcome) => return outcome,
    };
    let sent = (verdict, input.shown);
    let mut voted = service.vote_on_access_request(&caller, id, input.clone()).await;
    if let Some(known) = voting::session(&post, &voted) {
        voted = service
            .vote_on_access_request(&caller, id, input.from_session(known))
            .await;
    }
    let page = format!("/approvals/{id}");
    voting::outcome(&service, &caller, VotedOn::AccessRequest(id), sent, voted, page).await
}

/// Nobody is asked to confirm what would be refused for want of a reason.
fn first_step(verdict: Verdict, reason: &str) -> Outcome {
    match verdict {
        Verdict::Deny if reason.trim().is_empty() => Outcome::Refused(vec![FieldError::at(
            "/reason",
            "reason_missing",
            "Say why, so that who asked knows what to change.",
        )]),
        Verdict::Deny | Verdict::Approve => Outcome::Show,
    }
}

/// Seconds; none where it is to last as long as asked.
fn shorten_to(form: &Submission) -> Result<Option<i64>, FieldError> {
    match form.value("shorten_to").map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| {
            FieldError::at(
                "/shorten_to",
                "not_a_length",
                "Choose one of the lengths that are offered.",
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
    fn a_length_is_seconds_or_as_asked() {
        assert_eq!(shorten_to(&form(&[])), Ok(None));
        assert_eq!(shorten_to(&form(&[("shorten_to", "")])), Ok(None));
        assert_eq!(shorten_to(&form(&[("shorten_to", "1800")])), Ok(Some(1800)));
        let refused = shorten_to(&form(&[("shorten_to", "1e9")]));
        assert_eq!(refused.map_err(|error| error.field), Err("shorten_to".to_owned()));
    }

    #[test]
    fn a_denial_without_a_reason_is_refused_before_it_is_confirmed() {
        assert!(matches!(first_step(Verdict::Deny, " \n"), Outcome::Refused(_)));
        assert_eq!(first_step(Verdict::Deny, "use the read role"), Outcome::Show);
        assert_eq!(first_step(Verdict::Approve, ""), Outcome::Show);
    }
}
