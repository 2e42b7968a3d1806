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
