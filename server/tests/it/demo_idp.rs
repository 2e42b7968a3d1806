use std::net::SocketAddr;

use axum::body::Body;
use http::{Request, header};
use server::demo_idp::{DemoIdpError, bind};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use url::Url;

use crate::support::{Answer, TestApp};

async fn get(app: &TestApp, path_and_query: &str, host: &str) -> Answer {
    let mut request = Request::get(path_and_query)
        .header(header::HOST, host)
        .body(Body::empty())
        .unwrap();
    let peer: SocketAddr = ([127, 0, 0, 1], 54321).into();
    request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
    let response = tower::ServiceExt::oneshot(app.idp_router.clone(), request)
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

#[tokio::test]
async fn it_starts_on_no_address_that_others_can_reach() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let refused = bind(address.parse().unwrap()).await.unwrap_err();
        assert!(
            matches!(refused, DemoIdpError::NotLoopback(_)),
            "{address}: {refused}"
        );
    }
    assert!(bind("127.0.0.1:0".parse().unwrap()).await.is_ok());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_shows_everybody_to_click_without_script(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let asked = app.anonymous().start("").await;
    let page = get(
        &app,
        &format!("/authorize?{}", asked.query().unwrap()),
        asked.authority(),
    )
    .await;
    assert_eq!(page.status, 200);
    let text = page.text();
    for person in server::demo::people::PEOPLE {
        assert!(
            text.contains(person.name) && text.contains(&format!("&amp;sub={}", person.sub)),
            "{}",
            person.name
        );
    }
    assert!(!text.contains("<script"));
    assert_eq!(get(&app, "/authorize", "idp.example").await.status, 403);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_sends_nobody_to_an_address_it_does_not_know(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let asked = app.anonymous().start("").await;
    let change = |name: &str, value: &str| {
        let mut changed: Url = asked.clone();
        let pairs: Vec<_> = asked
            .query_pairs()
            .filter(|(key, _)| key != name)
            .map(|(k, v)| (k.into_owned(), v.into_owned()))
            .collect();
        changed
            .query_pairs_mut()
            .clear()
            .extend_pairs(pairs)
            .append_pair(name, value);
        format!("/authorize/answer?{}&sub=alice.meyer", changed.query().unwrap())
    };
    for (name, value) in [("redirect_uri", "https://evil.example/"), ("client_id", "other")] {
        let answer = get(&app, &change(name, value), asked.authority()).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (400, None), "{name}");
    }
    for (name, value) in [
        ("code_challenge_method", "plain"),
        ("response_type", "token"),
        ("scope", "profile"),
    ] {
        let answer = get(&app, &change(name, value), asked.authority()).await;
        assert!(
            answer
                .location()
                .is_some_and(|to| to.contains("error=") && !to.contains("code=")),
            "{name}"
        );
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_answers_at_its_discovery_address(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let host = app.idp.issuer().trim_start_matches("http://").to_owned();
    let document = get(&app, "/.well-known/openid-configuration", &host).await.json();
    assert_eq!(document["issuer"], app.idp.issuer());
    let keys = get(&app, "/jwks", &host).await.json();
    assert_eq!(keys["keys"][0]["crv"], "P-256");
    assert!(
        keys["keys"][0].get("d").is_none(),
        "the private half stays inside"
    );
}
