//! `GET /api/v1/opt-outs` and `/api/v1/opt-outs/{id}`.

use crate::access::{deploy, gate, gate_of};
use crate::support::TestAppBuilder;
use serde_json::json;
use service::directory::ClientFile;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const OVER: &str = "/api/v1/opt-outs?subject_type=workload&subject_id=ci/payments&action=deploy&resource_type=service&resource_id=payments-staging";

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_stands_over_a_question_is_told_and_what_an_answer_named(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, gate) = gate(options).await;
    assert_eq!(gate.get(OVER).await.json(), json!({ "opt_outs": [] }));
    let mut alice = app.person("alice.meyer").await;
    let sent = alice
        .post(
            "/opt-outs/request",
            &[
                ("scenario", "flagged-principal"),
                ("direction", "to_manual"),
                ("title", "A leaked token"),
                ("scope.principals", "workload ci/payments"),
                ("scope.resources", "service payments-staging"),
                ("reason", "Its token was in a log."),
                ("length_secs", "86400"),
                ("intent", "send"),
            ],
        )
        .await;
    let path = sent.location().unwrap().to_owned();
    assert_eq!(
        gate.get(OVER).await.json(),
        json!({ "opt_outs": [] }),
        "nobody has approved it"
    );
    let mut bob = app.person("bob.okafor").await;
    let approved = bob
        .post(&path, &[("intent", "approve"), ("reason", "Yes.")])
        .await;
    assert_eq!(approved.status, 303, "{approved:?}");

    let listed = gate.get(OVER).await;
    assert_eq!(listed.status, 200, "{listed:?}");
    let one = listed.json()["opt_outs"][0].clone();
    assert_eq!(one["title"], "A leaked token");
    assert_eq!(
        (&one["direction"], &one["state"], &one["in_force"]),
        (&json!("to_manual"), &json!("active"), &json!(true))
    );
    assert!(one["url"].as_str().unwrap().ends_with(&path), "{one}");
    for hidden in ["reason", "requested_by", "approved_by", "scope"] {
        assert!(one.get(hidden).is_none(), "{hidden}");
    }
    let elsewhere = OVER.replace("payments-staging", "payments-prod");
    assert_eq!(gate.get(&elsewhere).await.json(), json!({ "opt_outs": [] }));

    let by_id = format!("/api/v1/opt-outs/{}", one["id"].as_str().unwrap());
    assert_eq!(
        gate.get(&by_id).await.status,
        404,
        "it has met none of its decisions"
    );
    let answer = gate
        .post("/access/v1/evaluation", &deploy("payments-staging"))
        .await
        .json();
    assert_eq!(answer["context"]["opt_outs"][0]["id"], one["id"], "{answer}");
    assert_eq!(answer["context"]["opt_outs"][0]["effect"], "changed", "{answer}");
    assert_eq!(gate.get(&by_id).await.json(), one);
    let other: ClientFile = toml::from_str(
        r#"name = "another-gate"
           subjects = [{ id = "*" }]
           resources = [{ id = "*" }]"#,
    )
    .unwrap();
    let service = &app.application.service;
    let correlation = domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let (_, token) = service.register_client(&other, correlation).await.unwrap();
    assert_eq!(
        app.machine(&token).get(&by_id).await.status,
        404,
        "it has met none of another's decisions"
    );

    let revoked = alice
        .post(&path, &[("intent", "revoke"), ("reason", "It has a new token.")])
        .await;
    assert_eq!(revoked.status, 303, "{revoked:?}");
    assert_eq!(gate.get(OVER).await.json(), json!({ "opt_outs": [] }));
    let over = gate.get(&by_id).await.json();
    assert_eq!(
        (&over["state"], &over["in_force"]),
        (&json!("revoked"), &json!(false))
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_client_learns_of_nothing_that_it_may_not_ask_about(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, gate) = gate_of(
        TestAppBuilder::new(options),
        r#"{ kind = "workload", id = "ci/payments" }"#,
    )
    .await;
    for (query, status, at) in [
        (OVER.replace("ci/payments", "ci/checkout"), 403, None),
        (OVER.replace("service", "network"), 403, None),
        (
            OVER.replace("payments-staging", "no-such-service"),
            422,
            Some("?resource_id"),
        ),
        (OVER.replace("workload", "robot"), 400, Some("?subject_type")),
        (OVER.replace("deploy", ""), 400, Some("?action")),
        ("/api/v1/opt-outs".to_owned(), 400, Some("?")),
        (format!("{OVER}&limit=1"), 400, Some("?limit")),
        ("/api/v1/opt-outs/opt_1".to_owned(), 404, None),
    ] {
        let refused = gate.get(&query).await;
        assert_eq!(refused.status, status, "{query}: {refused:?}");
        assert_eq!(
            refused.header("content-type"),
            Some("application/problem+json"),
            "{query}"
        );
        if let Some(at) = at {
            assert_eq!(refused.json()["errors"][0]["pointer"], at, "{query}: {refused:?}");
        }
    }
    assert_eq!(app.machine("spw_unheard-of").get(OVER).await.status, 401);
    let mut bob = app.person("bob.okafor").await;
    assert_eq!(
        bob.get(OVER).await.status,
        401,
        "a browser's session is nothing here"
    );
}
