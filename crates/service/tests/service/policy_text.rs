//! Nothing is decided by a policy text that nobody published (invariant 13).

use crate::support::{Node, World, correlation, deploy, policy_files};
use domain::digest::Digest;
use service::ServiceError;
use service::decisions::Stop;
use service::snapshot::{Announcements, NotReady};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::collections::BTreeMap;

/// What the owner of the database can do to what is stored, past triggers and constraints.
const TAMPER: &str = "SET LOCAL session_replication_role = replica";

async fn tampered(world: &World, sql: &'static str) {
    let mut tx = world.owner.begin().await.unwrap();
    for sql in [TAMPER, sql, "SELECT raise_generation()"] {
        sqlx::raw_sql(sql).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Why a node decides nothing; none where it decides.
async fn refusal(node: &Node) -> Option<NotReady> {
    match node
        .decider
        .decide(&node.caller(), &[deploy("payments-prod")], Stop::Never)
        .await
    {
        Ok(_) => None,
        Err(ServiceError::Unavailable(why)) => Some(why.downcast_ref::<NotReady>().unwrap().clone()),
        Err(other) => panic!("{other:?}"),
    }
}

/// Today's policy with one rule less, as a version that can be published.
fn laxer() -> BTreeMap<String, String> {
    let mut files = policy_files();
    let rules = files.get_mut("rules/automation.cedar").unwrap();
    *rules = rules.replacen("forbid", "// Another text.\nforbid", 1);
    files
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_changed_text_stops_new_and_running_nodes_until_it_is_restored(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::new(options).await;
    let running = world.node(Announcements::Ignored).await;
    assert!(refusal(&running).await.is_none());
    for change in [
        // A rule's condition, a tier, no more than a blank, a file more, a file less.
        "UPDATE policy_versions SET files = jsonb_set(files, '{rules/automation.cedar}',
             to_jsonb(replace(files ->> 'rules/automation.cedar', 'forbid', 'permit')))",
        "UPDATE policy_versions SET files = jsonb_set(files, '{tiers.toml}',
             to_jsonb(replace(files ->> 'tiers.toml', 'step_up = true', 'step_up = false')))",
        "UPDATE policy_versions SET files = jsonb_set(files, '{tiers.toml}', to_jsonb((files ->> 'tiers.toml') || ' '))",
        r#"UPDATE policy_versions SET files = files || '{"rules/more.cedar": ""}'"#,
        "UPDATE policy_versions SET files = files - 'rules/automation.cedar'",
        "UPDATE policy_versions SET files = '{}'",
        "UPDATE policy_versions SET digest = sha256('another')",
    ] {
        sqlx::raw_sql("CREATE TABLE kept AS SELECT * FROM policy_versions")
            .execute(&world.owner)
            .await
            .unwrap();
        tampered(&world, change).await;
        let starting = world.node(Announcements::Ignored).await;
        for node in [&running, &starting] {
            let why = refusal(node).await;
            assert!(
                matches!(why, Some(NotReady::Policy(_) | NotReady::NotAnnounced(_))),
                "{change}: {why:?}"
            );
        }
        tampered(
            &world,
            "UPDATE policy_versions p SET files = k.files, digest = k.digest FROM kept k; DROP TABLE kept",
        )
        .await;
        for node in [&running, &starting] {
            // As `follow` does: a node that decides nothing records nothing either, and so does not find out by that.
            node.snapshots.current_for_commands().await.unwrap();
            assert!(refusal(node).await.is_none(), "after {change}");
        }
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn publishing_does_not_put_a_changed_text_in_force(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    let digest = node
        .service
        .publish_policy(&laxer(), correlation())
        .await
        .unwrap();
    node.service
        .publish_policy(&policy_files(), correlation())
        .await
        .unwrap();
    tampered(
        &world,
        "UPDATE policy_versions SET files = jsonb_set(files, '{rules/automation.cedar}', '\"\"') WHERE state = 'superseded'",
    )
    .await;
    let refused = node.service.publish_policy(&laxer(), correlation()).await;
    assert!(matches!(refused, Err(ServiceError::Internal(_))), "{refused:?}");
    assert_ne!(node.snapshots.current().policy().unwrap().digest(), digest);
    assert!(refusal(&node).await.is_none());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_version_that_no_event_put_in_force_decides_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let running = world.node(Announcements::Ignored).await;
    let service = &running.service;
    service.publish_policy(&laxer(), correlation()).await.unwrap();
    world.clock.advance(chrono::TimeDelta::hours(1));
    let digest = service
        .publish_policy(&policy_files(), correlation())
        .await
        .unwrap();
    let superseded = Digest::of_canonical(&laxer()).unwrap();
    for change in [
        // Back to one that was published before, with its own instant and with the newest one.
        "CREATE TABLE other AS SELECT digest FROM policy_versions WHERE state = 'superseded' ORDER BY published_at LIMIT 1;
         UPDATE policy_versions SET state = 'superseded';
         UPDATE policy_versions SET state = 'published' WHERE digest IN (TABLE other)",
        "UPDATE policy_versions SET state = 'superseded';
         UPDATE policy_versions SET state = 'published', published_at = (SELECT max(published_at) FROM policy_versions)
          WHERE digest IN (TABLE other)",
        "UPDATE policy_versions SET published_at = published_at + interval '1 hour' WHERE state = 'published'",
    ] {
        tampered(&world, change).await;
        let starting = world.node(Announcements::Ignored).await;
        for node in [&running, &starting] {
            let why = refusal(node).await;
            assert!(
                matches!(&why, Some(NotReady::NotAnnounced(named)) if [digest, superseded].contains(named)),
                "{change}: {why:?}"
            );
        }
        // Publishing it again writes the event that was missing.
        service
            .publish_policy(&policy_files(), correlation())
            .await
            .unwrap();
        assert!(refusal(&running).await.is_none(), "after {change}");
    }
    // One that was never published at all, under its true digest.
    let files = serde_json::to_value(BTreeMap::from([("tiers.toml", "")])).unwrap();
    sqlx::query("UPDATE policy_versions SET state = 'superseded'")
        .execute(&world.owner)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO policy_versions (digest, files, state, published_at, created_at)
         VALUES ($1, $2, 'published', now(), now())",
    )
    .bind(Digest::of_canonical(&files).unwrap().as_bytes().as_slice())
    .bind(&files)
    .execute(&world.owner)
    .await
    .unwrap();
    tampered(&world, "SELECT 1").await;
    let why = refusal(&running).await;
    assert!(matches!(why, Some(NotReady::NotAnnounced(_))), "{why:?}");
}
