//! Writes notices and their deliveries into the transaction of the command that they tell of.

use super::mapping::{Audience, Rule, commented, rule};
use super::subject::Subject;
use super::times::{Mail, mail};
use super::{aside, summary};
use crate::caller::Actor;
use crate::command::EventDraft;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::directory::Directory;
use domain::event::EventKind;
use domain::id::{DeliveryId, NoticeId};
use domain::name::PersonId;
use domain::notice::{EndpointKind, Notice, NoticeItem, NoticeKind};
use domain::principal::PrincipalRef;
use domain::window::Instant;
use std::collections::{BTreeMap, BTreeSet};
use store::Tx;
use store::deliveries::{Carries, NewDelivery, To};
use store::notices::NewNotice;

/// A daily mail leaves a little after its time: a command that began before it may commit after it.
const DIGEST_GRACE: TimeDelta = TimeDelta::minutes(1);

/// One notice and whom it is for.
#[derive(Debug, Clone)]
pub(super) struct News {
    pub(super) notice: Notice,
    pub(super) persons: BTreeSet<PersonId>,
}

/// Writes the notices of a command's events. Nothing goes out before the command commits, and with it all of it does.
pub(crate) async fn write(
    service: &Service,
    tx: &mut Tx,
    actor: &Actor,
    drafts: &[EventDraft],
    now: Instant,
) -> Result<(), ServiceError> {
    let ruled: Vec<(&EventDraft, Rule)> = drafts
        .iter()
        .filter_map(|draft| ruled(draft).map(|rule| (draft, rule)))
        .collect();
    if ruled.is_empty() {
        return Ok(());
    }
    let loaded = service.snapshots().current();
    let mut news = Vec::with_capacity(ruled.len());
    for (draft, rule) in ruled {
        let subject = if aside::is_administration(draft.kind) {
            None
        } else {
            Subject::load(tx, &loaded, draft.object_kind, &draft.object_id).await?
        };
        let Some(subject) = subject else {
            news.extend(aside::news(tx, &loaded, actor, (rule.tells, draft), now).await?);
            continue;
        };
        let mut persons: BTreeSet<PersonId> = rule
            .to
            .iter()
            .flat_map(|audience| subject.persons(*audience, &loaded))
            .collect();
        if rule.to.contains(&Audience::Deciders) {
            persons.extend(subject.deputies(tx, &loaded, now).await?);
        }
        if rule.to.contains(&Audience::Administrators) {
            persons.extend(aside::administrators(tx, loaded.directory()).await?);
        }
        if rule.to.contains(&Audience::Asker) {
            persons.extend(asker(draft, loaded.directory()));
        }
        if let Actor::Person(person) = actor {
            persons.remove(person);
        }
        let mut by = name(actor, &loaded);
        // What an emergency waits for does not wait for the morning.
        let tells = match rule.tells {
            NoticeKind::StageReached if subject.is_emergency() => NoticeKind::SecondPerson,
            other => other,
        };
        if matches!(
            tells,
            NoticeKind::Requested | NoticeKind::BreakGlass | NoticeKind::Withdrawn
        ) {
            // Their own act, though a client files it or takes it back, or a second person's vote completes it.
            for person in subject.requester(loaded.directory()) {
                persons.remove(&person);
            }
            if let Some(person) = subject.asked_by() {
                by = Some(display_name(loaded.directory(), &person));
            }
        }
        let notice = Notice {
            by,
            why: reason(draft, drafts),
            summary: summary::of(tx, &loaded, &subject, draft).await?,
            ..bare(&subject, tells, now)
        };
        news.push(News { notice, persons });
    }
    spread(service, tx, &loaded, news, now).await
}

/// What is told of an event: of a comment, by what it is.
fn ruled(draft: &EventDraft) -> Option<Rule> {
    let kind = draft.body.pointer("/kind").and_then(serde_json::Value::as_str);
    match (draft.kind, kind.map(str::parse)) {
        (EventKind::AccessRequestCommented | EventKind::OptOutCommented, Some(Ok(kind))) => {
            Some(commented(kind))
        }
        (kind, _) => rule(kind),
    }
}

/// Who asked what an answer answers, unless they have left.
fn asker(draft: &EventDraft, directory: &Directory) -> Option<PersonId> {
    let person = draft
        .body
        .pointer("/asked_by")
        .and_then(serde_json::Value::as_str)?;
    PersonId::new(person).ok().filter(|person| {
        directory
            .principals
            .contains_key(&PrincipalRef::from(person.clone()))
    })
}

/// A notice without who and why.
pub(super) fn bare(subject: &Subject, kind: NoticeKind, now: Instant) -> Notice {
    Notice {
        kind,
        item: subject.item(),
        title: subject.title(),
        tier: subject.tier().clone(),
        by: None,
        why: None,
        stage: match kind {
            NoticeKind::StageReached
            | NoticeKind::Escalated
            | NoticeKind::FellBack
            | NoticeKind::NobodyLeft
            | NoticeKind::Reminder
            | NoticeKind::SecondPerson => subject.stage(),
            _ => None,
        },
        summary: None,
        until: subject.until(),
        at: now,
    }
}

/// The reason that stands in the event, or in the vote that led to it.
fn reason(draft: &EventDraft, all: &[EventDraft]) -> Option<String> {
    let of = |draft: &EventDraft| {
        draft
            .body
            .pointer("/reason")
            .or_else(|| draft.body.pointer("/opt_out/reason"))
            .or_else(|| draft.body.pointer("/comment"))
            .or_else(|| draft.body.pointer("/conclusion/note"))
            .and_then(serde_json::Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let approval = matches!(
        draft.kind,
        EventKind::OptOutApproved | EventKind::AccessRequestApproved
    );
    if approval {
        let vote = |other: &&EventDraft| {
            other.object_id == draft.object_id
                && matches!(other.kind, EventKind::OptOutVoted | EventKind::AccessRequestVoted)
        };
        return all.iter().find(vote).and_then(of);
    }
    of(draft)
}

pub(super) fn name(actor: &Actor, loaded: &Loaded) -> Option<String> {
    match actor {
        Actor::Person(person) => Some(display_name(loaded.directory(), person)),
        Actor::Client(client) => loaded.client_by_id(*client).map(|client| client.name.clone()),
        Actor::System(_) => None,
    }
}

pub(super) fn display_name(directory: &Directory, person: &PersonId) -> String {
    directory
        .principals
        .get(&PrincipalRef::from(person.clone()))
        .map_or_else(|| person.to_string(), |found| found.display_name.clone())
}

/// Writes news for everybody concerned: one notice for each person and item, mail as the person has set it, and a delivery
/// for each endpoint in use.
pub(super) async fn spread(
    service: &Service,
    tx: &mut Tx,
    loaded: &Loaded,
    news: Vec<News>,
    now: Instant,
) -> Result<(), ServiceError> {
    let mut deliveries = to_endpoints(service, tx, loaded, &news, now).await?;
    // Of what one command says of one item, a person is told the last: what waits for their vote rather than that it was
    // asked for.
    let mut last: BTreeMap<(PersonId, String), Notice> = BTreeMap::new();
    for News { notice, persons } in news {
        for person in persons {
            last.insert((person, notice.item.id()), notice.clone());
        }
    }
    let persons: BTreeSet<String> = last.keys().map(|(person, _)| person.to_string()).collect();
    let persons: Vec<String> = persons.into_iter().collect();
    let reachable = if service.reach().mail {
        Reachable::load(tx, loaded, &persons).await?
    } else {
        Reachable::default()
    };
    let mut notices = Vec::with_capacity(last.len());
    for ((person, _), notice) in last {
        // That mail does not arrive is no mail.
        let goes = match notice.item {
            NoticeItem::Mail => Mail::Never,
            _ => reachable.mail(&person, notice.kind, now),
        };
        let mut digest_at = None;
        let id = || DeliveryId::from_uuid(service.ids().next(now));
        match goes {
            Mail::Never => {}
            Mail::At(next_at) => deliveries.push(NewDelivery {
                id: id(),
                to: To::Mail(person.clone()),
                carries: Carries::One(Box::new(notice.clone())),
                at: now,
                next_at,
            }),
            Mail::Daily(at) => {
                digest_at = Some(at);
                deliveries.push(NewDelivery {
                    id: id(),
                    to: To::Mail(person.clone()),
                    carries: Carries::Digest(at),
                    at: now,
                    next_at: at + DIGEST_GRACE,
                });
            }
        }
        notices.push(NewNotice {
            id: NoticeId::from_uuid(service.ids().next(now)),
            person,
            notice,
            digest_at,
        });
    }
    if !notices.is_empty() {
        store::notices::insert(tx, &notices).await?;
    }
    store::deliveries::insert(tx, &deliveries).await?;
    Ok(())
}

/// Programs get everything, one delivery for each piece of news. Chats get it too, but for the first stage of what was asked
/// for in the same breath.
async fn to_endpoints(
    service: &Service,
    tx: &mut Tx,
    loaded: &Loaded,
    news: &[News],
    now: Instant,
) -> Result<Vec<NewDelivery>, ServiceError> {
    if news.is_empty() {
        return Ok(Vec::new());
    }
    let endpoints = store::endpoints::in_use(tx.conn()).await?;
    let mut deliveries = Vec::new();
    for one in news {
        let notice = &one.notice;
        let tier = loaded.policy().ok().and_then(|policy| policy.tier(&notice.tier));
        let channel = tier.and_then(|tier| tier.channel.as_ref());
        let said = matches!(notice.kind, NoticeKind::StageReached | NoticeKind::SecondPerson)
            && news
                .iter()
                .any(|other| other.notice.kind == NoticeKind::Requested && other.notice.item == notice.item);
        for (endpoint, kind, wanted) in &endpoints {
            // That nothing arrives there is not told there.
            let itself = notice.item == NoticeItem::Endpoint { id: *endpoint };
            let hears = !itself && (wanted.is_none() || wanted.as_ref() == channel);
            if hears && !(said && *kind != EndpointKind::Webhook) {
                deliveries.push(NewDelivery {
                    id: DeliveryId::from_uuid(service.ids().next(now)),
                    to: To::Endpoint(*endpoint, *kind),
                    carries: Carries::One(Box::new(notice.clone())),
                    at: now,
                    next_at: now,
                });
            }
        }
    }
    Ok(deliveries)
}

/// Who can be reached by mail, and what they have set.
#[derive(Debug, Default)]
struct Reachable {
    preferences: BTreeMap<PersonId, domain::notice::NoticePreferences>,
    with_address: BTreeSet<String>,
}

impl Reachable {
    async fn load(tx: &mut Tx, loaded: &Loaded, persons: &[String]) -> Result<Self, ServiceError> {
        let noted = store::notices::addresses_of(tx.conn(), persons).await?;
        let with_address = persons
            .iter()
            .filter(|person| {
                noted.contains_key(*person)
                    || PersonId::new(person.as_str())
                        .is_ok_and(|person| listed_address(loaded.directory(), &person).is_some())
            })
            .cloned()
            .collect();
        Ok(Self {
            preferences: store::notices::preferences_of(tx.conn(), persons).await?,
            with_address,
        })
    }

    fn mail(&self, person: &PersonId, kind: NoticeKind, now: Instant) -> Mail {
        if !self.with_address.contains(person.as_str()) {
            return Mail::Never;
        }
        match self.preferences.get(person) {
            Some(set) => mail(set, kind, now),
            None => mail(&domain::notice::NoticePreferences::default(), kind, now),
        }
    }
}

/// The mail address that the directory has of a person: its attribute `email`.
pub(super) fn listed_address<'a>(directory: &'a Directory, person: &PersonId) -> Option<&'a str> {
    directory
        .principals
        .get(&PrincipalRef::from(person.clone()))?
        .attributes
        .get("email")?
        .as_str()
}
