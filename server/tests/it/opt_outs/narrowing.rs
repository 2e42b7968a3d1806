//! What an approver unticks is taken out; whatever else is sent takes nothing out that was not there, and adds nothing.

use http::StatusCode;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::access::gate;
use crate::support::{Answer, Browser};

const OFFERED: [(&str, &str); 5] = [
    ("offered.principals", "workload ci/data"),
    ("offered.principals", "workload ci/payments"),
    ("offered.resources", "service payments-staging"),
    ("offered.rules", "known-network"),
    ("offered.rules", "no-unattended-prod-deploy"),
];

async fn approves(browser: &mut Browser, path: &str, kept: &[(&str, &str)]) -> Answer {
    let fields: Vec<_> = [("intent", "approve"), ("reason", "")]
        .into_iter()
        .chain(OFFERED)
        .chain(kept.iter().copied())
        .collect();
    browser.post(path, &fields).await
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn only_what_was_asked_for_can_be_kept(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, _) = gate(options).await;
    let mut alice = app.person("alice.meyer").await;
    let sent = alice
        .post(
            "/opt-outs/request",
            &[
                ("scenario", "false-positive"),
                ("direction", "bypass"),
                ("title", "Deployments to staging"),
                ("scope.principals", "workload ci/payments, workload ci/data"),
                ("scope.resources", "service payments-staging"),
                ("scope.rules", "no-unattended-prod-deploy"),
                ("scope.rules", "known-network"),
                ("reason", "We think that staging waits for a person."),
                ("intent", "send"),
            ],
        )
        .await;
    let path = sent.location().unwrap().to_owned();
    let mut bob = app.person("bob.okafor").await;
    let page = bob.get(&path).await.text();
    for (_, entry) in OFFERED {
        assert!(page.contains(entry), "{entry}");
    }
    for (kept, told) in [
        (
            &[
                ("keep.resources", "service payments-staging"),
                ("keep.rules", "known-network"),
            ][..],
            "Keep at least one",
        ),
        (
            &[
                ("keep.principals", "workload ci/edge"),
                ("keep.resources", "service payments-staging"),
                ("keep.rules", "known-network"),
            ],
            "not add any",
        ),
        (
            &[
                ("keep.principals", "all workloads"),
                ("keep.resources", "service payments-staging"),
                ("keep.rules", "known-network"),
            ],
            "not add any",
        ),
    ] {
        let refused = approves(&mut bob, &path, kept).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains(told), "{kept:?}");
    }
    let kept = [
        ("keep.principals", "workload ci/payments"),
        ("keep.resources", "service payments-staging"),
        ("keep.rules", "no-unattended-prod-deploy"),
    ];
    // Without script the same form asks once more first, and says what goes.
    let asked: Vec<_> = [("intent", "confirm_approve")]
        .into_iter()
        .chain(OFFERED)
        .chain(kept)
        .collect();
    let confirm = bob.post(&path, &asked).await.text();
    assert!(
        confirm.contains("You take out: workload ci/data, known-network."),
        "{confirm}"
    );
    assert_eq!(
        approves(&mut bob, &path, &kept).await.status,
        StatusCode::SEE_OTHER
    );

    let page = alice.get(&path).await.text();
    assert!(page.contains("what an approver made of it"), "both versions");
    assert!(page.contains("<del"), "what was taken out is marked");
}
