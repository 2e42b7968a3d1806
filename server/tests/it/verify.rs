//! What `spillway verify` says.

use server::verify::{Trust, verify, words};
use service::ids::RandomIds;
use service::ledger_log::{DiskHead, Sequencer, open_or_make};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::sync::Arc;

use crate::support::TestApp;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_first_fault_is_named_by_its_index(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let folder = tempfile::tempdir().unwrap();
    let trust = Trust::of_node(folder.path(), folder.path().join("signing.key"));
    let service = &app.application.service;
    assert!(
        verify(service.store(), &trust).await.is_err(),
        "without a key nothing can be said"
    );
    let key = open_or_make(&trust.key_file, "spillway.test/ledger", &RandomIds).unwrap();
    let disk = DiskHead::at(trust.disk_head.clone());
    let clock: Arc<dyn service::clock::Clock> = app.clock.clone();
    let sequencer = Sequencer::new(service.store().clone(), clock, key, disk).unwrap();
    // Signing in writes an event.
    app.person("alice.meyer").await;
    app.person("bob.okafor").await;
    sequencer.step().await.unwrap();

    let report = verify(service.store(), &trust).await.unwrap();
    assert!(
        words(&report).starts_with("The ledger is intact.\n2 entries, 2 of them under a signed head"),
        "{report:?}"
    );

    let mut conn = app.owner.acquire().await.unwrap();
    sqlx::raw_sql("SET session_replication_role = replica; UPDATE ledger_leaves SET hash = sha256(hash) WHERE index = 1")
        .execute(&mut *conn)
        .await
        .unwrap();
    let report = verify(service.store(), &trust).await.unwrap();
    assert!(!report.is_intact());
    let said = words(&report);
    assert!(
        said.starts_with("The ledger is NOT intact. The first fault is at entry 1."),
        "{said}"
    );
    assert!(said.contains("- entry 1 was changed"), "{said}");
}
