//! Nodes build the next directory before it is in force.

use crate::world::{World, joins};
use service::snapshot::Announcements;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_node_that_prepared_has_what_a_node_that_loads_reads(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (other, _) = world.another_node().await;
    let stop = CancellationToken::new();
    let mut workers = tokio::task::JoinSet::new();
    workers.spawn(other.snapshots().clone().prepare_ahead(stop.clone()));
    workers.spawn(
        other
            .snapshots()
            .clone()
            .follow(Announcements::Heard, stop.clone()),
    );
    for change in 0..3 {
        world
            .directory_changes(|directory| {
                joins(
                    directory,
                    "security",
                    ["alice.meyer", "yuki.mori", "noor.aziz"][change],
                );
                directory.resources.swap_remove(change + 3);
            })
            .await;
        let wanted = world.service.snapshots().current().generation();
        other.snapshots().reach(wanted).await.unwrap();
        let (fresh, _) = world.another_node().await;
        let (loaded, prepared) = (fresh.snapshots().current(), other.snapshots().current());
        assert_eq!(loaded.directory(), prepared.directory());
        for name in loaded.directory().principals.keys() {
            assert_eq!(
                loaded.entities().of_principal(name),
                prepared.entities().of_principal(name)
            );
        }
        assert!(prepared.snapshot().is_ok());
        assert!(Arc::ptr_eq(
            prepared.view().unwrap().directory(),
            prepared.directory()
        ));
    }
    stop.cancel();
    while workers.join_next().await.is_some() {}
}
