//! One decision after the other, and many at once.

use crate::support::{World, deploy};
use domain::decision::Reason;
use domain::outcome::Outcome;
use service::ServiceError;
use service::decisions::{Answered, Record, Stop};
use service::snapshot::Announcements;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::collections::BTreeSet;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_answered_is_recorded_whole(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    let decision = node.decide(&deploy("payments-prod")).await;
    assert_eq!(decision.evaluation.effective, Outcome::Review);
    assert_eq!(decision.evaluation.reason, Reason::ApprovalRequired);
    assert!(!decision.evaluation.answer);
    assert!(node.decide(&deploy("payments-staging")).await.evaluation.answer);

    let stored = store::decisions::find(&world.owner, decision.id)
        .await
        .unwrap()
        .unwrap();
    let record = Record::from_bytes(&stored.record).unwrap();
    assert_eq!(record.decision, decision);
    assert_eq!(record.request.get(), deploy("payments-prod").request.get());
    assert_eq!(stored.listed.effective, Outcome::Review);
    assert!(!record.entities.is_empty());
    let known = store::decisions::entity_versions(&world.owner, &record.entities)
        .await
        .unwrap();
    assert_eq!(
        known.len(),
        record.entities.len(),
        "every entity version is stored"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nothing_is_decided_before_a_policy_is_published(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::empty(options).await;
    let node = world.node(Announcements::Ignored).await;
    let loaded = node.snapshots.current();
    assert!(matches!(loaded.snapshot(), Err(ServiceError::Unavailable(_))));
    assert!(loaded.directory().principals.is_empty());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn many_at_once_are_all_recorded_once(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let nodes = [
        world.node(Announcements::Ignored).await,
        world.node(Announcements::Ignored).await,
    ];
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..400 {
        let node = nodes[number % 2].clone();
        asking.spawn(async move {
            let service = if number % 3 == 0 {
                "payments-prod"
            } else {
                "payments-staging"
            };
            node.decide(&deploy(service)).await.id
        });
    }
    let ids: BTreeSet<_> = asking.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 400);
    assert_eq!(world.count("SELECT count(*) FROM decisions").await, 400);
    let leaves = "SELECT sum(cardinality(leaves)) FROM ledger_pending p
         WHERE EXISTS (SELECT FROM decisions d WHERE position(d.leaf_hash IN p.hashes) > 0)";
    assert_eq!(world.count(leaves).await, 400, "each has one leaf");
    let batches = "SELECT count(DISTINCT xmin::text) FROM decisions";
    assert!(world.count(batches).await < 200, "they were written in batches");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_list_ends_where_it_was_told(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    let asked = [
        deploy("payments-staging"),
        deploy("payments-prod"),
        deploy("payments-staging"),
    ];
    for (stop, expected) in [
        (Stop::Never, vec![true, false, true]),
        (Stop::AtFirstDeny, vec![true, false]),
        (Stop::AtFirstPermit, vec![true]),
    ] {
        let before = world.count("SELECT count(*) FROM decisions").await;
        let answered = node.decider.decide(&node.caller(), &asked, stop).await.unwrap();
        let answers: Vec<bool> = answered
            .iter()
            .map(|answered| match answered {
                Answered::Decided(decided) => decided.decision.evaluation.answer,
                Answered::OutOfScope(why) => panic!("{why}"),
            })
            .collect();
        assert_eq!(answers, expected, "{stop:?}");
        let recorded = world.count("SELECT count(*) FROM decisions").await - before;
        assert_eq!(recorded, i64::try_from(expected.len()).unwrap(), "{stop:?}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_client_revoked_meanwhile_is_not_answered(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    let other = world.node(Announcements::Ignored).await;
    let caller = node.caller();
    let mut tx = other.service.begin().await.unwrap();
    store::clients::revoke(&mut tx, caller.client.id, other.service.now())
        .await
        .unwrap();
    tx.raise_generation().await.unwrap();
    tx.commit().await.unwrap();
    // This node recognised it before, and still holds it.
    let refused = node
        .decider
        .decide(&caller, &[deploy("payments-staging")], Stop::Never)
        .await;
    assert!(
        matches!(
            refused,
            Err(ServiceError::Forbidden {
                code: "client_revoked",
                ..
            })
        ),
        "{refused:?}"
    );
    assert_eq!(world.count("SELECT count(*) FROM decisions").await, 0);
}
