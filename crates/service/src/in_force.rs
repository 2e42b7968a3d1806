//! Directory and policy are put in force together: each is judged beside the other, as they will be.

mod accepted;
mod coverage;
mod doubts;
mod prepared;
mod refused;

pub use accepted::{ACCEPT, Accepted};

use crate::caller::{Authorised, PersonCaller, system};
use crate::command::{Effect, EventDraft, finish};
use crate::directory::{DirectoryFile, SignIns, changed, leaving};
use crate::policies::{compiled, published};
use crate::snapshot::entity_versions;
use crate::{Service, ServiceError};
use coverage::Less;
use domain::digest::Digest;
use domain::id::CorrelationId;
use domain::role::Permission;
use domain::window::Instant;
use policy::PolicyVersion;
use prepared::Prepared;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Store, Tx};
use uuid::Uuid;

/// How often a change is prepared again because another one was put in force meanwhile.
const TRIES: usize = 4;

/// What is to be in force. What is absent stays as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The whole directory.
    pub directory: Option<&'a DirectoryFile>,
    /// The policy's files: path → text.
    pub policy: Option<&'a BTreeMap<String, String>>,
    /// What of the refusals its operator goes on with.
    pub accept: Option<&'a Accepted>,
}

/// What is in force now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InForce {
    /// The policy version; none where none was wanted.
    pub policy: Option<Digest>,
    /// What its operator should know, one sentence each.
    pub told: Vec<String>,
}

/// The policy version, if it and this directory are in force as they are wanted. It reads neither, so that it is quick
/// however large they are: where it cannot tell, it says nothing.
pub async fn stands(
    store: &Store,
    directory: &DirectoryFile,
    policy: &BTreeMap<String, String>,
) -> Result<Option<Digest>, ServiceError> {
    let Ok(version) = compiled(policy) else {
        return Ok(None);
    };
    let (digest, file) = (
        version.digest(),
        directory.digest().map_err(ServiceError::internal)?,
    );
    let stand = store::directory::same::stand(store.pool(), &file, (&digest, policy)).await?;
    Ok(stand.then_some(digest))
}

impl Service {
    /// Puts directory and policy in force in one step, as the operator who holds the database. What stands as it is wanted
    /// changes nothing.
    ///
    /// Errors with everything that is wrong: files that do not fit, names that nothing has any more, and opt-outs into review
    /// that would cover less, unless they are accepted. A directory that is refused ends the people and sign-ins all the
    /// same that it no longer lists, up to a tenth of all people, and raises an alarm.
    pub async fn put_in_force(
        &self,
        wanted: Wanted<'_>,
        correlation: CorrelationId,
    ) -> Result<InForce, ServiceError> {
        self.put(wanted, system("operator", correlation)).await
    }

    /// Puts a directory in force, as the operator who holds the database.
    pub async fn import_directory(
        &self,
        file: &DirectoryFile,
        correlation: CorrelationId,
    ) -> Result<(), ServiceError> {
        let wanted = Wanted {
            directory: Some(file),
            ..Wanted::default()
        };
        self.put_in_force(wanted, correlation).await.map(|_| ())
    }

    /// Puts a directory in force, as an administrator.
    pub async fn administer_directory(
        &self,
        caller: &PersonCaller,
        file: &DirectoryFile,
    ) -> Result<(), ServiceError> {
        let authorised = caller.authorise(Permission::Administer)?;
        let wanted = Wanted {
            directory: Some(file),
            ..Wanted::default()
        };
        self.put(wanted, authorised).await.map(|_| ())
    }

    /// Puts a policy version in force, as the operator who holds the database. Refuses an invalid one, with everything
    /// that is wrong with it. The same version again changes nothing.
    pub async fn publish_policy(
        &self,
        files: &BTreeMap<String, String>,
        correlation: CorrelationId,
    ) -> Result<Digest, ServiceError> {
        let wanted = Wanted {
            policy: Some(files),
            ..Wanted::default()
        };
        let done = self.put_in_force(wanted, correlation).await?;
        done.policy
            .ok_or_else(|| ServiceError::internal("a policy version without a digest"))
    }

    async fn put(&self, wanted: Wanted<'_>, authorised: Authorised) -> Result<InForce, ServiceError> {
        let (actor, correlation) = (authorised.actor.clone(), authorised.correlation);
        let done = self.put_judged(wanted, authorised).await;
        // What is wrong with the file is no reason to keep those in who have left.
        if let (Err(ServiceError::Invalid(why)), Some(file)) = (&done, wanted.directory) {
            refused::record(self, Authorised { actor, correlation }, file, why).await?;
        }
        done
    }

    async fn put_judged(&self, wanted: Wanted<'_>, authorised: Authorised) -> Result<InForce, ServiceError> {
        let policy = wanted.policy.map(compiled).transpose()?.map(Arc::new);
        let (actor, correlation) = (authorised.actor, authorised.correlation);
        for _ in 0..TRIES {
            let prepared = Prepared::of(self, wanted.directory, policy.clone()).await?;
            prepared.check(&wanted)?;
            let epoch = match prepared.changes_directory() {
                true => Some(self.propose(&prepared).await?),
                false => None,
            };
            let authorised = Authorised {
                actor: actor.clone(),
                correlation,
            };
            let written = self.write(&wanted, &prepared, epoch, authorised).await;
            // Whatever came of it stands; what is left of the proposal is removed with a later one.
            if let Some(epoch) = epoch
                && let Err(error) = store::directory::next::withdraw(self.store().pool(), epoch).await
            {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a proposal is left behind"
                );
            }
            if let Some(done) = written? {
                return Ok(done);
            }
        }
        Err(ServiceError::Conflict {
            code: "changed_meanwhile",
            why: "Policy or directory changed during this change. Nothing was put in force. Try again."
                .to_owned(),
        })
    }

    /// Lets all nodes build the next directory before anything waits for it. Returns its epoch.
    async fn propose(&self, prepared: &Prepared) -> Result<Uuid, ServiceError> {
        let now = self.now();
        let id = self.ids().next(now);
        self.snapshots()
            .propose((id, now), prepared.base(), prepared.directory(), prepared.view())
            .await?;
        Ok(id)
    }

    /// Writes what was prepared; none where something else is in force by now.
    async fn write(
        &self,
        wanted: &Wanted<'_>,
        prepared: &Prepared,
        epoch: Option<Uuid>,
        authorised: Authorised,
    ) -> Result<Option<InForce>, ServiceError> {
        let mut tx = self.begin().await?;
        store::directory::lock(&mut tx).await?;
        let loaded = self.snapshots().current_within(&mut tx).await?;
        if !prepared.is_beside(&loaded) {
            tx.rollback().await?;
            return Ok(None);
        }
        let mut now = self.now();
        let mut events = Vec::new();
        let mut done = InForce {
            policy: prepared.wanted_policy().map(|policy| policy.digest()),
            told: Vec::new(),
        };
        if let Some(file) = wanted.directory {
            let less = self
                .write_directory(&mut tx, file, (prepared, epoch), &mut events, now)
                .await?;
            let doubts: Vec<_> = less.iter().filter_map(Less::doubt).collect();
            doubts::unaccepted(&doubts, wanted.accept.unwrap_or(&Accepted::default()))?;
            done.told.extend(less.iter().map(Less::told));
            events.extend(less.iter().map(Less::event));
        }
        if let Some(policy) = prepared.wanted_policy()
            && let Some((event, at)) = self.write_policy(&mut tx, policy, &loaded, now).await?
        {
            now = at;
            events.push(event);
            for lint in policy.lints() {
                tracing::warn!(%lint, "the policy is valid, but probably not what its author means");
            }
        }
        if events.is_empty() {
            tx.rollback().await?;
            return Ok(Some(done));
        }
        // Somebody may have left whom only they could stand in for, or another policy asks somebody who is not there.
        store::escalations::look_again(&mut tx, now).await?;
        finish(self, tx, authorised, events, Effect::OnDecisions, now).await?;
        Ok(Some(done))
    }

    /// Writes the directory and its events; returns the opt-outs that cover less by it.
    async fn write_directory(
        &self,
        tx: &mut Tx,
        file: &DirectoryFile,
        (prepared, epoch): (&Prepared, Option<Uuid>),
        events: &mut Vec<EventDraft>,
        now: Instant,
    ) -> Result<Vec<Less>, ServiceError> {
        let sign_ins = SignIns::of(tx, file).await?;
        let (before, after) = (prepared.before(), prepared.directory());
        let delta = before.delta_to(after);
        if delta.is_empty() && !sign_ins.differ() {
            return Ok(Vec::new());
        }
        if !delta.is_empty() {
            store::directory::change(tx, &delta).await?;
            let versions = entity_versions(before, after).map_err(ServiceError::internal)?;
            store::directory::store_entity_versions(tx, versions, now).await?;
            if let Some(epoch) = epoch {
                store::directory::next::adopt(tx, epoch).await?;
            }
        }
        let digest = file.digest().map_err(ServiceError::internal)?;
        store::directory::same::note_file(tx, &digest).await?;
        sign_ins.link(tx, now).await?;
        let somebody_is_gone = !delta.principals.gone.is_empty();
        events.push(changed(
            self.ids().next(now),
            &before.changes_to(after),
            &sign_ins,
        )?);
        events.extend(leaving::end(tx, file, somebody_is_gone, now).await?);
        events.extend(crate::premises::suspend_fallen(tx, after, now).await?);
        let moved = prepared.moved();
        let standing = store::opt_outs::standing(tx.conn(), now).await?;
        Ok(standing
            .into_iter()
            .filter_map(|stored| moved.out_of(stored, after))
            .collect())
    }

    /// Puts the policy version in force; the event and its moment, none where it is in force.
    async fn write_policy(
        &self,
        tx: &mut Tx,
        policy: &PolicyVersion,
        loaded: &crate::snapshot::Loaded,
        now: Instant,
    ) -> Result<Option<(EventDraft, Instant)>, ServiceError> {
        let digest = policy.digest();
        // A row that is marked as published without its event, or beside a text that does not load, is not in force.
        let before = loaded.policy().ok();
        let in_force = before.is_some_and(|policy| policy.digest() == digest);
        let at = store::policy_versions::publish(tx, &digest, policy.files(), in_force, None, now).await?;
        Ok(at.map(|at| {
            let id = self.ids().next(at);
            (published(id, policy, before.map(AsRef::as_ref)), at)
        }))
    }
}
