//! Eight hours per team and resource in seven days are at once; the next ones take a second person.

use crate::world::World;
use crate::world::breaking::{emergency, lasting, responder};
use crate::world::outcome;
use crate::world::people::{approver, person};
use domain::event::EventKind;
use domain::opt_out::OptOutState;
use domain::role::Role;
use service::approvals::VoteInput;
use service::break_glass::BreakGlassInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn hours_that_are_spent_take_one_second_person(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    for _ in 0..2 {
        let opt_out = world
            .breaks_glass("jonas.weber", &lasting("jonas.weber", 4))
            .await
            .unwrap();
        assert_eq!(opt_out.state, OptOutState::Active);
        world.hours_pass(5);
        world.justified(opt_out.id).await;
    }
    let terms = world
        .service
        .check_break_glass(&responder("jonas.weber"), &emergency("jonas.weber"))
        .await
        .unwrap();
    assert_eq!(terms.terms.left_secs, 0);
    // Another team on the same resource, and the same team on another one, have hours of their own.
    assert_eq!(
        world
            .breaks_glass("dana.roth", &emergency("dana.roth"))
            .await
            .unwrap()
            .state,
        OptOutState::Active
    );
    let elsewhere = BreakGlassInput {
        resource: crate::world::asking::resource("service search-prod"),
        confirmation: "search-prod".to_owned(),
        ..emergency("jonas.weber")
    };
    let on_search = world.breaks_glass("jonas.weber", &elsewhere).await.unwrap();
    assert_eq!(on_search.state, OptOutState::Active);

    let third = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    assert_eq!(third.state, OptOutState::InReview { stage: 0 });
    assert!(!world.may_administer().await, "not before somebody else says yes");
    assert!(
        world.review_of(third.id).await.is_none(),
        "nothing is owed for what never was in force"
    );
    let himself = person("jonas.weber", &Role::ALL);
    let vote = world
        .votes_on_opt_out(&himself, third.id, VoteInput::approve())
        .await;
    assert_eq!(outcome(&vote), "forbidden excluded");
    assert_eq!(
        outcome(&world.agrees("ravi.patel", third.id).await),
        "forbidden not_eligible"
    );
    let agreed = world.agrees("omar.haddad", third.id).await.unwrap();
    assert_eq!(agreed.window.length_secs(), 3_600, "from the vote on");
    assert!(world.may_administer().await);
    let review = world.review_of(third.id).await.unwrap();
    assert!(!review.is_overdue(world.now()));
    assert_eq!(
        world.events_of(third.id).await,
        [
            "opt_out.requested",
            "opt_out.stage_reached",
            "opt_out.voted",
            "opt_out.approved",
            "opt_out.broke_glass"
        ]
    );

    // Seven days later the hours are free again.
    world.hours_pass(2);
    world.justified(third.id).await;
    let review = world.review_of(on_search.id).await.unwrap();
    world.concludes(&approver("yuki.mori"), &review).await.unwrap();
    world.hours_pass(24 * 7);
    let later = world
        .breaks_glass("jonas.weber", &lasting("jonas.weber", 4))
        .await
        .unwrap();
    assert_eq!(later.state, OptOutState::Active);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn many_at_once_do_not_exceed_the_hours(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start_random(pool, options).await;
    let (other, _) = world.another_node().await;
    let proof = world.fresh();
    let mut callers = JoinSet::new();
    for number in 0..12 {
        let service = if number % 2 == 0 {
            world.service.clone()
        } else {
            other.clone()
        };
        callers.spawn(async move {
            service
                .break_glass(&responder("jonas.weber"), &lasting("jonas.weber", 3), proof)
                .await
                .unwrap()
                .state
        });
    }
    let states = callers.join_all().await;
    let at_once = states
        .iter()
        .filter(|state| **state == OptOutState::Active)
        .count();
    assert_eq!(at_once, 2, "three hours fit into eight twice: {states:?}");
    assert_eq!(
        states.len() - at_once,
        10,
        "and the others wait for a second person"
    );
    assert_eq!(world.count(EventKind::OptOutBrokeGlass).await, 2);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_ended_early_gives_its_hours_back(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let opt_out = world
        .breaks_glass("jonas.weber", &lasting("jonas.weber", 4))
        .await
        .unwrap();
    world.hours_pass(1);
    world
        .service
        .revoke_opt_out(&responder("jonas.weber"), opt_out.id, "Mended.")
        .await
        .unwrap();
    assert!(!world.may_administer().await);
    let terms = world
        .service
        .check_break_glass(&responder("jonas.weber"), &emergency("jonas.weber"))
        .await
        .unwrap();
    assert_eq!(terms.terms.left_secs, 7 * 3_600);
    assert!(
        world.review_of(opt_out.id).await.is_some(),
        "the review is owed all the same"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn hours_on_a_cluster_are_hours_on_its_services(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let cluster = BreakGlassInput {
        resource: crate::world::asking::resource("cluster platform-prod"),
        confirmation: "platform-prod".to_owned(),
        ..lasting("jonas.weber", 4)
    };
    for _ in 0..2 {
        world.breaks_glass("jonas.weber", &cluster).await.unwrap();
    }
    let service = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    assert_eq!(service.state, OptOutState::InReview { stage: 0 });
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_overdue_review_cuts_the_team_s_next_one_to_fifteen_minutes(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let first = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    let lengths = async |who: &'static str| {
        let offer = world
            .service
            .break_glass_offer(&responder(who), None)
            .await
            .unwrap();
        (offer.terms.longest_secs, offer.overdue)
    };
    world.hours_pass(71);
    assert_eq!(lengths("jonas.weber").await, (4 * 3_600, None));
    world.hours_pass(1);
    let review = world.review_of(first.id).await.unwrap();
    assert_eq!(
        lengths("jonas.weber").await,
        (900, Some(review.id)),
        "with the reason"
    );
    assert_eq!(lengths("dana.roth").await.0, 4 * 3_600, "not another team's");
    assert_eq!(
        outcome(
            &world
                .breaks_glass("jonas.weber", &lasting("jonas.weber", 1))
                .await
        ),
        "invalid length_secs length"
    );
    let short = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    assert_eq!(short.window.length_secs(), 900);
    assert_eq!(short.state, OptOutState::Active, "always at once all the same");
    world.concludes(&approver("bob.okafor"), &review).await.unwrap();
    assert_eq!(lengths("jonas.weber").await, (4 * 3_600, None));
}
