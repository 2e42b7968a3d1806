//! Callers, and what a use case told them.

use super::correlation;
use domain::name::PersonId;
use domain::role::Role;
use service::ServiceError;
use service::access_requests::SubmitError;
use service::caller::PersonCaller;
use service::decisions::ReplayError;
use service::step_ups::ProveError;

/// Somebody signed in with these roles.
pub fn person(name: &str, roles: &[Role]) -> PersonCaller {
    PersonCaller {
        person: PersonId::new(name).unwrap(),
        roles: roles.iter().copied().collect(),
        groups_read_at: None,
        correlation: correlation(),
        once: None,
    }
}

pub fn requester(name: &str) -> PersonCaller {
    person(name, &[Role::Requester])
}

pub fn approver(name: &str) -> PersonCaller {
    person(name, &[Role::Requester, Role::Approver])
}

pub fn administrator(name: &str) -> PersonCaller {
    person(name, &[Role::Requester, Role::Administrator])
}

/// What a use case answered, as a code: `done`, `forbidden excluded`, `invalid scope/rules unknown`.
pub fn outcome<T, E: Told>(result: &Result<T, E>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(error) => error.told(),
    }
}

pub trait Told {
    fn told(&self) -> String;
}

impl Told for ServiceError {
    fn told(&self) -> String {
        match self {
            Self::NotFound { .. } => "not found".to_owned(),
            Self::Forbidden { code, .. } => format!("forbidden {code}"),
            Self::Invalid(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|field| format!("{} {}", field.field, field.code))
                    .collect();
                format!("invalid {}", fields.join(", "))
            }
            Self::Conflict { code, .. } => format!("conflict {code}"),
            Self::Unavailable(why) => format!("unavailable {why}"),
            Self::Internal(why) => format!("internal {why}"),
        }
    }
}

impl Told for ProveError {
    fn told(&self) -> String {
        match self {
            Self::Unknown => "unknown".to_owned(),
            Self::Refused(why) => format!("refused {why}"),
            Self::Service(error) => error.told(),
        }
    }
}

impl Told for ReplayError {
    fn told(&self) -> String {
        match self {
            Self::Service(error) => error.told(),
            Self::Gone { .. } | Self::Entities(_) | Self::Policy(_) => format!("impossible {self}"),
        }
    }
}

impl Told for SubmitError {
    fn told(&self) -> String {
        match self {
            Self::DenialBinding(_) => "denial binding".to_owned(),
            Self::DenialExpired => "denial expired".to_owned(),
            Self::Duplicate => "duplicate key".to_owned(),
            Self::NotRequestable(_) => "not requestable".to_owned(),
            Self::TooManyOpen(_) => "too many open".to_owned(),
            Self::Service(error) => error.told(),
        }
    }
}
