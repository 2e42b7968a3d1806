//! Somebody says something about an item.

use super::discussion::has_part;
use crate::caller::PersonCaller;
use crate::command::{Effect, EventDraft, finish};
use crate::notices::subject::Subject;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::comment::{Comment, CommentError, Saying, say};
use domain::event::EventKind;
use domain::id::{AccessRequestId, CommentId, OptOutId};
use domain::role::Permission;
use domain::window::Instant;
use store::Tx;
use store::votes::Item;

/// What is commented on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentOn {
    /// An access request.
    AccessRequest(AccessRequestId),
    /// An opt-out.
    OptOut(OptOutId),
}

/// An item as its comment finds it, locked.
struct Found {
    subject: Subject,
    item: Item,
    /// The word for its state, where nothing is said about it any more.
    over: Option<String>,
}

impl Service {
    /// Says something about an item that still goes on. A question goes to whoever asked for the item; an answer closes it.
    pub async fn comment(
        &self,
        caller: &PersonCaller,
        on: CommentOn,
        saying: Saying,
        text: &str,
    ) -> Result<Comment, ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let mut tx = self.begin().await?;
        let Found { subject, item, over } = self.found(&mut tx, caller, &loaded, on, now).await?;
        if !has_part(&subject, &loaded, &caller.person) {
            return Err(ServiceError::Forbidden {
                code: "no_part_in_it",
                why: "You can read this, but it is not about you and you are not asked to decide it."
                    .to_owned(),
            });
        }
        let authorised = caller.authorise(Permission::ReadOwn)?;
        if let Some(state) = over {
            return Err(ServiceError::Conflict {
                code: "settled",
                why: format!("This is {state}, so there is nothing more to say about it here."),
            });
        }
        let said = store::comments::of(tx.conn(), item).await?;
        let requester = subject.requester(loaded.directory());
        let asked_for_it = requester.contains(&caller.person);
        let (kind, answers, text) =
            say(&said, saying, text, asked_for_it, !requester.is_empty()).map_err(refused)?;
        let comment = Comment {
            id: CommentId::from_uuid(self.ids().next(now)),
            author: caller.person.clone(),
            kind,
            answers,
            text,
            at: now,
        };
        store::comments::insert(&mut tx, item, &comment).await?;
        let asked_by = said
            .iter()
            .find(|other| Some(other.id) == answers)
            .map(|question| &question.author);
        let body = serde_json::json!({
            "id": comment.id, "person": comment.author, "kind": comment.kind, "comment": comment.text,
            "answers": comment.answers, "asked_by": asked_by,
        });
        let mut commented = drafted(&subject, body)?;
        commented.refs.insert(comment.id.to_string());
        finish(self, tx, authorised, vec![commented], Effect::None, now).await?;
        Ok(comment)
    }

    /// What the caller does not see does not exist.
    async fn found(
        &self,
        tx: &mut Tx,
        caller: &PersonCaller,
        loaded: &Loaded,
        on: CommentOn,
        now: Instant,
    ) -> Result<Found, ServiceError> {
        match on {
            CommentOn::AccessRequest(id) => {
                let request = store::access_requests::for_update(tx, id)
                    .await?
                    .filter(|request| self.sees(caller, loaded, request))
                    .ok_or(ServiceError::NotFound { what: "request" })?;
                let state = request.state_at(now);
                Ok(Found {
                    over: state.is_terminal().then(|| state.as_str().replace('_', " ")),
                    item: Item::AccessRequest(id.uuid()),
                    subject: Subject::AccessRequest(Box::new(request), Vec::new()),
                })
            }
            CommentOn::OptOut(id) => {
                let stored = store::opt_outs::for_update(tx, id)
                    .await?
                    .filter(|stored| self.sees_opt_out(caller, loaded, stored))
                    .ok_or(ServiceError::NotFound { what: "opt-out" })?;
                let state = stored.opt_out.state_at(now, stored.uses);
                Ok(Found {
                    over: state.is_terminal().then(|| state.words().to_owned()),
                    item: Item::OptOut(id.uuid()),
                    subject: Subject::OptOut(Box::new(stored), Vec::new()),
                })
            }
        }
    }
}

fn drafted(subject: &Subject, body: serde_json::Value) -> Result<EventDraft, ServiceError> {
    match subject {
        Subject::AccessRequest(request, _) => Ok(crate::access_requests::event(
            EventKind::AccessRequestCommented,
            request,
            body,
        )),
        Subject::OptOut(stored, _) => Ok(crate::opt_outs::event(EventKind::OptOutCommented, stored, body)),
        Subject::Grant(..) | Subject::PostReview(..) | Subject::Client(..) => {
            Err(ServiceError::internal("nobody comments on that"))
        }
    }
}

fn refused(error: CommentError) -> ServiceError {
    let why = error.to_string();
    match error {
        CommentError::Empty => ServiceError::field("comment", "comment_missing", why),
        CommentError::TooLong => ServiceError::field("comment", "comment_too_long", why),
        CommentError::TooMany => ServiceError::Conflict {
            code: "too_many_comments",
            why,
        },
        CommentError::OwnItem => ServiceError::field("saying", "own_item", why),
        CommentError::NobodyToAsk => ServiceError::field("saying", "nobody_to_ask", why),
        CommentError::NotAsked => ServiceError::Forbidden {
            code: "not_asked",
            why,
        },
        CommentError::NotOpen => ServiceError::Conflict {
            code: "not_open",
            why,
        },
    }
}
