//! A change that has been judged beside what is in force, before anything is locked.

use super::coverage::Moved;
use super::doubts::{Pair, between, unaccepted};
use super::{Accepted, Wanted};
use crate::directory::{DirectoryFile, fits};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::directory::Directory;
use policy::{DirectoryView, PolicyVersion};
use std::sync::Arc;

/// The next directory and policy, and what they were judged beside.
#[derive(Debug)]
pub(super) struct Prepared {
    base: Arc<Loaded>,
    directory: Arc<Directory>,
    /// The policy that was asked for.
    wanted: Option<Arc<PolicyVersion>>,
    /// The one that will be in force, and the directory as it sees it; none before the first.
    next: Option<(Arc<PolicyVersion>, Arc<DirectoryView>)>,
}

impl Prepared {
    /// Judges a change beside what is in force now. Errors where the file is no directory, or does not fit the policy.
    pub(super) async fn of(
        service: &Service,
        file: Option<&DirectoryFile>,
        wanted: Option<Arc<PolicyVersion>>,
    ) -> Result<Self, ServiceError> {
        let base = service.snapshots().current_for_commands().await?;
        let directory = match file {
            Some(file) => next_directory(service, &base, file).await?,
            None => Arc::clone(base.directory()),
        };
        let policy = wanted.clone().or_else(|| base.policy().ok().map(Arc::clone));
        let next = match policy {
            Some(policy) => Some((Arc::clone(&policy), view(&base, &policy, &directory)?)),
            None => None,
        };
        Ok(Self {
            base,
            directory,
            wanted,
            next,
        })
    }

    /// Errors where it takes something out of force that nobody has accepted.
    pub(super) fn check(&self, wanted: &Wanted<'_>) -> Result<(), ServiceError> {
        let Some((policy, view)) = &self.next else {
            return Ok(());
        };
        let before = match (self.base.policy(), self.base.view()) {
            (Ok(policy), Ok(view)) => Some(Pair {
                policy,
                directory: self.base.directory(),
                view,
            }),
            _ => None,
        };
        let next = Pair {
            policy,
            directory: &self.directory,
            view,
        };
        unaccepted(
            &between(before, next),
            wanted.accept.unwrap_or(&Accepted::default()),
        )
    }

    /// Whether it was judged beside what this is.
    pub(super) fn is_beside(&self, loaded: &Loaded) -> bool {
        let digest = |loaded: &Loaded| loaded.policy().ok().map(|policy| policy.digest());
        Arc::ptr_eq(self.base.directory(), loaded.directory()) && digest(&self.base) == digest(loaded)
    }

    /// Whether the directory becomes another one.
    pub(super) fn changes_directory(&self) -> bool {
        !Arc::ptr_eq(self.base.directory(), &self.directory)
    }

    /// What is in force.
    pub(super) fn base(&self) -> &Loaded {
        &self.base
    }

    /// The directory in force.
    pub(super) fn before(&self) -> &Directory {
        self.base.directory()
    }

    /// The next directory.
    pub(super) fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// The next directory as the policy sees it that will be in force.
    pub(super) fn view(&self) -> Option<&Arc<DirectoryView>> {
        self.next.as_ref().map(|(_, view)| view)
    }

    /// The policy that was asked for.
    pub(super) fn wanted_policy(&self) -> Option<&PolicyVersion> {
        self.wanted.as_deref()
    }

    /// What is different for scopes.
    pub(super) fn moved(&self) -> Moved {
        Moved::between(self.before(), &self.directory)
    }
}

/// The directory of a file; the one in force itself where they are equal.
async fn next_directory(
    service: &Service,
    base: &Loaded,
    file: &DirectoryFile,
) -> Result<Arc<Directory>, ServiceError> {
    let present = base.directory();
    let gone = store::directory::uids_of_gone(service.store().pool()).await?;
    let now = service.checked_now()?;
    let directory = file
        .directory(
            |principal| {
                let is = present.principals.get(principal).map(|found| found.uid);
                is.or_else(|| gone.get(principal).copied())
            },
            || service.ids().next(now),
        )
        .map_err(ServiceError::Invalid)?;
    Ok(if directory == **present {
        Arc::clone(present)
    } else {
        Arc::new(directory)
    })
}

/// The directory as the policy sees it; the view in force where nothing is different.
fn view(
    base: &Loaded,
    policy: &Arc<PolicyVersion>,
    directory: &Arc<Directory>,
) -> Result<Arc<DirectoryView>, ServiceError> {
    match base.view() {
        Ok(view) if view.policy_digest() == policy.digest() && Arc::ptr_eq(directory, view.directory()) => {
            Ok(Arc::clone(view))
        }
        _ => fits(policy, Arc::clone(directory)).map(Arc::new),
    }
}
