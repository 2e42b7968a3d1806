//! How posted forms behave, on a form that stands for those of other parts.

use axum::body::Body;
use http::{Request, header};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestApp;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_form_from_another_site_is_refused(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    for site in ["cross-site", "same-site", "none"] {
        let answer = alice.post_from(site, "/sign-out", &[]).await;
        assert_eq!(answer.status, 403, "{site}");
        assert_eq!(answer.json()["type"], "urn:spillway:problem:cross-site");
    }
    let old_browser = |origin: &str| {
        Request::post("/sign-out")
            .header(header::ORIGIN, origin.to_owned())
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(
        alice.request(old_browser("https://evil.example")).await.status,
        403
    );
    assert_eq!(alice.request(old_browser("null")).await.status, 403);
    assert!(app.is_signed_in(&mut alice).await);
    assert_eq!(
        alice.request(old_browser("https://spillway.test")).await.status,
        200
    );
    assert!(!app.is_signed_in(&mut alice).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_was_posted_is_answered_with_a_redirect_to_this_site(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    let done = alice.post("/test-form", &[("intent", "save")]).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, Some("/saved")));
    let elsewhere = alice
        .post("/test-form", &[("intent", "save"), ("to", "//evil.example")])
        .await;
    assert_eq!(elsewhere.location(), Some("/"));
    assert_eq!(
        alice
            .post_from("cross-site", "/test-form", &[("intent", "save")])
            .await
            .status,
        403
    );
    assert_eq!(
        alice.post("/test-form", &[("intent", "other")]).await.location(),
        None,
        "an unknown button does nothing"
    );
    let long = "x".repeat(70 << 10);
    assert_eq!(
        alice
            .post("/test-form", &[("intent", "save"), ("to", &long)])
            .await
            .status,
        413
    );
    let anonymous = app.anonymous().post("/test-form", &[("intent", "save")]).await;
    assert_eq!(anonymous.location(), Some("/sign-in?return_to=%2Ftest-form"));
}
