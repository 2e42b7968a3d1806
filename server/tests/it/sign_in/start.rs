use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestApp;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_sign_in_leads_back_to_where_it_began(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut browser = app.anonymous();
    assert_eq!(
        browser.get("/inbox?filter=mine").await.location(),
        Some("/sign-in?return_to=%2Finbox%3Ffilter%3Dmine")
    );
    let answer = browser.sign_in("alice.meyer", "/inbox?filter=mine").await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, Some("/inbox?filter=mine"))
    );
    assert!(app.is_signed_in(&mut browser).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_provider_is_asked_with_pkce_state_and_nonce(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let asked = app.anonymous().start("").await;
    let value = |name: &str| {
        asked
            .query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    assert_eq!(value("response_type").as_deref(), Some("code"));
    assert_eq!(value("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(
        value("redirect_uri").as_deref(),
        Some("https://spillway.test/sign-in/callback")
    );
    assert!(value("state").unwrap().len() >= 22);
    assert!(value("nonce").unwrap().len() >= 22);
    assert_eq!(value("prompt"), None);
    let fresh = app.anonymous().start("?fresh=1").await;
    assert!(fresh.query().unwrap().contains("prompt=login"));
    assert!(fresh.query().unwrap().contains("max_age=0"));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nobody_is_sent_to_another_site(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    for attempt in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:x",
    ] {
        let answer = app.anonymous().sign_in("alice.meyer", attempt).await;
        assert_eq!(answer.location(), Some("/"), "{attempt}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_cookie_is_bound_to_this_host(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let answer = app.anonymous().get("/sign-in/start").await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-spillway="), "{cookie}");
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}
