//! What sign-in tells the use cases: sessions for the ledger, proofs for the votes that take one.

use std::sync::Arc;

use service::Service;
use service::caller::PersonCaller;

use service::step_ups::ProveError;

use crate::sign_in::{NotProved, NotRecorded, Prove, Record, SessionEvent};

/// Records what happens to sessions through the use cases.
pub fn record(service: Service) -> Record {
    Arc::new(move |event, correlation| {
        let service = service.clone();
        Box::pin(async move {
            let recorded = match event {
                SessionEvent::SignedIn { identity, roles } => {
                    let caller = PersonCaller {
                        person: identity.person.clone(),
                        roles,
                        groups_read_at: identity.claims.signed_in_at,
                        correlation,
                        once: None,
                    };
                    let facts = serde_json::json!({
                        "iss": identity.iss,
                        "sub": identity.sub,
                        "auth_time": identity.claims.auth_time,
                        "acr": identity.claims.acr,
                        "amr": identity.claims.amr,
                        "groups": identity.claims.groups,
                    });
                    let signed_in = service.record_sign_in(&caller, facts).await;
                    if let (Ok(()), Some(address)) = (&signed_in, &identity.claims.email)
                        && let Err(error) = service.note_mail_address(&caller.person, address).await
                    {
                        // Nobody is kept out by it.
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "a mail address could not be noted"
                        );
                    }
                    signed_in
                }
                SessionEvent::SignedOut { person, by } => {
                    service.record_sign_out(&person, by.as_str(), correlation).await
                }
            };
            recorded.map_err(|error| NotRecorded(Box::new(error)))
        })
    })
}

/// Proves step-ups through the use cases.
pub fn prove(service: Service) -> Prove {
    Arc::new(move |id, vouched, wanted| {
        let service = service.clone();
        Box::pin(async move {
            service
                .prove_step_up(id, vouched, &wanted)
                .await
                .map_err(|error| match error {
                    ProveError::Unknown => NotProved::Unknown,
                    ProveError::Refused(why) => NotProved::Refused(why),
                    ProveError::Service(error) => NotProved::Away(Box::new(error)),
                })
        })
    })
}
