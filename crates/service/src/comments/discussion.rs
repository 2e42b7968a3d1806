//! What was said about an item, what the reader may add, and which questions wait for whom.

use crate::approvals::memberships;
use crate::caller::PersonCaller;
use crate::notices::mapping::Audience;
use crate::notices::subject::Subject;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::access_request::AccessRequest;
use domain::approval::Plan;
use domain::comment::Comment;
use domain::id::{AccessRequestId, OptOutId};
use domain::name::PersonId;
use domain::window::Instant;
use std::collections::BTreeMap;
use store::comments::OpenQuestion;
use store::opt_outs::Stored;
use store::votes::Item;
use uuid::Uuid;

/// The discussion of one item.
#[derive(Debug, Clone, Default)]
pub struct Discussion {
    /// What was said, oldest first.
    pub said: Vec<Comment>,
    /// Whether the reader may say something.
    pub may_comment: bool,
    /// Whether the reader asked for the item, so that questions come to them.
    pub asked_for_it: bool,
    /// Whether there is somebody who could answer a question.
    pub can_be_asked: bool,
}

/// A question that waits for an answer of its reader.
#[derive(Debug, Clone)]
pub enum WaitingQuestion {
    /// About an access request.
    AccessRequest(Box<AccessRequest>, Comment),
    /// About an opt-out.
    OptOut(Box<Stored>, Comment),
}

/// Whether a person has part in an item, other than by a role that lets them see everything.
pub(super) fn has_part(subject: &Subject, loaded: &Loaded, person: &PersonId) -> bool {
    const PARTS: [Audience; 4] = [
        Audience::Requester,
        Audience::Beneficiaries,
        Audience::Owners,
        Audience::Skipped,
    ];
    let concerned = PARTS
        .into_iter()
        .any(|part| subject.persons(part, loaded).contains(person));
    concerned || subject.plan().is_some_and(|plan| is_asked(plan, loaded, person))
}

/// Whether some stage asks this person, excluded or not: an excluded owner may still know something.
fn is_asked(plan: &Plan, loaded: &Loaded, person: &PersonId) -> bool {
    let can = memberships(loaded.directory(), person);
    plan.stages
        .iter()
        .flat_map(|stage| stage.quorum.approvers())
        .any(|approver| can.contains(approver))
}

impl Service {
    /// The discussion of an item that the caller has been found to see.
    pub(crate) async fn discussion(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        subject: &Subject,
        is_over: bool,
    ) -> Result<Discussion, ServiceError> {
        let Some(item) = subject.voted_on() else {
            return Ok(Discussion::default());
        };
        let requester = subject.requester(loaded.directory());
        Ok(Discussion {
            said: store::comments::of(self.store().pool(), item).await?,
            may_comment: !is_over && has_part(subject, loaded, &caller.person),
            asked_for_it: requester.contains(&caller.person),
            can_be_asked: !requester.is_empty(),
        })
    }

    /// Since when the oldest open question about each item waits.
    pub(crate) async fn questions_since(
        &self,
        now: Instant,
    ) -> Result<BTreeMap<Uuid, Instant>, ServiceError> {
        let mut since = BTreeMap::new();
        for OpenQuestion { item, question } in
            store::comments::open_questions(self.store().pool(), now).await?
        {
            since.entry(item.id()).or_insert(question.at);
        }
        Ok(since)
    }

    /// The open questions that the caller is the one to answer, oldest first.
    pub(crate) async fn questions_for(
        &self,
        caller: &PersonCaller,
        loaded: &Loaded,
        now: Instant,
    ) -> Result<Vec<WaitingQuestion>, ServiceError> {
        let pool = self.store().pool();
        let mut waiting = Vec::new();
        for OpenQuestion { item, question } in store::comments::open_questions(pool, now).await? {
            let found = match item {
                Item::AccessRequest(id) => {
                    let id = AccessRequestId::from_uuid(id);
                    let found = store::access_requests::find(pool, id).await?;
                    found
                        .filter(|request| self.sees(caller, loaded, request))
                        .map(|request| {
                            let subject = Subject::AccessRequest(Box::new(request.clone()), Vec::new());
                            (
                                subject,
                                WaitingQuestion::AccessRequest(Box::new(request), question),
                            )
                        })
                }
                Item::OptOut(id) => {
                    let found = store::opt_outs::find(pool, OptOutId::from_uuid(id)).await?;
                    found
                        .filter(|stored| self.sees_opt_out(caller, loaded, stored))
                        .map(|stored| {
                            let subject = Subject::OptOut(Box::new(stored.clone()), Vec::new());
                            (subject, WaitingQuestion::OptOut(Box::new(stored), question))
                        })
                }
            };
            if let Some((subject, question)) = found
                && subject.requester(loaded.directory()).contains(&caller.person)
            {
                waiting.push(question);
            }
        }
        Ok(waiting)
    }
}
