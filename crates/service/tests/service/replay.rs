//! A decision replays (invariant 10), whatever has changed since.

use crate::support::{World, correlation, deploy, directory_file, policy_files};
use domain::id::DecisionId;
use domain::outcome::Outcome;
use service::snapshot::Announcements;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_decision_replays_after_everything_has_changed(_: PgPoolOptions, options: PgConnectOptions) {
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    let mut recorded: Vec<(DecisionId, Outcome)> = Vec::new();
    let mut decide = async |service: &str| {
        let decision = node.decide(&deploy(service)).await;
        recorded.push((decision.id, decision.evaluation.effective));
    };
    decide("payments-prod").await;
    decide("payments-staging").await;
    decide("nowhere").await;
    let bypass = node.put_in_force(node.bypass(Some(3))).await;
    decide("payments-prod").await;
    let manual = node.put_in_force(node.to_manual()).await;
    decide("payments-prod").await;
    decide("payments-staging").await;
    let outcomes: Vec<Outcome> = recorded.iter().map(|(_, outcome)| *outcome).collect();
    use Outcome::{Automate, Deny, Review};
    assert_eq!(outcomes, [Review, Automate, Deny, Automate, Review, Review]);

    node.revoke(&bypass).await;
    node.revoke(&manual).await;
    let mut directory = directory_file();
    for principal in &mut directory.principals {
        principal
            .attributes
            .insert("protected_branch".to_owned(), false.into());
    }
    directory
        .resources
        .iter_mut()
        .for_each(|resource| resource.labels.clear());
    node.service
        .import_directory(&directory, correlation())
        .await
        .unwrap();
    let mut files = policy_files();
    files.insert(
        "rules/automation.cedar".to_owned(),
        files["rules/automation.cedar"].replace("\"deploy\"", "\"release\""),
    );
    node.service.publish_policy(&files, correlation()).await.unwrap();
    assert_eq!(
        node.decide(&deploy("payments-staging"))
            .await
            .evaluation
            .effective,
        Deny,
        "it is another world"
    );

    for (id, outcome) in recorded {
        let replay = node.service.replay(id).await.unwrap();
        assert_eq!(replay.replayed.effective, outcome);
        assert!(replay.agrees(), "{replay:#?}");
    }
}
