//! `GET /.well-known/authzen-configuration`.

use super::gate;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn anybody_may_read_what_is_offered(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, _) = gate(options).await;
    let answer = app.anonymous().get("/.well-known/authzen-configuration").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.json(),
        json!({
            "policy_decision_point": "https://spillway.test",
            "access_evaluation_endpoint": "https://spillway.test/access/v1/evaluation",
            "access_evaluations_endpoint": "https://spillway.test/access/v1/evaluations",
            "access_request_endpoint": "https://spillway.test/access/v1/requests",
            "capabilities": ["urn:openid:authzen:capability:access-request"],
        })
    );
}
