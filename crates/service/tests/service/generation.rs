//! No decision is recorded under a generation that was not current when it committed (invariant 11).

use crate::support::{World, deploy};
use domain::outcome::Outcome;
use service::snapshot::Announcements;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_node_that_is_behind_evaluates_again(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let behind = world.node(Announcements::Ignored).await;
    let ahead = world.node(Announcements::Ignored).await;
    let before = behind.snapshots.current().generation();
    let stored = ahead.put_in_force(ahead.to_manual()).await;
    assert_eq!(
        behind.snapshots.current().generation(),
        before,
        "it has not heard of it"
    );
    let decision = behind.decide(&deploy("payments-staging")).await;
    assert_eq!(decision.evaluation.base, Outcome::Automate);
    assert_eq!(decision.evaluation.effective, Outcome::Review);
    assert_eq!(decision.evaluation.applied[0].opt_out, stored.opt_out.id);
    assert!(decision.generation > before.counter);
    // The first evaluation left nothing behind.
    assert_eq!(world.count("SELECT count(*) FROM decisions").await, 1);

    ahead.revoke(&stored).await;
    assert!(behind.decide(&deploy("payments-staging")).await.evaluation.answer);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_announcement_arrives_by_itself(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let listening = world.node(Announcements::Heard).await;
    let other = world.node(Announcements::Ignored).await;
    other.put_in_force(other.to_manual()).await;
    let raised = other.snapshots.current().generation();
    while listening.snapshots.current().generation() != raised {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        listening.snapshots.current().snapshot().unwrap().opt_outs().len(),
        1
    );
}

/// As a fail-over or a restore that lost the newest transactions leaves it.
async fn go_back(world: &World, by: i64) {
    sqlx::query("SELECT setval('generation', (SELECT last_value - $1 FROM generation))")
        .bind(by)
        .execute(&world.owner)
        .await
        .unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_counter_that_went_back_stops_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    for by in [1, 0, 1] {
        let before = node.snapshots.current().generation().counter;
        go_back(&world, by).await;
        assert!(node.decide(&deploy("payments-staging")).await.evaluation.answer);
        assert_eq!(node.snapshots.current().generation().counter, before - by);
    }
    // Commands begin from the present one too.
    let behind = world.node(Announcements::Ignored).await;
    go_back(&world, 1).await;
    let loaded = behind.snapshots.current_for_commands().await.unwrap();
    let present = store::generation::current(&world.owner).await.unwrap();
    assert_eq!(loaded.generation(), present);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_counter_that_went_back_and_was_raised_again_answers_nothing_stale(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    let listening = world.node(Announcements::Heard).await;
    node.put_in_force(node.bypass(None)).await;
    assert!(node.decide(&deploy("payments-prod")).await.evaluation.answer);
    let before = node.snapshots.current().generation();

    go_back(&world, 1).await;
    for sql in [
        "UPDATE opt_outs SET state = 'revoked'",
        "SELECT raise_generation()",
    ] {
        sqlx::raw_sql(sql).execute(&world.owner).await.unwrap();
    }
    let present = store::generation::current(&world.owner).await.unwrap();
    assert_eq!(present.counter, before.counter);
    let decision = node.decide(&deploy("payments-prod")).await;
    assert!(!decision.evaluation.answer, "{decision:?}");
    assert_eq!(node.snapshots.current().generation(), present);
    while listening.snapshots.current().generation() != present {
        tokio::task::yield_now().await;
    }

    // A command that judged under the lost one does not commit.
    let store = node.service.store();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.raise_generation_from(before).await.unwrap(), None);
    tx.rollback().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_ne!(tx.hold_generation().await.unwrap(), before);
    tx.rollback().await.unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_directory_with_a_transaction_id_that_came_back_is_loaded_again(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    assert!(node.decide(&deploy("payments-staging")).await.evaluation.answer);
    let mut tx = world.owner.begin().await.unwrap();
    for sql in [
        "SELECT changed_by INTO TEMPORARY before FROM directory_version",
        "UPDATE principals SET gone = true WHERE id = 'ci/payments'",
        "UPDATE directory_version SET changed_by = before.changed_by FROM before",
        "SELECT raise_generation()",
    ] {
        sqlx::raw_sql(sql).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    let decision = node.decide(&deploy("payments-staging")).await;
    assert!(!decision.evaluation.answer, "{decision:?}");
}

/// The order of commits is taken from the write-ahead log, which nothing of ours writes: a decision's commit must stand
/// before that of every change with a greater generation than its own, and after that of every other. And what it came
/// to must be what was in force at its generation.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn no_decision_commits_under_a_generation_that_is_over(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let nodes = [
        world.node(Announcements::Ignored).await,
        world.node(Announcements::Ignored).await,
    ];
    // A slow disk under the decisions: without the lock, a change would commit in between again and again.
    sqlx::raw_sql(
        "CREATE EXTENSION pg_walinspect;
         CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN PERFORM pg_sleep(0.003); RETURN NULL; END';
         CREATE TRIGGER slow_disk AFTER INSERT ON decisions FOR EACH STATEMENT EXECUTE FUNCTION take_time()",
    )
    .execute(&world.owner)
    .await
    .unwrap();
    // A checkpoint, such as another test's new database asks for, would remove the log behind us: a slot keeps it, for as
    // long as this connection lasts.
    let mut keeping = world.owner.acquire().await.unwrap();
    let start: String = sqlx::query_scalar(
        "SELECT lsn::text FROM pg_create_physical_replication_slot('keep_' || pg_backend_pid(), true, true)",
    )
    .fetch_one(&mut *keeping)
    .await
    .unwrap();

    let over = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicUsize::new(0));
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..16 {
        let (node, over, answered) = (
            nodes[number % 2].clone(),
            Arc::clone(&over),
            Arc::clone(&answered),
        );
        asking.spawn(async move {
            let mut decided = 0;
            while !over.load(Ordering::SeqCst) {
                node.decide(&deploy("payments-staging")).await;
                answered.fetch_add(1, Ordering::SeqCst);
                decided += 1;
            }
            decided
        });
    }
    // Generation → its transaction, and whether the pipeline is out of the automation from it on.
    let mut changes: BTreeMap<i64, (String, bool)> = BTreeMap::new();
    let first = nodes[0].snapshots.current().generation().counter;
    let changer = &nodes[0].service;
    for _ in 0..60 {
        // Two changes follow each other at once; then some decision gets through, since without a pause none would: each
        // would be over before it is recorded.
        let before = answered.load(Ordering::SeqCst);
        while answered.load(Ordering::SeqCst) == before {
            tokio::task::yield_now().await;
        }
        let opt_out = nodes[0].to_manual();
        let mut stored = None;
        for begins in [true, false] {
            let mut tx = changer.begin().await.unwrap();
            match &stored {
                None => {
                    let new = store::opt_outs::Stored {
                        version: 1,
                        plan: domain::approval::Plan { stages: Vec::new() },
                        excluded: domain::approval::Exclusions::default(),
                        policy_digest: nodes[0].snapshots.current().policy().unwrap().digest(),
                        longest_secs: opt_out.window.length_secs(),
                        uses: 0,
                        scheduled: false,
                        opt_out: opt_out.clone(),
                    };
                    store::opt_outs::insert(&mut tx, &new).await.unwrap();
                    stored = Some(new);
                }
                Some(stored) => {
                    let mut ended = stored.clone();
                    ended.opt_out.state = domain::opt_out::OptOutState::Revoked;
                    store::opt_outs::update(&mut tx, &ended, false, changer.now())
                        .await
                        .unwrap();
                }
            }
            let xid: String = sqlx::query_scalar("SELECT pg_current_xact_id()::xid::text")
                .fetch_one(tx.conn())
                .await
                .unwrap();
            let generation = tx.raise_generation().await.unwrap().counter;
            tx.commit().await.unwrap();
            changes.insert(generation, (xid, begins));
        }
    }
    over.store(true, Ordering::SeqCst);
    let decided: i64 = asking.join_all().await.into_iter().sum();
    assert!(decided > 16, "the decisions ran beside the changes");

    // The tests' database flushes late; a commit that waits for its flush takes all before it along.
    sqlx::raw_sql("SET synchronous_commit = on; SELECT pg_logical_emit_message(true, 'flushed', '')")
        .execute(&mut *keeping)
        .await
        .unwrap();
    let commits: BTreeMap<String, i64> = sqlx::query_as(
        "SELECT xid::text, (end_lsn - '0/0')::bigint FROM pg_get_wal_records_info($1::pg_lsn, pg_current_wal_flush_lsn())
         WHERE resource_manager = 'Transaction' AND record_type LIKE 'COMMIT%'",
    )
    .bind(&start)
    .fetch_all(&mut *keeping)
    .await
    .unwrap()
    .into_iter()
    .collect();
    let decisions: Vec<(String, i64, String)> =
        sqlx::query_as("SELECT xmin::text, generation, effective FROM decisions ORDER BY id")
            .fetch_all(&world.owner)
            .await
            .unwrap();
    assert_eq!(i64::try_from(decisions.len()).unwrap(), decided);
    let mut generations = std::collections::BTreeSet::new();
    for (xid, generation, effective) in decisions {
        let committed = commits[&xid];
        generations.insert(generation);
        for (raised, (changed_by, _)) in &changes {
            let changed = commits[changed_by];
            if *raised > generation {
                assert!(
                    committed < changed,
                    "decided under {generation}, committed after {raised}"
                );
            } else {
                assert!(
                    committed > changed,
                    "decided under {generation}, committed before {raised}"
                );
            }
        }
        let manual = changes
            .range(..=generation)
            .next_back()
            .is_some_and(|(_, (_, begins))| *begins);
        let expected = if manual { "review" } else { "automate" };
        assert_eq!(
            effective, expected,
            "under generation {generation}, of {first} at first"
        );
    }
    assert!(
        generations.len() > 5,
        "decisions fell between the changes: {generations:?}"
    );
}
