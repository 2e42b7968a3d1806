//! `verify` finds what somebody changed who may do everything in the database, and says where.

use crate::ledger_log::sequencer;
use crate::support::{World, deploy};
use ledger::Fault;
use service::ledger_log::{Finding, LedgerReport, RecordFault, verify_ledger};
use service::snapshot::Announcements;
use sqlx::PgConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const TABLES: [&str; 5] = [
    "ledger_leaves",
    "ledger_checkpoints",
    "ledger_head",
    "decisions",
    "events",
];

async fn run(conn: &mut PgConnection, sql: impl Into<String>) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.into()))
        .execute(conn)
        .await
        .unwrap();
}

/// What has to be found, and the index that has to be named.
struct Case {
    name: &'static str,
    sql: &'static str,
    index: Option<u64>,
    found: fn(&LedgerReport) -> bool,
}

fn any_log(report: &LedgerReport, wanted: fn(&Fault) -> bool) -> bool {
    report
        .findings
        .iter()
        .any(|finding| matches!(finding, Finding::Log(fault) if wanted(fault)))
}

fn any_record(report: &LedgerReport, wanted: fn(&RecordFault) -> bool) -> bool {
    report
        .findings
        .iter()
        .any(|finding| matches!(finding, Finding::Record(fault) if wanted(fault)))
}

/// Entries 3 to 8 are decisions, one checkpoint each; before them stand what the world was made of.
const CASES: [Case; 12] = [
    Case {
        name: "changed bytes",
        sql: "UPDATE ledger_leaves SET bytes = overlay(bytes PLACING '\\x32' FROM octet_length(bytes) - 1) WHERE index = 5",
        index: Some(5),
        found: |report| any_log(report, |fault| matches!(fault, Fault::Changed { index: 5 })),
    },
    Case {
        name: "changed bytes with their hash",
        sql: "UPDATE ledger_leaves l SET bytes = o.bytes, hash = o.hash FROM ledger_leaves o WHERE l.index = 5 AND o.index = 4",
        index: Some(5),
        found: |report| any_log(report, |fault| matches!(fault, Fault::RootMismatch { since: 5, size: 6 })),
    },
    Case {
        name: "a deleted entry",
        sql: "DELETE FROM ledger_leaves WHERE index = 4",
        index: Some(4),
        found: |report| any_log(report, |fault| matches!(fault, Fault::Missing { first: 4, last: 4 })),
    },
    Case {
        name: "swapped entries",
        sql: "UPDATE ledger_leaves SET index = 1000 WHERE index = 4; UPDATE ledger_leaves SET index = 4 WHERE index = 6;
              UPDATE ledger_leaves SET index = 6 WHERE index = 1000",
        index: Some(4),
        found: |report| any_log(report, |fault| matches!(fault, Fault::RootMismatch { since: 4, .. })),
    },
    Case {
        name: "an entry put in at the end",
        sql: "INSERT INTO ledger_leaves SELECT 9, bytes, hash FROM ledger_leaves WHERE index = 8",
        index: Some(9),
        found: |report| report.findings.iter().any(|finding| matches!(finding, Finding::Head { head: 9, found: 10 })),
    },
    Case {
        name: "the end cut off",
        sql: "DELETE FROM ledger_leaves WHERE index >= 7",
        index: Some(7),
        found: |report| any_log(report, |fault| matches!(fault, Fault::CutOff { expected: 9, found: 7 })),
    },
    Case {
        name: "the end cut off with its checkpoints and decisions",
        sql: "DELETE FROM decisions WHERE leaf_hash IN (SELECT hash FROM ledger_leaves WHERE index >= 7);
              DELETE FROM ledger_leaves WHERE index >= 7; DELETE FROM ledger_checkpoints WHERE size > 7;
              UPDATE ledger_head SET size = 7",
        index: Some(7),
        found: |report| any_log(report, |fault| matches!(fault, Fault::CutOff { expected: 9, found: 7 })),
    },
    Case {
        name: "a changed record",
        sql: "UPDATE decisions SET record = convert_to(replace(convert_from(record, 'UTF8'), 'ci/payments', 'ci/harmless'), 'UTF8')
              WHERE leaf_hash = (SELECT hash FROM ledger_leaves WHERE index = 6)",
        index: Some(6),
        found: |report| any_record(report, |fault| matches!(fault, RecordFault::Changed { index: 6, what: "record", .. })),
    },
    Case {
        name: "a changed column",
        sql: "UPDATE decisions SET answer = false, effective = 'deny' WHERE leaf_hash = (SELECT hash FROM ledger_leaves WHERE index = 3)",
        index: Some(3),
        found: |report| any_record(report, |fault| matches!(fault, RecordFault::Changed { index: 3, what: "columns", .. })),
    },
    Case {
        name: "a deleted decision",
        sql: "DELETE FROM decisions WHERE leaf_hash = (SELECT hash FROM ledger_leaves WHERE index = 8)",
        index: Some(8),
        found: |report| any_record(report, |fault| matches!(fault, RecordFault::Missing { index: 8, .. })),
    },
    Case {
        name: "a changed event",
        sql: "UPDATE events SET body = body || ' ' WHERE leaf_hash = (SELECT hash FROM ledger_leaves WHERE index = 0)",
        index: Some(0),
        found: |report| any_record(report, |fault| matches!(fault, RecordFault::Changed { index: 0, what: "body", .. })),
    },
    Case {
        name: "an invented decision",
        sql: "INSERT INTO decisions SELECT gen_random_uuid(), at, generation, policy_digest, client_id, principal_kind, principal_id,
              resource_type, resource_id, capability, tier, base, effective, answer, grant_id, salt, record, sha256(salt)
              FROM decisions LIMIT 1",
        index: None,
        found: |report| any_record(report, |fault| matches!(fault, RecordFault::Unlogged { .. })),
    },
];

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn tampering_is_found_and_placed(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let folder = tempfile::tempdir().unwrap();
    let node = world.node(Announcements::Ignored).await;
    let sequencer = sequencer(&world, &node, &folder);
    sequencer.step().await.unwrap();
    assert_eq!(
        world.count("SELECT size FROM ledger_head").await,
        3,
        "policy, directory, client"
    );
    for _ in 0..6 {
        node.decide(&deploy("payments-staging")).await;
        sequencer.step().await.unwrap();
    }
    let seen = [std::fs::read_to_string(folder.path().join("ledger-head")).unwrap()];
    let verify = || verify_ledger(node.service.store(), sequencer.verifier_key(), &seen);
    let report = verify().await.unwrap();
    assert!(report.is_intact(), "{report:?}");
    assert_eq!(
        (
            report.entries,
            report.signed_size,
            report.decisions,
            report.events
        ),
        (9, 9, 6, 3)
    );

    let mut conn = world.owner.acquire().await.unwrap();
    for table in TABLES {
        run(
            &mut conn,
            format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"),
        )
        .await;
    }
    // Triggers do not stop a superuser.
    run(&mut conn, "SET session_replication_role = replica").await;
    for case in CASES {
        run(&mut conn, case.sql).await;
        let report = verify().await.unwrap();
        assert!((case.found)(&report), "{}: {report:?}", case.name);
        assert_eq!(
            report.findings[0].index(),
            case.index,
            "{}: {report:?}",
            case.name
        );
        for table in TABLES {
            run(
                &mut conn,
                format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}"),
            )
            .await;
        }
        assert!(verify().await.unwrap().is_intact(), "{} was undone", case.name);
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn entries_that_wait_are_no_fault(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let folder = tempfile::tempdir().unwrap();
    let node = world.node(Announcements::Ignored).await;
    let sequencer = sequencer(&world, &node, &folder);
    sequencer.step().await.unwrap();
    node.decide(&deploy("payments-staging")).await;
    let report = verify_ledger(node.service.store(), sequencer.verifier_key(), &[])
        .await
        .unwrap();
    assert!(report.is_intact(), "{report:?}");
    assert_eq!(report.pending, 1);
}
