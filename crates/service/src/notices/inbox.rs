//! A person's notices on the pages.

use crate::caller::PersonCaller;
use crate::{Service, ServiceError};
use domain::id::NoticeId;
use domain::role::Permission;
use domain::window::Instant;
use store::notices::Told;

/// A page of notices.
#[derive(Debug, Clone)]
pub struct NoticeList {
    /// Newest first.
    pub notices: Vec<Told>,
    /// Where the next page begins, if there is one.
    pub next: Option<NoticeId>,
    /// How many are unread, of all; counted up to a hundred.
    pub unread: i64,
    /// When this was read.
    pub now: Instant,
}

impl Service {
    /// The caller's notices.
    pub async fn notices(
        &self,
        caller: &PersonCaller,
        before: Option<NoticeId>,
        limit: usize,
    ) -> Result<NoticeList, ServiceError> {
        caller.authorise(Permission::ReadOwn)?;
        let pool = self.store().pool();
        let limit = limit.clamp(1, 200);
        let one_more = i64::try_from(limit).unwrap_or(200) + 1;
        let mut notices = store::notices::list(pool, &caller.person, before, one_more).await?;
        let more = notices.len() > limit;
        notices.truncate(limit);
        Ok(NoticeList {
            next: notices.last().filter(|_| more).map(|told| told.id),
            notices,
            unread: store::notices::unread(pool, &caller.person).await?,
            now: self.now(),
        })
    }

    /// How many of the caller's notices are unread; counted up to a hundred.
    pub async fn unread_notices(&self, caller: &PersonCaller) -> Result<i64, ServiceError> {
        Ok(store::notices::unread(self.store().pool(), &caller.person).await?)
    }

    /// Marks one of the caller's notices as read. That is nobody else's business, so the ledger does not know of it.
    pub async fn read_notice(&self, caller: &PersonCaller, id: NoticeId) -> Result<(), ServiceError> {
        caller.authorise(Permission::ReadOwn)?;
        let now = self.checked_now()?;
        if store::notices::mark_read(self.store().pool(), &caller.person, id, now).await? {
            Ok(())
        } else {
            Err(ServiceError::NotFound { what: "notice" })
        }
    }

    /// Marks all of the caller's notices as read that were there up to this one.
    pub async fn read_notices(&self, caller: &PersonCaller, up_to: NoticeId) -> Result<u64, ServiceError> {
        caller.authorise(Permission::ReadOwn)?;
        let now = self.checked_now()?;
        Ok(store::notices::mark_all_read(self.store().pool(), &caller.person, up_to, now).await?)
    }
}
