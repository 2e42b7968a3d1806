//! Why a sign-in did not happen.

use app::page::SignInError;
use http::StatusCode;
use store::StoreError;

use super::provider::ProviderError;
use super::record::NotRecorded;
use super::roles::GroupsError;
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
    /// A step-up was asked for, and another person signed in.
    #[error("another person signed in than the one whose vote it is")]
    OtherPerson,
    /// A step-up was asked for, and is not proved.
    #[error("the step-up is not proved")]
    StepUp(#[from] NotProved),
    /// What says the groups says something else.
    #[error("the groups claim is not a list of texts")]
    Groups(#[from] GroupsError),
    /// The provider cannot be had.
    #[error("the provider cannot be reached")]
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
            | Self::NotFresh
            | Self::OtherPerson
            | Self::StepUp(NotProved::Unknown | NotProved::Refused(_))
            | Self::Groups(_) => Some(SignInError::Invalid),
            Self::Provider(_) | Self::WentAway(_) => Some(SignInError::ProviderUnavailable),
            Self::NotLinked => Some(SignInError::NotLinked),
            Self::NoRole => Some(SignInError::NoAccess),
            Self::Database(_) | Self::Record(_) | Self::Session(_) | Self::StepUp(NotProved::Away(_)) => None,
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
        SignInError::Declined | SignInError::Expired | SignInError::Invalid => StatusCode::BAD_REQUEST,
        SignInError::ProviderUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        SignInError::NoAccess | SignInError::NotLinked => StatusCode::FORBIDDEN,
        SignInError::TooMany => StatusCode::TOO_MANY_REQUESTS,
    }
}
