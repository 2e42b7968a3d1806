//! News of what nobody decides: delegations, budgets; and what an opt-out came to.

use crate::delegations::lending;
use crate::world::asking::submission;
use crate::world::people::{administrator, approver};
use crate::world::{World, deployment_bypass};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_is_lent_votes_is_told_and_of_the_end_whoever_did_not_end_it(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let bob = approver("bob.okafor");
    let lends = async || {
        world
            .service
            .make_delegation(&bob, &lending(&world, "ravi.patel"))
            .await
            .unwrap()
    };
    let lent = lends().await;
    assert_eq!(world.told().await, ["ravi.patel: lent"]);
    assert_eq!(
        world.reads("ravi.patel").await,
        ["Bob Okafor lent their votes: “Ravi Patel decides in the place of Bob Okafor”"]
    );
    world.service.end_delegation(&bob, lent.id).await.unwrap();
    assert_eq!(world.told().await, ["ravi.patel: revoked"]);
    let lent = lends().await;
    world.told().await;
    world
        .service
        .end_delegation(&administrator("petra.lindqvist"), lent.id)
        .await
        .unwrap();
    assert_eq!(world.told().await, ["bob.okafor: revoked", "ravi.patel: revoked"]);
}

impl World {
    async fn told_of_burns(&self) -> Vec<String> {
        let told = self.told().await.into_iter();
        told.filter(|line| line.ends_with(": budget_burn")).collect()
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_account_that_burns_is_told_of_once_until_it_is_calm_again(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (other, _) = world.another_node().await;
    let owners = [
        "bob.okafor: budget_burn",
        "mara.silva: budget_burn",
        "tom.becker: budget_burn",
    ];
    world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.service.tell_times().await.unwrap();
    assert!(world.told_of_burns().await.is_empty(), "one is never an alert");
    world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let (one, two) = tokio::join!(world.service.tell_times(), other.tell_times());
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    assert_eq!(world.told_of_burns().await, owners);
    let notices = store::notices::list(&world.app, &"bob.okafor".parse().unwrap(), None, 1)
        .await
        .unwrap();
    assert_eq!(
        notices[0].notice.headline(str::to_owned),
        "The budget of “payments, tier critical” is used up too fast"
    );
    assert_eq!(
        notices[0].notice.summary.as_deref(),
        Some("2 of 6 bypasses are used; at this speed a whole budget is gone in 5 days.")
    );
    world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.service.tell_times().await.unwrap();
    assert!(world.told_of_burns().await.is_empty(), "it goes on");
    // No more for a day: calm.
    world.hours_pass(24);
    world.service.tell_times().await.unwrap();
    assert!(world.told_of_burns().await.is_empty());
    for _ in 0..2 {
        world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    }
    world.service.tell_times().await.unwrap();
    assert_eq!(world.told_of_burns().await, owners, "it burns anew");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_end_says_what_it_came_to(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.bypass_in_force(&deployment_bypass()).await;
    for _ in 0..3 {
        assert!(world.may_deploy().await);
    }
    world.hours_pass(5);
    world.service.report_ends().await.unwrap();
    let notices = store::notices::list(&world.app, &"alice.meyer".parse().unwrap(), None, 1)
        .await
        .unwrap();
    assert_eq!(
        notices[0].notice.summary.as_deref(),
        Some(
            "It was used 3 times, and let through 3 of them that would not have been. Approved by Bob Okafor and Omar Haddad."
        )
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_one_takes_back_through_a_client_is_one_s_own_act(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let denial = world.asks("hanna.lindt", "read", "database ledger-db").await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    world.told().await;
    world
        .service
        .cancel_access_request(&world.gateway, request.id, None)
        .await
        .unwrap();
    let told = world.told().await;
    assert!(!told.is_empty(), "who was asked is told");
    assert!(
        !told.iter().any(|line| line.starts_with("hanna.lindt")),
        "{told:?}"
    );
}
