//! The directory is put in place as a whole, from a file.

mod file;
mod leaving;

pub use file::{ClientFile, DirectoryFile, GroupFile, PrincipalFile, ResourceFile, SignInFile, TeamFile};

use crate::caller::{Authorised, PersonCaller, system};
use crate::command::{Effect, EventDraft, finish, texts};
use crate::snapshot::entity_versions;
use crate::{FieldError, Service, ServiceError};
use domain::directory::{Directory, DirectoryChange};
use domain::event::EventKind;
use domain::id::{CorrelationId, EventId};
use domain::name::PersonId;
use domain::role::Permission;
use policy::{DirectoryView, PolicyVersion};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::Tx;

impl Service {
    /// Puts a directory in force, as the operator who holds the database: the first start, or the command line.
    pub async fn import_directory(
        &self,
        file: &DirectoryFile,
        correlation: CorrelationId,
    ) -> Result<(), ServiceError> {
        self.replace_directory(file, system("operator", correlation))
            .await
    }

    /// Puts a directory in force, as an administrator.
    pub async fn administer_directory(
        &self,
        caller: &PersonCaller,
        file: &DirectoryFile,
    ) -> Result<(), ServiceError> {
        self.replace_directory(file, caller.authorise(Permission::Administer)?)
            .await
    }

    async fn replace_directory(
        &self,
        file: &DirectoryFile,
        authorised: Authorised,
    ) -> Result<(), ServiceError> {
        let mut tx = self.begin().await?;
        store::directory::lock(&mut tx).await?;
        let now = self.now();
        let loaded = self.snapshots().current_within(&mut tx).await?;
        let known = store::directory::uids(&mut tx).await?;
        let directory: Directory = file
            .directory(|principal| known.get(principal).copied(), || self.ids().next(now))
            .map_err(|error| ServiceError::field("directory", "inconsistent", error.to_string()))?;
        if let Ok(policy) = loaded.policy() {
            fits(policy, &directory)?;
        }
        let before = store::directory::load(tx.conn()).await?;
        let change = before.changes_to(&directory);
        let sign_ins = SignIns::of(&mut tx, file).await?;
        if change.is_empty() && sign_ins.new.is_empty() && sign_ins.gone.is_empty() {
            return Ok(tx.rollback().await?);
        }
        store::directory::replace(&mut tx, &directory).await?;
        let versions = entity_versions(&directory).map_err(ServiceError::internal)?;
        store::directory::store_entity_versions(&mut tx, &versions, now).await?;
        for (iss, sub, person) in file.sign_ins() {
            // Moving a sign-in from one person to another would hand over a vote.
            if !store::sessions::link(tx.conn(), iss, sub, &person, now)
                .await
                .map_err(ServiceError::internal)?
            {
                return Err(ServiceError::field(
                    "directory",
                    "sign_in_taken",
                    format!("The sign-in {sub} at {iss} belongs to somebody else than {person}."),
                ));
            }
        }
        let somebody_is_gone = known.keys().any(|one| !directory.principals.contains_key(one));
        let left = leaving::end(&mut tx, file, somebody_is_gone, now).await?;
        let fallen = crate::premises::suspend_fallen(&mut tx, &directory, now).await?;
        let changed = EventDraft {
            kind: EventKind::DirectoryChanged,
            object_kind: "directory",
            object_id: EventId::from_uuid(self.ids().next(now)).to_string(),
            refs: BTreeSet::new(),
            policy_digest: None,
            body: body(&change, &sign_ins)?,
        };
        // Somebody may have left whom only they could stand in for.
        store::escalations::look_again(&mut tx, now).await?;
        let events = std::iter::once(changed).chain(left).chain(fallen).collect();
        finish(self, tx, authorised, events, Effect::OnDecisions, now).await
    }
}

/// Whose sign-ins an import changes, once for each.
struct SignIns {
    /// Who get one that is not listed yet.
    new: Vec<PersonId>,
    /// Whose the file no longer lists.
    gone: Vec<PersonId>,
}

impl SignIns {
    async fn of(tx: &mut Tx, file: &DirectoryFile) -> Result<Self, ServiceError> {
        let mut listed = store::sessions::linked(tx.conn()).await?;
        let new = file
            .sign_ins()
            .filter(|(iss, sub, _)| listed.remove(&((*iss).to_owned(), (*sub).to_owned())).is_none())
            .map(|(_, _, person)| person)
            .collect();
        Ok(Self {
            new,
            gone: listed.into_values().collect(),
        })
    }
}

/// The most differences that an event says in words as well; it has all of them by id.
const MOST_WORDS: usize = 200;

/// The differences by id, and in words for people: not the file, which holds addresses and providers' ids.
fn body(change: &DirectoryChange, sign_ins: &SignIns) -> Result<serde_json::Value, ServiceError> {
    let came = sign_ins.new.iter();
    let mut words: Vec<String> = came
        .map(|person| format!("person {person} has another sign-in"))
        .collect();
    let went = sign_ins.gone.iter();
    words.extend(went.map(|person| format!("person {person} has a sign-in less")));
    words.extend(change.words());
    let more = words.len().saturating_sub(MOST_WORDS);
    words.truncate(MOST_WORDS);
    if more > 0 {
        words.push(format!("{more} more differences"));
    }
    let mut body = serde_json::to_value(change).map_err(ServiceError::internal)?;
    if let serde_json::Value::Object(members) = &mut body {
        members.insert("sign_ins".to_owned(), serde_json::json!(sign_ins.new));
        members.insert("sign_ins_gone".to_owned(), serde_json::json!(sign_ins.gone));
        members.insert("changes".to_owned(), texts(words));
    }
    Ok(body)
}

/// Refuses a directory and a policy of which one speaks of what the other has otherwise: in force together, they would
/// leave nothing that could be decided.
pub(crate) fn fits(policy: &PolicyVersion, directory: &Directory) -> Result<(), ServiceError> {
    DirectoryView::new(policy, Arc::new(directory.clone()))
        .map(|_| ())
        .map_err(|problems| {
            ServiceError::Invalid(
                problems
                    .problems()
                    .iter()
                    .map(|problem| {
                        let message = format!("{}: {}", problem.what, problem.message);
                        FieldError::new("directory", "does_not_fit", message)
                    })
                    .collect(),
            )
        })
}
