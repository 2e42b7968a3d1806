//! A directory that was refused: the old one stays in force, without those who have left.

use crate::caller::Authorised;
use crate::command::{Effect, EventDraft, finish, texts};
use crate::directory::{DirectoryFile, SignIns, leaving};
use crate::{FieldError, Service, ServiceError};
use domain::directory::Directory;
use domain::event::EventKind;
use domain::id::EventId;
use domain::name::PersonId;
use domain::principal::{PrincipalKind, PrincipalRef};
use std::collections::BTreeSet;

/// Of all people, one in so many may leave by a file that is refused, and one in any case. A file that lists fewer is more
/// likely a broken one.
const ONE_IN: usize = 10;

/// Ends the people and sign-ins that a refused file no longer lists, if they are few, and raises an alarm.
pub(super) async fn record(
    service: &Service,
    authorised: Authorised,
    file: &DirectoryFile,
    why: &[FieldError],
) -> Result<(), ServiceError> {
    let mut tx = service.begin().await?;
    store::directory::lock(&mut tx).await?;
    let loaded = service.snapshots().current_within(&mut tx).await?;
    let before = loaded.directory();
    let people = before.persons().count();
    if people == 0 {
        return Ok(tx.rollback().await?);
    }
    let now = service.now();
    let left = left(before, file);
    let sign_ins = SignIns::of(&mut tx, file).await?;
    let affected: BTreeSet<&PersonId> = left.iter().chain(&sign_ins.gone).collect();
    let few = affected.len() <= (people / ONE_IN).max(1);
    let mut events = Vec::new();
    let ended = few && !affected.is_empty();
    if ended {
        let gone: Vec<PrincipalRef> = left.iter().cloned().map(PrincipalRef::from).collect();
        let gone: Vec<&PrincipalRef> = gone.iter().collect();
        store::directory::leave(&mut tx, &gone).await?;
        events.extend(leaving::end(&mut tx, file, !gone.is_empty(), now).await?);
        let after = without(before, &gone).map_err(ServiceError::internal)?;
        events.extend(crate::premises::suspend_fallen(&mut tx, &after, now).await?);
        store::escalations::look_again(&mut tx, now).await?;
    }
    let mut words: Vec<String> = why.iter().map(|field| field.message.clone()).collect();
    if ended {
        words.extend(left.iter().map(|person| {
            format!("Person {person} was removed, because the refused directory does not list them.")
        }));
    } else if !affected.is_empty() {
        words.push(format!(
            "The refused directory does not list {} of {people} people or their sign-ins. That is more than a tenth, so they were not removed.",
            affected.len()
        ));
    }
    let refused = EventDraft {
        kind: EventKind::DirectoryRefused,
        object_kind: "directory",
        object_id: EventId::from_uuid(service.ids().next(now)).to_string(),
        refs: BTreeSet::new(),
        policy_digest: None,
        body: serde_json::json!({
            "changes": texts(words),
            "left": left,
            "sign_ins_gone": sign_ins.gone,
            "ended": ended,
        }),
    };
    events.insert(0, refused);
    let effect = if ended && !left.is_empty() {
        Effect::OnDecisions
    } else {
        Effect::None
    };
    finish(service, tx, authorised, events, effect, now).await
}

/// The people of the directory that the file does not list.
fn left(before: &Directory, file: &DirectoryFile) -> BTreeSet<PersonId> {
    let listed: BTreeSet<&str> = file
        .principals
        .iter()
        .filter(|one| one.kind == PrincipalKind::Person)
        .map(|one| one.id.as_str())
        .collect();
    before
        .persons()
        .map(|(person, _)| person)
        .filter(|person| !listed.contains(person.as_str()))
        .collect()
}

/// The directory without these principals.
fn without(
    before: &Directory,
    gone: &[&PrincipalRef],
) -> Result<Directory, domain::directory::DirectoryErrors> {
    let (mut groups, mut principals) = (before.groups.clone(), before.principals.clone());
    for name in gone {
        principals.remove(*name);
        for group in groups.values_mut() {
            group.members.remove(*name);
        }
    }
    Directory::new(before.teams.clone(), groups, principals, before.resources.clone())
}
