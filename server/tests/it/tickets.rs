//! Looking tickets up at a real server: what is an answer, and what is none.

use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use http::StatusCode;
use notify::outgoing::{Allow, Limits};
use serde_json::json;
use server::config::TicketSettings;
use server::http::extract::Path;
use server::tickets::TicketSource;
use service::premises::TicketLookUp;
use tokio::net::TcpListener;

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
