//! Everything that is wrong with a file, at once.

use super::refusals;
use crate::world::{World, joins};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn all_faults_of_a_directory_come_together_each_with_its_place(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let mut changed = world.directory.clone();
    changed.principals[0].display_name = "Alice \u{202e}reyem".to_owned();
    changed.principals[1].display_name = " \u{200b}".to_owned();
    changed.principals[2].team = "nowhere".parse().unwrap();
    changed.resources[0].display_name = "\u{7}".to_owned();
    joins(&mut changed, "security", "nobody.here");
    let twice = changed.principals[3].clone();
    changed.principals.push(twice);
    let told = world.imports(&changed, &[]).await;
    let mut fields: Vec<String> = refusals(&told).into_iter().map(|one| one.field).collect();
    fields.sort();
    let last = format!("directory/principals/{}", changed.principals.len() - 1);
    let mut expected = vec![
        "directory/groups/security",
        "directory/principals/0",
        "directory/principals/1",
        "directory/principals/2",
        &last,
        "directory/resources/0",
    ];
    expected.sort_unstable();
    assert_eq!(fields, expected);
    // What turns no direction is a name as any other.
    let mut changed = world.directory.clone();
    changed.principals[0].display_name = "\u{200f}ليلى حداد\u{200c}".to_owned();
    assert!(world.imports(&changed, &[]).await.is_ok());
}
