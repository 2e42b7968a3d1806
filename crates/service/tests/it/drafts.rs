//! Drafts are their person's alone, one at a time, for a month.

use crate::world::people::{approver, person, requester};
use crate::world::{World, outcome};
use chrono::TimeDelta;
use domain::role::Role;
use service::drafts::KEPT_DAYS;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

fn typed(title: &str) -> Vec<(String, String)> {
    [("title", title), ("scope.rules", "b"), ("scope.rules", "a")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_draft_is_kept_for_its_person_for_a_month(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let (alice, bob) = (requester("alice.meyer"), approver("bob.okafor"));
    let service = &world.service;
    let draft = async |caller| service.draft(caller).await.unwrap().map(|draft| draft.fields);
    service.save_draft(&alice, typed("first")).await.unwrap();
    service.save_draft(&alice, typed("second")).await.unwrap();
    assert_eq!(draft(&alice).await, Some(typed("second")), "in its order");
    assert_eq!(draft(&bob).await, None);
    service.discard_draft(&bob).await.unwrap();
    assert!(draft(&alice).await.is_some(), "Bob discards his own");

    let before = world.rows().await;
    world
        .clock
        .advance(TimeDelta::days(KEPT_DAYS) - TimeDelta::microseconds(1));
    assert!(draft(&alice).await.is_some());
    assert_eq!(service.forget_old_drafts().await.unwrap(), 0);
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(draft(&alice).await, None, "with no worker having run");
    assert_eq!(service.forget_old_drafts().await.unwrap(), 1);
    assert_eq!(world.rows().await, before, "nothing is recorded about drafts");

    let auditor = person("aya.tanaka", &[Role::Auditor]);
    assert_eq!(
        outcome(&service.save_draft(&auditor, typed("x")).await),
        "forbidden not_permitted"
    );
    assert_eq!(outcome(&service.draft(&auditor).await), "forbidden not_permitted");
    assert_eq!(
        outcome(&service.discard_draft(&auditor).await),
        "forbidden not_permitted"
    );
}
