//! The last two steps of every command: append events and notices, commit.

use crate::caller::Authorised;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::digest::Digest;
use domain::event::EventKind;
use domain::id::EventId;
use domain::window::Instant;
use ledger::{Commitment, Leaf, Salt};
use std::collections::{BTreeMap, BTreeSet};
use store::Tx;
use store::events::Event;
use store::generation::Generation;

/// An event before it has an id.
#[derive(Debug, Clone)]
pub struct EventDraft {
    /// What happened.
    pub kind: EventKind,
    /// `access_request`, `grant`, `opt_out`, `policy`, `directory`, `client`.
    pub object_kind: &'static str,
    /// What it happened to, in its outer form.
    pub object_id: String,
    /// Random ids that the leaf may name: no names.
    pub refs: BTreeSet<String>,
    /// The policy version in force, where one mattered.
    pub policy_digest: Option<Digest>,
    /// All of it; the leaf commits to its canonical JSON.
    pub body: serde_json::Value,
}

/// Differences in words, as events and notices have them: `[{"text": …}]`.
pub(crate) fn texts(words: Vec<String>) -> serde_json::Value {
    words
        .into_iter()
        .map(|text| serde_json::json!({ "text": text }))
        .collect()
}

/// Whether a command changes what decisions depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Decisions come out the same.
    None,
    /// The generation has to go up.
    OnDecisions,
}

/// Appends the events and their notices, raises the generation where the change has an effect on decisions, and commits. On return the
/// change is in force on every node, and this node has it in memory.
pub(crate) async fn finish(
    service: &Service,
    tx: Tx,
    authorised: Authorised,
    drafts: Vec<EventDraft>,
    effect: Effect,
    now: Instant,
) -> Result<(), ServiceError> {
    append_and_commit(service, tx, authorised, drafts, effect, None, now).await
}

/// The code of the conflict that [`finish_as_judged`] errs with.
const JUDGED_ANEW: &str = "changed_meanwhile";

/// As [`finish`], of a command that judged somebody: it commits only while the generation is the one that they were judged
/// under. Otherwise whoever has just left a group would still decide for it, or by a rule that no longer is. Errors with a
/// conflict where it is another one by now; nothing is written then ([`judged`] judges again).
pub(crate) async fn finish_as_judged(
    service: &Service,
    tx: Tx,
    authorised: Authorised,
    drafts: Vec<EventDraft>,
    effect: Effect,
    under: &Loaded,
    now: Instant,
) -> Result<(), ServiceError> {
    let generation = Some(under.generation());
    append_and_commit(service, tx, authorised, drafts, effect, generation, now).await
}

/// How often a command judges under the next generation before it gives up and says so.
const JUDGES: usize = 4;

/// Runs a command that ends in [`finish_as_judged`], again where the generation has moved on meanwhile.
pub(crate) async fn judged<T, F: Future<Output = Result<T, ServiceError>>>(
    mut command: impl FnMut() -> F,
) -> Result<T, ServiceError> {
    for _ in 1..JUDGES {
        match command().await {
            Err(ServiceError::Conflict { code, .. }) if code == JUDGED_ANEW => {}
            done => return done,
        }
    }
    command().await
}

async fn append_and_commit(
    service: &Service,
    mut tx: Tx,
    authorised: Authorised,
    drafts: Vec<EventDraft>,
    effect: Effect,
    judged_under: Option<Generation>,
    now: Instant,
) -> Result<(), ServiceError> {
    // It was right when the transaction began; a machine may have slept since.
    service.checked_now()?;
    // Into the same transaction: what is rolled back is told to nobody.
    crate::notices::outbox::write(service, &mut tx, &authorised.actor, &drafts, now).await?;
    let mut events = Vec::with_capacity(drafts.len());
    let mut leaves = Vec::with_capacity(drafts.len());
    // Made in one millisecond, they would sort at random; what a command did has an order.
    let mut ids: Vec<EventId> = drafts
        .iter()
        .map(|_| EventId::from_uuid(service.ids().next(now)))
        .collect();
    ids.sort();
    for (id, draft) in ids.into_iter().zip(drafts) {
        let (event, leaf) = record(service, &authorised, id, draft, now)?;
        events.push(event);
        leaves.push(leaf);
    }
    store::events::append(&mut tx, &events, &leaves, now).await?;
    let (raised, as_judged) = match (effect, judged_under) {
        (Effect::None, None) => (None, true),
        (Effect::None, Some(under)) => (None, tx.hold_generation().await? == under),
        (Effect::OnDecisions, None) => (Some(tx.raise_generation().await?), true),
        (Effect::OnDecisions, Some(under)) => {
            let raised = tx.raise_generation_from(under).await?;
            (raised, raised.is_some())
        }
    };
    if !as_judged {
        tx.rollback().await?;
        return Err(ServiceError::Conflict {
            code: JUDGED_ANEW,
            why: "Policy, directory or what is in force has just changed. Nothing was recorded: try again."
                .to_owned(),
        });
    }
    tx.commit().await?;
    for event in &events {
        tracing::info!(
            event = event.kind.as_str(), object = event.object_id, actor = event.actor_id,
            correlation = %event.correlation, "recorded"
        );
    }
    if let Some(generation) = raised {
        // The commit stands whatever happens here: a node that is behind finds out at its next decision.
        if let Err(error) = service.snapshots().reach(generation).await {
            tracing::warn!(error = %error, %generation, "the snapshot could not be reloaded yet");
        }
    }
    Ok(())
}

/// Commits notices that follow from the clock: nothing has changed of what they tell of, so there is no event.
pub(crate) async fn commit_news(service: &Service, tx: Tx) -> Result<(), ServiceError> {
    service.checked_now()?;
    Ok(tx.commit().await?)
}

fn record(
    service: &Service,
    authorised: &Authorised,
    id: EventId,
    draft: EventDraft,
    now: Instant,
) -> Result<(Event, Vec<u8>), ServiceError> {
    let body = serde_json_canonicalizer::to_vec(&draft.body).map_err(ServiceError::internal)?;
    let salt = service.ids().secret();
    let commitment = Commitment::new(&Salt::from_bytes(salt), &body);
    let leaf = Leaf {
        kind: draft.kind.as_str().to_owned(),
        id: id.to_string(),
        at: now,
        request_id: Some(authorised.correlation.to_string()),
        policy_digest: draft
            .policy_digest
            .map(|digest| ledger::Hash::from_bytes(*digest.as_bytes())),
        commitments: BTreeMap::from([("body".to_owned(), commitment)]),
        refs: draft.refs,
    };
    let bytes = leaf.to_bytes().map_err(ServiceError::internal)?;
    let event = Event {
        id,
        kind: draft.kind,
        at: now,
        correlation: authorised.correlation,
        actor_kind: authorised.actor.kind().to_owned(),
        actor_id: authorised.actor.id(),
        object_kind: draft.object_kind.to_owned(),
        object_id: draft.object_id,
        policy_digest: draft.policy_digest,
        salt,
        body,
        leaf_hash: *ledger::leaf_hash(&bytes).as_bytes(),
    };
    Ok((event, bytes))
}
