use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestApp;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn refusals_are_problems_with_the_requests_id(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let machine = app.machine("t");
    let large = vec![b' '; 2 << 20];
    let answers = [
        (machine.get("/api/v1/none").await, 404, "not-found"),
        (machine.get("/api/v1/echo").await, 405, "method-not-allowed"),
        (machine.get("/api/v1/panic").await, 500, "internal"),
        (
            machine.post_raw("/api/v1/echo", "application/json", "{").await,
            400,
            "malformed-json",
        ),
        (
            machine.post_raw("/api/v1/echo", "text/plain", "{}").await,
            415,
            "not-json",
        ),
        (
            machine.post_raw("/api/v1/echo", "application/json", large).await,
            413,
            "too-large",
        ),
    ];
    for (answer, status, kind) in answers {
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let problem = answer.json();
        assert_eq!(problem["type"], format!("urn:spillway:problem:{kind}"));
        assert_eq!(problem["status"], status);
        assert_eq!(problem["instance"], answer.header("x-request-id").unwrap());
        assert!(
            !answer.text().contains("on purpose"),
            "internal text must not leak"
        );
    }
    assert!(machine.get("/api/v1/echo").await.header("allow").is_some());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn authzen_routes_refuse_as_authzen_says(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let machine = app.machine("t");
    for (content_type, body) in [
        ("application/json", "{"),
        ("text/plain", "{}"),
        ("application/json", ""),
    ] {
        let answer = machine.post_raw("/access/v1/echo", content_type, body).await;
        assert_eq!(answer.status, 400, "{content_type} {body}");
        assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
        assert!(!answer.body.is_empty());
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn unknown_paths_of_machines_never_reach_the_pages(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = crate::access::gate(options).await;
    let body = crate::access::deploy("payments-staging");
    for path in [
        "/access/v1/evaluation/",
        "/access/v1/nonsense",
        "/access/v2/evaluation",
        "/access/",
        "/access",
        "/access/v1//evaluation",
        "//access/v1/evaluation",
        "//",
        "/v1//x",
        "/api/v1/",
        "/api/v1/signals/",
        "/api/v1/nonsense",
        "/api/v2/signals",
        "/api",
        "/.well-known/",
        "/.well-known/authzen-configuration/",
        "/scim/v2/Users",
        "/healthz/",
        "/readyz/x",
    ] {
        let answers = [
            gate.post(path, &body).await,
            app.anonymous().post(path, &[]).await,
        ];
        for answer in answers {
            assert_eq!(answer.status, 404, "{path} {answer:?}");
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json"),
                "{path}"
            );
            assert_eq!(answer.json()["type"], "urn:spillway:problem:not-found", "{path}");
        }
    }
    for path in [
        "/access/v1/evaluation",
        "/access/v1/evaluations",
        "/access/v1/requests",
        "/api/v1/signals",
        "/api/v1/enforcements",
    ] {
        for method in ["GET", "DELETE", "OPTIONS", "PATCH"] {
            let request = http::Request::builder().method(method).uri(path);
            let answer = gate.request(request, axum::body::Body::empty()).await;
            assert_eq!(answer.status, 405, "{method} {path} {answer:?}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert!(answer.header("allow").is_some(), "{method} {path}");
        }
    }
    assert_eq!(
        app.count("decisions").await,
        0,
        "nothing of this was taken for a question"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_session_opens_no_machine_route(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    let answer = alice.get("/api/v1/none").await;
    assert_eq!(answer.status, 404);
    assert!(answer.header("set-cookie").is_none());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn without_its_database_it_says_so_and_comes_back(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    let sql = |text: &str| sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()));
    sql("ALTER TABLE sessions RENAME TO sessions_away")
        .execute(&app.owner)
        .await
        .unwrap();
    let page = alice.get("/").await;
    assert_eq!(page.status, 503);
    assert_eq!(page.header("retry-after"), Some("5"));
    assert!(page.text().contains("cannot reach its records"));
    assert!(
        alice.session_cookie().is_some(),
        "nobody is signed out by an outage"
    );
    sql("ALTER TABLE sessions_away RENAME TO sessions")
        .execute(&app.owner)
        .await
        .unwrap();
    assert!(app.is_signed_in(&mut alice).await);
}
