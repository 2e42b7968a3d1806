//! What the two pages that people vote on have in common: what a vote is bound to, and the sign-in that it may take.

use app::approvals::SHOWN;
use app::form::{FieldError, Submission};
use domain::approval::Verdict;
use domain::break_glass::SignInProof;
use domain::digest::Digest;
use domain::shown::Shown;
use domain::step_up::VotedOn;
use service::approvals::VoteInput;
use service::caller::PersonCaller;
use service::{Service, ServiceError};

use super::of_error;
use crate::http::forms::{ForVote, Outcome, Post};

/// The vote of a form with what its page showed, as the form says, and the step-up of this person and page, as the session
/// says.
pub(super) fn bound(input: VoteInput, post: &Post) -> Result<VoteInput, Outcome> {
    let shown = shown(&post.submission).map_err(|error| Outcome::Refused(vec![error]))?;
    Ok(input.on_what_was_shown(shown).signed_in_afresh(post.step_up))
}

fn shown(form: &Submission) -> Result<Option<Digest>, FieldError> {
    let unreadable = || {
        FieldError::form(
            "not_shown",
            "What you were shown could not be read. Nothing was recorded; look at it once more.",
        )
    };
    form.value(SHOWN)
        .map(|text| {
            let shown = Shown::from_text(text).map_err(|_| unreadable())?;
            shown.digest().map_err(|_| unreadable())
        })
        .transpose()
}

/// What is known of the session of a vote that wants a fresh sign-in, while the provider does not answer: an emergency's goes
/// by it when it is sent again.
pub(super) fn session<T: Sync>(post: &Post, voted: &Result<T, ServiceError>) -> Option<SignInProof> {
    let wants = voted
        .as_ref()
        .is_err_and(|error| error.wants_step_up() || error.wants_sign_in());
    match wants {
        true => post.sign_in_while_provider_is_down(),
        false => None,
    }
}

/// What came of a vote. One that takes a fresh sign-in is kept, and its sender sent to the provider.
pub(super) async fn outcome<T>(
    service: &Service,
    caller: &PersonCaller,
    item: VotedOn,
    sent: (Verdict, Option<Digest>),
    voted: Result<T, ServiceError>,
    page: String,
) -> Outcome {
    let (verdict, shown) = sent;
    let error = match voted {
        Ok(_) => return Outcome::Done(page),
        Err(error) => error,
    };
    let (true, Some(shown)) = (error.wants_step_up(), shown) else {
        return of_error(error);
    };
    match service.begin_step_up(caller, item, verdict, shown).await {
        Ok(step_up) => Outcome::StepUp(ForVote {
            step_up,
            intent: match verdict {
                Verdict::Approve => "confirm_approve",
                Verdict::Deny => "confirm_deny",
            },
        }),
        Err(error) => of_error(error),
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
    fn what_cannot_be_read_is_not_taken_for_nothing() {
        assert_eq!(shown(&form(&[])), Ok(None));
        let text = r#"{"tier":{"lines":["high"]}}"#;
        let digest = shown(&form(&[(SHOWN, text)])).ok().flatten();
        assert_eq!(
            digest,
            Some(Digest::of(text.as_bytes())),
            "it is canonical as it stands"
        );
        for text in ["", "{}x", r#"{"reason":1}"#] {
            let told = shown(&form(&[(SHOWN, text)])).map_err(|error| error.code);
            assert_eq!(told, Err("not_shown".to_owned()), "{text}");
        }
    }
}
