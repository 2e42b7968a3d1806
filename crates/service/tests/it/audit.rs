//! The audit log: filters, and paging without repetition or gap.

use crate::world::people::person;
use crate::world::{World, deployment_bypass};
use domain::event::EventKind;
use domain::role::Role;
use service::audit::EventFilter;
use service::caller::PersonCaller;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::collections::BTreeSet;

fn auditor() -> PersonCaller {
    person("aya.tanaka", &[Role::Auditor])
}

/// Some history: three opt-outs, an hour apart, and a request that was denied.
async fn history(world: &World) {
    for _ in 0..3 {
        world.bypass_in_force(&deployment_bypass()).await;
        world.hours_pass(1);
    }
    let request = world.requested_by_another().await;
    world.denies("ravi.patel", request).await.unwrap();
}

impl World {
    async fn requested_by_another(&self) -> domain::id::AccessRequestId {
        let denial = self.asks("alice.meyer", "read", "database ledger-db").await;
        self.files(crate::world::asking::submission(&denial))
            .await
            .unwrap()
            .0
            .id
    }

    async fn found(&self, filter: EventFilter) -> Vec<service::audit::Event> {
        self.service.events(&auditor(), filter, 200).await.unwrap().events
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn pages_join_without_repetition_or_gap_whatever_comes_in_between(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    history(&world).await;
    let whole: Vec<_> = world
        .found(EventFilter::default())
        .await
        .iter()
        .map(|event| event.id)
        .collect();
    assert!(whole.len() > 15, "{}", whole.len());
    assert!(whole.windows(2).all(|pair| pair[0] > pair[1]), "newest first");
    for size in [1, 2, 7, whole.len()] {
        let (mut paged, mut before) = (Vec::new(), None);
        loop {
            let filter = EventFilter {
                before,
                ..EventFilter::default()
            };
            let page = world.service.events(&auditor(), filter, size).await.unwrap();
            assert!(page.events.len() <= size);
            paged.extend(page.events.iter().map(|event| event.id));
            // Something new does not shift the pages.
            world
                .service
                .record_sign_in(&auditor(), serde_json::json!({}))
                .await
                .unwrap();
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        let distinct: BTreeSet<_> = paged.iter().collect();
        assert_eq!(distinct.len(), paged.len());
        let known: Vec<_> = paged.into_iter().filter(|id| whole.contains(id)).collect();
        assert_eq!(known, whole, "pages of {size}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn each_filter_keeps_what_it_names_and_all_of_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let start = world.now();
    history(&world).await;
    let all = world.found(EventFilter::default()).await;
    let check = async |filter: EventFilter, keeps: &dyn Fn(&service::audit::Event) -> bool| {
        let found: Vec<_> = world
            .found(filter.clone())
            .await
            .iter()
            .map(|event| event.id)
            .collect();
        let expected: Vec<_> = all
            .iter()
            .filter(|event| keeps(event))
            .map(|event| event.id)
            .collect();
        assert_eq!(found, expected, "{filter:?}");
        assert!(
            !expected.is_empty() && expected.len() < all.len(),
            "{filter:?} tells nothing"
        );
    };
    let none = EventFilter::default;
    check(
        EventFilter {
            kind: Some("opt_out.voted".into()),
            ..none()
        },
        &|event| event.kind == EventKind::OptOutVoted,
    )
    .await;
    check(
        EventFilter {
            kind: Some("opt_out.".into()),
            ..none()
        },
        &|event| event.kind.as_str().starts_with("opt_out."),
    )
    .await;
    check(
        EventFilter {
            actor: Some("bob.okafor".into()),
            ..none()
        },
        &|event| event.actor_id == "bob.okafor",
    )
    .await;
    let object = all[0].object_id.clone();
    check(
        EventFilter {
            object: Some(object.clone()),
            ..none()
        },
        &|event| event.object_id == object,
    )
    .await;
    let hour = start + chrono::TimeDelta::hours(1);
    check(
        EventFilter {
            from: Some(hour),
            ..none()
        },
        &|event| event.at >= hour,
    )
    .await;
    check(
        EventFilter {
            until: Some(hour),
            ..none()
        },
        &|event| event.at < hour,
    )
    .await;
    // A part of a kind is no aggregate, and a wildcard is a letter like others.
    for none_such in ["opt_out", "opt", "%.", "opt_ou_."] {
        assert!(
            world
                .found(EventFilter {
                    kind: Some(none_such.into()),
                    ..none()
                })
                .await
                .is_empty(),
            "{none_such}"
        );
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn events_of_one_command_stand_in_their_order_though_made_at_once(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start_random(pool, options).await;
    for _ in 0..12 {
        let request = world.requested_deployment().await;
        world.minutes_pass(1);
        world.denies("bob.okafor", request.id).await.unwrap();
        assert_eq!(
            world.events_of(request.id).await,
            [
                "access_request.submitted",
                "access_request.stage_reached",
                "access_request.voted",
                "access_request.denied"
            ]
        );
        world.minutes_pass(1);
    }
}
