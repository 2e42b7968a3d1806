use axum::body::Body;
use http::{Request, header};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestAppBuilder;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_demo_answers_its_own_machine_alone(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestAppBuilder::new(options).demo().start().await;
    let ask = |name: &str, value: &str| {
        let mut request = Request::get("/sign-in")
            .header(header::HOST, "127.0.0.1:3000")
            .body(Body::empty())
            .unwrap();
        request.headers_mut().insert(
            http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
            value.parse().unwrap(),
        );
        request
    };
    assert_eq!(
        app.anonymous().request(ask("accept", "text/html")).await.status,
        200
    );
    for (name, value) in [
        ("host", "spillway.example"),
        ("host", "10.0.0.7:3000"),
        ("forwarded", "for=192.0.2.1"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-host", "spillway.example"),
        ("x-forwarded-proto", "https"),
    ] {
        let answer = app.anonymous().request(ask(name, value)).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert_eq!(answer.json()["type"], "urn:spillway:problem:demo-is-local");
        assert!(answer.headers.contains_key("content-security-policy"));
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn over_http_the_cookie_is_named_by_the_port(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestAppBuilder::new(options).demo().start().await;
    let mut browser = app.anonymous();
    browser.host = "127.0.0.1:3000".to_owned();
    let answer = browser.get("/sign-in/start").await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("spillway_3000=") && !cookie.contains("Secure"),
        "{cookie}"
    );
    assert!(!answer.headers.contains_key("strict-transport-security"));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_browser_stays_with_the_name_that_the_provider_knows(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestAppBuilder::new(options).demo().start().await;
    let ask = |accept: &str| {
        let request = Request::get("/inbox?x=1")
            .header(header::HOST, "localhost:3000")
            .header(header::ACCEPT, accept);
        request.body(Body::empty()).unwrap()
    };
    let answer = app.anonymous().request(ask("text/html,*/*")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (307, Some("http://127.0.0.1:3000/inbox?x=1"))
    );
    assert_eq!(
        app.anonymous().request(ask("application/json")).await.status,
        303,
        "a program is not sent on"
    );
}
