//! A form that comes twice makes one thing.

use crate::world::breaking::{emergency, emergency_access, responder};
use crate::world::people::requester;
use crate::world::{World, deployment_bypass};
use chrono::TimeDelta;
use domain::event::EventKind;
use service::caller::PersonCaller;
use service::once::Once;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Who sends a form that stands on this page and holds this.
fn sending(caller: PersonCaller, page: &str, holds: &str) -> PersonCaller {
    let fields = [("once", page), ("reason", holds)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    PersonCaller {
        once: Once::of(&fields),
        ..caller
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_opt_out_that_is_sent_twice_is_asked_for_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let input = deployment_bypass();
    let alice = sending(requester("alice.meyer"), "page-1", "May frost.");
    let (first, second) = tokio::join!(
        world.service.request_opt_out(&alice, &input),
        world.service.request_opt_out(&alice, &input)
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.id, second.id);
    assert_eq!(world.count(EventKind::OptOutRequested).await, 1);
    world.agrees("bob.okafor", first.id).await.unwrap();
    let late = world.service.request_opt_out(&alice, &input).await.unwrap();
    assert_eq!(
        (late.id, late.state),
        (first.id, world.opt_out(first.id).await.opt_out.state)
    );

    // What it made is over: the same form makes another, and that one once.
    world
        .service
        .withdraw_opt_out(&requester("alice.meyer"), first.id)
        .await
        .unwrap();
    let (again, twice) = tokio::join!(
        world.service.request_opt_out(&alice, &input),
        world.service.request_opt_out(&alice, &input)
    );
    let again = again.unwrap();
    assert_eq!(again.id, twice.unwrap().id);
    assert_ne!(again.id, first.id);

    // Changed, from another page, from somebody else or from no page at all, it is another.
    let changed = sending(requester("alice.meyer"), "page-1", "June frost.");
    let afresh = sending(requester("alice.meyer"), "page-2", "May frost.");
    let other = sending(requester("lena.fischer"), "page-1", "May frost.");
    let mut all = vec![again.id];
    for caller in [
        changed,
        afresh,
        other,
        requester("alice.meyer"),
        requester("alice.meyer"),
    ] {
        all.push(world.service.request_opt_out(&caller, &input).await.unwrap().id);
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 6);
    // And what was refused is not said to have been made.
    let silent = sending(requester("alice.meyer"), "page-3", "");
    let refused = service::opt_outs::OptOutInput {
        reason: String::new(),
        ..deployment_bypass()
    };
    world
        .service
        .request_opt_out(&silent, &refused)
        .await
        .unwrap_err();
    assert!(!all.contains(&world.service.request_opt_out(&silent, &input).await.unwrap().id));

    assert_eq!(world.service.forget_old_forms().await.unwrap(), 0);
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(world.service.forget_old_forms().await.unwrap(), 5);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_glass_that_is_broken_twice_by_one_form_is_broken_once(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let (proof, refused) = (
        world.fresh(),
        world.asks("jonas.weber", "admin", "service payments-prod").await,
    );
    let jonas = sending(responder("jonas.weber"), "page-1", "It burns.");
    let input = emergency_access(&refused);
    let (first, second) = tokio::join!(
        world.service.break_glass_for_access(&jonas, &input, proof),
        world.service.break_glass_for_access(&jonas, &input, proof)
    );
    assert_eq!(first.unwrap().id, second.unwrap().id);
    assert_eq!(world.count(EventKind::AccessRequestBrokeGlass).await, 1);

    let jonas = sending(responder("jonas.weber"), "page-2", "It burns.");
    let input = emergency("jonas.weber");
    let (first, second) = tokio::join!(
        world.service.break_glass(&jonas, &input, proof),
        world.service.break_glass(&jonas, &input, proof)
    );
    assert_eq!(first.unwrap().id, second.unwrap().id);
    assert_eq!(world.count(EventKind::OptOutBrokeGlass).await, 1);
    assert_eq!(world.count(EventKind::PostReviewOwed).await, 2, "of each its own");

    // It burns again, and the pages stand there still.
    world.minutes_pass(61);
    let proof = world.fresh();
    let again = sending(responder("jonas.weber"), "page-1", "It burns.");
    world
        .service
        .break_glass_for_access(&again, &emergency_access(&refused), proof)
        .await
        .unwrap();
    assert_eq!(world.count(EventKind::AccessRequestBrokeGlass).await, 2);
    world.service.break_glass(&jonas, &input, proof).await.unwrap();
    assert_eq!(world.count(EventKind::OptOutBrokeGlass).await, 2);
}
