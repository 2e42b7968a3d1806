//! Why a sign-in did not happen.

use app::page::SignInError;
use http::StatusCode;
use store::StoreError;

use super::groups::GroupsError;
use super::provider::ProviderError;
use super::record::NotRecorded;
use super::step_up::NotProved;

/// Why a sign-in did not happen. What the person sees is [`Failure::shown`]; the rest is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The person, or the provider for them, said no.
    #[error("the provider declined")]
    Declined,
    /// No attempt of this browser has the state that came back, or it took too long.
    #[error("the state is unknown here or too old")]
    UnknownState,
    /// The answer is not from our provider (RFC 9207).
    #[error("the answer names another issuer, or none though the provider promised one")]
    WrongIssuer,
    /// The provider answered with an error that is not a refusal. Its text is not ours and is not kept.
    #[error("the provider answered with an error or without a code")]
    NoCode,
    /// The code was not exchanged: used before, of somebody else, or wrongly proven.
    #[error("the provider refused the code")]
    CodeRefused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The ID token does not verify.
    #[error("the ID token does not verify")]
    Token(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A step-up was asked for, and the person did not prove anew who they are.
    #[error("the provider did not ask the person again")]
    NotFresh,
    /// A step-up was asked for, and the token does not say when the person proved who they are.
    #[error("the ID token has no auth_time")]
    NoAuthTime,
    /// A step-up was asked for, and another person signed in.
    #[error("another person signed in than the one whose vote it is")]
    OtherPerson,
    /// A step-up was asked for, and is not proved.
    #[error("the step-up is not proved")]
    StepUp(#[from] NotProved),
    /// What says the groups says something else.
    #[error("the groups claim is not a list of texts")]
    Groups(#[from] GroupsError),
    /// The provider has left the groups out of the token, as there are too many.
    #[error("the ID token names another place for the groups: there are too many of them")]
    GroupsLeftOut,
    /// The provider cannot be had, or what it says of itself cannot be used.
    #[error("nothing is known of the provider")]
    Provider(#[from] ProviderError),
    /// The provider went away in the middle.
    #[error("the provider went away during the exchange")]
    WentAway(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The directory links this sign-in to nobody.
    #[error("the sign-in is linked to no person")]
    NotLinked,
    /// No role follows from the person's groups.
    #[error("no role follows from the person's groups")]
    NoRole,
    /// The database.
    #[error("the session could not be read or written")]
    Database(#[from] StoreError),
    /// The ledger.
    #[error("the sign-in could not be recorded")]
    Record(#[from] NotRecorded),
    /// The database, through the session layer.
    #[error("the session could not be read or written")]
    Session(#[from] tower_sessions::session::Error),
}

impl Failure {
    /// What the sign-in page says; nothing where the fault is ours and no page of its own describes it.
    pub fn shown(&self) -> Option<SignInError> {
        match self {
            Self::Declined => Some(SignInError::Declined),
            Self::UnknownState => Some(SignInError::Expired),
            Self::WrongIssuer
            | Self::NoCode
            | Self::CodeRefused(_)
            | Self::Token(_)
            | Self::OtherPerson
            | Self::StepUp(NotProved::Unknown | NotProved::Refused(_))
            | Self::Groups(_) => Some(SignInError::Invalid),
            Self::NotFresh => Some(SignInError::NotFresh),
            Self::NoAuthTime => Some(SignInError::NoAuthTime),
            Self::GroupsLeftOut => Some(SignInError::GroupsLeftOut),
            Self::Provider(error) if error.is_unusable() => Some(SignInError::ProviderUnusable),
            Self::Provider(_) | Self::WentAway(_) => Some(SignInError::ProviderUnavailable),
            Self::NotLinked => Some(SignInError::NotLinked),
            Self::NoRole => Some(SignInError::NoAccess),
            Self::Database(_) | Self::Record(_) | Self::Session(_) | Self::StepUp(NotProved::Away(_)) => None,
        }
    }
}

impl Failure {
    /// Whether only an operator can put it right, here or at the provider.
    pub fn is_for_operators(&self) -> bool {
        match self {
            Self::GroupsLeftOut
            | Self::Groups(_)
            | Self::NoAuthTime
            | Self::Provider(_)
            | Self::WentAway(_) => true,
            Self::Declined
            | Self::UnknownState
            | Self::WrongIssuer
            | Self::NoCode
            | Self::CodeRefused(_)
            | Self::Token(_)
            | Self::NotFresh
            | Self::OtherPerson
            | Self::StepUp(_)
            | Self::NotLinked
            | Self::NoRole
            | Self::Database(_)
            | Self::Record(_)
            | Self::Session(_) => false,
        }
    }

    /// Writes it to the log, once, where it is handled.
    pub(super) fn log(&self) {
        let error = self as &dyn std::error::Error;
        if self.shown().is_none() {
            tracing::error!(error, "a sign-in could not be finished");
        } else if self.is_for_operators() {
            tracing::warn!(error, "a sign-in did not happen; an operator has to look at it");
        } else {
            tracing::info!(error, "a sign-in did not happen");
        }
    }
}

/// The word for a reason in the sign-in page's address. Anyone can write it there: it only chooses among our sentences.
pub fn code_of(error: SignInError) -> String {
    match serde_json::to_value(error) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}

/// The status of the sign-in page that shows a reason.
pub fn status_of(error: SignInError) -> StatusCode {
    match error {
        SignInError::SessionEnded | SignInError::SignedOut => StatusCode::OK,
        SignInError::Declined
        | SignInError::Expired
        | SignInError::Invalid
        | SignInError::NotFresh
        | SignInError::NoAuthTime => StatusCode::BAD_REQUEST,
        SignInError::ProviderUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        SignInError::ProviderUnusable => StatusCode::BAD_GATEWAY,
        SignInError::NoAccess | SignInError::GroupsLeftOut | SignInError::NotLinked => StatusCode::FORBIDDEN,
        SignInError::TooMany => StatusCode::TOO_MANY_REQUESTS,
    }
}
