//! Mail as each person has set it.

use crate::world::people::approver;
use crate::world::{World, outcome};
use chrono::TimeDelta;
use domain::notice::EndpointKind;
use service::notices::{Claimed, Content, Destination};
use sqlx::Executor as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

impl World {
    pub(super) async fn has_mail(&self, who: &str) {
        let person = who.parse().unwrap();
        let address = format!("{who}@example.com");
        self.service.note_mail_address(&person, &address).await.unwrap();
    }

    pub(super) async fn mails(&self) -> Vec<(String, usize)> {
        let mails = self.due().await.into_iter().filter_map(mail);
        let mut mails: Vec<_> = mails.collect();
        mails.sort();
        mails
    }
}

/// To whom, and how many notices.
fn mail(claimed: Claimed) -> Option<(String, usize)> {
    let count = match claimed.content {
        Content::One(_) => 1,
        Content::Digest { notices, .. } => notices.len(),
    };
    match claimed.to {
        Destination::Mail(address) => Some((address, count)),
        Destination::Webhook { .. } | Destination::Slack(_) | Destination::Teams(_) => None,
    }
}

pub(super) fn to(who: &str, count: usize) -> (String, usize) {
    (format!("{who}@example.com"), count)
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn each_as_set_and_nothing_where_no_address_is_known(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.endpoint(EndpointKind::Webhook, "").await;
    world.has_mail("bob.okafor").await;
    world.has_mail("mara.silva").await;
    world.sets(&approver("mara.silva"), "off", "", "").await.unwrap();
    world.requested_deployment().await;
    assert_eq!(
        world.mails().await,
        [to("bob.okafor", 1)],
        "tom has no address, mara wants none"
    );
    assert_eq!(
        world.reads("mara.silva").await.len(),
        1,
        "the pages have it all the same"
    );
    assert_eq!(world.reads("tom.becker").await.len(), 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn in_quiet_hours_it_waits_for_their_end(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.has_mail("bob.okafor").await;
    // It is eleven in Berlin.
    world
        .sets(&approver("bob.okafor"), "each", "10:30", "11:30")
        .await
        .unwrap();
    world.requested_deployment().await;
    assert!(world.mails().await.is_empty());
    world.minutes_pass(29);
    assert!(world.mails().await.is_empty());
    world.minutes_pass(1);
    assert_eq!(world.mails().await, [to("bob.okafor", 1)]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_daily_mail_has_all_of_a_day_and_comes_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.has_mail("bob.okafor").await;
    world
        .sets(&approver("bob.okafor"), "daily", "", "")
        .await
        .unwrap();
    for _ in 0..3 {
        world.requested_deployment().await;
        world.minutes_pass(7);
    }
    assert!(world.mails().await.is_empty());
    // Eight in the morning in Berlin.
    let eight = "2026-03-05T07:00:00Z".parse().unwrap();
    world.clock.set(eight);
    assert!(
        world.mails().await.is_empty(),
        "what began before may commit after"
    );
    world.clock.set(eight + TimeDelta::minutes(1));
    assert_eq!(world.mails().await, [to("bob.okafor", 3)]);
    assert!(world.mails().await.is_empty());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_directory_s_address_comes_before_the_provider_s(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let person = "bob.okafor".parse().unwrap();
    for nonsense in ["", "nobody", "a b@example.com", "x@y\r\nBcc: z@example.com"] {
        world.service.note_mail_address(&person, nonsense).await.unwrap();
    }
    let settings = async || {
        world
            .service
            .notice_settings(&approver("bob.okafor"))
            .await
            .unwrap()
    };
    assert_eq!(settings().await.address, None);
    world.has_mail("bob.okafor").await;
    assert_eq!(
        settings().await.address.as_deref(),
        Some("bob.okafor@example.com")
    );
    assert!(settings().await.mail);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_cannot_be_set_is_refused_field_by_field(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let bob = approver("bob.okafor");
    assert_eq!(
        outcome(&world.sets(&bob, "pigeon", "", "").await),
        "invalid mail unknown"
    );
    assert_eq!(
        outcome(&world.sets(&bob, "each", "22:00", "").await),
        "invalid quiet_until not_a_time"
    );
    assert_eq!(
        outcome(&world.sets(&bob, "each", "22:00", "22:00").await),
        "invalid quiet_until empty"
    );
    let input = service::notices::PreferencesInput {
        mail: "each".into(),
        digest_at: "noon".into(),
        zone: "Europe/Atlantis".into(),
        ..Default::default()
    };
    assert_eq!(
        outcome(&world.service.set_notice_preferences(&bob, &input).await),
        "invalid digest_at not_a_time, zone unknown"
    );
    let set = world.sets(&bob, "daily", "22:00", "07:00").await.unwrap();
    assert_eq!(
        world.service.notice_settings(&bob).await.unwrap().preferences,
        set
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_daily_mail_says_how_many_more_there_are(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.has_mail("bob.okafor").await;
    world
        .sets(&approver("bob.okafor"), "daily", "", "")
        .await
        .unwrap();
    world.requested_deployment().await;
    let more = "INSERT INTO notices (id, person_id, kind, item_kind, item_id, body, at, digest_at)
        SELECT gen_random_uuid(), person_id, kind, item_kind, item_id, body, at, digest_at
        FROM notices CROSS JOIN generate_series(1, 206) WHERE person_id = 'bob.okafor'";
    world.owner.execute(more).await.unwrap();
    world.hours_pass(24);
    let due = world.due().await;
    match &due[0].content {
        Content::Digest { notices, more } => assert_eq!((notices.len(), *more), (200, 7)),
        Content::One(_) => panic!("daily"),
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_daily_mail_within_quiet_hours_is_refused(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let bob = approver("bob.okafor");
    // At eight.
    assert_eq!(
        outcome(&world.sets(&bob, "daily", "22:00", "08:01").await),
        "invalid digest_at in_quiet_hours"
    );
    assert_eq!(
        outcome(&world.sets(&bob, "daily", "22:00", "08:00").await),
        "done"
    );
    assert_eq!(
        outcome(&world.sets(&bob, "each", "22:00", "09:00").await),
        "done",
        "where none comes it is in nobody's way"
    );
}
