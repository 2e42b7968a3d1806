//! What the parts of the server hang into the shell.

use std::sync::Arc;

use domain::principal::PrincipalRef;
use http::request::Parts;
use service::caller::PersonCaller;
use url::Url;

use crate::access;
use crate::api;
use crate::application::Application;
use crate::forms;
use crate::http::request_id::RequestId;
use crate::http::{Mounts, Profile, ProfileUnavailable};
use crate::session_log;
use crate::sign_in::SignedIn;

/// All routes, forms and contexts.
pub fn mounts(application: &Application, public_url: &Url) -> Mounts {
    let service = application.service.clone();
    let provided = service.clone();
    let described = service.clone();
    Mounts {
        machine: access::routes(application.decider.clone(), public_url)
            .merge(api::routes(service.clone(), public_url)),
        forms: forms::all(&service),
        provide: Arc::new(move |parts: &Parts| {
            app::server_side::provide_acting(provided.clone(), caller_of(parts));
        }),
        record: session_log::record(service.clone()),
        prove: session_log::prove(service.clone()),
        describe: Arc::new(move |person| {
            let service = described.clone();
            Box::pin(async move { profile(&service, person).await })
        }),
        figures: application.figures(),
    }
}

/// Who calls, out of what the session layer has found.
fn caller_of(parts: &Parts) -> Option<PersonCaller> {
    let person = parts.extensions.get::<SignedIn>()?;
    let request = parts.extensions.get::<RequestId>()?;
    Some(caller(person, request))
}

/// A signed-in person as the use cases know them.
pub fn caller(person: &SignedIn, request: &RequestId) -> PersonCaller {
    PersonCaller {
        person: person.person.clone(),
        roles: person.roles.clone(),
        groups_read_at: Some(person.groups_read_at()),
        correlation: request.correlation(),
        once: None,
    }
}

async fn profile(service: &service::Service, person: SignedIn) -> Result<Profile, ProfileUnavailable> {
    let unavailable = |error: service::ServiceError| ProfileUnavailable(Box::new(error));
    // Reading writes no event, so the correlation of this look goes nowhere.
    let correlation = domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let caller = PersonCaller {
        person: person.person.clone(),
        groups_read_at: Some(person.groups_read_at()),
        roles: person.roles,
        correlation,
        once: None,
    };
    let waiting = service.count_waiting(&caller).await.map_err(unavailable)?;
    let unread = service.unread_notices(&caller).await.map_err(unavailable)?;
    let loaded = service.snapshots().current();
    let found = loaded
        .directory()
        .principals
        .get(&PrincipalRef::from(person.person));
    Ok(Profile {
        display_name: found.map(|found| found.display_name.clone()),
        team: found.map(|found| found.team.to_string()),
        waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
        unread: u32::try_from(unread).unwrap_or(u32::MAX),
    })
}
