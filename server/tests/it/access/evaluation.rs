//! `POST /access/v1/evaluation`.

#![allow(
    clippy::disallowed_methods,
    reason = "a test looks at what is stored, whatever the queries of the program are"
)]

use super::{deploy, gate};
use crate::support::Answer;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const PATH: &str = "/access/v1/evaluation";

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn production_needs_a_person_and_staging_does_not(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let answer = gate.post(PATH, &deploy("payments-prod")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.json();
    let context = &body["context"];
    assert_eq!(body["decision"], false);
    assert_eq!(context["outcome"], "review");
    assert_eq!(context["base_outcome"], "review");
    assert_eq!(context["reason"], "approval_required");
    assert_eq!(context["tier"], "critical");
    let rules: Vec<&str> = context["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["tier-critical", "no-unattended-prod-deploy"]);
    assert!(
        context["rules"][1]["description"]
            .as_str()
            .unwrap()
            .contains("need a person")
    );
    assert_eq!(context["leaf_hash"].as_str().unwrap().len(), 64);
    assert_eq!(
        context["access_request"]["endpoint"],
        "https://spillway.test/access/v1/requests"
    );
    let at: chrono::DateTime<chrono::Utc> = context["evaluated_at"].as_str().unwrap().parse().unwrap();
    let until: chrono::DateTime<chrono::Utc> = context["access_request"]["expires_at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(until - at, chrono::TimeDelta::minutes(15));
    assert!(context["next_action"].is_null(), "no approval was named");

    let staging = gate.post(PATH, &deploy("payments-staging")).await.json();
    assert_eq!(staging["decision"], true);
    assert_eq!(staging["context"]["outcome"], "automate");
    assert!(staging["context"]["access_request"].is_null());

    let unknown = gate.post(PATH, &deploy("nowhere")).await.json();
    assert_eq!(
        (&unknown["decision"], &unknown["context"]["reason"]),
        (&json!(false), &json!("unknown_resource"))
    );
    assert!(
        unknown["context"]["access_request"].is_null(),
        "a deny cannot be requested"
    );
    assert_eq!(app.count("decisions").await, 3);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_answered_stands_in_the_database(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let context = gate.post(PATH, &deploy("payments-prod")).await.json()["context"].clone();
    let id: domain::id::DecisionId = context["evaluation_id"].as_str().unwrap().parse().unwrap();
    let stored = store::decisions::find(&app.owner, id).await.unwrap().unwrap();
    assert_eq!(
        hex::encode(stored.leaf_hash),
        context["leaf_hash"].as_str().unwrap()
    );
    let record: Value = serde_json::from_slice(&stored.record).unwrap();
    assert_eq!(record["request"], deploy("payments-prod"));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn only_what_a_client_is_trusted_for_reaches_rules(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let read = |context: Value| {
        json!({
            "subject": { "type": "person", "id": "alice.meyer", "properties": { "employment": "contractor" } },
            "action": { "name": "read" },
            "resource": { "type": "database", "id": "ledger-db" },
            "context": context,
        })
    };
    let with = gate
        .post(
            PATH,
            &read(json!({ "ticket": "OPS-1", "network": "elsewhere", "colour": "red" })),
        )
        .await;
    let id: domain::id::DecisionId = with.json()["context"]["evaluation_id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let stored = store::decisions::find(&app.owner, id).await.unwrap().unwrap();
    let record = service::decisions::Record::from_bytes(&stored.record).unwrap();
    let input = record.decision.input;
    assert_eq!(json!(input.asserted), json!({ "ticket": "OPS-1" }));
    assert_eq!(
        json!(input.evidence),
        json!({ "network": "elsewhere", "colour": "red", "subject.properties": { "employment": "contractor" } })
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn bad_requests_are_400_with_a_message_that_names_the_member(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, gate) = gate(options).await;
    let good = deploy("payments-staging");
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let without = |pointer: &str, name: &str| {
        let mut body = good.clone();
        body.pointer_mut(pointer)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(name);
        body
    };
    let cases: Vec<(Value, &str)> = vec![
        (json!([]), "JSON object"),
        (json!("x"), "JSON object"),
        (without("", "subject"), "`subject`"),
        (without("", "action"), "`action`"),
        (without("", "resource"), "`resource`"),
        (without("/subject", "id"), "`subject`"),
        (without("/subject", "type"), "`subject`"),
        (without("/resource", "id"), "`resource`"),
        (without("/action", "name"), "`action`"),
        (with("/subject", json!("ci/payments")), "`subject`"),
        (with("/subject/id", json!(7)), "`subject`"),
        (with("/subject/id", json!("")), "`subject.id`"),
        (with("/subject/id", json!("x".repeat(1_025))), "`subject.id`"),
        (with("/subject/id", json!("a\u{0}b")), "`subject.id`"),
        (with("/subject/type", json!("user")), "`subject.type`"),
        (with("/resource/type", json!(null)), "`resource`"),
        (with("/action/name", json!("a\u{202e}b")), "`action.name`"),
        (
            json!({ "subject": good["subject"], "action": good["action"], "resource": good["resource"], "context": 1 }),
            "`context`",
        ),
        (
            json!({ "subject": good["subject"], "action": good["action"], "resource": good["resource"],
            "context": { "approval": "grt_x" } }),
            "`context.approval`",
        ),
        (
            json!({ "subject": good["subject"], "action": good["action"], "resource": good["resource"],
            "context": { "x": "y".repeat(20_000) } }),
            "`context`",
        ),
    ];
    for (body, named) in cases {
        let answer = gate.post(PATH, &body).await;
        assert_message(&answer, named, &body.to_string());
    }
    for (content_type, body) in [
        ("application/json", "{"),
        ("application/json", ""),
        ("text/plain", "{}"),
        (
            "application/json",
            r#"{"subject":{"type":"workload","type":"person","id":"x"},"action":{"name":"x"},"resource":{"type":"a","id":"b"}}"#,
        ),
    ] {
        let answer = gate.post_raw(PATH, content_type, body).await;
        assert_message(&answer, "", body);
    }
    assert_eq!(app.count("decisions").await, 0, "nothing was recorded");
}

fn assert_message(answer: &Answer, named: &str, body: &str) {
    assert_eq!(answer.status, 400, "{body}: {answer:?}");
    assert!(
        answer.header("content-type").unwrap().starts_with("text/plain"),
        "{body}"
    );
    assert!(answer.text().contains(named), "{body}: {}", answer.text());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn unknown_members_are_ignored_and_the_request_id_comes_back(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, gate) = gate(options).await;
    let mut body = deploy("payments-staging");
    body["colour"] = json!("red");
    body["subject"]["nickname"] = json!("ci");
    let request = http::Request::post(PATH)
        .header("content-type", "application/json")
        .header("x-request-id", "bfe9eb29-ab87-4ca3-be83-a1d5d8305716");
    let answer = gate.request(request, body.to_string().into()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.header("x-request-id"),
        Some("bfe9eb29-ab87-4ca3-be83-a1d5d8305716")
    );
    assert_eq!(app.count("decisions").await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_client_asks_only_about_what_is_its_own(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let mut other = deploy("payments-staging");
    other["subject"] = json!({ "type": "agent", "id": "sre-copilot" });
    let mut elsewhere = deploy("payments-staging");
    elsewhere["resource"] = json!({ "type": "role", "id": "incident-admin" });
    for body in [other, elsewhere] {
        let answer = gate.post(PATH, &body).await;
        assert_eq!(answer.status, 403, "{body}");
        assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
    }
    assert_eq!(app.count("decisions").await, 0);
    let mut several = deploy("payments-staging");
    several["evaluations"] = json!([{}, { "resource": { "type": "role", "id": "incident-admin" } }]);
    assert_eq!(gate.post("/access/v1/evaluations", &several).await.status, 200);
    // Probing leaves a trace: one event for all of it.
    let decider = &app.application.decider;
    assert_eq!(decider.report_out_of_scope().await.unwrap(), 1);
    assert_eq!(decider.report_out_of_scope().await.unwrap(), 0);
    let bodies: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT body FROM events WHERE kind = 'client.out_of_scope_asked'")
            .fetch_all(&app.owner)
            .await
            .unwrap();
    assert_eq!(bodies.len(), 1);
    let body: Value = serde_json::from_slice(&bodies[0]).unwrap();
    assert_eq!(
        (&body["count"], &body["first"]["subject"]["id"]),
        (&json!(3), &json!("sre-copilot"))
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_approval_that_does_not_exist_is_unverifiable(_: PgPoolOptions, options: PgConnectOptions) {
    let (_app, gate) = gate(options).await;
    for id in ["grt_01j9zq4x8m7v2k5t3n6p0r1w9y", "nonsense", ""] {
        let mut body = deploy("payments-prod");
        body["context"] = json!({ "approval": { "id": id, "approved_until": "2030-01-01T00:00:00Z" } });
        let context = gate.post(PATH, &body).await.json()["context"].clone();
        assert_eq!(context["reason"], "approval_unverifiable", "{id}");
        assert_eq!(context["next_action"], "none", "{id}");
        assert!(context["access_request"].is_null(), "{id}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn before_a_policy_is_published_nothing_is_decided(_: PgPoolOptions, options: PgConnectOptions) {
    let app = crate::support::TestApp::start_with(options, super::production).await;
    let service = &app.application.service;
    let client = toml::from_str(
        r#"name = "g"
        subjects = [{ id = "*" }]
        resources = [{ id = "*" }]"#,
    )
    .unwrap();
    let correlation = domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let (_, token) = service.register_client(&client, correlation).await.unwrap();
    let answer = app.machine(&token).post(PATH, &deploy("payments-staging")).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(!answer.text().contains("decision"), "{}", answer.text());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn numbers_and_null_are_read_as_the_schema_means_them(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, _) = gate(options).await;
    let service = &app.application.service;
    let client = toml::from_str(
        r#"name = "rows-gate"
        subjects = [{ id = "*" }]
        resources = [{ id = "*" }]
        trusted_keys = ["ticket", "rows"]"#,
    )
    .unwrap();
    let correlation = domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let (_, token) = service.register_client(&client, correlation).await.unwrap();
    let gate = app.machine(&token);
    let reading = async |rows: &str| {
        let body = format!(
            r#"{{"subject":{{"type":"person","id":"alice.meyer"}},"action":{{"name":"read"}},
                "resource":{{"type":"database","id":"warehouse"}},
                "context":{{"rows":{rows},"ticket":"CHG-1234"}}}}"#
        );
        let answer = gate.post_raw(PATH, "application/json", body).await;
        assert_eq!(answer.status, 200, "{rows} {answer:?}");
        answer.json()
    };
    for rows in ["5", "5.0", "null", "5e0", "-0.0"] {
        let body = reading(rows).await;
        assert_eq!(body["decision"], true, "{rows} {body}");
    }
    for rows in ["\"5\"", "5.5", "true", "[5]", "{}", "1e300"] {
        let body = reading(rows).await;
        assert_eq!(body["decision"], false, "{rows} {body}");
        assert_eq!(body["context"]["outcome"], "deny", "{rows}");
        let said = body["context"]["rules"].to_string();
        assert!(
            said.contains("context.rows") && said.contains("Long"),
            "{rows} {said}"
        );
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn long_ids_are_decided_once_the_directory_has_them(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let service = &app.application.service;
    let azure = "/subscriptions/0c1f7a52-6a0e-4d5e-9f33-2f6f0a6a9b10/resourceGroups/rg-payments-prod-westeurope/providers/\
                 Microsoft.DBforPostgreSQL/flexibleServers/psql-payments-prod";
    // Different characters throughout, so that no index entry gets small by compression.
    let varied: String = (0..1_024_u32)
        .map(|n| char::from_u32(0x400 + (n * 7919 + n * n * 31) % 0x100).unwrap())
        .collect();
    let arn = format!("ci/{}", varied.chars().take(1_021).collect::<String>());
    let asks = |subject: &str, resource: &str| {
        json!({
            "subject": { "type": "workload", "id": subject }, "action": { "name": "deploy" },
            "resource": { "type": "service", "id": resource },
        })
    };
    for resource in [azure, varied.as_str()] {
        let unknown = gate.post(PATH, &asks("ci/payments", resource)).await;
        assert_eq!(unknown.status, 200, "{unknown:?}");
        assert_eq!(unknown.json()["context"]["reason"], "unknown_resource");
    }
    for too_long in ["x".repeat(1_025), "日".repeat(1_000), "a\0".to_owned()] {
        assert_eq!(gate.post(PATH, &asks("ci/payments", &too_long)).await.status, 400);
    }
    let mut directory = server::demo::organisation::directory(app.idp.issuer()).unwrap();
    let mut staging = directory
        .resources
        .iter()
        .find(|file| file.id == "payments-staging")
        .unwrap()
        .clone();
    let prod = directory
        .resources
        .iter()
        .find(|file| file.id == "payments-prod")
        .unwrap()
        .clone();
    staging.id = azure.to_owned();
    directory.resources.push(staging.clone());
    directory.resources.push(service::directory::ResourceFile {
        id: varied.clone(),
        ..prod
    });
    let mut workload = directory
        .principals
        .iter()
        .find(|file| file.id == "ci/payments")
        .unwrap()
        .clone();
    workload.id.clone_from(&arn);
    directory.principals.push(workload);
    for group in directory.groups.values_mut() {
        if group.workloads.iter().any(|id| id == "ci/payments") {
            group.workloads.push(arn.clone());
        }
    }
    let correlation = || domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    service.import_directory(&directory, correlation()).await.unwrap();
    let allowed = gate.post(PATH, &asks(&arn, azure)).await.json();
    assert_eq!(allowed["decision"], true, "{allowed}");
    let denial = gate.post(PATH, &asks(&arn, &varied)).await.json();
    assert_eq!(denial["context"]["outcome"], "review", "{denial}");
    let mut submission = asks(&arn, &varied);
    submission["context"] = json!({ "business_justification": "Release 4.12.0 with a fix" });
    submission["denial"] = json!({
        "evaluation_id": denial["context"]["evaluation_id"],
        "expires_at": denial["context"]["access_request"]["expires_at"],
    });
    let filed = gate.post("/access/v1/requests", &submission).await;
    assert_eq!(filed.status, 202, "{filed:?}");
    let mut bob = app.person("bob.okafor").await;
    let id = filed.json()["task"]["id"].as_str().unwrap().to_owned();
    for page in [
        format!("/requests/{id}"),
        "/requests".to_owned(),
        "/approvals".to_owned(),
    ] {
        let shown = bob.get(&page).await;
        assert_eq!(shown.status, 200, "{page}");
        assert!(shown.text().contains(&varied), "{page}");
    }
    let longest: i32 =
        sqlx::query_scalar("SELECT max(octet_length(leaf)) FROM ledger_pending, unnest(leaves) AS leaf")
            .fetch_one(&app.owner)
            .await
            .unwrap();
    assert!(longest <= 4_096, "{longest}");

    directory.resources.push(service::directory::ResourceFile {
        id: "y".repeat(1_025),
        ..staging
    });
    let refused = service
        .import_directory(&directory, correlation())
        .await
        .unwrap_err();
    let service::ServiceError::Invalid(errors) = refused else {
        panic!("{refused:?}");
    };
    let place = directory.resources.len() - 1;
    assert!(
        errors[0].field == format!("directory/resources/{place}") && errors[0].message.contains("yyyy"),
        "{}",
        errors[0].message
    );
}
