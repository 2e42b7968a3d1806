//! Uses never exceed their limit (invariant 9).

use crate::support::{World, deploy};
use domain::outcome::Outcome;
use service::decisions::{Answered, Stop};
use service::snapshot::Announcements;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn two_hundred_at_once_share_fifty_uses(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let nodes = [
        world.node(Announcements::Ignored).await,
        world.node(Announcements::Ignored).await,
    ];
    let bypass = nodes[0].put_in_force(nodes[0].bypass(Some(50))).await;
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..200 {
        let node = nodes[number % 2].clone();
        asking.spawn(async move { node.decide(&deploy("payments-prod")).await });
    }
    let decisions = asking.join_all().await;
    let automated = decisions
        .iter()
        .filter(|decision| decision.evaluation.effective == Outcome::Automate);
    assert_eq!(automated.count(), 50);
    let without = decisions
        .iter()
        .filter(|decision| decision.evaluation.applied.is_empty());
    assert_eq!(without.count(), 150, "who lost was evaluated without it");
    assert!(
        decisions
            .iter()
            .all(|decision| decision.evaluation.base == Outcome::Review)
    );
    assert_eq!(world.count("SELECT count(*) FROM opt_out_uses").await, 50);
    assert_eq!(world.count("SELECT uses::bigint FROM opt_outs").await, 50);
    assert_eq!(bypass.opt_out.max_uses, Some(50));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_message_cannot_take_more_than_is_left(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    node.put_in_force(node.bypass(Some(2))).await;
    let asked = vec![deploy("payments-prod"); 5];
    let answered = node
        .decider
        .decide(&node.caller(), &asked, Stop::Never)
        .await
        .unwrap();
    let answers: Vec<bool> = answered
        .iter()
        .map(|answered| match answered {
            Answered::Decided(decided) => decided.decision.evaluation.answer,
            Answered::OutOfScope(why) => panic!("{why}"),
        })
        .collect();
    assert_eq!(answers, [true, true, false, false, false]);
    assert_eq!(world.count("SELECT uses::bigint FROM opt_outs").await, 2);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_unlimited_bypass_is_used_but_not_counted(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    node.put_in_force(node.bypass(None)).await;
    assert!(node.decide(&deploy("payments-prod")).await.evaluation.answer);
    assert_eq!(
        world
            .count("SELECT count(*) FROM opt_out_uses WHERE credited")
            .await,
        1
    );
    assert_eq!(world.count("SELECT uses::bigint FROM opt_outs").await, 0);
}
