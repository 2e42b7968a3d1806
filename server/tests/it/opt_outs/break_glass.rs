//! `/opt-outs/break-glass` and the review that it owes.

use chrono::TimeDelta;
use http::StatusCode;
use server::application::Application;
use server::demo::organisation;
use server::http::Mounts;
use server::mounts::mounts;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Answer, Browser, PUBLIC_URL, TestApp};

const PATH: &str = "/opt-outs/break-glass";
const BACK: &str = "/opt-outs/break-glass?kept=1";
const WHY: &str = "Card payments fail everywhere.";

fn production(application: &Application) -> Mounts {
    mounts(application, &PUBLIC_URL.parse().unwrap())
}

async fn organisation(options: PgConnectOptions) -> TestApp {
    let app = TestApp::start_with(options, production).await;
    let service = &app.application.service;
    let correlation = || domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let directory = organisation::directory(app.idp.issuer()).unwrap();
    service.import_directory(&directory, correlation()).await.unwrap();
    service
        .publish_policy(&organisation::policy(), correlation())
        .await
        .unwrap();
    app
}

fn fields<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("way", "rule"),
        ("resource", "service payments-prod"),
        ("confirmation", "payments-prod"),
        ("principal", "person jonas.weber"),
        ("capability", "admin"),
        ("rules", "admin-needs-a-person"),
        ("incident", "INC-4471"),
        ("reason", WHY),
        ("length_secs", "3600"),
        ("intent", "break"),
    ];
    fields.retain(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    fields.extend_from_slice(changed);
    fields
}

async fn breaks(browser: &mut Browser) -> Answer {
    browser.post(PATH, &fields(&[])).await
}

/// From the page that sends to the provider, and back to where the form stands.
async fn signs_in_again(browser: &mut Browser, asked: &Answer, sub: &str) {
    let callback = chooses(browser, asked, sub).await;
    assert_eq!(browser.come_back(&callback).await.location(), Some(BACK));
}

/// From the page that sends to the provider, to what the provider sends back.
async fn chooses(browser: &mut Browser, asked: &Answer, sub: &str) -> url::Url {
    assert_eq!(asked.status, 200);
    let page = asked.text();
    let link = page
        .split("href=\"")
        .find(|part| part.starts_with("/sign-in/start"))
        .unwrap();
    let link = link.split('"').next().unwrap().replace("&amp;", "&");
    let provider = browser.start(link.strip_prefix("/sign-in/start").unwrap()).await;
    assert!(provider.query().unwrap().contains("max_age=0"), "{provider}");
    browser.choose(&provider, Some(sub)).await
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_older_sign_in_is_asked_for_anew_and_what_was_typed_comes_back(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = organisation(options).await;
    let mut jonas = app.person("jonas.weber").await;
    app.clock.advance(TimeDelta::minutes(6));
    let asked = breaks(&mut jonas).await;
    assert_eq!(app.count("opt_outs").await, 0, "nothing was sent");
    signs_in_again(&mut jonas, &asked, "jonas.weber").await;
    let form = jonas.get(BACK).await;
    assert_eq!(form.status, 200);
    assert!(
        form.text().contains(WHY) && form.text().contains("INC-4471"),
        "{}",
        form.text()
    );
    assert!(
        !jonas.get(PATH).await.text().contains(WHY),
        "only where one comes back"
    );
    let done = breaks(&mut jonas).await;
    assert_eq!(done.status, 303, "{done:?}");
    assert!(done.location().unwrap().starts_with("/opt-outs/opt_"));
    assert!(
        !jonas.get(BACK).await.text().contains(WHY),
        "what was sent is not kept"
    );
    assert_eq!(app.count("post_reviews").await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_comes_back_as_another_sees_nothing_of_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = organisation(options).await;
    let mut browser = app.person("jonas.weber").await;
    app.clock.advance(TimeDelta::minutes(6));
    let asked = breaks(&mut browser).await;
    signs_in_again(&mut browser, &asked, "dana.roth").await;
    let form = browser.get(BACK).await;
    assert_eq!(form.status, 200);
    assert!(!form.text().contains(WHY));
    let forged = breaks(&mut browser).await;
    assert_eq!(forged.status, 422, "for somebody else: {forged:?}");
    assert_eq!(app.count("opt_outs").await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn with_the_provider_down_a_session_of_eight_hours_is_enough(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = organisation(options).await;
    let mut jonas = app.person("jonas.weber").await;
    app.tamper(|idp| idp.is_down = true);
    // The session lives on by use.
    for _ in 0..24 {
        app.clock.advance(TimeDelta::minutes(20));
        assert_eq!(jonas.get("/opt-outs").await.status, 200);
    }
    assert!(!app.sign_in.probe().await);
    let asked = breaks(&mut jonas).await;
    assert!(
        asked.text().contains("/sign-in/start"),
        "one failed probe is none: {asked:?}"
    );
    assert!(!app.sign_in.probe().await);
    let done = breaks(&mut jonas).await;
    assert_eq!(done.status, 303, "at eight hours: {done:?}");
    let hours: i64 = sqlx::query_scalar!(
        r#"SELECT extract(epoch FROM due_at - owed_at)::bigint / 3600 AS "hours!" FROM post_reviews"#
    )
    .fetch_one(&app.owner)
    .await
    .unwrap();
    assert_eq!(hours, 24);
    app.clock.advance(TimeDelta::minutes(1));
    let refused = breaks(&mut jonas).await;
    assert_eq!(refused.status, 403, "a minute later");
    assert!(refused.text().contains("older than 8 hours"));
    app.tamper(|idp| idp.is_down = false);
    assert!(app.sign_in.probe().await);
    assert!(
        breaks(&mut jonas).await.text().contains("/sign-in/start"),
        "it can be asked again"
    );
    assert_eq!(app.count("post_reviews").await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_provider_that_signs_nobody_in_counts_as_down_until_it_does(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = organisation(options).await;
    let mut jonas = app.person("jonas.weber").await;
    app.tamper(|idp| idp.gives_no_tokens = true);
    app.clock.advance(TimeDelta::minutes(6));
    for _ in 0..2 {
        assert!(!app.sign_in.probe().await);
    }
    assert_eq!(breaks(&mut jonas).await.status, 303, "the session will do");
    assert_eq!(app.count("post_reviews").await, 1);
    app.tamper(|idp| idp.gives_no_tokens = false);
    assert!(
        app.sign_in.probe().await,
        "the refusal of a made-up code is an answer"
    );
    let asked = breaks(&mut jonas).await;
    assert!(asked.text().contains("/sign-in/start"), "{asked:?}");
    signs_in_again(&mut jonas, &asked, "jonas.weber").await;
}

/// What the provider's edge makes of a code is whatever the visitor who sent it can provoke.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn no_visitor_can_make_the_provider_count_as_down(_: PgPoolOptions, options: PgConnectOptions) {
    let app = organisation(options).await;
    let mut jonas = app.person("jonas.weber").await;
    app.clock.advance(TimeDelta::minutes(6));
    for (status, content_type, body) in [
        (StatusCode::FORBIDDEN, "text/html", "<h1>Request blocked</h1>"),
        (StatusCode::FORBIDDEN, "text/html", ""),
        (StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "too large"),
        (
            StatusCode::TOO_MANY_REQUESTS,
            "application/json",
            r#"{"errorCode":"E0000047"}"#,
        ),
        (StatusCode::OK, "text/html", "<h1>Hello</h1>"),
        (StatusCode::FOUND, "text/html", ""),
        (StatusCode::BAD_GATEWAY, "text/html", "<h1>Bad gateway</h1>"),
    ] {
        app.tamper(|idp| idp.refusal = Some((status, content_type, body)));
        for _ in 0..3 {
            let mut visitor = app.anonymous();
            let asked = visitor.start("").await;
            let callback = visitor.choose(&asked, Some("alice.meyer")).await;
            let answer = visitor.come_back(&callback).await;
            assert!(
                answer.location().unwrap().starts_with("/sign-in?error="),
                "{answer:?}"
            );
        }
        let asked = breaks(&mut jonas).await;
        assert!(asked.text().contains("/sign-in/start"), "{status}: {asked:?}");
        // Neither does it where the server's own probes meet it, unless it is a fault of the provider.
        assert_eq!(app.sign_in.probe().await, !status.is_server_error(), "{status}");
    }
    assert_eq!(app.count("opt_outs").await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_cannot_be_read_is_named_and_nothing_is_written(_: PgPoolOptions, options: PgConnectOptions) {
    let app = organisation(options).await;
    let mut jonas = app.person("jonas.weber").await;
    let long = "x".repeat(3_000);
    for (name, value) in [
        ("resource", "payments-prod"),
        ("resource", "service unheard-of"),
        ("confirmation", "payments"),
        ("principal", "everybody"),
        ("principal", "person dana.roth"),
        ("rules", "no-bulk-export"),
        ("rules", ""),
        ("incident", ""),
        ("incident", "INC\u{2028}1"),
        ("reason", "short"),
        ("reason", &long),
        ("length_secs", "14401"),
        ("length_secs", "-1"),
        ("length_secs", "999999999999999999999"),
        ("length_secs", "long"),
    ] {
        for intent in ["check", "break"] {
            let refused = jonas
                .post(PATH, &fields(&[(name, value), ("intent", intent)]))
                .await;
            assert_eq!(refused.status, 422, "{name}={value}");
            assert!(
                refused.text().contains(&format!("href=\"#field-{name}\"")),
                "{name}={value}"
            );
        }
    }
    assert_eq!(jonas.post(PATH, &[("intent", "unheard-of")]).await.status, 400);
    assert_eq!(jonas.post(PATH, &[("intent", "break")]).await.status, 422);
    let mut alice = app.person("alice.meyer").await;
    assert_eq!(alice.get(PATH).await.status, 403);
    let hers = fields(&[("principal", "person alice.meyer")]);
    assert_eq!(alice.post(PATH, &hers).await.status, 403);
    assert_eq!(app.count("opt_outs").await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn its_review_is_somebody_else_s(_: PgPoolOptions, options: PgConnectOptions) {
    let app = organisation(options).await;
    let mut jonas = app.person("jonas.weber").await;
    let opt_out = breaks(&mut jonas).await.location().unwrap().to_owned();
    let page = jonas.get(&opt_out).await.text();
    let review = page
        .split("href=\"")
        .find(|part| part.starts_with("/post-reviews/"))
        .unwrap();
    let review = review.split('"').next().unwrap().to_owned();
    let conclusion = [
        ("finding", "justified"),
        ("note", "It had to be done."),
        ("intent", "conclude"),
    ];
    assert_eq!(jonas.post(&review, &conclusion).await.status, 403);
    let mut alice = app.person("alice.meyer").await;
    assert_eq!(alice.get(&review).await.status, 404);
    assert_eq!(alice.post(&review, &conclusion).await.status, 404);

    let mut bob = app.person("bob.okafor").await;
    assert!(
        bob.get("/").await.text().contains("broke the glass in INC-4471"),
        "who was skipped is told"
    );
    assert_eq!(bob.post(&review, &conclusion).await.status, 409, "it is not over");
    let over = [("reason", "The second node is up."), ("intent", "revoke")];
    assert_eq!(jonas.post(&opt_out, &over).await.status, 303);
    assert!(bob.get("/approvals").await.text().contains(&review));
    for (fields, field) in [
        (vec![("note", "x"), ("intent", "conclude")], "finding"),
        (
            vec![("finding", "splendid"), ("note", "x"), ("intent", "conclude")],
            "finding",
        ),
        (
            vec![("finding", "justified"), ("note", " "), ("intent", "conclude")],
            "note",
        ),
    ] {
        let refused = bob.post(&review, &fields).await;
        assert_eq!(refused.status, 422, "{fields:?}");
        assert!(
            refused.text().contains(&format!("href=\"#field-{field}\"")),
            "{fields:?}"
        );
    }
    assert_eq!(bob.post("/post-reviews/rev_x", &conclusion).await.status, 404);
    assert_eq!(
        bob.post(&review, &conclusion).await.location(),
        Some(review.as_str())
    );
    assert_eq!(bob.post(&review, &conclusion).await.status, 409, "once");
    assert!(jonas.get(&review).await.text().contains("It had to be done."));
}
