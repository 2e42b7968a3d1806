//! Notices: what people and machines are told of, and in which words.
//!
//! A notice is data. It is written down in the transaction of the command that it tells of; what it looks like on a page, in
//! a mail or in a chat is made from it later, by whoever shows or sends it.

mod endpoint;
mod item;
mod kind;
mod preferences;
mod schedule;
mod times;

pub use endpoint::{DisabledWhy, EndpointKind, EndpointKindError};
pub use item::NoticeItem;
pub use kind::{NoticeKind, NoticeKindError};
pub use preferences::{MailChoice, NoticePreferences, PreferenceError, QuietHours};
pub use schedule::{ATTEMPTS, RETRY_AFTER_SECS, next_attempt};
pub use times::{ENDING_MARKS, EndingMark, MOST_USED_PERCENT, REMINDER_PERCENTS};

use crate::name::TierName;
use crate::window::Instant;
use serde::{Deserialize, Serialize};

/// One piece of news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// What it happened to.
    pub item: NoticeItem,
    /// What that is called. Often somebody's own words: never to be trusted.
    pub title: String,
    /// Its tier.
    pub tier: TierName,
    /// What the person is called who did it; none where nobody did.
    pub by: Option<String>,
    /// Why, in that person's words.
    pub why: Option<String>,
    /// The stage that waits.
    pub stage: Option<String>,
    /// What it came to, in one or two sentences of ours; names in them are somebody's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Until when it can be decided, or when it ends.
    pub until: Option<Instant>,
    /// When it happened.
    pub at: Instant,
}

impl Notice {
    /// What it says in one sentence. Everything that people have typed goes through `said`, which makes it safe for where
    /// the sentence stands.
    pub fn headline(&self, said: impl Fn(&str) -> String) -> String {
        let it = format!("“{}”", said(&self.title));
        let by = self.by.as_deref().map(said);
        let (opt_out, thing) = match self.item {
            NoticeItem::OptOut { .. } => (true, "an opt-out"),
            NoticeItem::AccessRequest { .. } | NoticeItem::Grant { .. } => (false, "access"),
            NoticeItem::PostReview { .. } => (false, "a post-review"),
            NoticeItem::Client { .. } => (false, "a client"),
            NoticeItem::Budget { .. } => (false, "a budget"),
            NoticeItem::Delegation { .. } => (false, "a delegation"),
            NoticeItem::Endpoint { .. } => (false, "an endpoint"),
            NoticeItem::Policy { .. } => (false, "a policy version"),
            NoticeItem::Directory { .. } => (false, "a change of the directory"),
            NoticeItem::Mail => (false, "mail"),
            NoticeItem::DecisionRecords => (false, "the records of decisions"),
        };
        match self.kind {
            NoticeKind::Requested => format!("{} asked for {thing}: {it}", somebody(by)),
            NoticeKind::StageReached => format!("{it} waits for a decision"),
            NoticeKind::Escalated => format!("Nobody has decided on {it} yet: further people are asked"),
            NoticeKind::FellBack => format!("Too few are left to decide on {it}: the fallback is asked"),
            NoticeKind::NobodyLeft => format!("Nobody is left who could decide on {it}"),
            NoticeKind::Reminder => format!("{it} still waits for a decision"),
            NoticeKind::Approved => format!("{} approved {it}", somebody(by)),
            NoticeKind::Denied if opt_out => format!("{} rejected {it}", somebody(by)),
            NoticeKind::Denied => format!("{} denied {it}", somebody(by)),
            NoticeKind::Withdrawn => format!("{} took {it} back", somebody(by)),
            NoticeKind::Lapsed => format!("Nobody decided on {it} in time"),
            NoticeKind::Voided => format!("Policy no longer allows {it}"),
            NoticeKind::FirstUse => format!("{it} was used for the first time"),
            NoticeKind::MostUsed => format!("{it} has used {MOST_USED_PERCENT} % of its uses"),
            NoticeKind::EndingSoon => format!("{it} ends soon"),
            NoticeKind::Ended => format!("{it} has ended"),
            NoticeKind::Revoked => format!("{} ended {it} early", somebody(by)),
            NoticeKind::Suspended => format!("{it} is suspended: normal policy applies again"),
            NoticeKind::Renewed => format!("{} approved a renewal of {it}", somebody(by)),
            NoticeKind::FoundNeedless => {
                format!("{it} has changed no outcome for long, and closes unless somebody keeps it")
            }
            NoticeKind::Kept => match by {
                Some(by) => format!("{by} kept {it}"),
                None => format!("{it} has changed an outcome again, and stays"),
            },
            NoticeKind::ClosedEarly => match by {
                Some(by) => format!("{by} closed {it} early"),
                None => format!("{it} was closed early: nobody said that it is still needed"),
            },
            NoticeKind::BreakGlass => format!("{} broke the glass: {it}", somebody(by)),
            NoticeKind::SecondPerson => format!("{it} needs a second person at once"),
            NoticeKind::ReviewOwed => format!("A post-review of {it} is owed"),
            NoticeKind::ReviewOverdue => format!("The post-review of {it} is overdue"),
            NoticeKind::ReviewConcluded => format!("{} concluded the post-review of {it}", somebody(by)),
            NoticeKind::Questioned => format!("{} has a question about {it}", somebody(by)),
            NoticeKind::Answered => format!("{} answered a question about {it}", somebody(by)),
            NoticeKind::Commented => format!("{} commented on {it}", somebody(by)),
            NoticeKind::Signalled => format!("{} signalled: {it}", somebody(by)),
            NoticeKind::Confirmed => format!("{} confirmed the signal: {it}", somebody(by)),
            NoticeKind::SignalsExceeded => {
                format!("The source {it} signalled more than it may: what it sends opens nothing")
            }
            NoticeKind::ClientRegistered => format!("{} registered the client {it}", operator(by)),
            NoticeKind::ClientWidened => format!("{} gave the client {it} more rights", operator(by)),
            NoticeKind::PolicyPublished => format!("{} put the policy version {it} in force", operator(by)),
            NoticeKind::DirectoryChanged => format!("{} changed the directory: {it}", operator(by)),
            NoticeKind::DirectoryRefused => {
                format!("A directory was refused, so the one in force is out of date: {it}")
            }
            NoticeKind::CoversLess => format!("{it} covers less since the directory changed"),
            NoticeKind::BudgetBurn => format!("The budget of {it} is used up too fast"),
            NoticeKind::Lent => format!("{} lent their votes: {it}", somebody(by)),
            NoticeKind::EndpointGone => {
                format!("{it} answered that it is gone, and is told of nothing more")
            }
            NoticeKind::Undelivered => format!("What was sent to {it} has not arrived"),
            NoticeKind::PartitionMissing => {
                format!("Decisions are stored in {it}: the partition of their month is missing")
            }
        }
    }

    /// The path of the page that shows it; for what waits for a decision, the one where it is decided.
    pub fn path(&self) -> String {
        match (self.kind, &self.item) {
            (_, NoticeItem::OptOut { id }) => format!("/opt-outs/{id}"),
            (
                NoticeKind::StageReached
                | NoticeKind::Escalated
                | NoticeKind::FellBack
                | NoticeKind::Reminder
                | NoticeKind::SecondPerson
                | NoticeKind::Answered,
                NoticeItem::AccessRequest { id },
            ) => format!("/approvals/{id}"),
            (_, NoticeItem::AccessRequest { id }) => format!("/requests/{id}"),
            (_, NoticeItem::Grant { request, .. }) => format!("/requests/{request}"),
            (_, NoticeItem::PostReview { id }) => format!("/post-reviews/{id}"),
            (_, NoticeItem::Policy { event } | NoticeItem::Directory { event }) => {
                format!("/audit?object={event}")
            }
            (_, NoticeItem::Client { id }) => format!("/audit?object={id}"),
            (_, NoticeItem::Budget { .. }) => "/policies#budgets".to_owned(),
            (_, NoticeItem::Delegation { .. }) => "/settings/delegations".to_owned(),
            (NoticeKind::Undelivered, NoticeItem::Endpoint { .. }) | (_, NoticeItem::Mail) => {
                "/settings/deliveries".to_owned()
            }
            (_, NoticeItem::Endpoint { id }) => format!("/settings/endpoints/{id}"),
            (_, NoticeItem::DecisionRecords) => "/audit/decisions".to_owned(),
        }
    }

    /// What machines call it: `opt_out.approved`.
    pub fn wire_type(&self) -> String {
        format!("{}.{}", self.item.kind(), self.kind.as_str())
    }
}

/// What nobody did who is signed in, an operator of the database did on the command line.
fn operator(by: Option<String>) -> String {
    by.unwrap_or_else(|| "An operator".to_owned())
}

fn somebody(by: Option<String>) -> String {
    by.unwrap_or_else(|| "Somebody".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use crate::id::{
        AccessRequestId, ClientId, DelegationId, EndpointId, EventId, GrantId, OptOutId, PostReviewId,
    };
    use uuid::Uuid;

    fn notice(kind: NoticeKind, item: NoticeItem) -> Notice {
        Notice {
            kind,
            item,
            title: "Payout fix".to_owned(),
            tier: "high".parse().unwrap(),
            by: None,
            why: None,
            stage: None,
            summary: None,
            until: None,
            at: Instant::UNIX_EPOCH,
        }
    }

    #[test]
    fn every_kind_says_something_of_every_item_and_leads_to_a_page() {
        let id = Uuid::from_u128(7);
        let items = [
            NoticeItem::OptOut {
                id: OptOutId::from_uuid(id),
            },
            NoticeItem::AccessRequest {
                id: AccessRequestId::from_uuid(id),
            },
            NoticeItem::Grant {
                id: GrantId::from_uuid(id),
                request: AccessRequestId::from_uuid(id),
            },
            NoticeItem::PostReview {
                id: PostReviewId::from_uuid(id),
            },
            NoticeItem::Client {
                id: ClientId::from_uuid(id),
            },
            NoticeItem::Budget {
                team: "payments".parse().unwrap(),
                tier: "high".parse().unwrap(),
            },
            NoticeItem::Delegation {
                id: DelegationId::from_uuid(id),
            },
            NoticeItem::Endpoint {
                id: EndpointId::from_uuid(id),
            },
            NoticeItem::Policy {
                event: EventId::from_uuid(id),
            },
            NoticeItem::Directory {
                event: EventId::from_uuid(id),
            },
            NoticeItem::Mail,
            NoticeItem::DecisionRecords,
        ];
        for kind in NoticeKind::ALL {
            for item in items.clone() {
                let notice = notice(*kind, item);
                let typed = notice.headline(|text| format!("<{text}>"));
                assert!(typed.contains("<Payout fix>"), "{typed}");
                assert!(notice.path().starts_with('/'));
                let again: Notice = serde_json::from_value(serde_json::to_value(&notice).unwrap()).unwrap();
                assert_eq!(again, notice);
            }
        }
    }

    #[test]
    fn a_decision_is_made_where_decisions_are_made() {
        let item = NoticeItem::AccessRequest {
            id: AccessRequestId::from_uuid(Uuid::from_u128(7)),
        };
        assert!(
            notice(NoticeKind::StageReached, item.clone())
                .path()
                .starts_with("/approvals/")
        );
        assert!(
            notice(NoticeKind::Approved, item)
                .path()
                .starts_with("/requests/")
        );
    }
}
