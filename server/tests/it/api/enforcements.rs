//! `POST /api/v1/enforcements`.

use crate::access::{deploy, gate};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const PATH: &str = "/api/v1/enforcements";

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_report_is_taken_once_and_bad_ones_never(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let asked = gate
        .post("/access/v1/evaluation", &deploy("payments-prod"))
        .await
        .json();
    let id = asked["context"]["evaluation_id"].clone();
    let report = |change: fn(&mut Value)| {
        let mut body =
            json!({ "decision_id": id, "done": "bypassed", "note": "break-glass switch at the gate" });
        change(&mut body);
        body
    };
    for (body, status) in [
        (report(|body| body["decision_id"] = json!("dec_1")), 422),
        (report(|body| body["decision_id"] = json!(7)), 422),
        (
            report(|body| body["decision_id"] = json!("dec_00000000000000000000000007")),
            404,
        ),
        (report(|body| body["done"] = json!("let_through")), 422),
        (report(|body| body["at"] = json!("yesterday")), 422),
        (report(|body| body["at"] = json!("2001-01-01T00:00:00Z")), 422),
        (report(|body| body["at"] = json!("2999-01-01T00:00:00Z")), 422),
        (report(|body| body["note"] = json!("x".repeat(501))), 422),
        (json!({}), 422),
        (json!([]), 422),
    ] {
        let refused = gate.post(PATH, &body).await;
        assert_eq!(refused.status, status, "{body}: {refused:?}");
        assert_eq!(
            refused.header("content-type"),
            Some("application/problem+json"),
            "{body}"
        );
    }
    assert_eq!(gate.post_raw(PATH, "text/plain", "x").await.status, 415);
    assert_eq!(gate.post_raw(PATH, "application/json", "{").await.status, 400);
    assert_eq!(app.count("enforcements").await, 0);

    let first = gate.post(PATH, &report(|_| {})).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.json()["done"], "bypassed");
    let again = gate.post(PATH, &report(|_| {})).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, first.json()));
    let other = gate
        .post(PATH, &report(|body| body["done"] = json!("enforced")))
        .await;
    assert_eq!(other.status, 409);
    assert_eq!(other.json()["type"], "urn:spillway:problem:reported-otherwise");
    assert_eq!(app.count("enforcements").await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nobody_reports_without_a_client_s_token(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let asked = gate
        .post("/access/v1/evaluation", &deploy("payments-prod"))
        .await
        .json();
    let body = json!({ "decision_id": asked["context"]["evaluation_id"], "done": "enforced" });
    assert_eq!(app.machine("spw_unheard-of").post(PATH, &body).await.status, 401);
    // A browser's session is nothing here.
    let mut bob = app.person("bob.okafor").await;
    assert_eq!(bob.post(PATH, &[("done", "enforced")]).await.status, 401);
    assert_eq!(app.count("enforcements").await, 0);
}
