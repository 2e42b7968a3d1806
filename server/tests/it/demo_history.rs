//! The demo's history plays to its end whenever the demo is started, and shows of each kind of event at least one.

use std::collections::BTreeSet;

use domain::event::EventKind;
use server::demo::seed;
use service::notices::{Reach, Seal};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

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
    EventKind::SignedIn,
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

async fn played(pool: PgPoolOptions, options: PgConnectOptions, until: &str) -> BTreeSet<String> {
    let pool = pool.connect_with(options.username("spillway_app")).await.unwrap();
    let reach = Reach {
        seal: Some(Seal::new(&[7; 32]).unwrap()),
        ..Reach::default()
    };
    seed::seed(
        pool.clone(),
        "https://idp.test",
        until.parse().unwrap(),
        reach,
        |_| {},
    )
    .await
    .unwrap();
    sqlx::query_scalar!("SELECT DISTINCT kind FROM events")
        .fetch_all(&pool)
        .await
        .unwrap()
        .into_iter()
        .collect()
}

/// Whether a weekday or an hour of the clock changes what is allowed shows here, and not at somebody's first start.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_plays_on_a_working_day_and_has_something_of_everything(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let held = played(pool, options, "2026-11-24T10:30:00Z").await;
    let absent: BTreeSet<&str> = EventKind::ALL
        .iter()
        .map(|kind| kind.as_str())
        .filter(|kind| !held.contains(*kind))
        .collect();
    let expected: BTreeSet<&str> = ABSENT.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(absent, expected);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_plays_on_a_sunday_night_too(pool: PgPoolOptions, options: PgConnectOptions) {
    assert!(!played(pool, options, "2026-03-29T02:30:00Z").await.is_empty());
}
