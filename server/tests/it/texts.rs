//! Texts that hold what no column stores: NUL and other control characters, on every way in.

#![allow(
    clippy::disallowed_methods,
    reason = "a test looks at what is stored, whatever the queries of the program are"
)]

use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::access::{deploy, gate};
use crate::support::{Machine, TestApp};

const EVALUATION: &str = "/access/v1/evaluation";
const REQUESTS: &str = "/access/v1/requests";
const SIGNALS: &str = "/api/v1/signals";
const JSON: &str = "application/json";

async fn monitor(app: &TestApp) -> Machine {
    let service = &app.application.service;
    let client = toml::from_str(
        r#"name = "edr"
           subjects = []
           resources = []
           incidents = true
           signals = { subjects = [{ kind = "person", id = "*" }], per_hour = 10, longest_secs = 3_600 }"#,
    )
    .unwrap();
    let correlation = domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let (_, token) = service.register_client(&client, correlation).await.unwrap();
    app.machine(&token)
}

/// A submission on what this evaluation denied.
async fn submission(gate: &Machine, evaluation: &Value) -> Value {
    let denial = gate.post(EVALUATION, evaluation).await;
    assert_eq!(denial.status, 200, "{denial:?}");
    let context = denial.json()["context"].clone();
    assert_eq!(context["outcome"], "review", "{context}");
    json!({
        "subject": evaluation["subject"], "action": evaluation["action"], "resource": evaluation["resource"],
        "context": { "business_justification": "Release 4.12.0 with a fix" },
        "denial": {
            "evaluation_id": context["evaluation_id"], "expires_at": context["access_request"]["expires_at"],
        },
    })
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn no_text_costs_a_high_signal(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, _) = gate(options).await;
    let edr = monitor(&app).await;
    let people = ["alice.meyer", "jonas.weber", "bob.okafor"];
    let reasons = [
        ("Credential theft seen\0", "Credential theft seen"),
        ("\u{1b}[31mLine\u{7f}\r\n\tnext\u{85}", "[31mLine\r\n\tnext"),
        ("\0\u{1}", "The source sent a reason that cannot be read."),
    ];
    for ((reason, stored), person) in reasons.into_iter().zip(people) {
        let answer = edr
            .post(
                SIGNALS,
                &json!({
                    "risk": "HIGH", "subject": { "type": "person", "id": person }, "id": format!("EM-{person}"),
                    "reason": reason, "expires_at": app.application.service.now() + chrono::TimeDelta::hours(8),
                }),
            )
            .await;
        assert_eq!(answer.status, 201, "{reason:?} {answer:?}");
        let id: domain::id::OptOutId = answer.json()["opt_outs"][0].as_str().unwrap().parse().unwrap();
        let kept: String =
            sqlx::query_scalar("SELECT body ->> 'reason' FROM opt_out_revisions WHERE opt_out_id = $1")
                .bind(id.uuid())
                .fetch_one(&app.owner)
                .await
                .unwrap();
        assert_eq!(kept, stored);
    }
    let half = json!({
        "risk": "HIGH", "subject": { "type": "person", "id": "alice.meyer" }, "id": "EM-alice.meyer",
        "reason": "Half", "expires_at": app.application.service.now() + chrono::TimeDelta::hours(8),
    });
    let again = edr
        .post_raw(
            SIGNALS,
            JSON,
            format!("\u{feff}{}", half.to_string().replace("Half", r"\ud800 seen")),
        )
        .await;
    assert_eq!(again.status, 200, "{again:?}");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn any_context_is_decided_recorded_and_can_be_requested_on(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, gate) = gate(options).await;
    let mut contexts = vec![
        json!({ "note": "a\0" }),
        json!({ "no\0te": "x" }),
        json!({ "deep": { "k\0": [{ "\0": ["\0"] }] } }),
        json!({ "ticket": "CHG-1\0" }),
        json!({ "note": "\u{fdd0}0" }),
    ];
    contexts.push(Value::Null);
    for context in contexts {
        let mut evaluation = deploy("payments-prod");
        evaluation["context"] = context.clone();
        evaluation["subject"]["properties"] = json!({ "p\0": "\0" });
        if context.is_null() {
            evaluation.as_object_mut().unwrap().remove("context");
        }
        let submission = submission(&gate, &evaluation).await;
        let answer = gate.post(REQUESTS, &submission).await;
        assert_eq!(answer.status, 202, "{context} {answer:?}");
        let again = gate.post(REQUESTS, &submission).await;
        assert_eq!(
            again.json()["task"]["id"],
            answer.json()["task"]["id"],
            "{context}"
        );
        let page = app
            .person("bob.okafor")
            .await
            .get(&format!(
                "/requests/{}",
                answer.json()["task"]["id"].as_str().unwrap()
            ))
            .await;
        assert_eq!(page.status, 200, "{context}");
    }
    let mut halves = deploy("payments-staging");
    halves["context"] = json!({ "note": "HALF", "KEY": 1 });
    halves["KEY"] = json!({});
    let halves = halves
        .to_string()
        .replace("HALF", r"\ud83d\ud83d\ude00")
        .replace("KEY", r"\udfff");
    let decided = gate.post_raw(EVALUATION, JSON, halves).await;
    assert_eq!(decided.status, 200, "{decided:?}");
    assert_eq!(decided.json()["decision"], true);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_approvers_read_is_refused_with_its_pointer(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let good = submission(&gate, &deploy("payments-prod")).await;
    for pointer in [
        "/context/business_justification",
        "/context/reason",
        "/context/ticket",
        "/requested_access/reason",
    ] {
        let mut body = good.clone();
        if pointer != "/context/business_justification" {
            body["context"] = json!({});
        }
        let mut parts = pointer.split('/').skip(1);
        let (member, name) = (parts.next().unwrap(), parts.next().unwrap());
        body[member][name] = json!("Release 4.12.0 with a fix\0");
        let answer = gate.post(REQUESTS, &body).await;
        assert_eq!(answer.status, 400, "{pointer} {answer:?}");
        let error = &answer.json()["errors"][0];
        assert_eq!(
            (&error["pointer"], &error["code"]),
            (&json!(pointer), &json!("control_character"))
        );
    }
    let mut said = good.clone();
    said["client"] = json!({ "n\0": "\0" });
    let filed = gate.post(REQUESTS, &said).await;
    assert_eq!(filed.status, 202, "{filed:?}");
    let id = filed.json()["task"]["id"].as_str().unwrap().to_owned();
    let cancel = format!("{REQUESTS}/{id}/cancel");
    let refused = gate.post(&cancel, &json!({ "comment": "No\0" })).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    let marked = format!("\u{feff}{}", json!({ "comment": "No longer" }));
    assert_eq!(gate.post_raw(&cancel, JSON, marked).await.status, 200);

    let edr = monitor(&app).await;
    for (path, body) in [
        (
            "/api/v1/incidents/INC%00",
            json!({ "state": "open", "title": "x" }),
        ),
        (
            "/api/v1/incidents/INC-1",
            json!({ "state": "open", "title": "x\0" }),
        ),
    ] {
        let request = http::Request::put(path).header("content-type", JSON);
        let answer = edr.request(request, body.to_string().into()).await;
        assert_eq!(answer.status, 422, "{path} {answer:?}");
    }
    let read = gate
        .get(
            "/api/v1/opt-outs?subject_type=person&subject_id=a%00b&action=read&resource_type=x&resource_id=y",
        )
        .await;
    assert!(read.status.is_client_error(), "{read:?}");
    assert_eq!(gate.get("/api/v1/opt-outs/opt_%00").await.status, 404);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_filter_with_control_characters_is_a_bad_address(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, _) = gate(options).await;
    let mut auditor = app.person("aya.tanaka").await;
    for path in [
        "/audit?object=a%00b",
        "/audit?actor=%00",
        "/audit/decisions?principal=person+a%01",
        "/requests?resource=%1b",
        "/opt-outs?x%00=1",
        "/?%00",
    ] {
        assert_eq!(auditor.get(path).await.status, 400, "{path}");
    }
    assert_eq!(auditor.get("/audit?object=a+b").await.status, 200);
    let (path, _) = leptos::server_fn::axum::server_fn_paths()
        .find(|(path, _)| path.contains("list_events"))
        .unwrap();
    let body = json!({ "query": { "kind": "", "actor": "a\0", "object": "", "from": "", "until": "", "before": "" } });
    let request = http::Request::post(path)
        .header("content-type", JSON)
        .header("accept", JSON)
        .header("sec-fetch-site", "same-origin")
        .body(body.to_string().into())
        .unwrap();
    let answer = auditor.request(request).await;
    assert_eq!(answer.status, 400, "{answer:?}");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_form_names_the_field_that_holds_control_characters(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let submission = submission(&gate, &deploy("payments-prod")).await;
    let filed = gate.post(REQUESTS, &submission).await.json();
    let item = format!("/approvals/{}", filed["task"]["id"].as_str().unwrap());
    let mut bob = app.person("bob.okafor").await;
    for (path, intent, field) in [
        (item.as_str(), "deny", "reason"),
        (item.as_str(), "confirm_approve", "reason"),
        ("/approvals", "deny_selected", "reason"),
        ("/opt-outs/request", "send", "reason"),
        ("/opt-outs/request", "send", "title"),
        ("/opt-outs/request", "save_draft", "reason"),
        ("/settings/delegations", "make", "reason"),
    ] {
        let answer = bob
            .post(path, &[(field, "fine\0with me\u{7}"), ("intent", intent)])
            .await;
        assert_eq!(answer.status, 422, "{path} {intent}: {}", answer.text());
        let page = answer.text();
        assert!(
            page.contains(&format!("href=\"#field-{field}\"")),
            "{path} {intent}"
        );
        assert!(
            page.contains("finewith me"),
            "{path} {intent}: what is left of it stays"
        );
    }
    let mut jonas = app.person("jonas.weber").await;
    let emergency = jonas
        .post(
            "/opt-outs/break-glass",
            &[("incident", "INC\0"), ("intent", "check")],
        )
        .await;
    assert_eq!(emergency.status, 422);
    let unknown = bob.post(&item, &[("rea\0son", "x"), ("intent", "deny")]).await;
    assert_eq!(unknown.status, 400);
    assert_eq!(app.count("votes").await + app.count("drafts").await, 0);
}
