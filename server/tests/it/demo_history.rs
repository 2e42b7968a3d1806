//! The demo's history plays to its end whenever the demo is started, and shows of each kind of event at least one.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::event::EventKind;
use domain::id::CorrelationId;
use domain::notice::NoticeItem;
use domain::role::Permission;
use server::demo::{people, seed};
use service::caller::PersonCaller;
use service::clock::ManualClock;
use service::ids::RandomIds;
use service::notices::{Reach, Seal};
use service::snapshot::Snapshots;
use service::time::Time;
use service::{Service, ServiceError};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::sync::Arc;
use store::Store;

/// What sixty days of the demo's organisation do not hold, each with the reason.
const ABSENT: [EventKind; 27] = [
    // What only happens where something is wrong, or somebody administers the installation.
    EventKind::DirectoryRefused,
    EventKind::OptOutCoversLess,
    EventKind::ClientWidened,
    EventKind::ClientNarrowed,
    EventKind::ClientTokenRotated,
    EventKind::ClientRevoked,
    EventKind::SignalsExceeded,
    EventKind::OutOfScopeAsked,
    EventKind::EndpointSecretRotated,
    EventKind::EndpointEnabled,
    EventKind::DeliveryResent,
    EventKind::NoticePreferencesChanged,
    EventKind::SignInRefused,
    EventKind::SignedOut,
    EventKind::AccessRequestFellBack,
    EventKind::OptOutFellBack,
    EventKind::AccessRequestVoided,
    EventKind::AccessRequestVoteVoided,
    EventKind::OptOutVoteVoided,
    EventKind::TicketLookedUp,
    // Rare.
    EventKind::AccessRequestNobodyLeft,
    EventKind::OptOutNobodyLeft,
    EventKind::OptOutEscalated,
    EventKind::OptOutAskedAgain,
    EventKind::OptOutRefusedAgain,
    EventKind::OptOutKept,
    EventKind::OptOutClosedEarly,
];

/// Plays it until then, and leaves the service as it stands afterwards.
async fn played(pool: PgPoolOptions, options: PgConnectOptions, until: &str) -> (Service, PgPool) {
    let until: DateTime<Utc> = until.parse().unwrap();
    let pool = pool.connect_with(options.username("spillway_app")).await.unwrap();
    let reach = Reach {
        seal: Some(Seal::new(&[7; 32]).unwrap()),
        ..Reach::default()
    };
    seed::seed(pool.clone(), "https://idp.test", until, reach, |_| {})
        .await
        .unwrap();
    let (store, time) = (
        Store::new(pool.clone()),
        Time::exact(Arc::new(ManualClock::at(until))),
    );
    let snapshots = Snapshots::start(store.clone(), time.clone()).await.unwrap();
    (Service::new(store, time, Arc::new(RandomIds), snapshots), pool)
}

async fn kinds_of_events(pool: &PgPool) -> BTreeSet<String> {
    sqlx::query_scalar!("SELECT DISTINCT kind FROM events")
        .fetch_all(pool)
        .await
        .unwrap()
        .into_iter()
        .collect()
}

/// Opens what a notice is about, as its link would.
async fn opens(service: &Service, reader: &PersonCaller, item: &NoticeItem) -> Result<(), ServiceError> {
    match item {
        NoticeItem::AccessRequest { id } | NoticeItem::Grant { request: id, .. } => {
            service.access_request(reader, *id).await.map(drop)
        }
        NoticeItem::OptOut { id } => service.opt_out(reader, *id).await.map(drop),
        NoticeItem::PostReview { id } => service.post_review(reader, *id).await.map(drop),
        NoticeItem::Delegation { .. } => service.delegations(reader).await.map(drop),
        NoticeItem::Budget { .. } => Ok(()),
        NoticeItem::Endpoint { .. } | NoticeItem::Mail => service.endpoints(reader).await.map(drop),
        NoticeItem::Client { .. }
        | NoticeItem::Policy { .. }
        | NoticeItem::Directory { .. }
        | NoticeItem::DecisionRecords => reader.authorise(Permission::ReadAll).map(drop),
    }
}

/// Which notices of which person lead to what they may not see.
async fn dead_links(service: &Service, pool: &PgPool) -> Vec<String> {
    let (mut followed, mut dead) = (0, Vec::new());
    for (person, _) in service.snapshots().current().directory().persons() {
        let reader = people::caller(person, CorrelationId::from_uuid(sqlx::types::Uuid::from_u128(7)));
        for told in store::notices::list(pool, &reader.person, None, 10_000)
            .await
            .unwrap()
        {
            followed += 1;
            if let Err(error) = opens(service, &reader, &told.notice.item).await {
                dead.push(format!(
                    "{}: {:?} {}: {error}",
                    reader.person,
                    told.notice.kind,
                    told.notice.path()
                ));
            }
        }
    }
    assert!(followed > 100, "{followed} notices");
    dead
}

/// Whether a weekday or an hour of the clock changes what is allowed shows here, and not at somebody's first start.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_plays_on_a_working_day_and_has_something_of_everything(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (service, pool) = played(pool, options, "2026-11-24T10:30:00Z").await;
    let held = kinds_of_events(&pool).await;
    let absent: BTreeSet<&str> = EventKind::ALL
        .iter()
        .map(|kind| kind.as_str())
        .filter(|kind| !held.contains(*kind))
        .collect();
    let expected: BTreeSet<&str> = ABSENT.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(absent, expected);
    assert_eq!(dead_links(&service, &pool).await, Vec::<String>::new());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_plays_on_a_sunday_night_too(pool: PgPoolOptions, options: PgConnectOptions) {
    let (_, pool) = played(pool, options, "2026-03-29T02:30:00Z").await;
    assert!(!kinds_of_events(&pool).await.is_empty());
}
