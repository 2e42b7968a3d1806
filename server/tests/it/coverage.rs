//! Nothing answers an anonymous visitor but what is written down here.
//!
//! The lists come from the program itself, so a new page, form or server function is in this test the moment it exists.

use axum::body::Body;
use http::{Method, Request, header};
use leptos_axum::generate_route_list;
use server::application::Application;
use server::http::Mounts;
use server::mounts::mounts;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{PUBLIC_URL, TestApp};

/// Pages that anybody may see. Each has a reason.
const OPEN_PAGES: [(&str, &str); 1] = [("/sign-in", "nobody could sign in otherwise")];

/// The routes and forms that are really served.
fn production(application: &Application) -> Mounts {
    mounts(application, &PUBLIC_URL.parse().unwrap())
}

/// A path with its variable parts filled in: whatever stands there, an anonymous visitor must not learn of it.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn every_page_sends_an_anonymous_visitor_to_sign_in(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let pages = generate_route_list(app::App);
    assert!(!pages.is_empty());
    for page in pages
        .iter()
        .map(|page| page.path())
        .filter(|page| !OPEN_PAGES.iter().any(|(open, _)| open == page))
    {
        let answer = app.anonymous().get(&filled(page)).await;
        assert_eq!(answer.status, 303, "{page}: {answer:?}");
        assert!(
            answer.location().unwrap().starts_with("/sign-in?return_to="),
            "{page}"
        );
        assert!(answer.body.is_empty(), "{page}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn every_form_refuses_an_anonymous_visitor_and_another_site(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start_with(options, production).await;
    let mut alice = app.person("alice.meyer").await;
    let forms: Vec<_> = production(&app.application).forms.paths().collect();
    assert!(!forms.is_empty());
    for form in forms {
        let path = filled(form);
        let anonymous = app.anonymous().post(&path, &[("intent", "x")]).await;
        assert!(
            anonymous
                .location()
                .is_some_and(|to| to.starts_with("/sign-in?return_to=")),
            "{form}"
        );
        assert_eq!(
            alice
                .post_from("cross-site", &path, &[("intent", "x")])
                .await
                .status,
            403,
            "{form}"
        );
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn every_server_function_refuses_an_anonymous_visitor_and_another_site(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    let paths: Vec<_> = leptos::server_fn::axum::server_fn_paths().collect();
    assert!(!paths.is_empty(), "an empty registry covers nothing");
    for (path, method) in paths {
        assert_eq!(method, Method::POST, "{path} would be free of the CSRF layer");
        let call = || {
            Request::post(path)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin")
                .body(Body::empty())
                .unwrap()
        };
        let answer = app.anonymous().request(call()).await;
        assert_eq!(answer.status, 401, "{path}: {answer:?}");
        assert_eq!(answer.json()["kind"], "signed_out", "{path}");
        assert_eq!(
            alice.post_from("cross-site", path, &[]).await.status,
            403,
            "{path}"
        );
    }
}
