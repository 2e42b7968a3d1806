//! The sequencer.

use crate::support::{Node, World, deploy};
use service::ids::RandomIds;
use service::ledger_log::{DiskHead, SequenceError, Sequencer, Step, open_or_make, verify_ledger};
use service::snapshot::Announcements;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// A sequencer with the key in this folder.
pub fn sequencer(world: &World, node: &Node, folder: &TempDir) -> Sequencer {
    sequencer_noting(world, node, folder, "ledger-head")
}

fn sequencer_noting(world: &World, node: &Node, folder: &TempDir, note: &str) -> Sequencer {
    let key = open_or_make(
        &folder.path().join("signing.key"),
        "spillway.test/ledger",
        &RandomIds,
    )
    .unwrap();
    let disk = DiskHead::at(folder.path().join(note));
    Sequencer::new(node.service.store().clone(), world.clock.clone(), key, disk).unwrap()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn two_sequencers_place_everything_once(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let folder = tempfile::tempdir().unwrap();
    let nodes = [
        world.node(Announcements::Ignored).await,
        world.node(Announcements::Ignored).await,
    ];
    let sequencers = [
        Arc::new(sequencer_noting(&world, &nodes[0], &folder, "head-0")),
        Arc::new(sequencer_noting(&world, &nodes[1], &folder, "head-1")),
    ];
    let over = Arc::new(AtomicBool::new(false));
    let mut sequencing = tokio::task::JoinSet::new();
    for sequencer in &sequencers {
        let (sequencer, over) = (Arc::clone(sequencer), Arc::clone(&over));
        sequencing.spawn(async move {
            let mut placed = 0;
            loop {
                let last = over.load(Ordering::SeqCst);
                match sequencer.step().await.unwrap() {
                    Step::Signed { placed: some, .. } => placed += some,
                    Step::Idle if last => return placed,
                    Step::Idle | Step::Elsewhere => tokio::task::yield_now().await,
                }
            }
        });
    }
    for round in 0..20 {
        let mut asking = tokio::task::JoinSet::new();
        for number in 0..10 {
            let node = nodes[(round + number) % 2].clone();
            asking.spawn(async move { node.decide(&deploy("payments-staging")).await });
        }
        asking.join_all().await;
    }
    over.store(true, Ordering::SeqCst);
    let placed: u64 = sequencing.join_all().await.into_iter().sum();
    let events = world.count("SELECT count(*) FROM events").await;
    assert_eq!(placed, 200 + u64::try_from(events).unwrap());
    assert_eq!(world.count("SELECT count(*) FROM ledger_pending").await, 0);
    let report = verify_ledger(nodes[0].service.store(), sequencers[0].verifier_key(), &[])
        .await
        .unwrap();
    assert!(report.is_intact(), "{report:?}");
    assert_eq!(
        (report.entries, report.signed_size, report.decisions),
        (placed, placed, 200)
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_a_stopped_node_left_unsigned_is_signed_by_the_next(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::new(options).await;
    let folder = tempfile::tempdir().unwrap();
    let node = world.node(Announcements::Ignored).await;
    let first = sequencer(&world, &node, &folder);
    first.step().await.unwrap();
    node.decide(&deploy("payments-staging")).await;
    first.step().await.unwrap();
    // As if the node had stopped between its commit and the checkpoint.
    let mut conn = world.owner.acquire().await.unwrap();
    sqlx::raw_sql(
        "SET session_replication_role = replica;
         DELETE FROM ledger_checkpoints WHERE size = (SELECT max(size) FROM ledger_checkpoints);
         SET session_replication_role = origin",
    )
    .execute(&mut *conn)
    .await
    .unwrap();
    let other = sequencer_noting(&world, &node, &folder, "another-head");
    let size = world.count("SELECT size FROM ledger_head").await;
    let size = u64::try_from(size).unwrap();
    assert_eq!(other.step().await.unwrap(), Step::Signed { placed: 0, size });
    assert_eq!(other.step().await.unwrap(), Step::Idle);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_database_that_was_set_back_stops_the_ledger(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let folder = tempfile::tempdir().unwrap();
    let node = world.node(Announcements::Ignored).await;
    let sequencer = sequencer(&world, &node, &folder);
    sequencer.step().await.unwrap();
    let kept: Vec<String> = ["ledger_leaves", "ledger_checkpoints", "ledger_head"]
        .map(str::to_owned)
        .into();
    let mut conn = world.owner.acquire().await.unwrap();
    for table in &kept {
        let sql = format!("CREATE TABLE old_{table} AS SELECT * FROM {table}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut *conn)
            .await
            .unwrap();
    }
    node.decide(&deploy("payments-staging")).await;
    sequencer.step().await.unwrap();
    sqlx::raw_sql("SET session_replication_role = replica")
        .execute(&mut *conn)
        .await
        .unwrap();
    for table in &kept {
        let sql = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM old_{table}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut *conn)
            .await
            .unwrap();
    }
    let refused = sequencer.step().await;
    assert!(
        matches!(refused, Err(SequenceError::SetBack { .. })),
        "{refused:?}"
    );
    // It grows again past where it was: what this node has seen signed is still not in it.
    for _ in 0..3 {
        node.decide(&deploy("payments-staging")).await;
    }
    let blind = sequencer_noting(&world, &node, &folder, "blind");
    blind.step().await.unwrap();
    let refused = sequencer.step().await;
    assert!(
        matches!(refused, Err(SequenceError::Forked { .. })),
        "{refused:?}"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_head_that_does_not_follow_from_the_entries_is_never_signed(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::new(options).await;
    let folder = tempfile::tempdir().unwrap();
    let node = world.node(Announcements::Ignored).await;
    let sequencer = sequencer(&world, &node, &folder);
    sequencer.step().await.unwrap();
    sqlx::raw_sql("UPDATE ledger_head SET frontier = overlay(frontier PLACING '\\x00' FROM 1)")
        .execute(&world.owner)
        .await
        .unwrap();
    let refused = sequencer.step().await;
    assert!(matches!(refused, Err(SequenceError::Head)), "{refused:?}");
}

#[test]
fn a_key_is_made_once_and_refused_when_others_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signing.key");
    let made = open_or_make(&path, "spillway.test/ledger", &RandomIds).unwrap();
    let read = open_or_make(&path, "elsewhere.test/ledger", &RandomIds).unwrap();
    let text = |key: &ledger::SigningKey| key.verifier_key().unwrap().to_string();
    assert_eq!(text(&made), text(&read), "a log keeps its name");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let refused = open_or_make(&path, "spillway.test/ledger", &RandomIds);
        assert!(matches!(
            refused,
            Err(service::ledger_log::KeyFileError::Exposed { .. })
        ));
    }
}
