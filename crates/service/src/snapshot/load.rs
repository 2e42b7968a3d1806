//! Loading one generation.

use super::ahead::Ahead;
use super::{Entities, Loaded};
use crate::ServiceError;
use domain::client::Client;
use domain::digest::Digest;
use domain::directory::Directory;
use domain::grant::Grant;
use domain::id::ClientId;
use domain::opt_out::Facts;
use domain::principal::PrincipalRef;
use domain::window::Instant;
use policy::{DirectoryProblems, DirectoryView, PolicyVersion, Snapshot, StoredPolicyError, Uses};
use std::collections::HashMap;
use std::sync::Arc;
use store::generation::{LoadingConnection, PublishedPolicy};
use store::opt_outs::Stored;

/// How far back something may have ended and still be loaded. Whether it is in force is decided by the instant of each
/// decision; leaving out must not depend on a node's clock being right.
const MARGIN: chrono::TimeDelta = chrono::TimeDelta::hours(24);

/// Why nothing can be decided, though the database answers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotReady {
    /// No policy version is published yet.
    #[error("no policy version is published")]
    NoPolicy,
    /// The published text has been changed, or this program refuses it, since another version of it published it.
    #[error("the published policy version cannot be loaded")]
    Policy(#[source] StoredPolicyError),
    /// No `policy.published` event put the version in force that is marked as published.
    #[error(
        "policy version {0} is marked as published, but the newest policy.published event does not name it"
    )]
    NotAnnounced(Digest),
    /// The directory does not fit the policy's schema.
    #[error("the directory does not fit the published policy")]
    Directory(#[source] DirectoryProblems),
}

/// Loads the present generation; re-uses what has not changed from before, and the directory that was prepared for.
pub(super) async fn load(
    conn: &mut LoadingConnection,
    (before, ahead): (Option<&Loaded>, Option<&Ahead>),
    number: u64,
    now: Option<Instant>,
) -> Result<Loaded, ServiceError> {
    let (mut tx, versions) = conn.begin().await?;
    let ahead = ahead.filter(|ahead| ahead.id == versions.directory_epoch);
    let (directory, entities) = match before {
        Some(before) if before.directory_version == versions.directory => {
            (Arc::clone(&before.directory), Arc::clone(&before.entities))
        }
        before => {
            if let Some(ahead) = ahead {
                (Arc::clone(&ahead.directory), Arc::clone(&ahead.entities))
            } else {
                let directory = store::directory::load(&mut tx).await?;
                let entities = match before {
                    Some(before) => before.entities.after(&before.directory, &directory),
                    None => Entities::of(&directory),
                }
                .map_err(ServiceError::internal)?;
                (Arc::new(directory), Arc::new(entities))
            }
        }
    };
    let policy = match versions.policy {
        None => Err(NotReady::NoPolicy),
        Some(published) if !published.has_event => Err(NotReady::NotAnnounced(published.digest)),
        Some(published) => match held_policy(before, published) {
            Some(held) => Ok(held),
            None => compile(
                store::policy_versions::files(&mut *tx, &published.digest).await?,
                published.digest,
            ),
        },
    };
    // Everything, where nobody knows what time it is.
    let since = now.map_or(Instant::UNIX_EPOCH, |now| now - MARGIN);
    let clients = store::clients::active(&mut *tx, since).await?;
    let opt_outs = store::opt_outs::standing(&mut *tx, since).await?;
    let grants = store::grants::standing(&mut *tx, since).await?;
    let facts = store::incidents::facts(&mut tx).await?;
    let roles_seen = match before.filter(|before| before.roles_version == versions.roles_seen) {
        Some(before) => Arc::clone(&before.roles_seen),
        None => Arc::new(store::roles_seen::deciders(&mut *tx).await?),
    };
    tx.rollback().await.map_err(store::StoreError::from)?;

    let mut clients_by_id: HashMap<ClientId, Arc<Client>> = HashMap::new();
    let mut by_token = HashMap::new();
    for (token, client) in clients {
        // One client has several tokens while they are rotated.
        let client = clients_by_id.entry(client.id).or_insert_with(|| Arc::new(client));
        by_token.insert(token.sha256, (Arc::clone(client), token.ends_at));
    }
    let grants: Vec<Arc<Grant>> = grants.into_iter().map(Arc::new).collect();
    let mut by_principal: HashMap<PrincipalRef, Vec<Arc<Grant>>> = HashMap::new();
    for grant in &grants {
        by_principal
            .entry(grant.principal.clone())
            .or_default()
            .push(Arc::clone(grant));
    }
    let generation = versions.generation;
    let snapshot = policy.and_then(|policy| {
        build(
            generation.counter,
            policy,
            &directory,
            (opt_outs, facts),
            grants,
            (before, ahead),
        )
    });
    if let Err(why) = &snapshot {
        tracing::error!(
            error = why as &dyn std::error::Error,
            %generation,
            "nothing can be decided"
        );
    }
    Ok(Loaded {
        generation,
        number,
        clients: by_token,
        clients_by_id,
        directory,
        directory_version: versions.directory,
        roles_seen,
        roles_version: versions.roles_seen,
        published: versions.policy,
        entities,
        grants: by_principal,
        snapshot,
        at: std::time::Instant::now(),
    })
}

/// The policy of before, if it is this one and its stored text is still the one that was read then: compiling takes far
/// longer than all the rest.
fn held_policy(before: Option<&Loaded>, published: PublishedPolicy) -> Option<Arc<PolicyVersion>> {
    let before = before.filter(|before| before.published == Some(published))?;
    Some(Arc::clone(before.snapshot.as_ref().ok()?.policy()))
}

fn compile(
    files: Option<store::policy_versions::Files>,
    digest: Digest,
) -> Result<Arc<PolicyVersion>, NotReady> {
    let files = files.ok_or(NotReady::NoPolicy)?;
    PolicyVersion::load_stored(&files, digest)
        .map(Arc::new)
        .map_err(NotReady::Policy)
}

fn build(
    generation: i64,
    policy: Arc<PolicyVersion>,
    directory: &Arc<Directory>,
    (opt_outs, facts): (Vec<Stored>, Facts),
    grants: Vec<Arc<Grant>>,
    (before, ahead): (Option<&Loaded>, Option<&Ahead>),
) -> Result<Snapshot, NotReady> {
    let held = before
        .and_then(|before| before.snapshot.as_ref().ok())
        .map(Snapshot::directory)
        .filter(|view| view.policy_digest() == policy.digest());
    let ahead = ahead.and_then(|ahead| ahead.view_of(policy.digest()));
    let held = [held, ahead]
        .into_iter()
        .flatten()
        .find(|view| Arc::ptr_eq(view.directory(), directory));
    let view = match held {
        Some(view) => Arc::clone(view),
        None => Arc::new(DirectoryView::new(&policy, Arc::clone(directory)).map_err(NotReady::Directory)?),
    };
    let mut builder = Snapshot::builder(generation, policy, view).facts(facts);
    for stored in opt_outs {
        builder = builder.opt_out(Arc::new(stored.opt_out), Uses::new(stored.uses));
    }
    for grant in grants {
        builder = builder.grant(grant);
    }
    // The view was built for this very policy, or checked to be.
    builder.build().map_err(|_| NotReady::NoPolicy)
}
