//! An emergency that waits for a second person: one of those whom the tier asks, whatever happens meanwhile.

use crate::world::breaking::{emergency, lasting};
use crate::world::people::approver;
use crate::world::voting::on_opt_out;
use crate::world::{World, outcome};
use chrono::TimeDelta;
use domain::break_glass::{CUT_SECS, SignInProof, SignInStrength};
use domain::event::EventKind;
use domain::opt_out::{OptOut, OptOutState};
use service::approvals::VoteInput;
use service::inbox::InboxItem;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

impl World {
    /// The hours of Jonas' team on the payments service are spent, and looked at unless told otherwise; the next one waits.
    pub(super) async fn waiting(&self, looked_at: bool) -> OptOut {
        for _ in 0..2 {
            let spent = self
                .breaks_glass("jonas.weber", &lasting("jonas.weber", 4))
                .await
                .unwrap();
            self.hours_pass(4);
            if looked_at {
                self.justified(spent.id).await;
            }
        }
        let waiting = self
            .breaks_glass("jonas.weber", &emergency("jonas.weber"))
            .await
            .unwrap();
        assert_eq!(waiting.state, OptOutState::InReview { stage: 0 });
        waiting
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_new_policy_version_asks_for_one_second_person_still(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let waiting = world.waiting(true).await;
    world
        .policy_changes(
            "tiers.toml",
            "channel = \"#critical-access\"",
            "channel = \"#critical\"",
        )
        .await;
    let agreed = world.agrees("omar.haddad", waiting.id).await.unwrap();
    assert_eq!(agreed.state, OptOutState::Approved);
    assert!(world.may_administer().await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_lets_it_through_was_not_skipped_and_does_not_look_at_it_afterwards(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let waiting = world.waiting(true).await;
    let inbox = world.service.inbox(&approver("bob.okafor")).await.unwrap();
    let emergency = |item: &&InboxItem| matches!(item, InboxItem::OptOut(..));
    assert_eq!(
        inbox.items.iter().find(emergency).unwrap().shape(),
        None,
        "none of a list"
    );
    world.agrees("bob.okafor", waiting.id).await.unwrap();
    let review = world.review_of(waiting.id).await.unwrap();
    let found = world
        .service
        .post_review(&approver("mara.silva"), review.id)
        .await
        .unwrap();
    let bob = "bob.okafor".parse().unwrap();
    assert_eq!(found.approved_by, [bob]);
    assert!(!found.skipped.contains(&found.approved_by[0]));
    assert!(found.skipped.iter().any(|person| person.as_str() == "mara.silva"));
    world.hours_pass(2);
    assert_eq!(
        outcome(&world.concludes(&approver("bob.okafor"), &review).await),
        "forbidden excluded"
    );
    assert_eq!(
        outcome(&world.concludes(&approver("mara.silva"), &review).await),
        "done"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_review_that_became_overdue_meanwhile_leaves_fifteen_minutes(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    // Access lapses later than a review is overdue here.
    world
        .policy_changes(
            "tiers.toml",
            "access_lapse_secs = 7_200",
            "access_lapse_secs = 604_800",
        )
        .await;
    let waiting = world.waiting(false).await;
    assert_eq!(waiting.window.length_secs(), 3_600);
    world.hours_pass(70);
    let agreed = world.agrees("omar.haddad", waiting.id).await.unwrap();
    assert_eq!(agreed.window.length_secs(), CUT_SECS);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn with_the_provider_down_a_session_will_do_and_it_is_looked_at_within_a_day(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let waiting = world.waiting(true).await;
    let ordinary = world
        .opts_out("alice.meyer", &crate::world::deployment_bypass())
        .await
        .unwrap();
    let omar = approver("omar.haddad");
    let votes = async |id, hours, provider_answers| {
        let at = Some(world.now() - TimeDelta::hours(hours));
        let known = SignInProof {
            proved_at: at,
            session_began_at: at,
            provider_answers,
        };
        let shown = on_opt_out(&world.service, &omar, id, VoteInput::approve()).await;
        let vote = shown.signed_in_afresh(None).from_session(known);
        outcome(&world.service.vote_on_opt_out(&omar, id, vote).await)
    };
    assert_eq!(votes(waiting.id, 7, true).await, "forbidden step_up_needed");
    assert_eq!(votes(waiting.id, 9, false).await, "forbidden step_up_needed");
    // What is no emergency waits until the provider is back.
    let bob = approver("bob.okafor");
    let shown = on_opt_out(&world.service, &bob, ordinary.id, VoteInput::approve()).await;
    let vote = shown.signed_in_afresh(None).from_session(SignInProof {
        proved_at: None,
        session_began_at: Some(world.now()),
        provider_answers: false,
    });
    assert_eq!(
        outcome(&world.service.vote_on_opt_out(&bob, ordinary.id, vote).await),
        "forbidden step_up_needed"
    );

    assert_eq!(votes(waiting.id, 7, false).await, "done");
    assert!(world.may_administer().await);
    let review = world.review_of(waiting.id).await.unwrap();
    assert_eq!((review.due_at - world.now()).num_hours(), 24);
    let found = world.service.opt_out(&omar, waiting.id).await.unwrap();
    let broken = found.opt_out.break_glass.unwrap();
    assert_eq!(broken.sign_in, SignInStrength::Session, "the weaker of the two");
    let voted = found
        .events
        .iter()
        .find(|event| event.kind == EventKind::OptOutVoted);
    let body: serde_json::Value = serde_json::from_slice(&voted.unwrap().body).unwrap();
    assert_eq!(body["by_session"], true);
}
