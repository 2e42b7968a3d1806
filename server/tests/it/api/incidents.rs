//! `PUT /api/v1/incidents/{id}`.

use crate::access::gate;
use crate::support::{Answer, Machine, TestApp};
use axum::body::Body;
use http::{Request, header};
use serde_json::{Value, json};
use service::directory::ClientFile;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const PATH: &str = "/api/v1/incidents/INC-4471";

async fn tool(app: &TestApp, name: &str, prefix: &str) -> Machine {
    let service = &app.application.service;
    let client: ClientFile = toml::from_str(&format!(
        "name = \"{name}\"\nsubjects = []\nresources = []\nincidents = {prefix}"
    ))
    .unwrap();
    let correlation = domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let (_, token) = service.register_client(&client, correlation).await.unwrap();
    app.machine(&token)
}

async fn put(machine: &Machine, path: &str, body: &Value) -> Answer {
    let request = Request::put(path).header(header::CONTENT_TYPE, "application/json");
    machine.request(request, Body::from(body.to_string())).await
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_incident_is_opened_resolved_and_opened_again(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let (pager, other) = (
        tool(&app, "pager", r#""INC-""#).await,
        tool(&app, "other", r#""PD-""#).await,
    );
    let open = json!({ "state": "open", "title": "Card payments fail" });
    let resolved = json!({ "state": "resolved" });
    let told = put(&pager, PATH, &open).await;
    assert_eq!(told.status, 201, "{told:?}");
    let first = told.json();
    assert_eq!(
        (&first["id"], &first["state"], &first["title"]),
        (&json!("INC-4471"), &json!("open"), &json!("Card payments fail"))
    );
    let again = put(&pager, PATH, &open).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, first));
    for (who, status, kind) in [(&gate, 403, "may-not-tell"), (&other, 403, "not-covered")] {
        let refused = put(who, PATH, &resolved).await;
        assert_eq!(refused.status, status, "{refused:?}");
        assert!(
            refused.json()["type"].as_str().unwrap().ends_with(kind),
            "{refused:?}"
        );
    }
    let over = put(&pager, PATH, &resolved).await;
    assert_eq!(
        (over.status.as_u16(), &over.json()["state"]),
        (200, &json!("resolved"))
    );
    assert!(over.json()["resolved_at"].is_string());
    let burns = put(&pager, PATH, &open).await;
    assert_eq!(
        (burns.status.as_u16(), &burns.json()["state"]),
        (200, &json!("open"))
    );
    assert_eq!(app.count("incidents").await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_no_incident_and_who_is_nobody_is_refused(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, _) = gate(options).await;
    let pager = tool(&app, "pager", "true").await;
    let open = json!({ "state": "open" });
    for (path, body, status) in [
        (PATH, json!({ "state": "burning" }), 422),
        (PATH, json!({}), 422),
        (PATH, json!({ "state": "open", "title": "a\nb" }), 422),
        ("/api/v1/incidents/%20INC", open.clone(), 422),
        ("/api/v1/incidents/a%0Ab", open.clone(), 422),
    ] {
        let refused = put(&pager, path, &body).await;
        assert_eq!(refused.status, status, "{path} {body}: {refused:?}");
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    }
    assert_eq!(put(&app.machine("spw_unheard-of"), PATH, &open).await.status, 401);
    assert_eq!(app.count("incidents").await, 0);
}
