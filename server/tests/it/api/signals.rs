//! `POST /api/v1/signals`.

use crate::access::gate;
use crate::support::{Machine, TestApp};
use serde_json::{Value, json};
use service::directory::ClientFile;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const PATH: &str = "/api/v1/signals";

async fn monitor(app: &TestApp) -> Machine {
    let service = &app.application.service;
    let client: ClientFile = toml::from_str(
        r#"name = "edr"
           subjects = []
           resources = []
           signals = { subjects = [{ kind = "person", id = "*" }], per_hour = 10, longest_secs = 3_600 }"#,
    )
    .unwrap();
    let correlation = domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let (_, token) = service.register_client(&client, correlation).await.unwrap();
    app.machine(&token)
}

fn high(app: &TestApp, id: &str) -> Value {
    json!({
        "risk": "HIGH", "subject": { "type": "person", "id": "alice.meyer" }, "id": id,
        "reason": "Impossible travel.",
        "expires_at": app.application.service.now() + chrono::TimeDelta::hours(8),
    })
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn high_opens_once_and_low_closes(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let edr = monitor(&app).await;
    let reading = json!({
        "subject": { "type": "person", "id": "alice.meyer" }, "action": { "name": "read" },
        "resource": { "type": "database", "id": "warehouse" },
    });
    let outcome =
        async || gate.post("/access/v1/evaluation", &reading).await.json()["context"]["outcome"].clone();
    assert_eq!(outcome().await, "automate");
    let opened = edr.post(PATH, &high(&app, "case-1")).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    let body = opened.json();
    assert_eq!(body["outcome"], "opened");
    let ends: chrono::DateTime<chrono::Utc> = body["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        (ends - app.application.service.now()).num_seconds(),
        3_600,
        "cut to what it may"
    );
    assert_eq!(outcome().await, "review");
    let again = edr.post(PATH, &high(&app, "case-1")).await;
    assert_eq!(
        (again.status.as_u16(), &again.json()["opt_outs"]),
        (200, &body["opt_outs"])
    );
    assert_eq!(
        gate.post(PATH, &high(&app, "case-2")).await.status,
        403,
        "a right of its own"
    );
    let low = json!({ "risk": "LOW", "subject": { "type": "person", "id": "alice.meyer" }, "id": "case-1" });
    let closed = edr.post(PATH, &low).await;
    assert_eq!(
        (closed.status.as_u16(), &closed.json()["opt_outs"]),
        (200, &body["opt_outs"])
    );
    assert_eq!(outcome().await, "automate");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn bad_signals_and_too_many_open_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, _) = gate(options).await;
    let edr = monitor(&app).await;
    let with = |change: fn(&mut Value)| {
        let mut body = high(&app, "case-1");
        change(&mut body);
        body
    };
    for (body, status) in [
        (with(|body| body["risk"] = json!("MEDIUM")), 422),
        (with(|body| body["subject"] = json!("alice.meyer")), 422),
        (with(|body| body["subject"]["type"] = json!("robot")), 422),
        (with(|body| body["subject"]["id"] = json!("")), 422),
        (with(|body| body["subject"]["id"] = json!("nobody.here")), 422),
        (
            with(|body| body["subject"] = json!({ "type": "workload", "id": "ci/payments" })),
            403,
        ),
        (with(|body| body["id"] = json!("a\nb")), 422),
        (with(|body| body["reason"] = json!("")), 422),
        (with(|body| body["expires_at"] = Value::Null), 422),
        (
            with(|body| body["expires_at"] = json!("2001-01-01T00:00:00Z")),
            422,
        ),
        (with(|body| body["expires_at"] = json!("soon")), 422),
        (json!({}), 422),
    ] {
        let refused = edr.post(PATH, &body).await;
        assert_eq!(refused.status, status, "{body}: {refused:?}");
        assert_eq!(
            refused.header("content-type"),
            Some("application/problem+json"),
            "{body}"
        );
    }
    assert_eq!(
        app.machine("spw_unheard-of")
            .post(PATH, &high(&app, "x"))
            .await
            .status,
        401
    );
    assert_eq!(app.count("opt_outs").await, 0);
    for number in 0..5 {
        let mut body = high(&app, &format!("case-{number}"));
        body["subject"]["id"] = json!(["alice.meyer", "jonas.weber", "bob.okafor", "dana.roth"][number % 4]);
        let answer = edr.post(PATH, &body).await;
        if number < 3 {
            assert_eq!(answer.status, 201, "{answer:?}");
        } else {
            assert_eq!(answer.status, 429, "{answer:?}");
            assert!(answer.header("retry-after").is_some());
        }
    }
    assert_eq!(app.count("opt_outs").await, 3);
    assert_eq!(app.count("signal_alarms").await, 1);
}
