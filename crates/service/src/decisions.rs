//! Decisions: evaluated on the caller's task, recorded durably in batches, then answered.
//!
//! ```text
//! decide ──evaluate──► queue ──► writer ──record_decisions──► durable ──► answer
//!    ▲                              │ another generation is current
//!    └───────── load anew ◄─────────┘ or an opt-out has no uses left: evaluate again
//! ```
//!
//! INVARIANT: nothing is answered that was not recorded under the generation that was current when it committed.

mod approval;
mod asked;
mod batch;
mod figures;
mod lane;
mod out_of_scope;
mod queue;
mod read;
mod record;
mod replay;
mod writer;

pub use approval::{ApprovalVerdict, NextAction};
pub use asked::{Asked, Stop};
pub use read::{DecisionDetail, DecisionList};
pub(crate) use record::{KIND as LEAF_KIND, PART as LEAF_PART};
pub use record::{Record, RecordError};
pub use replay::{Replay, ReplayError};
pub use writer::{DecisionWorker, NotRecorded, Recorder};

use crate::caller::ClientCaller;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::client::Client;
use domain::decision::Decision;
use domain::id::{DecisionId, OptOutId};
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use domain::window::Instant;
use figures::Figures;
use out_of_scope::OutOfScope;
use policy::{Snapshot, Without};
use queue::Queue;
use std::sync::Arc;
use std::time::Duration;
use store::decisions::NewDecision;
use writer::{Job, Verdict};

/// How often a decision is evaluated anew before the caller is told to come back: each time something changed between
/// evaluation and recording, which takes about a millisecond.
const ATTEMPTS: usize = 32;
/// How long a caller waits while what decisions depend on is loaded anew. The load goes on without the caller.
const LOADING: Duration = Duration::from_millis(1_500);
/// How many evaluations of one message are made before other tasks get their turn: a message of 256 takes some ten
/// milliseconds, in which no other client would be answered.
const IN_ONE_GO: usize = 4;

/// Decides and records.
#[derive(Debug, Clone)]
pub struct Decider {
    service: Service,
    queue: Queue,
    recorder: Recorder,
    figures: Figures,
    out_of_scope: OutOfScope,
}

/// One evaluation's answer.
#[derive(Debug)]
pub enum Answered {
    /// Decided, and durable.
    Decided(Box<Decided>),
    /// The client may not ask about this subject or resource; nothing was evaluated, and no decision is recorded.
    OutOfScope(&'static str),
}

/// A decision that is durable.
#[derive(Debug)]
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// The hash of its ledger leaf.
    pub leaf_hash: [u8; 32],
    /// What it was made from, to explain it.
    pub loaded: Arc<Loaded>,
}

impl Decider {
    /// Starts deciding; the worker has to run on a task for any decision to be recorded.
    pub fn start(service: Service) -> (Self, DecisionWorker) {
        let recorder = Recorder::default();
        let (store, time) = (service.store().clone(), service.time().clone());
        let (queue, worker) = writer::queue(store, time, recorder.clone());
        let decider = Self {
            service,
            queue,
            recorder,
            figures: Figures::new(),
            out_of_scope: OutOfScope::default(),
        };
        (decider, worker)
    }

    /// Now, as decisions see it. Errors while the distance of this node's clock from the database's is unknown or too
    /// great.
    pub fn now(&self) -> Result<Instant, ServiceError> {
        Ok(self.service.time().checked()?)
    }

    /// Whether decisions are being recorded.
    pub const fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// How many messages wait to be recorded.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// The use cases beside deciding.
    pub const fn service(&self) -> &Service {
        &self.service
    }

    /// Decides what a client asks, in order and in one transaction, up to where `stop` says.
    ///
    /// What is out of the client's scope is answered as that and counted ([`Decider::report_out_of_scope`]). Errors with
    /// [`ServiceError::Unavailable`] where nothing could be decided or recorded, and with
    /// [`ServiceError::Forbidden`] where the client was revoked meanwhile.
    pub async fn decide(
        &self,
        caller: &ClientCaller,
        asked: &[Asked],
        stop: Stop,
    ) -> Result<Vec<Answered>, ServiceError> {
        let begun = std::time::Instant::now();
        let answered = self.answers(caller, asked, stop).await;
        self.figures.count(begun, &answered);
        let answered = answered?;
        if answered.iter().any(|one| matches!(one, Answered::OutOfScope(_))) {
            self.out_of_scope.note(caller, asked, &answered, self.now()?);
        }
        Ok(answered)
    }

    async fn answers(
        &self,
        caller: &ClientCaller,
        asked: &[Asked],
        stop: Stop,
    ) -> Result<Vec<Answered>, ServiceError> {
        let mut without = vec![Without::nothing(); asked.len()];
        for _ in 0..ATTEMPTS {
            let loaded = self.service.snapshots().current();
            let attempt = self.evaluate(caller, asked, stop, &without, &loaded).await?;
            if attempt.new.is_empty() {
                return Ok(attempt.answered(Vec::new(), &loaded));
            }
            let job = Job::new(
                caller.client.id,
                Arc::clone(&loaded),
                attempt.new,
                attempt.limited,
            );
            match self.queue.record(job).await? {
                Verdict::Recorded(new) => return Ok(Attempt::merge(&attempt.shape, new, &loaded)),
                // Where another one was loaded meanwhile, that is tried first: it may be the one after.
                Verdict::Stale(generation) if Arc::ptr_eq(&loaded, &self.service.snapshots().current()) => {
                    tokio::time::timeout(LOADING, self.service.snapshots().reach(generation))
                        .await
                        .map_err(|_| NotRecorded::Loading)??;
                }
                Verdict::Stale(_) => {}
                Verdict::Exhausted(losers) => {
                    for (place, spent) in losers {
                        let asked_at = attempt.places.get(place).copied().unwrap_or(place);
                        if let Some(without) = without.get_mut(asked_at) {
                            spent.into_iter().for_each(|id| without.add(id));
                        }
                    }
                }
                Verdict::Unavailable => return Err(NotRecorded::Database.into()),
            }
        }
        Err(NotRecorded::Contended.into())
    }

    async fn evaluate(
        &self,
        caller: &ClientCaller,
        asked: &[Asked],
        stop: Stop,
        without: &[Without],
        loaded: &Loaded,
    ) -> Result<Attempt, ServiceError> {
        let snapshot = loaded.snapshot()?;
        // Held by id anew for each generation: it may have been revoked, or its scope narrowed, since it was recognised.
        let client = caller.held(loaded)?;
        let now = self.now()?;
        let mut attempt = Attempt::default();
        for (place, (asked, without)) in asked.iter().zip(without).enumerate() {
            let answer = match out_of_scope(client, &asked.principal, &asked.resource) {
                Some(why) => {
                    attempt.shape.push(Some(why));
                    false
                }
                None => {
                    let input = asked.input(client);
                    let evaluation = policy::evaluate(snapshot, &input, now, without);
                    let answer = evaluation.answer;
                    let decision = Decision {
                        id: DecisionId::from_uuid(self.service.ids().next(now)),
                        at: now,
                        generation: loaded.generation().counter,
                        policy_digest: snapshot.policy().digest(),
                        input,
                        evaluation,
                    };
                    attempt.limited.push(limited(snapshot, &decision));
                    attempt.new.push(record::seal(
                        decision,
                        asked,
                        loaded,
                        caller.correlation,
                        self.service.ids().secret(),
                    )?);
                    attempt.places.push(place);
                    attempt.shape.push(None);
                    answer
                }
            };
            if stop.after(answer) {
                break;
            }
            if place % IN_ONE_GO == IN_ONE_GO - 1 {
                tokio::task::yield_now().await;
            }
        }
        Ok(attempt)
    }
}

/// One try at answering: what to record, and where in the answer it belongs.
#[derive(Default)]
struct Attempt {
    new: Vec<NewDecision>,
    /// For each of `new`, the applying opt-outs whose uses are limited.
    limited: Vec<Vec<OptOutId>>,
    /// For each of `new`, its place in what was asked.
    places: Vec<usize>,
    /// For each answer, why it is out of scope; none where it is the next of `new`.
    shape: Vec<Option<&'static str>>,
}

impl Attempt {
    fn answered(self, new: Vec<NewDecision>, loaded: &Arc<Loaded>) -> Vec<Answered> {
        Self::merge(&self.shape, new, loaded)
    }

    fn merge(shape: &[Option<&'static str>], new: Vec<NewDecision>, loaded: &Arc<Loaded>) -> Vec<Answered> {
        let mut new = new.into_iter();
        shape
            .iter()
            .filter_map(|out_of_scope| match out_of_scope {
                Some(why) => Some(Answered::OutOfScope(why)),
                None => new.next().map(|new| {
                    Answered::Decided(Box::new(Decided {
                        decision: new.decision,
                        leaf_hash: new.leaf_hash,
                        loaded: Arc::clone(loaded),
                    }))
                }),
            })
            .collect()
    }
}

/// Why a client may not ask about this; none where it may.
pub(crate) fn out_of_scope(
    client: &Client,
    principal: &PrincipalRef,
    resource: &ResourceRef,
) -> Option<&'static str> {
    if !client.may_ask_about(principal) {
        Some("This client may not ask about this subject.")
    } else if !client.may_ask_for(resource) {
        Some("This client may not ask about this resource.")
    } else {
        None
    }
}

fn limited(snapshot: &Snapshot, decision: &Decision) -> Vec<OptOutId> {
    decision
        .evaluation
        .applied
        .iter()
        .map(|applied| applied.opt_out)
        .filter(|id| {
            snapshot
                .opt_out(*id)
                .is_some_and(|held| held.opt_out.max_uses.is_some())
        })
        .collect()
}
