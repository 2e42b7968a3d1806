//! "Is this still needed?": the question on the page of a bypass that changes nothing, and the answer that keeps it.

use http::StatusCode;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::access::{deploy, gate};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_is_asked_on_the_page_and_kept_for_a_reason(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, machine) = gate(options).await;
    let mut alice = app.person("alice.meyer").await;
    let sent = alice
        .post(
            "/opt-outs/request",
            &[
                ("scenario", "false-positive"),
                ("direction", "bypass"),
                ("title", "Deployments to staging"),
                ("scope.principals", "workload ci/payments"),
                ("scope.resources", "service payments-staging"),
                ("scope.rules", "no-unattended-prod-deploy"),
                ("reason", "We think that staging waits for a person."),
                ("length_secs", "1209600"),
                ("intent", "send"),
            ],
        )
        .await;
    let path = sent.location().unwrap().to_owned();
    let mut bob = app.person("bob.okafor").await;
    let approved = bob
        .post(&path, &[("intent", "approve"), ("reason", "Let us see.")])
        .await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{approved:?}");
    for _ in 0..50 {
        let answer = machine
            .post("/access/v1/evaluation", &deploy("payments-staging"))
            .await;
        assert_eq!(answer.json()["decision"], true);
    }
    assert!(!alice.get(&path).await.text().contains("Is this still needed?"));
    assert_eq!(app.application.service.ask_about_needless().await.unwrap(), 1);

    let page = alice.get(&path).await.text();
    assert!(page.contains("Is this still needed?"));
    assert!(page.contains("confirm_keep") && page.contains("confirm_close"));
    let mut omar = app.person("omar.haddad").await;
    assert!(
        !omar.get(&path).await.text().contains("confirm_keep"),
        "not his to say"
    );
    let asked = alice.post(&path, &[("intent", "confirm_keep")]).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.text().contains("Keep this opt-out?"));
    let silent = alice.post(&path, &[("intent", "keep"), ("reason", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.text().contains("Say why it is still needed."));
    let kept = alice
        .post(
            &path,
            &[("intent", "keep"), ("reason", "The rule is rewritten on Friday.")],
        )
        .await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{kept:?}");
    let page = alice.get(&path).await.text();
    assert!(!page.contains("Is this still needed?"));
    assert!(page.contains("The rule is rewritten on Friday."));
}
