//! Who may ask.

use super::{deploy, gate};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const ASKED: [&str; 3] = [
    "/access/v1/evaluation",
    "/access/v1/evaluations",
    "/access/v1/requests",
];

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_unknown_token_is_401_and_says_so(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, _) = gate(options).await;
    for path in ASKED {
        let answer = app
            .machine("spw_nobodys")
            .post(path, &deploy("payments-staging"))
            .await;
        assert_eq!(answer.status, 401, "{path}: {answer:?}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(
            challenge.starts_with("Bearer ") && challenge.contains("invalid_token"),
            "{challenge}"
        );
        assert!(!answer.text().is_empty());
    }
    assert_eq!(app.count("decisions").await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_browser_session_is_no_token(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, _) = gate(options).await;
    let mut alice = app.anonymous();
    for path in ASKED {
        let answer = alice.post(path, &[("x", "y")]).await;
        assert_eq!(answer.status, 401, "{path}: {answer:?}");
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Bearer realm=\"spillway\""),
            "{path}"
        );
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_revoked_token_is_refused_at_once(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let path = "/access/v1/evaluation";
    assert_eq!(gate.post(path, &deploy("payments-staging")).await.status, 200);
    let service = &app.application.service;
    let client = service.snapshots().current().clients().next().unwrap().id;
    let mut tx = service.begin().await.unwrap();
    store::clients::revoke(&mut tx, client, service.now())
        .await
        .unwrap();
    let generation = tx.raise_generation().await.unwrap();
    tx.commit().await.unwrap();
    let first = gate.post(path, &deploy("payments-staging")).await;
    // Whether this node had heard of it already or found out while recording.
    assert!(first.status == 401 || first.status == 403, "{first:?}");
    service.snapshots().reach(generation).await.unwrap();
    assert_eq!(gate.post(path, &deploy("payments-staging")).await.status, 401);
    assert_eq!(app.count("decisions").await, 1);
}
