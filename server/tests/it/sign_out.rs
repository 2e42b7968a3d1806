use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestApp;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn signing_out_ends_the_session_and_goes_on_to_the_provider(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    let with_cookie = alice.clone();
    let page = alice.post("/sign-out", &[]).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    for part in [
        "http-equiv=\"refresh\"",
        &format!("{}/sign-out?", app.idp.issuer()),
        "id_token_hint=ey",
        "client_id=spillway",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(alice.session_cookie(), None);
    assert_eq!(
        app.count("events WHERE kind = 'session.signed_out' AND object_id = 'alice.meyer'")
            .await,
        1
    );
    assert!(
        !app.is_signed_in(&mut with_cookie.clone()).await,
        "the cookie must be worth nothing now"
    );
    let back = alice.get("/signed-out").await;
    let page = alice.get(back.location().unwrap()).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("signed out"));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn ending_all_sessions_ends_those_in_other_browsers(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut here = app.person("alice.meyer").await;
    let mut there = app.person("alice.meyer").await;
    let mut bob = app.person("bob.okafor").await;
    assert_eq!(here.post("/sign-out/everywhere", &[]).await.status, 200);
    assert!(!app.is_signed_in(&mut here).await);
    assert!(!app.is_signed_in(&mut there).await);
    assert!(app.is_signed_in(&mut bob).await);
    assert_eq!(app.count("sessions").await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn signing_out_twice_is_no_fault(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut nobody = app.anonymous();
    for path in ["/sign-out", "/sign-out/everywhere"] {
        let answer = nobody.post(path, &[]).await;
        assert!(
            answer
                .location()
                .is_some_and(|to| to.starts_with("/sign-in?error=signed_out")),
            "{answer:?}"
        );
    }
}
