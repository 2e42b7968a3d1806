//! `/healthz`, `/readyz` and `/metrics`.

#![allow(
    clippy::disallowed_methods,
    reason = "a test sets up the database that it looks at"
)]

use crate::access::{deploy, gate};
use crate::support::{Answer, TestApp, TestAppBuilder};
use chrono::TimeDelta;
use domain::id::CorrelationId;
use domain::window::Instant;
use server::demo::organisation;
use server::node::PartFailed;
use service::ServiceError;
use service::clock::{Clock, SystemClock};
use service::time::Time;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool};
use std::sync::Arc;
use tokio::sync::watch;

/// The codes of why a node is not ready; none where it is.
fn reasons(answer: &Answer) -> Vec<String> {
    match answer.status.as_u16() {
        200 => Vec::new(),
        503 => answer.json()["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|reason| reason["code"].as_str().unwrap().to_owned())
            .collect(),
        other => panic!("{other}: {answer:?}"),
    }
}

/// Decides whether new sessions of the test's database are read-only, and ends those that are there.
async fn set_read_only(owner: &PgPool, read_only: bool) {
    let database: String = sqlx::query_scalar("SELECT current_database()::text")
        .fetch_one(owner)
        .await
        .unwrap();
    let set = if read_only {
        "SET default_transaction_read_only = on"
    } else {
        "RESET default_transaction_read_only"
    };
    let sql = format!("SET transaction_read_only = off; ALTER DATABASE \"{database}\" {set}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(owner).await.unwrap();
}

async fn end_serving_sessions(owner: &PgPool) {
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND usename = 'spillway_app'",
    )
    .execute(owner)
    .await
    .unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn node_without_policy_is_alive_and_not_ready(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let machine = app.machine("none");
    assert_eq!(machine.get("/healthz").await.status, 200);
    assert_eq!(reasons(&machine.get("/readyz").await), ["no_snapshot"]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn node_is_not_ready_while_the_database_is_read_only_and_works_as_soon_as_it_is_not(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, gate) = gate(options).await;
    let question = deploy("payments-staging");
    let path = "/access/v1/evaluation";
    assert_eq!(gate.post(path, &question).await.status, 200);
    assert!(reasons(&gate.get("/readyz").await).is_empty());

    set_read_only(&app.owner, true).await;
    end_serving_sessions(&app.owner).await;
    // Every connection of the pool begins its session while the database is read-only.
    for _ in 0..20 {
        assert_eq!(gate.post(path, &question).await.status, 503);
        let answer = gate.get("/readyz").await;
        assert_eq!(reasons(&answer), ["database_read_only"], "{answer:?}");
    }
    assert_eq!(gate.get("/healthz").await.status, 200);

    set_read_only(&app.owner, false).await;
    assert_eq!(gate.post(path, &question).await.status, 200);
    let signal = serde_json::json!({ "state": "open", "title": "x" });
    assert_ne!(gate.post("/api/v1/incidents/INC-1", &signal).await.status, 503);
    app.person("bob.okafor").await;
    assert!(reasons(&gate.get("/readyz").await).is_empty());
}

/// The machine's clock, set wrong.
#[derive(Debug)]
struct Wrong;

impl Clock for Wrong {
    fn now(&self) -> Instant {
        SystemClock.now() + TimeDelta::hours(3)
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn node_whose_clock_is_wrong_is_not_ready_and_takes_no_commands(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let wrong = Time::of_database(Arc::new(Wrong));
    let app = TestAppBuilder::new(options).time(wrong).start().await;
    let answer = app.machine("none").get("/readyz").await;
    assert_eq!(reasons(&answer), ["clock_off", "no_snapshot"], "{answer:?}");
    let service = &app.application.service;
    let directory = organisation::directory("https://idp.test").unwrap();
    let imported = service
        .import_directory(&directory, CorrelationId::from_uuid(uuid::Uuid::nil()))
        .await;
    assert!(
        matches!(imported, Err(ServiceError::Unavailable(_))),
        "{imported:?}"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn node_whose_ledger_has_stopped_is_not_ready(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let (tell, told) = watch::channel(None);
    app.application.readiness.watch_ledger(told);
    assert!(reasons(&gate.get("/readyz").await).is_empty());
    tell.send_replace(Some("the database was set back".to_owned()));
    let answer = gate.get("/readyz").await;
    assert_eq!(reasons(&answer), ["ledger_stopped"]);
    assert!(answer.json()["detail"].as_str().unwrap().contains("set back"));
    tell.send_replace(None);
    assert!(reasons(&gate.get("/readyz").await).is_empty());
}

async fn ends_with(app: TestApp, worker: impl Future<Output = ()> + Send + 'static) {
    app.node().work("test", worker);
    assert_eq!(app.node().run_until_told().await, Err(PartFailed("test")));
    let answer = app.machine("none").get("/readyz").await;
    assert!(reasons(&answer).contains(&"stopping".to_owned()), "{answer:?}");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn worker_that_panics_stops_its_node_with_an_error(_: PgPoolOptions, options: PgConnectOptions) {
    ends_with(TestApp::start(options).await, async { panic!("on purpose") }).await;
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn worker_that_ends_early_stops_its_node_with_an_error(_: PgPoolOptions, options: PgConnectOptions) {
    ends_with(TestApp::start(options).await, async {}).await;
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn node_that_is_told_to_stop_ends_without_an_error(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    app.node().stop.cancel();
    assert_eq!(app.node().run_until_told().await, Ok(()));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn metrics_count_decisions_and_name_nobody(_: PgPoolOptions, options: PgConnectOptions) {
    let (_app, gate) = gate(options).await;
    for service in ["payments-staging", "payments-prod", "nowhere"] {
        gate.post("/access/v1/evaluation", &deploy(service)).await;
    }
    let answer = gate.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/plain; version=0.0.4")
    );
    let text = answer.text();
    for line in [
        r#"spillway_decisions_total{outcome="automate",answer="true"} 1"#,
        r#"spillway_decisions_total{outcome="review",answer="false"} 1"#,
        r#"spillway_decisions_total{outcome="deny",answer="false"} 1"#,
        "spillway_decision_seconds_count 3",
        "spillway_batch_decisions_count 3",
        "spillway_decision_queue 0",
        "spillway_clock_offset_seconds 0",
        "spillway_ready 1",
        r#"spillway_worker_up{worker="decisions"} 1"#,
        r#"spillway_deliveries{state="dead"} 0"#,
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is not in\n{text}"
        );
    }
    for metric in [
        "spillway_generation",
        "spillway_snapshot_age_seconds",
        "spillway_ledger_lag_seconds",
        "spillway_pool_connections",
    ] {
        assert!(
            text.contains(&format!("# TYPE {metric} gauge")),
            "{metric} is not in\n{text}"
        );
    }
    for name in ["payments", "test-gate", "ci/"] {
        assert!(!text.contains(name), "{name}");
    }
}
