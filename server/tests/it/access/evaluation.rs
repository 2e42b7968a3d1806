//! `POST /access/v1/evaluation`.

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
        (with("/subject/id", json!("x".repeat(129))), "`subject.id`"),
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
