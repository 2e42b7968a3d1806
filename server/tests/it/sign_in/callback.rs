use chrono::TimeDelta;
use server::demo::organisation;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use url::Url;

use super::is_error;
use crate::support::{TestApp, TestAppBuilder};

/// The address with one parameter changed.
fn with(address: &Url, name: &str, value: Option<&str>) -> Url {
    let kept: Vec<(String, String)> = address
        .query_pairs()
        .filter(|(key, _)| key != name)
        .map(|(k, v)| (k.into_owned(), v.into_owned()))
        .collect();
    let mut changed = address.clone();
    changed.query_pairs_mut().clear().extend_pairs(kept);
    if let Some(value) = value {
        changed.query_pairs_mut().append_pair(name, value);
    }
    changed
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_session_id_changes_at_sign_in(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut browser = app.anonymous();
    let asked = browser.start("").await;
    let before = browser.clone();
    let callback = browser.choose(&asked, Some("alice.meyer")).await;
    browser.come_back(&callback).await;
    assert_ne!(before.session_cookie(), browser.session_cookie());
    assert!(app.is_signed_in(&mut browser).await);
    assert!(
        !app.is_signed_in(&mut before.clone()).await,
        "a planted session id must not become a signed-in one"
    );
    assert_eq!(app.count("sessions").await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_answer_with_another_state_is_refused(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut browser = app.anonymous();
    let asked = browser.start("").await;
    let callback = browser.choose(&asked, Some("alice.meyer")).await;
    for state in [Some("another"), Some(""), None] {
        let answer = browser.come_back(&with(&callback, "state", state)).await;
        assert!(is_error(answer.location(), "expired"), "{answer:?}");
    }
    let mut other = app.anonymous();
    other.start("").await;
    assert!(
        is_error(other.come_back(&callback).await.location(), "expired"),
        "the state is another browser's"
    );
    assert!(!app.is_signed_in(&mut other).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_token_with_another_nonce_is_refused(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    for nonce in [Some("another"), None] {
        let mut browser = app.anonymous();
        let asked = with(&browser.start("").await, "nonce", nonce);
        let callback = browser.choose(&asked, Some("alice.meyer")).await;
        assert!(
            is_error(browser.come_back(&callback).await.location(), "invalid"),
            "{nonce:?}"
        );
        assert!(!app.is_signed_in(&mut browser).await);
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_code_is_good_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut first = app.anonymous();
    let asked = first.start("").await;
    let callback = first.choose(&asked, Some("alice.meyer")).await;
    assert_eq!(first.come_back(&callback).await.location(), Some("/"));
    assert!(
        is_error(first.come_back(&callback).await.location(), "expired"),
        "the state is used up"
    );
    // Injected into another browser's own attempt, with that one's state: the code is used up, and PKCE would not fit.
    let mut second = app.anonymous();
    let own = second.start("").await;
    let state = own
        .query_pairs()
        .find(|(key, _)| key == "state")
        .unwrap()
        .1
        .into_owned();
    let injected = with(&callback, "state", Some(&state));
    assert!(is_error(second.come_back(&injected).await.location(), "invalid"));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_stolen_code_fails_for_lack_of_the_verifier(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let victim_asked = app.anonymous().start("").await;
    let stolen = app.anonymous().choose(&victim_asked, Some("alice.meyer")).await;
    let mut thief = app.anonymous();
    let own = thief.start("").await;
    let state = own
        .query_pairs()
        .find(|(key, _)| key == "state")
        .unwrap()
        .1
        .into_owned();
    let answer = thief.come_back(&with(&stolen, "state", Some(&state))).await;
    assert!(is_error(answer.location(), "invalid"), "{answer:?}");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_answer_of_another_issuer_is_refused(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    for iss in [Some("https://evil.example"), None] {
        let mut browser = app.anonymous();
        let asked = browser.start("").await;
        let callback = browser.choose(&asked, Some("alice.meyer")).await;
        let answer = browser.come_back(&with(&callback, "iss", iss)).await;
        assert!(is_error(answer.location(), "invalid"), "{iss:?}: {answer:?}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_attempt_ends_after_a_while(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut browser = app.anonymous();
    let asked = browser.start("").await;
    app.clock.advance(TimeDelta::minutes(15));
    let callback = browser.choose(&asked, Some("alice.meyer")).await;
    assert!(is_error(browser.come_back(&callback).await.location(), "expired"));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_declines_is_told_so(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut browser = app.anonymous();
    let asked = browser.start("").await;
    let callback = browser.choose(&asked, None).await;
    let answer = browser.come_back(&callback).await;
    assert!(is_error(answer.location(), "declined"));
    let page = browser.get(answer.location().unwrap()).await;
    assert_eq!(page.status, 400);
    assert!(page.text().contains("declined"));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_sign_in_of_nobody_has_no_session(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestAppBuilder::new(options).unlinked().start().await;
    let mut browser = app.anonymous();
    let answer = browser.sign_in("alice.meyer", "/").await;
    assert!(is_error(answer.location(), "not_linked"));
    let page = browser.get(answer.location().unwrap()).await;
    assert_eq!(page.status, 403);
    assert!(page.text().contains("not linked to a person"), "{}", page.text());
    assert!(!app.is_signed_in(&mut browser).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_is_gone_from_the_directory_is_out_at_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    let gone = "UPDATE principals SET gone = true WHERE id = 'alice.meyer'";
    sqlx::raw_sql(AssertSqlSafe(gone.to_owned()))
        .execute(&app.owner)
        .await
        .unwrap();
    assert!(!app.is_signed_in(&mut alice).await);
    assert!(is_error(
        alice.sign_in("alice.meyer", "/").await.location(),
        "not_linked"
    ));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_import_ends_the_sessions_of_sign_ins_that_it_does_not_list(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let service = &app.application.service;
    let correlation = || domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let mut directory = organisation::directory(app.idp.issuer()).unwrap();
    service.import_directory(&directory, correlation()).await.unwrap();
    let (mut alice, mut bob) = (app.person("alice.meyer").await, app.person("bob.okafor").await);
    let under_way = app.anonymous();
    for principal in &mut directory.principals {
        if principal.id == "alice.meyer" {
            principal.sign_ins[0].sub = "alice-s-next-account".to_owned();
        }
    }
    service.import_directory(&directory, correlation()).await.unwrap();
    assert!(!app.is_signed_in(&mut alice).await);
    assert!(app.is_signed_in(&mut bob).await);
    assert_eq!(app.count("sessions WHERE person_id = 'alice.meyer'").await, 0);
    let ended = "events WHERE kind = 'session.signed_out' AND object_id = 'alice.meyer'";
    assert_eq!(app.count(ended).await, 1);
    let answer = under_way.clone().sign_in("alice.meyer", "/").await;
    assert!(is_error(answer.location(), "not_linked"), "{answer:?}");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_session_that_began_during_the_import_does_not_outlive_it(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    let unlist = "UPDATE sign_ins SET listed = false WHERE sub = 'alice.meyer'";
    sqlx::raw_sql(unlist).execute(&app.owner).await.unwrap();
    assert!(!app.is_signed_in(&mut alice).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn groups_that_give_no_role_give_no_session(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestAppBuilder::new(options)
        .groups_claim("departments")
        .start()
        .await;
    let mut browser = app.anonymous();
    assert!(is_error(
        browser.sign_in("alice.meyer", "/").await.location(),
        "no_access"
    ));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn new_keys_of_the_provider_are_fetched(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    app.person("alice.meyer").await;
    app.clock.advance(TimeDelta::minutes(2));
    app.idp.rotate_key().unwrap();
    app.person("bob.okafor").await;
    // Not more often than once a minute, since anybody can name an unknown key.
    app.idp.rotate_key().unwrap();
    let refused = app.anonymous().sign_in("ines.marchetti", "/").await;
    assert!(is_error(refused.location(), "invalid"), "{refused:?}");
    app.clock.advance(TimeDelta::minutes(2));
    app.person("ines.marchetti").await;
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_database_knows_no_session_id(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let browser = app.person("alice.meyer").await;
    let cookie = browser.session_cookie().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test looks at what is stored")]
    let row: String = sqlx::query_scalar("SELECT row_to_json(s)::text FROM sessions s")
        .fetch_one(&app.owner)
        .await
        .unwrap();
    assert!(!row.contains(cookie));
    assert!(row.contains("alice.meyer"));
    assert!(
        !row.contains("pkce_verifier"),
        "what the attempt needed ends with it: {row}"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nobody_is_signed_in_without_an_event(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    app.person("alice.meyer").await;
    assert_eq!(
        app.count("events WHERE kind = 'session.signed_in' AND actor_id = 'alice.meyer'")
            .await,
        1
    );
    let refuse = "REVOKE INSERT ON events FROM spillway_app";
    sqlx::raw_sql(AssertSqlSafe(refuse.to_owned()))
        .execute(&app.owner)
        .await
        .unwrap();
    let mut bob = app.anonymous();
    assert_eq!(bob.sign_in("bob.okafor", "/").await.status, 503);
    assert!(!app.is_signed_in(&mut bob).await);
}
