//! News of what nobody decides: delegations, endpoints, mail, budgets. It has no votes and no stakeholders of its own, so each
//! says for itself whom it is for.

use super::outbox::{News, display_name, name, spread};
use crate::approvals::owner_groups;
use crate::caller::Actor;
use crate::command::{EventDraft, commit_news};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::budget::{Account, Burn};
use domain::directory::Directory;
use domain::event::EventKind;
use domain::id::{DelegationId, EndpointId};
use domain::name::{PersonId, TierName};
use domain::notice::{Notice, NoticeItem, NoticeKind};
use domain::principal::PrincipalRef;
use domain::role::Role;
use domain::window::Instant;
use serde_json::Value;
use std::collections::BTreeSet;
use store::Tx;
use store::deliveries::Lane;

/// Whether an event changes what Spillway is told to do, and so concerns all administrators. Its body has the object's
/// `name` and what is different, as `changes` with a `text` each.
pub(super) const fn is_administration(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::ClientRegistered
            | EventKind::ClientWidened
            | EventKind::PolicyPublished
            | EventKind::DirectoryChanged
            | EventKind::DirectoryRefused
    )
}

/// News of an event; none where it is no news.
pub(super) async fn news(
    tx: &mut Tx,
    loaded: &Loaded,
    actor: &Actor,
    (kind, draft): (NoticeKind, &EventDraft),
    now: Instant,
) -> Result<Option<News>, ServiceError> {
    match draft.object_kind {
        "client" if is_administration(draft.kind) => {
            let id = draft.object_id.parse().map_err(ServiceError::internal)?;
            let name = draft.body.pointer("/client/name").and_then(Value::as_str);
            let title = name.unwrap_or_default().to_owned();
            administration(
                tx,
                loaded,
                actor,
                (kind, draft),
                (NoticeItem::Client { id }, title),
                now,
            )
            .await
        }
        "policy" => {
            let event = draft.object_id.parse().map_err(ServiceError::internal)?;
            let digest = draft.policy_digest.map(|digest| digest.to_string());
            // As pages show it.
            let title = digest
                .map(|digest| digest.chars().take(12).collect())
                .unwrap_or_default();
            administration(
                tx,
                loaded,
                actor,
                (kind, draft),
                (NoticeItem::Policy { event }, title),
                now,
            )
            .await
        }
        "directory" => {
            let event = draft.object_id.parse().map_err(ServiceError::internal)?;
            let what = match draft.kind {
                EventKind::DirectoryRefused => "reason",
                _ => "difference",
            };
            let title = match changes(draft).len() {
                1 => format!("1 {what}"),
                count => format!("{count} {what}s"),
            };
            administration(
                tx,
                loaded,
                actor,
                (kind, draft),
                (NoticeItem::Directory { event }, title),
                now,
            )
            .await
        }
        "delegation" => delegation(tx, loaded, actor, (kind, draft), now).await,
        // Switched off by an administrator, it is known to those who look after it.
        "endpoint" if draft.body.pointer("/disabled").and_then(|why| why.as_str()) == Some("gone") => {
            let id = draft.object_id.parse().map_err(ServiceError::internal)?;
            of_endpoint(tx, loaded, id, kind, now).await
        }
        _ => Ok(None),
    }
}

/// What is different, in words.
fn changes(draft: &EventDraft) -> Vec<&str> {
    let changes = draft.body.get("changes").and_then(Value::as_array);
    let texts = changes.into_iter().flatten();
    texts
        .filter_map(|change| change.get("text").and_then(Value::as_str))
        .collect()
}

/// The most differences that a notice names; the event has all of them.
const MOST_CHANGES: usize = 10;

/// All administrators are told, but for who did it.
async fn administration(
    tx: &mut Tx,
    loaded: &Loaded,
    actor: &Actor,
    (kind, draft): (NoticeKind, &EventDraft),
    (item, title): (NoticeItem, String),
    now: Instant,
) -> Result<Option<News>, ServiceError> {
    let mut persons = administrators(tx, loaded.directory()).await?;
    if let Actor::Person(person) = actor {
        persons.remove(person);
    }
    let texts = changes(draft);
    let mut said = texts
        .iter()
        .take(MOST_CHANGES)
        .copied()
        .collect::<Vec<_>>()
        .join("; ");
    if texts.len() > MOST_CHANGES {
        said.push_str(&format!(
            "; and {} more",
            texts.len().saturating_sub(MOST_CHANGES)
        ));
    }
    Ok(plain(loaded, kind, item, title, now).map(|notice| News {
        notice: Notice {
            by: name(actor, loaded),
            summary: (!said.is_empty()).then(|| format!("{said}.")),
            ..notice
        },
        persons,
    }))
}

/// Both sides are told, but for who did it.
async fn delegation(
    tx: &mut Tx,
    loaded: &Loaded,
    actor: &Actor,
    (kind, draft): (NoticeKind, &EventDraft),
    now: Instant,
) -> Result<Option<News>, ServiceError> {
    let id: DelegationId = draft.object_id.parse().map_err(ServiceError::internal)?;
    let Some(found) = store::delegations::find(tx.conn(), id).await? else {
        return Ok(None);
    };
    let directory = loaded.directory();
    let mut persons = present(directory, BTreeSet::from([found.from.clone(), found.to.clone()]));
    if let Actor::Person(person) = actor {
        persons.remove(person);
    }
    let (to, from) = (
        display_name(directory, &found.to),
        display_name(directory, &found.from),
    );
    let title = format!("{to} decides in the place of {from}");
    let why = (kind == NoticeKind::Lent).then(|| found.reason.clone());
    let until = (kind == NoticeKind::Lent).then(|| found.window.ends_at());
    Ok(
        plain(loaded, kind, NoticeItem::Delegation { id }, title, now).map(|notice| News {
            notice: Notice {
                by: name(actor, loaded),
                why,
                until,
                ..notice
            },
            persons,
        }),
    )
}

async fn of_endpoint(
    tx: &mut Tx,
    loaded: &Loaded,
    id: EndpointId,
    kind: NoticeKind,
    now: Instant,
) -> Result<Option<News>, ServiceError> {
    let Some(endpoint) = store::endpoints::find(tx.conn(), id).await? else {
        return Ok(None);
    };
    let persons = administrators(tx, loaded.directory()).await?;
    let notice = plain(loaded, kind, NoticeItem::Endpoint { id }, endpoint.name, now);
    Ok(notice.map(|notice| News { notice, persons }))
}

impl Service {
    /// Tells administrators that something has not arrived: of each way that it goes, once a day.
    pub(super) async fn tell_undelivered(&self, lane: Lane, now: Instant) -> Result<(), ServiceError> {
        let place = match lane {
            Lane::Mail => uuid::Uuid::nil(),
            Lane::Endpoint(id) => id.uuid(),
        };
        let mut tx = self.begin().await?;
        let mark = format!("undelivered_{}", now.date_naive());
        if !store::notices::mark_one_told(&mut tx, place, &mark, now).await? {
            return Ok(());
        }
        let loaded = self.snapshots().current();
        let news = match lane {
            Lane::Endpoint(id) => of_endpoint(&mut tx, &loaded, id, NoticeKind::Undelivered, now).await?,
            Lane::Mail => {
                let persons = administrators(&mut tx, loaded.directory()).await?;
                let title = "mail".to_owned();
                plain(&loaded, NoticeKind::Undelivered, NoticeItem::Mail, title, now)
                    .map(|notice| News { notice, persons })
            }
        };
        if let Some(news) = news {
            spread(self, &mut tx, &loaded, vec![news], now).await?;
        }
        commit_news(self, tx).await
    }

    /// Tells administrators, once a day, that decisions are stored in the default partition. Returns how many there are, up to
    /// a thousand.
    pub async fn alarm_default_partition(&self) -> Result<i64, ServiceError> {
        let found = store::decisions::in_default_partition(self.store().pool()).await?;
        if found == 0 {
            return Ok(0);
        }
        let now = self.now();
        tracing::error!(
            decisions = found,
            "decisions are stored in the default partition: the partition of their month cannot be made"
        );
        let mut tx = self.begin().await?;
        let mark = format!("partition_missing_{}", now.date_naive());
        if store::notices::mark_one_told(&mut tx, uuid::Uuid::nil(), &mark, now).await? {
            let loaded = self.snapshots().current();
            let persons = administrators(&mut tx, loaded.directory()).await?;
            let title = "the default partition".to_owned();
            let notice = plain(
                &loaded,
                NoticeKind::PartitionMissing,
                NoticeItem::DecisionRecords,
                title,
                now,
            );
            if let Some(notice) = notice {
                spread(self, &mut tx, &loaded, vec![News { notice, persons }], now).await?;
            }
            commit_news(self, tx).await?;
        }
        Ok(found)
    }

    /// Tells the owners of teams, and the channel of the tier, that an account burns: once until it is calm again, and once
    /// more where it gets faster. Returns how many were told of; the first error, after all others.
    pub(super) async fn tell_burns(&self, now: Instant) -> Result<usize, ServiceError> {
        let loaded = self.snapshots().current();
        // Where nothing is in force yet, nothing burns.
        let Ok(policy) = loaded.policy() else {
            return Ok(0);
        };
        let pool = self.store().pool();
        let charges = store::budgets::charges(pool, now).await?;
        let known = store::budgets::burns(pool).await?;
        let was = |account: &Account| {
            known
                .iter()
                .find(|(team, tier, _)| *team == account.team && *tier == account.tier)
                .map_or(Burn::Calm, |(_, _, burn)| *burn)
        };
        let mut told = 0;
        let mut first_error = None;
        for team in loaded.directory().teams.keys() {
            for tier in policy.tiers() {
                let account = charges.account(team, tier, now);
                // One that burns slower than it did is told of once it is calm and burns anew.
                let news = account.burn > was(&account)
                    || (account.burn == Burn::Calm && was(&account) != Burn::Calm);
                if !news {
                    continue;
                }
                match self.tell_burn(&loaded, &account, now).await {
                    Ok(was_told) => told += usize::from(was_told),
                    Err(error) => {
                        super::timed::log(&error);
                        first_error.get_or_insert(error);
                    }
                }
            }
        }
        first_error.map_or(Ok(told), Err)
    }

    async fn tell_burn(
        &self,
        loaded: &Loaded,
        account: &Account,
        now: Instant,
    ) -> Result<bool, ServiceError> {
        let mut tx = self.begin().await?;
        let told =
            store::budgets::note_burn(&mut tx, &account.team, &account.tier, account.burn, now).await?;
        if told {
            let directory = loaded.directory();
            let persons = owner_groups(directory, [&account.team])
                .iter()
                .flat_map(|group| directory.persons_in(group))
                .collect();
            let (team, tier) = (account.team.clone(), account.tier.clone());
            let notice = Notice {
                kind: NoticeKind::BudgetBurn,
                title: format!("{team}, tier {tier}"),
                tier: tier.clone(),
                item: NoticeItem::Budget { team, tier },
                by: None,
                why: None,
                stage: None,
                summary: Some(speed(account)),
                until: None,
                at: now,
            };
            spread(self, &mut tx, loaded, vec![News { notice, persons }], now).await?;
        }
        commit_news(self, tx).await?;
        Ok(told)
    }
}

fn speed(account: &Account) -> String {
    let used = match account.budget {
        Some(budget) => format!("{} of {budget} bypasses are used", account.used),
        None => format!("{} bypasses are used", account.used),
    };
    let days = match account.burn {
        Burn::Calm => return format!("{used}."),
        Burn::Slow => 15,
        Burn::Fast => 5,
    };
    format!("{used}; at this speed a whole budget is gone in {days} days.")
}

/// Those who had the role of an administrator at their last sign-in, but for those who left.
pub(super) async fn administrators(
    tx: &mut Tx,
    directory: &Directory,
) -> Result<BTreeSet<PersonId>, ServiceError> {
    let found = store::roles_seen::with(tx.conn(), Role::Administrator).await?;
    Ok(present(directory, found))
}

fn present(directory: &Directory, persons: BTreeSet<PersonId>) -> BTreeSet<PersonId> {
    persons
        .into_iter()
        .filter(|person| {
            directory
                .principals
                .contains_key(&PrincipalRef::from(person.clone()))
        })
        .collect()
}

/// With the strictest tier there is, since nothing says that less depends on it; none where there is no policy yet.
fn plain(loaded: &Loaded, kind: NoticeKind, item: NoticeItem, title: String, now: Instant) -> Option<Notice> {
    let tier: TierName = loaded.policy().ok()?.tiers().last()?.name.clone();
    Some(Notice {
        kind,
        item,
        title,
        tier,
        by: None,
        why: None,
        stage: None,
        summary: None,
        until: None,
        at: now,
    })
}
