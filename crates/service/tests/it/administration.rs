//! Directory, policy and clients: what is put in force, and what is refused.

use crate::world::people::{administrator, approver};
use crate::world::{World, correlation, outcome};
use serde_json::json;
use service::ServiceError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_policy_that_does_not_fit_the_directory_is_refused_and_the_other_way_round(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let before = world.rows().await;
    let mut policy = world.policy.clone();
    let schema = policy.get_mut("schema.cedarschema").unwrap();
    *schema = schema.replace("employment: String,", "employment: String, badge: String,");
    let told = world.service.publish_policy(&policy, correlation()).await;
    assert!(
        outcome(&told).starts_with("invalid directory does_not_fit"),
        "{}",
        outcome(&told)
    );
    let mut directory = world.directory.clone();
    directory.principals[0]
        .attributes
        .insert("employment".into(), json!(7));
    let told = world.service.import_directory(&directory, correlation()).await;
    assert_eq!(outcome(&told), "invalid directory does_not_fit");
    assert_eq!(world.rows().await, before);
    assert!(!world.may_deploy().await, "and decisions go on");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_policy_with_mistakes_is_refused_with_all_of_them(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let mut policy = world.policy.clone();
    policy.insert(
        "rules/wrong.cedar".into(),
        "permit (principal, action, resource) when { nonsense };\nforbid".into(),
    );
    let before = world.rows().await;
    match world.service.publish_policy(&policy, correlation()).await {
        Err(ServiceError::Invalid(fields)) => {
            assert!(fields.iter().all(|field| field.code == "invalid_policy"))
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.rows().await, before);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_comes_back_is_who_they_were_and_every_decision_replays(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (other, _) = world.another_node().await;
    let alice = world
        .directory
        .principals
        .iter()
        .position(|one| one.id == "alice.meyer")
        .unwrap();
    let gone = world.directory.principals[alice].clone();
    let before = world.asks("alice.meyer", "read", "database warehouse").await;
    let full = world.directory.clone();
    world
        .directory_changes(|directory| {
            directory.principals.remove(alice);
            for group in directory.groups.values_mut() {
                group.members.retain(|member| *member != gone.id);
            }
        })
        .await;
    let away = world.asks("alice.meyer", "read", "database warehouse").await;
    assert!(before.evaluation.answer && !away.evaluation.answer);
    // From a node that knows of nobody but those who are there.
    other.import_directory(&full, correlation()).await.unwrap();
    let back = world.asks("alice.meyer", "read", "database warehouse").await;
    assert!(back.evaluation.answer);
    for decision in [before, away, back] {
        assert!(world.service.replay(decision.id).await.unwrap().agrees());
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_client_loses_its_credentials_once_and_an_unknown_one_is_unknown(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let petra = administrator("petra.lindqvist");
    let id = world.psql.client.id;
    assert_eq!(
        outcome(&world.service.revoke_client(&approver("bob.okafor"), id).await),
        "forbidden not_permitted"
    );
    assert_eq!(outcome(&world.service.revoke_client(&petra, id).await), "done");
    assert_eq!(
        outcome(&world.service.revoke_client(&petra, id).await),
        "not found"
    );
    let again = &world
        .directory
        .clients
        .iter()
        .find(|client| client.name == "psql-gateway")
        .unwrap();
    assert_eq!(
        outcome(&world.service.register_client(again, correlation()).await),
        "invalid name taken"
    );
}
