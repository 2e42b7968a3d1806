use axum::body::Body;
use http::Request;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Answer, TestApp};

const ALWAYS: [&str; 9] = [
    "content-security-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "x-request-id",
];

fn check(what: &str, answer: &Answer) {
    for name in ALWAYS {
        assert!(answer.headers.contains_key(name), "{what} lacks {name}");
        assert_eq!(
            answer.headers.get_all(name).iter().count(),
            1,
            "{what} has {name} twice"
        );
    }
    assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
    assert!(
        answer
            .header("content-security-policy")
            .unwrap()
            .contains("frame-ancestors 'none'"),
        "{what}"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn every_answer_has_them(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    let mut nobody = app.anonymous();
    let machine = app.machine("t");
    let answers = [
        ("the sign-in page", nobody.get("/sign-in").await, 200),
        ("a redirect", nobody.get("/inbox").await, 303),
        ("a page that is none", alice.get("/no/such/page").await, 404),
        (
            "an API route that is none",
            machine.get("/api/v1/none").await,
            404,
        ),
        (
            "an AuthZEN route that is none",
            machine.get("/access/v1/none").await,
            404,
        ),
        ("a file that is none", nobody.get("/pkg/none.js").await, 404),
        ("a wrong method", machine.get("/api/v1/echo").await, 405),
        (
            "a bad body",
            machine.post_raw("/api/v1/echo", "application/json", "{").await,
            400,
        ),
        (
            "a large body",
            machine
                .post_raw("/api/v1/echo", "application/json", vec![b' '; 2 << 20])
                .await,
            413,
        ),
        ("a panic", machine.get("/api/v1/panic").await, 500),
        (
            "a cross-site post",
            alice.post_from("cross-site", "/sign-out", &[]).await,
            403,
        ),
        ("health", machine.get("/healthz").await, 200),
        ("readiness, without a policy", machine.get("/readyz").await, 503),
    ];
    for (what, answer, status) in answers {
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        check(what, &answer);
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn scripts_of_a_page_carry_the_nonce_of_its_policy(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut seen = Vec::new();
    for path in ["/sign-in", "/sign-in?error=declined", "/no/such/page"] {
        let page = match path {
            "/no/such/page" => app.person("alice.meyer").await.get(path).await,
            other => app.anonymous().get(other).await,
        };
        let policy = page.header("content-security-policy").unwrap().to_owned();
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        let text = page.text();
        let scripts: Vec<_> = text
            .match_indices("<script")
            .map(|(at, _)| text[at..].split('>').next().unwrap())
            .collect();
        assert!(!scripts.is_empty(), "{path}");
        for script in scripts {
            assert!(script.contains(&format!("nonce=\"{nonce}\"")), "{path}: {script}");
        }
        assert!(
            !text.contains(" style=\""),
            "{path} has inline style, which the policy refuses"
        );
        seen.push(nonce);
    }
    let different: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), different.len()), (3, 3), "a nonce is used once");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_runs_no_script_may_run_none(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    for answer in [
        app.machine("t").get("/api/v1/none").await,
        app.anonymous().get("/pkg/none.js").await,
    ] {
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("script-src"),
            "{policy}"
        );
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_sane_request_id_is_kept_and_another_replaced(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let with_id = |id: &str| {
        Request::get("/api/v1/none")
            .header("x-request-id", id)
            .body(Body::empty())
            .unwrap()
    };
    let kept = app.anonymous().request(with_id("build-4711.retry_2")).await;
    assert_eq!(kept.header("x-request-id"), Some("build-4711.retry_2"));
    assert_eq!(kept.json()["instance"], "build-4711.retry_2");
    let one = app.anonymous().request(with_id("7")).await;
    assert_eq!(one.header("x-request-id"), Some("7"));
    let trace = "Root=1-67891233-abcdef012345678912345678;Sampled=1";
    let traced = app.anonymous().request(with_id(trace)).await;
    assert_eq!(traced.header("x-request-id"), Some(trace));
    let replaced = app.anonymous().request(with_id("two words")).await;
    let id = replaced.header("x-request-id").unwrap();
    assert!(id.starts_with("cor_") && id.len() == 30, "{id}");
    assert_eq!(replaced.json()["instance"], id);
}
