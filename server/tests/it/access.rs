//! `/access/v1` and the metadata: what a policy enforcement point meets.

mod authentication;
mod evaluation;
mod evaluations;
mod isolation;
mod metadata;

use serde_json::{Value, json};
use server::application::Application;
use server::demo::organisation;
use server::http::Mounts;
use server::mounts::mounts;
use service::directory::ClientFile;
use sqlx::postgres::PgConnectOptions;

use crate::support::{Machine, PUBLIC_URL, TestApp, TestAppBuilder};

fn production(application: &Application) -> Mounts {
    mounts(application, &PUBLIC_URL.parse().unwrap())
}

/// The demo's organisation in force, and a pipeline's gate: it may ask about services and is trusted for tickets.
pub(crate) async fn gate(options: PgConnectOptions) -> (TestApp, Machine) {
    gate_of(
        TestAppBuilder::new(options),
        r#"{ kind = "workload", id = "ci/*" }, { kind = "person", id = "*" }"#,
    )
    .await
}

/// The same, of another application and for other subjects.
pub(crate) async fn gate_of(builder: TestAppBuilder, subjects: &str) -> (TestApp, Machine) {
    let app = builder.mounts(production).start().await;
    let service = &app.application.service;
    let correlation = || domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let directory = organisation::directory(app.idp.issuer()).unwrap();
    service.import_directory(&directory, correlation()).await.unwrap();
    service
        .publish_policy(&organisation::policy(), correlation())
        .await
        .unwrap();
    let client: ClientFile = toml::from_str(&format!(
        r#"name = "test-gate"
           subjects = [{subjects}]
           resources = [{{ type = "service", id = "*" }}, {{ type = "database", id = "*" }}]
           trusted_keys = ["ticket"]"#
    ))
    .unwrap();
    let (_, token) = service.register_client(&client, correlation()).await.unwrap();
    let machine = app.machine(&token);
    (app, machine)
}

/// The payments pipeline wants to deploy to a service.
pub(crate) fn deploy(service: &str) -> Value {
    json!({
        "subject": { "type": "workload", "id": "ci/payments" },
        "action": { "name": "deploy" },
        "resource": { "type": "service", "id": service },
    })
}
