//! The directory: as a file, what a change of it says, and what ends with it.

mod file;
pub(crate) mod leaving;
mod reading;
mod sign_ins;
pub mod synthetic;

pub use file::{ClientFile, DirectoryFile, GroupFile, PrincipalFile, ResourceFile, SignInFile, TeamFile};
pub(crate) use sign_ins::SignIns;

use crate::command::{EventDraft, texts};
use crate::{FieldError, ServiceError};
use domain::directory::{Directory, DirectoryChange};
use domain::event::EventKind;
use domain::id::EventId;
use policy::{DirectoryView, PolicyVersion};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// The most differences that an event says in words as well; it has all of them by id.
const MOST_WORDS: usize = 200;

/// That the directory has changed: the differences by id, and in words for people. Not the file, which holds addresses and
/// providers' ids.
pub(crate) fn changed(
    id: Uuid,
    change: &DirectoryChange,
    sign_ins: &SignIns<'_>,
) -> Result<EventDraft, ServiceError> {
    let came = sign_ins.new.iter();
    let mut words: Vec<String> = came
        .map(|(_, _, person)| format!("person {person} has another sign-in"))
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
        let new: Vec<_> = sign_ins.new.iter().map(|(_, _, person)| person).collect();
        members.insert("sign_ins".to_owned(), serde_json::json!(new));
        members.insert("sign_ins_gone".to_owned(), serde_json::json!(sign_ins.gone));
        members.insert("changes".to_owned(), texts(words));
    }
    Ok(EventDraft {
        kind: EventKind::DirectoryChanged,
        object_kind: "directory",
        object_id: EventId::from_uuid(id).to_string(),
        refs: BTreeSet::new(),
        policy_digest: None,
        body,
    })
}

/// The directory as a policy sees it. Refuses a pair of which one speaks of what the other has otherwise: in force together,
/// they would leave nothing that could be decided.
pub(crate) fn fits(policy: &PolicyVersion, directory: Arc<Directory>) -> Result<DirectoryView, ServiceError> {
    DirectoryView::new(policy, directory).map_err(|problems| {
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
