//! Names that a policy uses and a directory does not have, in both directions.

use super::{codes, refusals, renamed};
use crate::world::{World, correlation, outcome};
use service::directory::ResourceFile;
use service::in_force::Wanted;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_directory_without_a_name_that_the_policy_uses_is_refused_until_it_is_accepted(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let generation = world.generation();
    // One that rules forbid by, one that a tier asks, and one that may opt out.
    for (group, place) in [
        ("contractors", "rule contractors-"),
        ("security", "tier"),
        ("staff", "rule staff-"),
    ] {
        let told = world
            .imports(&renamed(&world.directory, group, "renamed"), &[])
            .await;
        let refusals = refusals(&told);
        assert!(
            refusals.iter().any(|one| one.code == "unknown_name"
                && one.field == format!("accept/group:{group}")
                && one.message.contains(place)),
            "{refusals:?}"
        );
    }
    assert_eq!(world.generation(), generation, "decisions know of nothing");

    let changed = renamed(&world.directory, "contractors", "externals");
    let told = world.imports(&changed, &["group:staff"]).await;
    assert_eq!(codes(&told), ["unknown_name"], "another name is not this one");
    assert!(world.imports(&changed, &["group:contractors"]).await.is_ok());
    // What was accepted is not asked about again, and a directory that has the name is not asked about at all.
    let mut again = changed.clone();
    again.principals[0].display_name = "Somebody".to_owned();
    assert!(world.imports(&again, &[]).await.is_ok());
    assert!(world.imports(&world.directory, &[]).await.is_ok());
    assert_eq!(codes(&world.imports(&changed, &[]).await), ["unknown_name"]);
    assert!(world.imports(&changed, &["contractors"]).await.is_ok());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_policy_that_uses_an_unknown_name_is_refused(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    for (file, from, to, name) in [
        (
            "rules/automation.cedar",
            "Group::\"contractors\"",
            "Group::\"contractor\"",
            "group contractor",
        ),
        (
            "rules/automation.cedar",
            "Role::\"incident-admin\"",
            "Role::\"incidents\"",
            "role incidents",
        ),
        (
            "tiers.toml",
            "fallback = [{ group = \"security\" }]",
            "fallback = [{ person = \"nobody\" }]",
            "person nobody",
        ),
        (
            "tiers.toml",
            "{ group = \"staff\", directions",
            "{ group = \"stuff\", directions",
            "group stuff",
        ),
    ] {
        let mut policy = world.policy.clone();
        let text = policy.get_mut(file).unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
        let told = world.service.publish_policy(&policy, correlation()).await;
        let accept = name.replace(' ', ":");
        assert_eq!(outcome(&told), format!("invalid accept/{accept} unknown_name"));
        let Err(service::ServiceError::Invalid(fields)) = told else {
            unreachable!()
        };
        assert!(fields[0].message.contains(name), "{fields:?}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_group_renamed_in_directory_and_policy_at_once_is_not_asked_about(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let directory = renamed(&world.directory, "contractors", "externals");
    let mut policy = world.policy.clone();
    for text in policy.values_mut() {
        *text = text
            .replace("Group::\"contractors\"", "Group::\"externals\"")
            .replace("group = \"contractors\"", "group = \"externals\"");
    }
    let wanted = Wanted {
        directory: Some(&directory),
        policy: Some(&policy),
        accept: None,
    };
    let done = world.service.put_in_force(wanted, correlation()).await.unwrap();
    assert_eq!(
        done.policy,
        Some(world.service.snapshots().current().policy().unwrap().digest())
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_resource_of_a_type_that_the_schema_does_not_have_is_refused(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let mut changed = world.directory.clone();
    let model = changed.resources[0].clone();
    changed.resources.push(ResourceFile {
        kind: "gizmo".to_owned(),
        id: "g1".to_owned(),
        ..model
    });
    assert_eq!(codes(&world.imports(&changed, &[]).await), ["unknown_type"]);
    assert!(world.imports(&changed, &["type:gizmo"]).await.is_ok());
    let answer = world.asks("alice.meyer", "read", "gizmo g1").await;
    assert!(!answer.evaluation.answer);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_group_that_an_attribute_names_is_asked_about(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let employment = "employment: String,";
    world
        .policy_changes(
            "schema.cedarschema",
            employment,
            &format!("{employment} on_leave_asks?: Group,"),
        )
        .await;
    let mut named = world.directory.clone();
    let asks = serde_json::json!({ "type": "Group", "id": "contractor" });
    named.principals[0]
        .attributes
        .insert("on_leave_asks".to_owned(), asks);
    let told = world.imports(&named, &[]).await;
    let refusals = refusals(&told);
    assert_eq!(codes(&told), ["unknown_name"]);
    assert_eq!(refusals[0].field, "accept/group:contractor");
    assert!(refusals[0].message.contains("alice.meyer"), "{refusals:?}");
    assert!(world.imports(&named, &["group:contractor"]).await.is_ok());
}
