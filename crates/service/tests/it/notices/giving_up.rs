//! What is urgent goes first, no receiver holds up another, and what is given up is seen, told of and sent again.

use super::mail::to;
use crate::world::breaking::emergency;
use crate::world::people::{administrator, approver};
use crate::world::telling::room;
use crate::world::{World, outcome};
use chrono::TimeDelta;
use domain::notice::{ATTEMPTS, EndpointKind, NoticeKind};
use serde_json::json;
use service::notices::{Attempted, Content, LEASE_SECS, Reach, Room, Seal};
use sqlx::Executor as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

fn failed() -> Attempted {
    Attempted::Failed {
        why: "It answered 500.".to_owned(),
        wait_secs: None,
    }
}

impl World {
    /// So that she is told what administrators are told.
    async fn petra_looks_after_it(&self) {
        let petra = administrator("petra.lindqvist");
        self.service.record_sign_in(&petra, json!({})).await.unwrap();
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_never_comes_to_an_end_is_given_up(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    world.petra_looks_after_it().await;
    world.endpoint(EndpointKind::Slack, "").await;
    world.requested_deployment().await;
    world.told().await;
    for number in 1..=ATTEMPTS {
        let due = world.due().await;
        assert_eq!(due.len(), 1, "{number}");
        assert_eq!(usize::try_from(due[0].attempt).unwrap(), number);
        // The node dies with it each time.
        world.clock.advance(TimeDelta::seconds(LEASE_SECS));
    }
    assert!(world.due().await.is_empty());
    assert_eq!(world.told().await, ["petra.lindqvist: undelivered"]);
    let dead = world.service.undelivered(&petra, None).await.unwrap().dead;
    assert_eq!(dead.len(), 1);
    assert_eq!(usize::try_from(dead[0].attempts).unwrap(), ATTEMPTS);
    assert_eq!(
        dead[0].last_error,
        "Every attempt was begun, and none came to an end."
    );
    world.service.resend_delivery(&petra, dead[0].id).await.unwrap();
    assert_eq!(world.due().await.len(), 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn broken_glass_goes_first(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.endpoint(EndpointKind::Webhook, "").await;
    for _ in 0..5 {
        world.requested_deployment().await;
        world.minutes_pass(1);
    }
    world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    let first = world.service.claim_deliveries(room(1)).await.unwrap();
    match &first[0].content {
        Content::One(notice) => assert_eq!(notice.kind, NoticeKind::BreakGlass),
        Content::Digest { .. } => panic!("a webhook gets no digest"),
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn no_receiver_holds_up_another(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.endpoint(EndpointKind::Webhook, "").await;
    for _ in 0..5 {
        world.requested_deployment().await;
    }
    let few = Room {
        most: 100,
        per_lane: 3,
    };
    let held = world.service.claim_deliveries(few).await.unwrap();
    assert_eq!(held.len(), 3, "of ten");
    assert!(world.service.claim_deliveries(few).await.unwrap().is_empty());
    // Mail and another endpoint have places of their own.
    world.has_mail("bob.okafor").await;
    world.endpoint(EndpointKind::Slack, "").await;
    world.requested_deployment().await;
    assert_eq!(world.service.claim_deliveries(few).await.unwrap().len(), 2);
    world.settles(&held[0], Attempted::Delivered).await;
    assert_eq!(world.service.claim_deliveries(few).await.unwrap().len(), 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_node_without_the_means_leaves_it_to_one_that_has_them(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    world.endpoint(EndpointKind::Slack, "").await;
    world.has_mail("bob.okafor").await;
    world.requested_deployment().await;
    let bare = world.node_reaching(Reach::default()).await;
    assert!(bare.claim_deliveries(room(10)).await.unwrap().is_empty());
    let other_key = Reach {
        mail: false,
        seal: Some(Seal::new(&[8; 32]).unwrap()),
        tickets: false,
    };
    let other = world.node_reaching(other_key).await;
    assert!(other.claim_deliveries(room(10)).await.unwrap().is_empty());
    let list = world.service.undelivered(&petra, None).await.unwrap();
    assert_eq!((list.dead.len(), list.retried.len()), (0, 1));
    assert_eq!(
        list.retried[0].last_error,
        "The address was sealed with another key."
    );
    world.clock.advance(TimeDelta::seconds(6));
    assert_eq!(world.everything_arrives().await, 2);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn all_that_went_one_way_is_sent_again(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    let webhook = world.endpoint(EndpointKind::Webhook, "").await;
    world.has_mail("bob.okafor").await;
    for _ in 0..30 {
        world.requested_deployment().await;
    }
    world.everything_is_refused().await;
    // That mail does not arrive is told to the webhook.
    assert_eq!(world.everything_arrives().await, 1);
    // What cannot be read does not keep anybody from the others.
    let newer = "UPDATE deliveries SET body = jsonb_set(body, '{kind}', '\"news_of_next_year\"')
        WHERE id = (SELECT max(id::text)::uuid FROM deliveries WHERE channel = 'webhook' AND state = 'dead')";
    world.owner.execute(newer).await.unwrap();
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let list = world.service.undelivered(&petra, before).await.unwrap();
        pages.push(list.dead.len());
        before = list.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(pages, [49, 40], "ninety, one of them unreadable");
    let way = webhook.to_string().parse().unwrap();
    assert_eq!(world.service.resend_all(&petra, way).await.unwrap(), 59);
    assert_eq!(world.everything_arrives().await, 59, "the mail stays where it is");
    let nothing = world.service.resend_all(&petra, way).await;
    assert_eq!(outcome(&nothing), "conflict settled");
    world
        .service
        .resend_all(&petra, "mail".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(world.mails().await.len(), 30);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn administrators_are_told_once_a_day_and_not_where_it_does_not_arrive(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    world.petra_looks_after_it().await;
    let id = world.endpoint(EndpointKind::Webhook, "").await;
    world.requested_deployment().await;
    world.told().await;
    assert_eq!(world.everything_is_refused().await.len(), 2);
    assert_eq!(world.told().await, ["petra.lindqvist: undelivered"]);
    assert!(world.due().await.is_empty());
    world.hours_pass(1);
    world.requested_deployment_by("tom.becker").await;
    world.told().await;
    world.everything_is_refused().await;
    assert!(world.told().await.is_empty(), "once a day");
    world.hours_pass(24);
    world.requested_deployment_by("mara.silva").await;
    world.told().await;
    let due = world.due().await;
    world.settles(&due[0], Attempted::Gone).await;
    assert_eq!(world.told().await, ["petra.lindqvist: endpoint_gone"]);
    assert_eq!(
        world.reads("petra.lindqvist").await.last().map(String::as_str),
        Some("“webhook” answered that it is gone, and is told of nothing more")
    );
    let petra = administrator("petra.lindqvist");
    world.service.enable_endpoint(&petra, id).await.unwrap();
    let again = world.service.enable_endpoint(&petra, id).await;
    assert_eq!(outcome(&again), "conflict settled");
    assert_eq!(
        world.events_of(id).await,
        ["endpoint.registered", "endpoint.disabled", "endpoint.enabled"]
    );
    world.requested_deployment_by("bob.okafor").await;
    world.hours_pass(1);
    assert!(!world.due().await.is_empty(), "it hears what comes");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_name_that_another_has_by_now_is_not_taken_from_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    let first = world.endpoint(EndpointKind::Webhook, "").await;
    world.service.disable_endpoint(&petra, first).await.unwrap();
    world.endpoint(EndpointKind::Webhook, "").await;
    let told = world.service.enable_endpoint(&petra, first).await;
    assert_eq!(outcome(&told), "conflict name_taken");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_failed_or_is_sent_again_keeps_to_quiet_hours(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    world.has_mail("bob.okafor").await;
    // It is eleven in Berlin.
    let bob = approver("bob.okafor");
    world.sets(&bob, "each", "11:01", "12:00").await.unwrap();
    world.requested_deployment().await;
    let due = world.due().await;
    world.settles(&due[0], failed()).await;
    world.clock.advance(TimeDelta::seconds(6));
    let due = world.due().await;
    // Five minutes later it is quiet.
    world.settles(&due[0], failed()).await;
    world.minutes_pass(30);
    assert!(world.due().await.is_empty(), "half past eleven");
    world.minutes_pass(30);
    assert_eq!(world.mails().await, [to("bob.okafor", 1)]);

    world.sets(&bob, "each", "12:00", "13:00").await.unwrap();
    world.clock.advance(TimeDelta::seconds(LEASE_SECS));
    let dead = world.everything_is_refused().await;
    world.service.resend_delivery(&petra, dead[0]).await.unwrap();
    assert!(world.due().await.is_empty(), "just after noon");
    world.hours_pass(1);
    assert_eq!(world.mails().await, [to("bob.okafor", 1)]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn broken_glass_keeps_to_none(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.has_mail("bob.okafor").await;
    let bob = approver("bob.okafor");
    world.sets(&bob, "daily", "07:00", "23:00").await.unwrap_err();
    world.sets(&bob, "off", "09:00", "23:00").await.unwrap();
    world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    let due = world.due().await;
    world.settles(&due[0], failed()).await;
    world.clock.advance(TimeDelta::seconds(6));
    assert_eq!(world.mails().await, [to("bob.okafor", 1)]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_has_left_gets_no_mail_that_was_on_its_way(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    world.has_mail("bob.okafor").await;
    world.requested_deployment().await;
    world
        .directory_changes(|directory| {
            directory.principals.retain(|one| one.id != "bob.okafor");
            for group in directory.groups.values_mut() {
                group.members.retain(|member| member != "bob.okafor");
            }
        })
        .await;
    assert!(world.mails().await.is_empty());
    let dead = world.service.undelivered(&petra, None).await.unwrap().dead;
    assert_eq!(dead[0].last_error, "This person is in the directory no more.");
}
