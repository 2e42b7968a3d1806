//! `POST /access/v1/evaluations`.

use super::{deploy, gate};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const PATH: &str = "/access/v1/evaluations";

fn decisions(body: &Value) -> Vec<bool> {
    body["evaluations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["decision"].as_bool().unwrap())
        .collect()
}

fn resources(ids: &[&str]) -> Vec<Value> {
    ids.iter()
        .map(|id| json!({ "resource": { "type": "service", "id": id } }))
        .collect()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn defaults_fill_what_an_evaluation_leaves_out(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let body = json!({
        "subject": { "type": "workload", "id": "ci/payments" },
        "action": { "name": "deploy" },
        "context": { "ticket": "OPS-1" },
        "evaluations": [
            { "resource": { "type": "service", "id": "payments-staging" } },
            { "resource": { "type": "service", "id": "payments-prod" }, "context": { "ticket": "OPS-2" } },
            { "resource": { "type": "service", "id": "payments-prod" }, "action": { "name": "admin" } },
        ],
    });
    let answer = gate.post(PATH, &body).await.json();
    assert!(answer["decision"].is_null());
    assert_eq!(decisions(&answer), [true, false, false]);
    assert_eq!(answer["evaluations"][2]["context"]["outcome"], "deny");
    let id: domain::id::DecisionId = answer["evaluations"][1]["context"]["evaluation_id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let stored = store::decisions::find(&app.owner, id).await.unwrap().unwrap();
    let record: Value = serde_json::from_slice(&stored.record).unwrap();
    assert_eq!(
        record["request"]["context"],
        json!({ "ticket": "OPS-2" }),
        "its own instead of the default"
    );
    assert_eq!(record["request"]["subject"]["id"], "ci/payments");
    assert_eq!(app.count("decisions").await, 3);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_three_semantics_end_where_they_say(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let (yes, no) = ("payments-staging", "payments-prod");
    for (semantic, asked, expected) in [
        (json!({}), [yes, no, yes], vec![true, false, true]),
        (
            json!({ "evaluations_semantic": "execute_all", "x": 1 }),
            [no, yes, no],
            vec![false, true, false],
        ),
        (
            json!({ "evaluations_semantic": "deny_on_first_deny" }),
            [yes, no, yes],
            vec![true, false],
        ),
        (
            json!({ "evaluations_semantic": "permit_on_first_permit" }),
            [no, yes, yes],
            vec![false, true],
        ),
    ] {
        let before = app.count("decisions").await;
        let mut body = deploy(yes);
        body["options"] = semantic.clone();
        body["evaluations"] = resources(&asked).into();
        let answer = gate.post(PATH, &body).await;
        assert_eq!(answer.status, 200, "{semantic}: {answer:?}");
        assert_eq!(decisions(&answer.json()), expected, "{semantic}");
        let recorded = app.count("decisions").await - before;
        assert_eq!(
            recorded,
            i64::try_from(expected.len()).unwrap(),
            "{semantic}: what was not executed is not recorded"
        );
    }
    let mut body = deploy(yes);
    body["options"] = json!({ "evaluations_semantic": "whatever" });
    body["evaluations"] = resources(&[yes]).into();
    assert_eq!(gate.post(PATH, &body).await.status, 400);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn without_a_list_it_is_one_evaluation(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    for list in [None, Some(json!([]))] {
        let mut body = deploy("payments-staging");
        if let Some(list) = list {
            body["evaluations"] = list;
        }
        let answer = gate.post(PATH, &body).await.json();
        assert_eq!(answer["decision"], true);
        assert!(answer["evaluations"].is_null());
    }
    assert_eq!(app.count("decisions").await, 2);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_that_is_out_of_scope_is_an_error_of_its_own(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let mut body = deploy("payments-staging");
    body["evaluations"] = json!([
        { "resource": { "type": "service", "id": "payments-staging" } },
        { "resource": { "type": "role", "id": "incident-admin" } },
    ]);
    let answer = gate.post(PATH, &body).await.json();
    assert_eq!(decisions(&answer), [true, false]);
    assert_eq!(answer["evaluations"][1]["context"]["error"]["status"], 403);
    assert_eq!(app.count("decisions").await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_bad_member_spoils_the_message(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let subject = json!({ "type": "workload", "id": "ci/payments" });
    let many: Vec<Value> = vec![deploy("payments-staging"); 257];
    for body in [
        json!({ "subject": subject, "evaluations": resources(&["payments-staging"]) }),
        json!({ "subject": subject, "evaluations": [1] }),
        json!({ "subject": subject, "evaluations": {} }),
        json!({ "evaluations": many }),
    ] {
        let answer = gate.post(PATH, &body).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(!answer.text().is_empty());
    }
    assert_eq!(app.count("decisions").await, 0);
}

/// One small message that would be recorded as megabytes: every evaluation takes the large defaults.
fn amplified(default_bytes: usize, evaluations: usize) -> Value {
    let mut body = deploy("payments-staging");
    let large = "x".repeat(default_bytes);
    for member in ["subject", "action", "resource"] {
        body[member]["properties"] = json!({ "p": large });
    }
    body["context"] = json!({ "p": large });
    body["evaluations"] = vec![json!({}); evaluations].into();
    body
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_message_that_would_be_recorded_as_too_much_is_refused_before_anything_is_decided(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, gate) = gate(options).await;
    let own_context = json!({ "context": { "p": "x".repeat(4_000) } });
    let mut own = deploy("payments-staging");
    own["evaluations"] = vec![own_context; 80].into();
    for body in [
        amplified(16_000, 256),
        amplified(16_000, 5),
        amplified(300, 256),
        own,
    ] {
        let answer = gate.post(PATH, &body).await;
        assert_eq!(answer.status, 413, "{answer:?}");
        assert!(
            answer.text().contains("262144"),
            "it says how much is allowed: {answer:?}"
        );
    }
    assert_eq!(app.count("decisions").await, 0);
    let answer = gate.post(PATH, &amplified(150, 256)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    #[expect(clippy::disallowed_methods, reason = "a test looks at what is stored")]
    let recorded: i64 = sqlx::query_scalar("SELECT sum(length(record))::bigint FROM decisions")
        .fetch_one(&app.owner)
        .await
        .unwrap();
    let sent = 4 * 150 * 256;
    assert!(
        recorded < 2 * sent + 256 * 2_048,
        "{recorded} of {sent} that were sent"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_a_client_sends_is_recorded_once_and_replays(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate(options).await;
    let mut body = deploy("payments-staging");
    body["unknown"] = json!("never-recorded");
    body["subject"]["properties"] = json!({ "team": "marked-property" });
    body["context"] = json!({ "ticket": "marked-trusted", "note": "marked-evidence", "approval": null });
    body["evaluations"] = json!([{ "also": "never-recorded" }, {}]);
    let mut single = body.clone();
    single.as_object_mut().unwrap().remove("evaluations");
    for (path, body) in [(PATH, body), ("/access/v1/evaluation", single)] {
        assert_eq!(gate.post(path, &body).await.status, 200);
    }
    #[expect(clippy::disallowed_methods, reason = "a test looks at what is stored")]
    let rows: Vec<(uuid::Uuid, Vec<u8>)> = sqlx::query_as("SELECT id, record FROM decisions")
        .fetch_all(&app.owner)
        .await
        .unwrap();
    assert_eq!(rows.len(), 3);
    for (id, record) in rows {
        let text = String::from_utf8(record.clone()).unwrap();
        assert!(!text.contains("never-recorded"), "{text}");
        for marked in ["marked-property", "marked-trusted", "marked-evidence"] {
            assert_eq!(text.matches(marked).count(), 1, "{marked} in {text}");
        }
        let input = service::decisions::Record::from_bytes(&record)
            .unwrap()
            .decision
            .input;
        assert_eq!(
            input.asserted,
            [("ticket".to_owned(), json!("marked-trusted"))].into()
        );
        assert_eq!(
            input.evidence,
            [
                ("note".to_owned(), json!("marked-evidence")),
                (
                    "subject.properties".to_owned(),
                    json!({ "team": "marked-property" })
                ),
            ]
            .into()
        );
        let id = domain::id::DecisionId::from_uuid(id);
        assert!(app.application.service.replay(id).await.unwrap().agrees());
    }
}
