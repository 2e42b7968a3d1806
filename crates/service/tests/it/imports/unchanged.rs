//! A directory that says what is in force.

use crate::world::{World, correlation};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_unchanged_directory_changes_nothing_even_after_teams_have_gone(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    // Whoever was in the team is gone with it: their row names it still.
    world
        .directory_changes(|directory| {
            directory.principals.retain(|one| one.team.as_str() != "search");
            let here: Vec<String> = directory.principals.iter().map(|one| one.id.clone()).collect();
            for group in directory.groups.values_mut() {
                group.members.retain(|member| here.contains(member));
                group.workloads.retain(|member| here.contains(member));
                group.agents.retain(|member| here.contains(member));
            }
            directory.resources.retain(|one| one.team.as_str() != "search");
            directory.teams.remove(&"search".parse().unwrap());
            directory.groups.remove(&"search-owners".parse().unwrap());
        })
        .await;
    let (rows, generation) = (world.rows().await, world.generation());
    world
        .service
        .import_directory(&world.directory, correlation())
        .await
        .unwrap();
    assert_eq!(world.rows().await, rows);
    assert_eq!(world.generation(), generation);
    let (fresh, _) = world.another_node().await;
    assert_eq!(
        fresh.snapshots().current().directory(),
        world.service.snapshots().current().directory()
    );
}
