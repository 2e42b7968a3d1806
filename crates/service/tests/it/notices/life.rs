//! Whoever can answer is told that a bypass is asked about, and what became of it.

use crate::world::people::requester;
use crate::world::{World, deployment_bypass};
use domain::opt_out::OptOut;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const OWNERS: [&str; 3] = ["bob.okafor", "mara.silva", "tom.becker"];

impl World {
    /// Staging deploys without a person whether or not it stands, as fifty decisions have shown.
    async fn idle_bypass(&self) -> OptOut {
        let mut input = crate::world::bypass(
            "ci/payments",
            "no-unattended-prod-deploy",
            "service payments-staging",
        );
        input.length_secs = Some(14 * 86_400);
        let asked = self.opts_out("alice.meyer", &input).await.unwrap();
        let standing = self.agrees("bob.okafor", asked.id).await.unwrap();
        for _ in 0..50 {
            self.asks("ci/payments", "deploy", "service payments-staging")
                .await;
        }
        self.told().await;
        standing
    }
}

fn lines(persons: &[&str], kind: &str) -> Vec<String> {
    let mut lines: Vec<String> = persons.iter().map(|person| format!("{person}: {kind}")).collect();
    lines.sort();
    lines
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_question_goes_to_whoever_can_answer_and_so_does_the_answer(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let bypass = world.idle_bypass().await;
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 1);
    let everybody = ["alice.meyer", OWNERS[0], OWNERS[1], OWNERS[2]];
    assert_eq!(world.told().await, lines(&everybody, "found_needless"));
    world
        .service
        .keep_opt_out(
            &requester("alice.meyer"),
            bypass.id,
            "The roll-back is on Friday.",
        )
        .await
        .unwrap();
    assert_eq!(world.told().await, lines(&OWNERS, "kept"), "not who said so");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn that_it_closed_unanswered_is_told(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.idle_bypass().await;
    world.service.ask_about_needless().await.unwrap();
    world.told().await;
    world.hours_pass(24 * 7);
    world.service.report_ends().await.unwrap();
    let told = world.told().await;
    for person in ["alice.meyer", OWNERS[0], OWNERS[1], OWNERS[2]] {
        assert!(told.contains(&format!("{person}: closed_early")), "{told:?}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_asked_for_what_is_renewed_is_told(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let first = world.bypass_in_force(&deployment_bypass()).await;
    let mut again = deployment_bypass();
    again.renews = Some(first.id);
    "The fix is in review since noon; the payout job runs twice more before it is out."
        .clone_into(&mut again.reason);
    again.length_secs = Some(3_600);
    let second = world.opts_out("alice.meyer", &again).await.unwrap();
    world.agrees("bob.okafor", second.id).await.unwrap();
    world.told().await;
    world.agrees("omar.haddad", second.id).await.unwrap();
    let told = world.told().await;
    let of = |kind: &str| told.iter().filter(|line| line.ends_with(kind)).count();
    assert!(told.contains(&"alice.meyer: renewed".to_owned()), "{told:?}");
    assert_eq!(
        of(": renewed"),
        1,
        "all others hear of the renewal itself: {told:?}"
    );
    assert!(told.contains(&"alice.meyer: approved".to_owned()), "{told:?}");
}
