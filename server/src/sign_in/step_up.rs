//! A sign-in that is for one vote: whom it is of, and what becomes of one that proves nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use app::form::FieldError;
use domain::id::StepUpId;
use domain::name::PersonId;
use domain::step_up::{ProofError, Vouched};
use serde::{Deserialize, Serialize};
use store::sessions::SessionIdentity;

use super::Failure;

/// A step-up under way in one browser. It lies in the session, so that nobody else's sign-in can be given for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UnderWay {
    pub id: StepUpId,
    pub person: PersonId,
}

/// Why a step-up is not proved.
#[derive(Debug, thiserror::Error)]
pub enum NotProved {
    /// There is none of this id, or it was begun too long ago.
    #[error("no step-up of this id is under way")]
    Unknown,
    /// What the provider vouches for is not enough.
    #[error(transparent)]
    Refused(ProofError),
    /// The database.
    #[error("the step-up could not be read or written")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Adds to a step-up what a verified token vouches for; the last argument names the authentication contexts that will do.
/// Given by the part that knows the use cases.
pub type Prove = Arc<
    dyn Fn(StepUpId, Vouched, Vec<String>) -> Pin<Box<dyn Future<Output = Result<(), NotProved>> + Send>>
        + Send
        + Sync,
>;

/// What a session's identity vouches for.
pub(super) fn vouched(identity: &SessionIdentity) -> Vouched {
    Vouched {
        person: identity.person.clone(),
        auth_time: identity.claims.auth_time,
        acr: identity.claims.acr.clone(),
    }
}

/// What the page that somebody comes back to says of a step-up that came to nothing. Its word stands in the page's address,
/// where anyone can write it: it only chooses among our sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Refusal {
    Declined,
    TookTooLong,
    NotFresh,
    NoAuthTime,
    WrongContext,
    OtherPerson,
    GroupsLeftOut,
    Invalid,
    ProviderUnusable,
    ProviderUnavailable,
}

impl Refusal {
    /// None where the fault is ours.
    pub(super) fn of(failure: &Failure) -> Option<Self> {
        match failure {
            Failure::Declined => Some(Self::Declined),
            Failure::UnknownState | Failure::StepUp(NotProved::Unknown) => Some(Self::TookTooLong),
            Failure::NotFresh | Failure::StepUp(NotProved::Refused(ProofError::NotFresh)) => {
                Some(Self::NotFresh)
            }
            Failure::NoAuthTime | Failure::StepUp(NotProved::Refused(ProofError::NoAuthTime)) => {
                Some(Self::NoAuthTime)
            }
            Failure::GroupsLeftOut => Some(Self::GroupsLeftOut),
            Failure::StepUp(NotProved::Refused(ProofError::WrongContext)) => Some(Self::WrongContext),
            // Somebody without an account or a role here is somebody else.
            Failure::OtherPerson
            | Failure::NotLinked
            | Failure::NoRole
            | Failure::StepUp(NotProved::Refused(ProofError::OtherPerson)) => Some(Self::OtherPerson),
            Failure::WrongIssuer
            | Failure::NoCode
            | Failure::CodeRefused(_)
            | Failure::Token(_)
            | Failure::Groups(_)
            | Failure::StepUp(NotProved::Refused(ProofError::ProvedAlready)) => Some(Self::Invalid),
            Failure::Provider(error) if error.is_unusable() => Some(Self::ProviderUnusable),
            Failure::Provider(_) | Failure::WentAway(_) => Some(Self::ProviderUnavailable),
            Failure::Database(_)
            | Failure::Record(_)
            | Failure::Session(_)
            | Failure::StepUp(NotProved::Away(_)) => None,
        }
    }

    /// The word in an address.
    pub(super) fn word(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(word)) => word,
            _ => String::new(),
        }
    }

    /// The one that an address names.
    pub(crate) fn named(word: String) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(word)).ok()
    }

    /// As an error of the form that was not sent.
    pub(crate) fn error(self) -> FieldError {
        let sentence = match self {
            Self::Declined => {
                "You did not sign in again. Nothing was recorded, and what you typed is still here."
            }
            Self::TookTooLong => {
                "That sign-in took too long. Nothing was recorded; confirm once more to sign in again."
            }
            Self::NotFresh => {
                "The identity provider did not ask you to prove anew who you are. Nothing was recorded; if it stays so, tell whoever runs Spillway."
            }
            Self::NoAuthTime => {
                "Your identity provider did not say when you signed in. Nothing was recorded; ask an administrator to have it send auth_time."
            }
            Self::GroupsLeftOut => {
                "Your identity provider left out your groups, because there are too many. Nothing was recorded; ask an administrator to limit the groups that it sends."
            }
            Self::WrongContext => {
                "The identity provider did not sign you in by the means that this vote takes. Nothing was recorded; sign in again by a stronger one."
            }
            Self::OtherPerson => {
                "Somebody else signed in than you, whose vote this is. Nothing was recorded, and you are still signed in."
            }
            Self::Invalid => "The identity provider’s answer could not be verified. Nothing was recorded.",
            Self::ProviderUnusable => {
                "The identity provider’s configuration document cannot be used, and this vote takes a fresh sign-in. Nothing was recorded; ask an administrator to check the server’s log."
            }
            Self::ProviderUnavailable => {
                "The identity provider cannot be reached, and this vote takes a fresh sign-in. Nothing was recorded; try again in a minute."
            }
        };
        FieldError::form(self.word(), sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_only_chooses_among_our_sentences() {
        assert_eq!(
            Refusal::named("other_person".to_owned()),
            Some(Refusal::OtherPerson)
        );
        assert_eq!(
            Refusal::named(Refusal::WrongContext.word()),
            Some(Refusal::WrongContext)
        );
        assert_eq!(Refusal::named("<b>".to_owned()), None);
    }
}
