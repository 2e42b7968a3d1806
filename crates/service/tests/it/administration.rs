//! Directory, policy and clients: what is put in force, and what is refused.

use crate::world::people::{administrator, approver};
use crate::world::{World, correlation, outcome};
use domain::event::EventKind;
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
    // Nothing but the alarm.
    let written: Vec<(String, i64)> = world
        .rows()
        .await
        .into_iter()
        .filter(|row| !before.contains(row))
        .collect();
    let tables: Vec<&str> = written.iter().map(|(table, _)| table.as_str()).collect();
    assert_eq!(tables, ["events", "ledger_pending"]);
    assert_eq!(world.count(EventKind::DirectoryRefused).await, 1);
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

/// The newest event of a kind, and how many there are.
async fn newest(world: &World, kind: &str) -> (serde_json::Value, i64) {
    let row = sqlx::query!(
        r#"SELECT body, count(*) OVER () AS "events!" FROM events WHERE kind = $1 ORDER BY id DESC LIMIT 1"#,
        kind
    )
    .fetch_one(&world.owner)
    .await
    .unwrap();
    (serde_json::from_slice(&row.body).unwrap(), row.events)
}

async fn with_administrators(pool: PgPoolOptions, options: PgConnectOptions) -> World {
    let world = World::start(pool, options).await;
    for person in ["petra.lindqvist", "jonas.weber"] {
        world
            .service
            .record_sign_in(&administrator(person), json!({}))
            .await
            .unwrap();
    }
    world.told().await;
    world
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_unchanged_directory_changes_nothing(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = with_administrators(pool, options).await;
    let (rows, generation) = (
        world.rows().await,
        world.service.snapshots().current().generation(),
    );
    world
        .service
        .import_directory(&world.directory, correlation())
        .await
        .unwrap();
    assert_eq!(world.rows().await, rows);
    let present = store::generation::current(&world.owner).await.unwrap();
    assert_eq!(present, generation);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_changed_directory_is_an_event_of_its_differences_and_all_administrators_are_notified(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = with_administrators(pool, options).await;
    world
        .directory_changes(|directory| {
            let at = |id: &str| directory.principals.iter().position(|one| one.id == id).unwrap();
            let (alice, bob) = (at("alice.meyer"), at("bob.okafor"));
            directory.principals[alice].team = "search".parse().unwrap();
            directory.principals[bob]
                .attributes
                .insert("email".into(), json!("bob@example.com"));
            let mut came = directory.principals[bob].clone();
            came.id = "new.comer".to_owned();
            came.sign_ins[0].sub = "provider-subject-of-the-new-one".to_owned();
            directory.principals.push(came);
            let team = directory
                .teams
                .keys()
                .find(|team| team.as_str() == "payments")
                .cloned()
                .unwrap();
            let other = directory
                .teams
                .values()
                .find(|other| other.owners != directory.teams[&team].owners);
            let owners = other.unwrap().owners.clone();
            directory.teams.get_mut(&team).unwrap().owners = owners;
        })
        .await;
    let (body, events) = newest(&world, "directory.changed").await;
    assert_eq!(events, 2, "the first import and this one");
    let principals = &body["principals"];
    assert_eq!(principals["moved"][0]["what"]["id"], "alice.meyer");
    assert_eq!(principals["moved"][0]["to"], "search");
    assert_eq!(principals["came"][0]["id"], "new.comer");
    assert_eq!(principals["left"], json!([]));
    assert_eq!(principals["changed"][0]["fields"], json!(["attributes.email"]));
    assert_eq!(body["teams"]["owners"][0]["team"], "payments");
    assert_eq!(body["sign_ins"], json!(["new.comer"]));
    assert_eq!(body["changes"].as_array().unwrap().len(), 5);
    let written = body.to_string();
    assert!(
        !written.contains("example.com") && !written.contains("provider-subject"),
        "{written}"
    );
    assert_eq!(
        world.told().await,
        [
            "jonas.weber: directory_changed",
            "petra.lindqvist: directory_changed"
        ]
    );

    // Whoever did it knows; one that leaves is told of nothing.
    let mut directory = world.directory.clone();
    directory.principals.retain(|one| one.id != "new.comer");
    world
        .service
        .administer_directory(&administrator("petra.lindqvist"), &directory)
        .await
        .unwrap();
    assert_eq!(world.told().await, ["jonas.weber: directory_changed"]);
    let (body, _) = newest(&world, "directory.changed").await;
    assert_eq!(body["principals"]["left"][0]["id"], "new.comer");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_published_policy_is_an_event_of_what_changed_and_all_administrators_are_notified(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = with_administrators(pool, options).await;
    let before = world.service.snapshots().current().policy().unwrap().digest();
    let mut policy = world.policy.clone();
    let tiers = policy.get_mut("tiers.toml").unwrap();
    *tiers = tiers.replacen("step_up = true", "step_up = false", 1);
    let rules = policy.get_mut("rules/automation.cedar").unwrap();
    *rules = rules.replacen("no-unattended-prod-deploy", "no-unattended-deploy", 1);
    let scenarios = policy.get_mut("scenarios.toml").unwrap();
    *scenarios = scenarios.replace("no-unattended-prod-deploy", "no-unattended-deploy");
    world
        .service
        .publish_policy(&policy, correlation())
        .await
        .unwrap();
    let (body, _) = newest(&world, "policy.published").await;
    assert_eq!(body["before"], json!(before));
    let texts: Vec<&str> = body["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["text"].as_str().unwrap())
        .collect();
    for expected in [
        "rule no-unattended-prod-deploy left",
        "rule no-unattended-deploy came",
        "tier critical changed",
    ] {
        assert!(texts.contains(&expected), "{texts:?}");
    }
    assert!(body.get("files").is_none());
    assert_eq!(
        world.told().await,
        [
            "jonas.weber: policy_published",
            "petra.lindqvist: policy_published"
        ]
    );
    world
        .service
        .publish_policy(&policy, correlation())
        .await
        .unwrap();
    assert_eq!(world.told().await, Vec::<String>::new());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_policy_and_a_directory_put_in_force_at_once_fit_each_other(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (other, _) = world.another_node().await;
    let without = world.directory.clone();
    world
        .directory_changes(|directory| {
            for one in &mut directory.principals {
                one.attributes.insert("badge".into(), json!("b"));
            }
        })
        .await;
    let mut policy = world.policy.clone();
    let schema = policy.get_mut("schema.cedarschema").unwrap();
    *schema = schema.replace("employment: String,", "employment: String, badge: String,");
    let (published, imported) = tokio::join!(
        world.service.publish_policy(&policy, correlation()),
        other.import_directory(&without, correlation())
    );
    assert!(
        published.is_ok() != imported.is_ok(),
        "{published:?} {imported:?}"
    );
    let (fresh, _) = world.another_node().await;
    assert!(fresh.snapshots().current().snapshot().is_ok());
}
