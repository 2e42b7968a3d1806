use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use http::{Request, header};
use serde_json::{Value, json};
use service::clock::Clock;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Answer, TestApp, TestAppBuilder, good_logout_token, second_provider};

async fn send(app: &TestApp, token: &str) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", token)
        .finish();
    let request = Request::post("/sign-in/back-channel-logout")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    app.anonymous().request(request).await
}

async fn sid_of(app: &TestApp, person: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "a test looks at what is stored")]
    sqlx::query_scalar("SELECT sid FROM sessions WHERE person_id = $1")
        .bind(person)
        .fetch_one(&app.owner)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_provider_ends_all_sessions_of_a_subject(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let (mut one, mut two) = (app.person("alice.meyer").await, app.person("alice.meyer").await);
    let mut bob = app.person("bob.okafor").await;
    let token = app
        .idp
        .sign("logout+jwt", &good_logout_token(&app, "alice.meyer"));
    let answer = send(&app, &token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(!app.is_signed_in(&mut one).await);
    assert!(!app.is_signed_in(&mut two).await);
    assert!(app.is_signed_in(&mut bob).await);
    assert_eq!(app.count("events WHERE kind = 'session.signed_out'").await, 2);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_provider_ends_one_session_by_its_id(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut first = app.person("alice.meyer").await;
    let sid = sid_of(&app, "alice.meyer").await;
    let mut second = app.person("alice.meyer").await;
    let mut claims = good_logout_token(&app, "alice.meyer");
    claims.as_object_mut().unwrap().remove("sub");
    claims["sid"] = json!(sid);
    assert_eq!(send(&app, &app.idp.sign("logout+jwt", &claims)).await.status, 200);
    assert!(!app.is_signed_in(&mut first).await);
    assert!(app.is_signed_in(&mut second).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_token_with_a_key_published_a_moment_ago_is_obeyed(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    app.clock.advance(TimeDelta::minutes(2));
    app.idp.rotate_key().unwrap();
    let token = app
        .idp
        .sign("logout+jwt", &good_logout_token(&app, "alice.meyer"));
    assert_eq!(send(&app, &token).await.status, 200);
    assert!(!app.is_signed_in(&mut alice).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_no_good_logout_token_ends_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    let now = app.clock.now().timestamp();
    let good = good_logout_token(&app, "alice.meyer");
    let set = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        app.idp.sign("logout+jwt", &claims)
    };
    let without = |names: &[&str]| {
        let mut claims = good.clone();
        names
            .iter()
            .for_each(|name| drop(claims.as_object_mut().unwrap().remove(*name)));
        app.idp.sign("logout+jwt", &claims)
    };
    let signed = app.idp.sign("logout+jwt", &good);
    let (head, signature) = signed.rsplit_once('.').unwrap();
    let (_, payload) = head.split_once('.').unwrap();
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"logout+jwt"}"#);
    let by_secret = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"logout+jwt"}"#);
    let other_payload = URL_SAFE_NO_PAD.encode(
        json!({ "sub": "bob.okafor", "iss": app.idp.issuer(), "aud": "spillway", "iat": now, "exp": now + 9, "jti": "x",
                "events": good["events"] })
        .to_string(),
    );
    let attempts = [
        ("no token", String::new()),
        ("not a JWT", "a.b".to_owned()),
        ("no signature", format!("{unsigned}.{payload}.")),
        ("a shared secret", format!("{by_secret}.{payload}.{signature}")),
        (
            "another payload under the same signature",
            format!("{}.{other_payload}.{signature}", head.split('.').next().unwrap()),
        ),
        ("another key", second_provider().sign("logout+jwt", &good)),
        ("another kind of token", app.idp.sign("at+jwt", &good)),
        ("another issuer", set("iss", json!("https://evil.example"))),
        ("another audience", set("aud", json!("somebody-else"))),
        ("other audiences", set("aud", json!(["a", "b"]))),
        ("from the future", set("iat", json!(now + 600))),
        ("expired", set("exp", json!(now - 600))),
        ("good for a year", set("exp", json!(now + 31_536_000))),
        ("good for more than five minutes", set("exp", json!(now + 301))),
        ("over before it began", set("exp", json!(now))),
        ("not good yet", set("nbf", json!(now + 61))),
        (
            "not good yet, as a text",
            set("nbf", json!((now + 61).to_string())),
        ),
        ("no type", app.idp.sign("", &good)),
        ("the type of every token", app.idp.sign("JWT", &good)),
        (
            "the type of every token, at length",
            app.idp.sign("application/jwt", &good),
        ),
        (
            "a subject with a control character",
            set("sub", json!("alice.meyer\u{0}")),
        ),
        ("a session with a control character", set("sid", json!("s\u{0}"))),
        ("a subject that is no text", set("sub", json!(7))),
        ("no expiry", without(&["exp"])),
        ("no issue time", without(&["iat"])),
        ("no id", without(&["jti"])),
        ("no event", without(&["events"])),
        (
            "another event",
            set("events", json!({ "http://schemas.openid.net/event/other": {} })),
        ),
        (
            "an event that is no object",
            set(
                "events",
                json!({ "http://schemas.openid.net/event/backchannel-logout": true }),
            ),
        ),
        ("a nonce", set("nonce", json!("n"))),
        ("an empty nonce", set("nonce", json!(null))),
        ("nobody and no session", without(&["sub"])),
    ];
    for (what, token) in attempts {
        let answer = send(&app, &token).await;
        assert_eq!(answer.status, 400, "{what}: {answer:?}");
        assert_eq!(answer.json()["error"], "invalid_request", "{what}");
    }
    assert!(app.is_signed_in(&mut alice).await);
    assert_eq!(app.count("logout_tokens").await, 0);
    assert_eq!(
        send(&app, &signed).await.status,
        200,
        "the good one is still good"
    );
    assert!(!app.is_signed_in(&mut alice).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_logout_token_is_obeyed_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    app.person("alice.meyer").await;
    let token = app
        .idp
        .sign("logout+jwt", &good_logout_token(&app, "alice.meyer"));
    assert_eq!(send(&app, &token).await.status, 200);
    let mut again = app.person("alice.meyer").await;
    assert_eq!(send(&app, &token).await.status, 400);
    assert!(app.is_signed_in(&mut again).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_token_of_five_minutes_with_times_in_fractions_is_obeyed(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    let now = app.clock.now().timestamp();
    let mut claims = good_logout_token(&app, "alice.meyer");
    claims["iat"] = json!(now as f64 + 0.25);
    claims["exp"] = json!(now as f64 + 300.25);
    claims["nbf"] = json!(now + 60);
    let token = app.idp.sign("application/logout+jwt", &claims);
    assert_eq!(send(&app, &token).await.status, 200);
    assert!(!app.is_signed_in(&mut alice).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn untyped_logout_tokens_are_obeyed_where_that_is_configured(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestAppBuilder::new(options).untyped_logout_tokens().start().await;
    let mut alice = app.person("alice.meyer").await;
    let good = good_logout_token(&app, "alice.meyer");
    assert_eq!(send(&app, &app.idp.sign("at+jwt", &good)).await.status, 400);
    assert!(app.is_signed_in(&mut alice).await);
    assert_eq!(send(&app, &app.idp.sign("JWT", &good)).await.status, 200);
    assert!(!app.is_signed_in(&mut alice).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_logout_token_stays_good_until_its_sessions_have_ended(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    let token = app
        .idp
        .sign("logout+jwt", &good_logout_token(&app, "alice.meyer"));
    let as_owner = async |sql: &'static str| sqlx::raw_sql(sql).execute(&app.owner).await.unwrap();
    as_owner("REVOKE DELETE ON sessions FROM spillway_app").await;
    assert_eq!(send(&app, &token).await.status, 400);
    as_owner("GRANT DELETE ON sessions TO spillway_app").await;
    assert!(app.is_signed_in(&mut alice).await);
    assert_eq!(
        send(&app, &token).await.status,
        200,
        "the provider sends it again"
    );
    assert!(!app.is_signed_in(&mut alice).await);
}
