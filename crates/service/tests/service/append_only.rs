//! What is recorded can be neither changed nor deleted: not by the role that serves, and not by accident by the owner.

use crate::support::{World, deploy};
use service::snapshot::Announcements;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn records_refuse_every_change(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    store::decisions::make_partitions(&world.owner, node.service.now(), node.service.now())
        .await
        .unwrap();
    node.put_in_force(node.bypass(Some(5))).await;
    let id = node.decide(&deploy("payments-prod")).await.id.uuid();
    let folder = tempfile::tempdir().unwrap();
    crate::ledger_log::sequencer(&world, &node, &folder)
        .step()
        .await
        .unwrap();
    let before = world.count("SELECT count(*) FROM decisions").await;

    for (table, column) in [
        ("decisions", "effective"),
        ("opt_out_uses", "base"),
        ("events", "kind"),
        ("ledger_leaves", "hash"),
        ("ledger_checkpoints", "note"),
        ("opt_out_revisions", "body"),
        ("entity_versions", "body"),
    ] {
        for sql in [
            format!("UPDATE {table} SET {column} = {column}"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table} CASCADE"),
        ] {
            let serving = sqlx::raw_sql(AssertSqlSafe(sql.clone()))
                .execute(node.service.store().pool())
                .await;
            assert!(serving.is_err(), "the serving role could: {sql}");
            let owning = sqlx::raw_sql(AssertSqlSafe(sql.clone()))
                .execute(&world.owner)
                .await;
            assert!(owning.is_err(), "the owner could: {sql}");
        }
    }
    let partition: String =
        sqlx::query_scalar("SELECT tableoid::regclass::text FROM decisions WHERE id = $1")
            .bind(id)
            .fetch_one(&world.owner)
            .await
            .unwrap();
    assert_ne!(partition, "decisions_default");
    for table in [partition.as_str(), "decisions_default"] {
        let emptied = sqlx::raw_sql(AssertSqlSafe(format!("TRUNCATE {table}")))
            .execute(&world.owner)
            .await;
        assert!(emptied.is_err(), "{table} could be emptied");
    }
    assert_eq!(world.count("SELECT count(*) FROM decisions").await, before);
}
