//! Notices that follow from the clock: reminders, first use, uses nearly spent, ends to come. Each once, whichever node
//! notices first.

use super::mapping::{Audience, timed};
use super::outbox::{News, bare, spread};
use super::subject::Subject;
use crate::command::commit_news;
use crate::{Service, ServiceError};
use domain::id::{AccessRequestId, GrantId, OptOutId, PostReviewId};
use domain::name::PersonId;
use domain::notice::{ENDING_MARKS, MOST_USED_PERCENT, NoticeKind, REMINDER_PERCENTS};
use domain::window::Instant;
use std::collections::BTreeSet;
use store::notices::Due;

impl Service {
    /// Tells what is due by now; returns how much there was. Several nodes can run it at once. What errs keeps nothing else
    /// waiting: it is tried again the next time, and the first error is returned.
    pub async fn tell_times(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let pool = self.store().pool();
        let reminders = store::notices::due_reminders(pool, &REMINDER_PERCENTS, now).await?;
        let first_uses = store::notices::due_first_uses(pool, now).await?;
        let most_used = store::notices::due_most_used(pool, MOST_USED_PERCENT, now).await?;
        let overdue = store::notices::due_overdue_reviews(pool, now).await?;
        let endings = store::notices::due_endings(pool, &ENDING_MARKS, now).await?;
        let lapses = store::notices::due_lapses_again(pool, now).await?;
        let due: Vec<(NoticeKind, Due)> = [
            (NoticeKind::Reminder, reminders),
            (NoticeKind::FirstUse, first_uses),
            (NoticeKind::MostUsed, most_used),
            (NoticeKind::ReviewOverdue, overdue),
            (NoticeKind::EndingSoon, endings),
            (NoticeKind::Lapsed, lapses),
        ]
        .into_iter()
        .flat_map(|(kind, due)| due.into_iter().map(move |due| (kind, due)))
        .collect();
        let mut count = 0;
        let mut first_error = None;
        for (kind, due) in due {
            match self.tell(kind, &due, now).await {
                Ok(told) => count += usize::from(told),
                Err(error) => {
                    log(&error);
                    first_error.get_or_insert(error);
                }
            }
        }
        match self.tell_burns(now).await {
            Ok(told) => count += told,
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
        first_error.map_or(Ok(count), Err)
    }

    /// Tells one thing, in a transaction of its own: two nodes that tell many at once would wait for each other.
    async fn tell(&self, kind: NoticeKind, due: &Due, now: Instant) -> Result<bool, ServiceError> {
        let mut tx = self.begin().await?;
        // Of two nodes, the one that waits here finds that it is told already.
        if !store::notices::mark_told(&mut tx, due, now).await? {
            return Ok(false);
        }
        let id = match due.item_kind.as_str() {
            "access_request" => AccessRequestId::from_uuid(due.item).to_string(),
            "grant" => GrantId::from_uuid(due.item).to_string(),
            "post_review" => PostReviewId::from_uuid(due.item).to_string(),
            _ => OptOutId::from_uuid(due.item).to_string(),
        };
        let loaded = self.snapshots().current();
        let Some(subject) = Subject::load(&mut tx, &loaded, &due.item_kind, &id).await? else {
            return Ok(false);
        };
        let audiences = timed(kind);
        let mut persons: BTreeSet<PersonId> = audiences
            .iter()
            .flat_map(|audience| subject.persons(*audience, &loaded))
            .collect();
        if audiences.contains(&Audience::Deciders) {
            persons.extend(subject.deputies(&mut tx, &loaded, now).await?);
        }
        let news = News {
            notice: bare(&subject, kind, now),
            persons,
        };
        spread(self, &mut tx, &loaded, vec![news], now).await?;
        commit_news(self, tx).await?;
        Ok(true)
    }
}

pub(super) fn log(error: &ServiceError) {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "something could not be told"
    );
}
