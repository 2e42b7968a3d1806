//! Looking tickets up at a real server: what is an answer, and what is none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use chrono::TimeDelta;
use http::StatusCode;
use notify::outgoing::{Allow, Limits};
use serde_json::json;
use server::config::TicketSettings;
use server::http::extract::Path;
use server::tickets::{TicketSource, look};
use service::premises::TicketLookUp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::net::TcpListener;

use crate::access::gate_of;
use crate::support::{Browser, Machine, TestAppBuilder};

async fn issue(Path(ticket): Path<String>, headers: HeaderMap) -> impl IntoResponse {
    if headers
        .get("authorization")
        .is_none_or(|sent| sent != "Bearer secret")
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let status = match ticket.as_str() {
        "CHG-1" | "a/../b c?d" => json!("In Progress"),
        "CHG-2" => json!("Done"),
        "CHG-3" => json!(["In Progress"]),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    axum::Json(json!({ "fields": { "status": { "name": status } } })).into_response()
}

/// A ticket system on a loopback port, and where it listens.
async fn system() -> String {
    let routes = Router::new()
        .route("/issue/{ticket}", get(issue))
        .route(
            "/moved/{ticket}",
            get(|| async { Redirect::temporary("/issue/CHG-1") }),
        )
        .route(
            "/broken/{ticket}",
            get(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
        )
        .route(
            "/slow/{ticket}",
            get(|| async { std::future::pending::<&str>().await }),
        )
        .route("/text/{ticket}", get(|| async { "In Progress" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    format!("http://{address}")
}

fn source(url: &str, allow: &[&str]) -> TicketSource {
    let settings = TicketSettings {
        url: url.to_owned(),
        pointer: "/fields/status/name".to_owned(),
        open: ["Open", "In Progress"].map(str::to_owned).into(),
        authorization: Some("Bearer secret".to_owned().into()),
    };
    let limits = Limits {
        total: Duration::from_millis(500),
        ..Limits::default()
    };
    TicketSource::with_limits(settings, Allow::new(allow.iter().copied()).unwrap(), limits).unwrap()
}

async fn why(source: &TicketSource, ticket: &str) -> String {
    match source.look_up(ticket).await {
        TicketLookUp::Failed { why } => why,
        TicketLookUp::Answered { open } => panic!("answered: open is {open}"),
    }
}

#[tokio::test]
async fn an_answer_is_open_or_not_and_everything_else_is_none() {
    let base = system().await;
    let at = |path: &str| source(&format!("{base}/{path}/{{ticket}}"), &["127.0.0.1"]);
    let issues = at("issue");
    for (ticket, open) in [("CHG-1", true), ("CHG-2", false), ("a/../b c?d", true)] {
        assert_eq!(
            issues.look_up(ticket).await,
            TicketLookUp::Answered { open },
            "{ticket}"
        );
    }
    assert_eq!(why(&issues, "CHG-404").await, "the answer was 404");
    assert_eq!(
        why(&issues, "CHG-3").await,
        "the answer does not say how the ticket stands"
    );
    assert_eq!(
        why(&at("moved"), "CHG-1").await,
        "the answer was 307",
        "followed nowhere"
    );
    assert_eq!(why(&at("broken"), "CHG-1").await, "the answer was 500");
    assert_eq!(why(&at("slow"), "CHG-1").await, "no answer");
    assert_eq!(why(&at("text"), "CHG-1").await, "the answer is no JSON");
    // Down: a port that was just let go.
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let down = source(&format!("http://{free}/issue/{{ticket}}"), &["127.0.0.1"]);
    assert_eq!(why(&down, "CHG-1").await, "no answer");
    // Inside of a network, and nobody has allowed it.
    let inside = source(
        &format!("{}/issue/{{ticket}}", base.replace("http:", "https:")),
        &[],
    );
    assert!(why(&inside, "CHG-1").await.contains("inside a network"));
}

/// A ticket system with one ticket, which is open while `open` says so.
async fn system_of_one(open: Arc<AtomicBool>) -> String {
    let routes = Router::new().route(
        "/issue/OPS-77",
        get(move || async move {
            let status = if open.load(Ordering::SeqCst) {
                "Open"
            } else {
                "Done"
            };
            axum::Json(json!({ "fields": { "status": { "name": status } } }))
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    format!("http://{address}/issue/{{ticket}}")
}

/// Whether the nightly export reads the ledger without a person.
async fn reads(machine: &Machine) -> bool {
    let answer = machine
        .post(
            "/access/v1/evaluation",
            &json!({
                "subject": { "type": "workload", "id": "job/nightly-export" },
                "action": { "name": "read" },
                "resource": { "type": "database", "id": "ledger-db" },
            }),
        )
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["decision"].as_bool().unwrap()
}

async fn approves(browser: &mut Browser, path: &str) -> (u16, String) {
    let answer = browser
        .post(path, &[("intent", "approve"), ("reason", "Until OPS-77 is out.")])
        .await;
    (answer.status.as_u16(), answer.text())
}

/// From the form to the gate: nothing is in force before its ticket was looked up, and nothing after it was closed.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_bypass_stands_on_a_ticket_until_its_system_says_that_it_is_closed(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let open = Arc::new(AtomicBool::new(true));
    let source = source(&system_of_one(Arc::clone(&open)).await, &["127.0.0.1"]);
    let builder = TestAppBuilder::new(options).tickets();
    let (app, machine) = gate_of(builder, r#"{ kind = "workload", id = "*" }"#).await;
    let service = &app.application.service;
    let mut alice = app.person("alice.meyer").await;
    let sent = alice
        .post(
            "/opt-outs/request",
            &[
                ("scenario", "false-positive"),
                ("direction", "bypass"),
                ("title", "Nightly export until OPS-77 is out"),
                ("scope.principals", "workload job/nightly-export"),
                ("scope.resources", "database ledger-db"),
                ("scope.capabilities", "read"),
                ("scope.rules", "read-needs-ticket"),
                (
                    "reason",
                    "The gateway cannot send the standing ticket of the nightly export; OPS-77 mends it.",
                ),
                ("length_secs", "14400"),
                ("premise.kind", "ticket_open"),
                ("premise.value", "OPS-77"),
                ("intent", "send"),
            ],
        )
        .await;
    assert_eq!(sent.status, 303, "{sent:?}");
    let path = sent.location().unwrap().to_owned();
    let mut ines = app.person("ines.marchetti").await;
    let (status, text) = approves(&mut ines, &path).await;
    assert_eq!(status, 409);
    assert!(text.contains("it has not been looked up yet"));

    assert_eq!(look(service, &source).await.unwrap(), 1);
    assert_eq!(
        look(service, &source).await.unwrap(),
        0,
        "not before the next hour"
    );
    let mut omar = app.person("omar.haddad").await;
    for who in [&mut ines, &mut omar] {
        assert!(!reads(&machine).await);
        let (status, text) = approves(who, &path).await;
        assert_eq!(status, 303, "{text}");
    }
    assert!(reads(&machine).await);

    open.store(false, Ordering::SeqCst);
    assert!(reads(&machine).await, "nobody has looked");
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(look(service, &source).await.unwrap(), 1);
    assert!(!reads(&machine).await, "the normal policy is back");
    // Her session of an hour ago is over.
    let page = app.person("alice.meyer").await.get(&path).await.text();
    assert!(page.contains("Out of force since"), "{page}");

    open.store(true, Ordering::SeqCst);
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(look(service, &source).await.unwrap(), 1);
    assert!(!reads(&machine).await, "and nothing comes back by itself");
}
