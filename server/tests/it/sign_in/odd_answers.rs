//! Providers whose answers have members of other types than the specifications name.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::is_error;
use crate::support::{Answer, Browser, TestApp};

/// What a session holds after signing in with one claim changed.
async fn claims_with(app: &TestApp, name: &'static str, value: Value) -> Value {
    app.tamper(|idp| idp.claims = [(name, Some(value.clone()))].into());
    let answer = app.anonymous().sign_in("alice.meyer", "/").await;
    assert_eq!(answer.location(), Some("/"), "{name}: {value}");
    newest_claims(app).await
}

async fn newest_claims(app: &TestApp) -> Value {
    #[expect(clippy::disallowed_methods, reason = "a test looks at what is stored")]
    sqlx::query_scalar("DELETE FROM sessions WHERE person_id IS NOT NULL RETURNING claims")
        .fetch_one(&app.owner)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_claim_that_is_not_needed_stops_nobody_whatever_its_type(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let odd = [
        json!(null),
        json!(true),
        json!(7),
        json!(1.5),
        json!("2026-11-23T10:59:07.841Z"),
        json!("a\u{0}"),
        json!(["a", 1]),
        json!({ "a": {} }),
    ];
    for name in [
        "name",
        "given_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "email",
        "email_verified",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "phone_number",
        "phone_number_verified",
        "address",
        "updated_at",
        "amr",
        "acr",
        "auth_time",
        "sid",
        "c_hash",
        "_claim_names",
        "_claim_sources",
        "https://example.com/anything",
    ] {
        for value in &odd {
            claims_with(&app, name, value.clone()).await;
        }
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_claim_of_another_type_is_read_where_its_meaning_is_plain(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    for (name, value, expected) in [
        ("amr", json!("pwd"), json!(["pwd"])),
        ("amr", json!(["pwd", 1, null, "otp"]), json!(["pwd", "otp"])),
        ("amr", json!(null), json!([])),
        ("acr", json!(1), json!(null)),
        ("acr", json!("a\u{0}b"), json!(null)),
        ("acr", json!("phr"), json!("phr")),
        (
            "auth_time",
            json!("2026-11-23T10:59:07Z"),
            json!("2026-11-23T10:59:07Z"),
        ),
        (
            "auth_time",
            json!(1_795_507_000.5),
            json!("2026-11-24T07:56:40.500Z"),
        ),
        ("auth_time", json!("1795507000"), json!("2026-11-24T07:56:40Z")),
        ("auth_time", json!("yesterday"), json!(null)),
        ("name", json!(1980), json!(null)),
        (
            "groups",
            json!("spillway-requesters"),
            json!(["spillway-requesters"]),
        ),
    ] {
        let claims = claims_with(&app, name, value.clone()).await;
        assert_eq!(claims[name], expected, "{name}: {value}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_address_is_used_unless_the_provider_has_not_verified_it(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    for (verified, used) in [
        (json!(true), true),
        (json!("true"), true),
        (json!("True"), true),
        (json!(1), true),
        (json!(null), true),
        (json!(false), false),
        (json!("false"), false),
        (json!("FALSE"), false),
        (json!(0), false),
        (json!("0"), false),
        (json!("no"), false),
        (json!({}), false),
    ] {
        app.tamper(|idp| {
            idp.claims = [
                ("email", Some(json!("p@x.example"))),
                ("email_verified", Some(verified.clone())),
            ]
            .into();
        });
        app.person("alice.meyer").await;
        let expected = if used { json!("p@x.example") } else { json!(null) };
        assert_eq!(newest_claims(&app).await["email"], expected, "{verified}");
    }
    for address in [
        json!(null),
        json!(["p@x.example"]),
        json!(7),
        json!("p@x.example\u{0}"),
    ] {
        let claims = claims_with(&app, "email", address.clone()).await;
        assert_eq!(claims["email"], json!(null), "{address}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_security_rests_on_is_read_strictly(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let now = app_now(&app);
    for (name, value) in [
        ("iss", Some(json!([app.idp.issuer()]))),
        ("iss", Some(json!("https://evil.example"))),
        ("iss", None),
        ("aud", Some(json!(7))),
        ("aud", Some(json!("somebody-else"))),
        ("aud", Some(json!(["spillway", "somebody-else"]))),
        ("aud", Some(json!([]))),
        ("aud", None),
        ("azp", Some(json!("somebody-else"))),
        ("azp", Some(json!(["spillway"]))),
        ("exp", Some(json!((now + 300).to_string()))),
        ("exp", Some(json!(now))),
        ("exp", Some(json!(null))),
        ("exp", None),
        ("iat", Some(json!("2026-11-23T10:59:07Z"))),
        ("iat", Some(json!(now + 61))),
        ("iat", None),
        ("nbf", Some(json!(now + 61))),
        ("nbf", Some(json!(now.to_string()))),
        ("nonce", Some(json!(7))),
        ("nonce", None),
        ("at_hash", Some(json!("AAAAAAAAAAAAAAAAAAAAAA"))),
        ("at_hash", Some(json!(7))),
        ("sub", Some(json!(7))),
        ("sub", Some(json!(null))),
        ("sub", Some(json!(["alice.meyer"]))),
        ("sub", None),
        ("groups", Some(json!({ "spillway-approvers": true }))),
    ] {
        app.tamper(|idp| idp.claims = [(name, value.clone())].into());
        let answer = app.anonymous().sign_in("alice.meyer", "/").await;
        assert!(
            is_error(answer.location(), "invalid"),
            "{name}: {value:?}: {answer:?}"
        );
    }
    for (name, value) in [
        ("azp", json!("spillway")),
        ("aud", json!(["spillway"])),
        ("nbf", json!(now + 60)),
        ("iat", json!(now as f64 + 0.5)),
    ] {
        claims_with(&app, name, value).await;
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_subject_with_control_characters_is_refused_on_a_page(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    for sub in [
        "alice.meyer\u{0}",
        "\u{0}",
        "alice\nmeyer",
        "alice\u{7f}",
        "\u{85}",
        "",
        &"x".repeat(256),
    ] {
        app.tamper(|idp| idp.claims = [("sub", Some(json!(sub)))].into());
        let mut browser = app.anonymous();
        let answer = browser.sign_in("alice.meyer", "/").await;
        assert!(is_error(answer.location(), "invalid"), "{sub:?}: {answer:?}");
        assert_eq!(browser.get(answer.location().unwrap()).await.status, 400);
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn other_texts_with_control_characters_are_left_out(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    app.tamper(|idp| {
        idp.claims = [
            ("name", Some(json!("Alice\u{0}"))),
            ("sid", Some(json!("s\u{0}"))),
            ("amr", Some(json!(["pwd\u{0}", "otp"]))),
            ("groups", Some(json!(["spillway-requesters", "x\u{0}"]))),
        ]
        .into();
    });
    app.person("alice.meyer").await;
    let claims = newest_claims(&app).await;
    assert_eq!(claims["name"], json!(null));
    assert_eq!(claims["amr"], json!(["otp"]));
    assert_eq!(claims["groups"], json!(["spillway-requesters"]));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn groups_come_from_userinfo_whatever_else_is_in_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    for groups in [None, Some(json!(null))] {
        for (name, value) in [
            ("updated_at", json!("1795485497")),
            ("email_verified", json!("true")),
            ("address", json!("1 High Street")),
            ("locale", json!(null)),
            ("groups", json!("spillway-approvers")),
        ] {
            app.tamper(|idp| {
                idp.claims = [("groups", groups.clone())].into();
                idp.user_info = [
                    ("groups", Some(json!(["spillway-approvers"]))),
                    (name, Some(value.clone())),
                ]
                .into();
            });
            app.person("alice.meyer").await;
            assert_eq!(
                newest_claims(&app).await["groups"],
                json!(["spillway-approvers"]),
                "{name}"
            );
        }
    }
    app.tamper(|idp| idp.user_info = [("sub", Some(json!("bob.okafor")))].into());
    let answer = app.anonymous().sign_in("alice.meyer", "/").await;
    assert!(
        is_error(answer.location(), "invalid"),
        "about somebody else: {answer:?}"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn only_the_tokens_of_the_token_answer_are_needed(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    for (name, value) in [
        ("expires_in", Some(json!("300"))),
        ("expires_in", Some(json!(300.5))),
        ("expires_in", Some(json!(null))),
        ("expires_in", Some(json!(-1))),
        ("expires_in", Some(json!({}))),
        ("expires_in", None),
        ("scope", Some(json!(["openid"]))),
        ("token_type", Some(json!("bearer"))),
        ("token_type", None),
        ("refresh_token", Some(json!(null))),
    ] {
        app.tamper(|idp| idp.tokens = [(name, value.clone())].into());
        let answer = app.anonymous().sign_in("alice.meyer", "/").await;
        assert_eq!(answer.location(), Some("/"), "{name}: {value:?}");
    }
    for value in [None, Some(json!(null)), Some(json!(7)), Some(json!("a.b.c"))] {
        app.tamper(|idp| idp.tokens = [("id_token", value.clone())].into());
        let answer = app.anonymous().sign_in("alice.meyer", "/").await;
        assert!(is_error(answer.location(), "invalid"), "{value:?}: {answer:?}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn groups_that_the_provider_left_out_are_named_as_the_reason(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    for (name, value) in [
        ("_claim_names", json!({ "groups": "s" })),
        ("_claim_names", json!({ "groups": "src1", "address": "src2" })),
        ("hasgroups", json!(true)),
        ("hasgroups", json!("true")),
    ] {
        app.tamper(|idp| idp.claims = [("groups", None), (name, Some(value.clone()))].into());
        let mut browser = app.anonymous();
        let answer = browser.sign_in("alice.meyer", "/").await;
        assert!(
            is_error(answer.location(), "groups_left_out"),
            "{value}: {answer:?}"
        );
        assert_eq!(page_of(&mut browser, &answer).await.status, 403);
    }
    // It speaks of another claim, or the groups are there.
    app.tamper(|idp| idp.claims = [("_claim_names", Some(json!({ "address": "s" })))].into());
    app.person("alice.meyer").await;
    app.tamper(|idp| idp.claims = [("_claim_names", Some(json!({ "groups": "s" })))].into());
    app.person("alice.meyer").await;
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_optional_member_of_the_discovery_document_that_will_not_do_is_absent(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let odd = [
        json!(""),
        json!(null),
        json!(7),
        json!(["x"]),
        json!({}),
        json!(" not an address"),
    ];
    for value in odd {
        // What was fetched before is too old.
        app.clock.advance(TimeDelta::hours(2));
        app.tamper(|idp| {
            idp.discovery = [
                "end_session_endpoint",
                "userinfo_endpoint",
                "registration_endpoint",
                "service_documentation",
                "op_policy_uri",
                "op_tos_uri",
                "authorization_response_iss_parameter_supported",
                "claims_supported",
                "claims_parameter_supported",
                "scopes_supported",
                "response_types_supported",
                "response_modes_supported",
                "grant_types_supported",
                "subject_types_supported",
                "id_token_signing_alg_values_supported",
                "token_endpoint_auth_methods_supported",
                "acr_values_supported",
                "ui_locales_supported",
            ]
            .map(|member| (member, Some(value.clone())))
            .into();
        });
        let mut alice = app.person("alice.meyer").await;
        let left = alice.post("/sign-out", &[]).await;
        assert_eq!(
            left.location(),
            Some("/sign-in?error=signed_out&return_to=%2F"),
            "it ends here alone: {value}"
        );
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_discovery_document_that_cannot_be_used_is_not_called_out_of_reach(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    for (member, value) in [
        ("issuer", Some(json!("https://evil.example"))),
        ("issuer", Some(json!(null))),
        ("authorization_endpoint", Some(json!(""))),
        ("authorization_endpoint", None),
        ("token_endpoint", Some(json!(null))),
        ("token_endpoint", Some(json!("mailto:a@b"))),
        ("jwks_uri", Some(json!(7))),
    ] {
        app.tamper(|idp| idp.discovery = [(member, value.clone())].into());
        refuses_to_start(&app, "provider_unusable", StatusCode::BAD_GATEWAY).await;
    }
    for body in ["", "<html></html>", "[]", "{"] {
        app.tamper(|idp| idp.discovery_body = Some(body));
        refuses_to_start(&app, "provider_unusable", StatusCode::BAD_GATEWAY).await;
    }
    app.tamper(|idp| idp.is_down = true);
    refuses_to_start(&app, "provider_unavailable", StatusCode::SERVICE_UNAVAILABLE).await;
    app.tamper(|idp| *idp = Default::default());
    app.person("alice.meyer").await;
}

/// What is logged on this thread, where the test and the application both run.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_an_operator_has_to_correct_is_a_warning_that_names_it(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let warned = |of: &str| {
        let said = std::mem::take(&mut *log.0.lock().unwrap());
        let said = String::from_utf8(said).unwrap();
        let warned = said
            .lines()
            .any(|line| line.contains(" WARN ") && line.contains(of));
        assert!(warned, "{of}: {said}");
    };
    app.tamper(|idp| idp.discovery = [("token_endpoint", Some(json!("")))].into());
    refuses_to_start(&app, "provider_unusable", StatusCode::BAD_GATEWAY).await;
    warned("token_endpoint");
    app.tamper(|idp| {
        idp.discovery.clear();
        idp.claims = [("groups", None), ("_claim_names", Some(json!({ "groups": "s" })))].into();
    });
    app.anonymous().sign_in("alice.meyer", "/").await;
    warned("too many");
}

async fn refuses_to_start(app: &TestApp, code: &str, status: StatusCode) {
    let mut browser = app.anonymous();
    let answer = browser.get("/sign-in/start").await;
    assert!(is_error(answer.location(), code), "{answer:?}");
    assert_eq!(page_of(&mut browser, &answer).await.status, status);
}

async fn page_of(browser: &mut Browser, answer: &Answer) -> Answer {
    browser.get(answer.location().unwrap()).await
}

fn app_now(app: &TestApp) -> i64 {
    use service::clock::Clock as _;
    app.clock.now().timestamp()
}
