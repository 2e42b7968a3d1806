//! From the outbox to a receiver: by one node at a time, by the schedule, under one id.

use crate::world::people::{administrator, approver};
use crate::world::telling::{endpoint, room};
use crate::world::{World, outcome};
use chrono::TimeDelta;
use domain::notice::{ATTEMPTS, EndpointKind, RETRY_AFTER_SECS};
use secrecy::ExposeSecret as _;
use service::notices::{Attempted, Claimed, Destination, LEASE_SECS};
use sqlx::Executor as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::collections::BTreeSet;

fn failed() -> Attempted {
    Attempted::Failed {
        why: "It answered 500.".to_owned(),
        wait_secs: None,
    }
}

fn ids(claimed: &[Claimed]) -> BTreeSet<String> {
    claimed.iter().map(|one| one.id.to_string()).collect()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn each_delivery_belongs_to_one_node(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world.endpoint(EndpointKind::Webhook, "").await;
    for _ in 0..10 {
        world.requested_deployment().await;
    }
    let (other, _) = world.another_node().await;
    let (one, two) = tokio::join!(
        world.service.claim_deliveries(room(12)),
        other.claim_deliveries(room(12))
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.len() + two.len(), 20);
    assert!(ids(&one).is_disjoint(&ids(&two)));
    assert!(world.due().await.is_empty());
}

/// The node dies between the approval and the notice, or in the middle of sending it.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_a_dead_node_had_taken_goes_out_from_another_under_the_same_id(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world.endpoint(EndpointKind::Webhook, "").await;
    let request = world.requested_deployment().await;
    world.everything_arrives().await;
    world.approves("bob.okafor", request.id).await.unwrap();
    let taken = world.due().await;
    assert_eq!((taken.len(), taken[0].attempt), (1, 1));
    // It never says what came of it.
    let (other, _) = world.another_node().await;
    world.clock.advance(TimeDelta::seconds(LEASE_SECS - 1));
    assert!(other.claim_deliveries(room(10)).await.unwrap().is_empty());
    world.clock.advance(TimeDelta::seconds(1));
    let again = other.claim_deliveries(room(10)).await.unwrap();
    assert_eq!(ids(&again), ids(&taken));
    assert_eq!(again[0].attempt, 2);
    // The first one was not dead, only slow: what it says counts no more.
    world.settles(&taken[0], failed()).await;
    other
        .settle_delivery(again[0].id, again[0].attempt, Attempted::Delivered)
        .await
        .unwrap();
    world.hours_pass(24 * 5);
    assert!(world.due().await.is_empty());
    let undelivered = world
        .service
        .undelivered(&administrator("petra.lindqvist"), None)
        .await
        .unwrap();
    assert!(undelivered.dead.is_empty() && undelivered.retried.is_empty());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_receiver_that_fails_is_tried_by_the_schedule_then_it_is_a_dead_letter_that_can_be_sent_again(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    world.endpoint(EndpointKind::Slack, "").await;
    world.requested_deployment().await;
    let first = world.due().await;
    let mut seen = ids(&first);
    world.settles(&first[0], failed()).await;
    for (place, secs) in RETRY_AFTER_SECS.iter().enumerate() {
        world.clock.advance(TimeDelta::seconds(secs - 1));
        assert!(world.due().await.is_empty(), "{place}: too early");
        let listed = world.service.undelivered(&petra, None).await.unwrap();
        assert_eq!((listed.dead.len(), listed.retried.len()), (0, 1));
        // With as much more as jitter may add.
        world.clock.advance(TimeDelta::seconds(secs / 10 + 2));
        let due = world.due().await;
        assert_eq!(due.len(), 1, "{place}");
        seen.extend(ids(&due));
        world.settles(&due[0], failed()).await;
    }
    world.hours_pass(24 * 30);
    assert!(world.due().await.is_empty());
    assert_eq!(seen.len(), 1, "one id with every attempt");
    let dead = world.service.undelivered(&petra, None).await.unwrap().dead;
    assert_eq!(dead.len(), 1);
    assert_eq!(usize::try_from(dead[0].attempts).unwrap(), ATTEMPTS);
    assert_eq!(dead[0].last_error, "It answered 500.");

    world.service.resend_delivery(&petra, dead[0].id).await.unwrap();
    let again = world.service.resend_delivery(&petra, dead[0].id).await;
    assert_eq!(outcome(&again), "not found", "it is on its way");
    let due = world.due().await;
    assert_eq!(ids(&due), seen);
    world.settles(&due[0], Attempted::Delivered).await;
    assert!(
        world
            .service
            .undelivered(&petra, None)
            .await
            .unwrap()
            .dead
            .is_empty()
    );
}

/// During an upgrade, nodes of two versions share the outbox.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_a_newer_node_wrote_keeps_nobody_waiting(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.endpoint(EndpointKind::Slack, "").await;
    for _ in 0..3 {
        world.requested_deployment().await;
    }
    let newer = "UPDATE deliveries SET body = jsonb_set(body, '{kind}', '\"news_of_next_year\"')
        WHERE id = (SELECT min(id::text)::uuid FROM deliveries)";
    world.owner.execute(newer).await.unwrap();
    assert_eq!(world.everything_arrives().await, 2);
    assert!(
        world.due().await.is_empty(),
        "it is not asked for again and again"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_receiver_may_ask_for_patience(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.endpoint(EndpointKind::Slack, "").await;
    world.requested_deployment().await;
    let due = world.due().await;
    let busy = Attempted::Failed {
        why: "It answered 429.".to_owned(),
        wait_secs: Some(120),
    };
    world.settles(&due[0], busy).await;
    world.clock.advance(TimeDelta::seconds(119));
    assert!(world.due().await.is_empty());
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.due().await.len(), 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_endpoint_that_is_gone_is_disabled_and_hears_nothing_more(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    let id = world.endpoint(EndpointKind::Webhook, "").await;
    world.requested_deployment().await;
    let due = world.due().await;
    assert_eq!(due.len(), 2);
    world.settles(&due[0], Attempted::Gone).await;
    world.settles(&due[1], failed()).await;
    assert_eq!(
        world.events_of(id).await,
        ["endpoint.registered", "endpoint.disabled"]
    );
    world.requested_deployment().await;
    world.hours_pass(1);
    assert!(world.due().await.is_empty());
    let dead = world.service.undelivered(&petra, None).await.unwrap().dead;
    assert_eq!(dead.len(), 2, "what was on its way is given up");
    let again = world.service.resend_delivery(&petra, dead[0].id).await;
    assert_eq!(outcome(&again), "conflict endpoint_disabled");
    // Its name is free again.
    world.endpoint(EndpointKind::Webhook, "").await;
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn both_secrets_sign_for_a_day(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    let id = world.endpoint(EndpointKind::Webhook, "").await;
    let shown = async || {
        let found = world.service.endpoint(&petra, id, true).await.unwrap();
        found.secret.unwrap()
    };
    let signs = async || -> Vec<String> {
        world.requested_deployment().await;
        match &world.due().await[0].to {
            Destination::Webhook { secrets, address } => {
                assert_eq!(address.expose_secret(), "https://hooks.example.com/webhook");
                secrets.iter().map(|one| one.expose_secret().to_owned()).collect()
            }
            other => panic!("{other:?}"),
        }
    };
    let first = shown().await;
    assert!(first.starts_with("whsec_"));
    assert_eq!(signs().await, std::slice::from_ref(&first));
    world.service.rotate_endpoint_secret(&petra, id).await.unwrap();
    let second = shown().await;
    assert_ne!(first, second);
    assert_eq!(signs().await, [second.clone(), first]);
    world.hours_pass(24);
    assert_eq!(signs().await, [second]);
    assert!(
        world
            .service
            .endpoint(&petra, id, false)
            .await
            .unwrap()
            .secret
            .is_none()
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn neither_database_nor_ledger_holds_an_address_or_a_secret_in_the_clear(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    let id = world.endpoint(EndpointKind::Webhook, "").await;
    let secret = world
        .service
        .endpoint(&petra, id, true)
        .await
        .unwrap()
        .secret
        .unwrap();
    let rows = sqlx::query_scalar!(
        r#"SELECT r::text || coalesce(encode(sealed_secret, 'escape'), '') || encode(sealed_address, 'escape') AS "row!"
           FROM notice_endpoints r"#
    )
    .fetch_all(&world.app)
    .await
    .unwrap();
    let events = store::events::about(&world.app, &id.to_string()).await.unwrap();
    let bodies: Vec<String> = events
        .iter()
        .map(|event| String::from_utf8(event.body.clone()).unwrap())
        .collect();
    for text in rows.iter().chain(&bodies) {
        assert!(!text.contains(&secret) && !text.contains("/webhook\""), "{text}");
        assert!(!text.contains("hooks.example.com/webhook"), "{text}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_no_endpoint_is_refused_field_by_field(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    let registers = async |change: fn(&mut service::notices::EndpointInput)| {
        let mut input = endpoint(EndpointKind::Webhook, "Ours", "#critical-access");
        change(&mut input);
        outcome(&world.service.register_endpoint(&petra, &input).await)
    };
    assert_eq!(
        registers(|input| input.name = " ".into()).await,
        "invalid name name"
    );
    assert_eq!(
        registers(|input| input.name = "a\nb".into()).await,
        "invalid name name"
    );
    assert_eq!(
        registers(|input| input.channel = "x".repeat(81)).await,
        "invalid channel channel"
    );
    for address in [
        "hooks.example.com",
        "ftp://hooks.example.com",
        "https://user:secret@hooks.example.com",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ] {
        let mut input = endpoint(EndpointKind::Webhook, "Ours", "");
        input.address = address.to_owned();
        let told = world.service.register_endpoint(&petra, &input).await;
        assert_eq!(outcome(&told), "invalid address address", "{address}");
    }
    assert_eq!(registers(|_| ()).await, "done");
    assert_eq!(registers(|_| ()).await, "invalid name taken");
    let slack = endpoint(EndpointKind::Slack, "Chat", "");
    let slack = world.service.register_endpoint(&petra, &slack).await.unwrap();
    let told = world.service.rotate_endpoint_secret(&petra, slack).await;
    assert_eq!(outcome(&told), "conflict no_secret");
    assert_eq!(
        outcome(&world.service.endpoints(&approver("bob.okafor")).await),
        "forbidden not_permitted"
    );
}
