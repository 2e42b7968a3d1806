//! A directory that says what is in force.

use crate::world::{World, correlation};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_unchanged_directory_changes_nothing_even_after_teams_have_gone(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    // Its members are gone with the team, and their rows still name it.
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

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_same_files_are_known_without_reading_the_directory_until_anything_has_changed(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let store = store::Store::new(world.app.clone());
    let stand = async |world: &World| {
        service::in_force::stands(&store, &world.directory, &world.policy)
            .await
            .unwrap()
            .is_some()
    };
    assert!(stand(&world).await);
    let before = world.directory.clone();
    world.directory.principals[0].display_name = "Somebody".to_owned();
    assert!(!stand(&world).await, "another directory");
    world.directory_changes(|_| {}).await;
    assert!(stand(&world).await);
    let policy = world.policy.clone();
    world
        .policy
        .get_mut("tiers.toml")
        .unwrap()
        .push_str("\n# A remark.\n");
    assert!(!stand(&world).await, "another policy");
    world.policy = policy;
    // Somebody else has changed it: what is in force comes from no file any more.
    sqlx::raw_sql("UPDATE principals SET display_name = 'Tampered' WHERE id = 'bob.okafor'")
        .execute(&world.owner)
        .await
        .unwrap();
    assert!(!stand(&world).await, "another row");
    world.imports(&before, &[]).await.unwrap();
    // A refused file takes people out.
    let refused = super::renamed(
        &super::without(&before, "hanna.lindt"),
        "contractors",
        "externals",
    );
    assert!(world.imports(&refused, &[]).await.is_err());
    world.directory = before;
    assert!(!stand(&world).await, "somebody has left");
}
