//! Who leaves the directory takes nothing along, and who comes back under the same id finds nothing again.

use super::DirectoryFile;
use crate::ServiceError;
use crate::command::EventDraft;
use domain::event::EventKind;
use domain::grant::{EarlyEnd, Grant};
use domain::name::PersonId;
use domain::post_review::Reviewed;
use domain::window::Instant;
use std::collections::{BTreeMap, BTreeSet};
use store::Tx;
use store::directory::leaving;

/// Why something ended, in the bodies of events.
const REASON: &str = "Left the directory.";

/// Ends what the file that was just put in place leaves no room for: sign-ins that it does not list, with their sessions, and
/// for good the grants and delegations of those who have left. In the import's transaction, so that nobody who leaves is in
/// for a moment longer.
pub(crate) async fn end(
    tx: &mut Tx,
    file: &DirectoryFile,
    somebody_is_gone: bool,
    now: Instant,
) -> Result<Vec<EventDraft>, ServiceError> {
    let listed: Vec<(&str, &str)> = file.sign_ins().map(|(iss, sub, _)| (iss, sub)).collect();
    let mut by_person: BTreeMap<PersonId, Vec<serde_json::Value>> = BTreeMap::new();
    for sign_in in leaving::unlist_others(tx, &listed).await? {
        let said = serde_json::json!({ "iss": sign_in.iss, "sub": sign_in.sub });
        by_person.entry(sign_in.person).or_default().push(said);
    }
    let mut sessions: BTreeMap<PersonId, usize> = BTreeMap::new();
    for person in leaving::end_unlisted_sessions(tx).await? {
        *sessions.entry(person).or_default() += 1;
    }
    let persons: BTreeSet<&PersonId> = by_person.keys().chain(sessions.keys()).collect();
    let mut events: Vec<EventDraft> = persons
        .into_iter()
        .map(|person| {
            let facts = serde_json::json!({
                "by": "directory",
                "sign_ins": by_person.get(person),
                "sessions": sessions.get(person).unwrap_or(&0),
            });
            EventDraft {
                kind: EventKind::SignedOut,
                object_kind: "person",
                object_id: person.to_string(),
                refs: BTreeSet::new(),
                policy_digest: None,
                body: serde_json::json!({ "person": person, "facts": facts }),
            }
        })
        .collect();
    if !somebody_is_gone {
        // Grants and delegations are left alone: a vote that is going by one need not wait for an import that ends none.
        return Ok(events);
    }
    for id in leaving::grants_of_gone(tx, now).await? {
        let grant = store::grants::find(tx.conn(), id)
            .await?
            .ok_or_else(|| ServiceError::internal(format!("no grant {id}")))?;
        events.extend(end_grant(tx, grant, now).await?);
    }
    for id in leaving::end_delegations_of_gone(tx, now).await? {
        let ended = store::delegations::find(tx.conn(), id)
            .await?
            .ok_or_else(|| ServiceError::internal(format!("no delegation {id}")))?;
        let body = serde_json::json!({ "delegation": ended, "reason": REASON });
        events.push(crate::delegations::event(
            EventKind::DelegationEnded,
            &ended,
            body,
        ));
    }
    Ok(events)
}

async fn end_grant(tx: &mut Tx, grant: Grant, now: Instant) -> Result<Option<EventDraft>, ServiceError> {
    let Ok(grant) = grant.end(EarlyEnd::Revoked, now) else {
        return Ok(None);
    };
    let Some(ended) = grant.ended else {
        return Ok(None);
    };
    store::grants::end(tx, grant.id, ended).await?;
    if grant.break_glass {
        store::break_glass::end(tx, Reviewed::AccessRequest(grant.request), now).await?;
    }
    let body = serde_json::json!({ "reason": REASON });
    Ok(Some(crate::grants::event(EventKind::GrantRevoked, &grant, body)))
}
