//! Who is asked for a review: never those whom it keeps out, and always somebody where the tier has a fallback.

use crate::world::breaking::emergency;
use crate::world::people::approver;
use crate::world::{World, joins, leaves, outcome, to_manual};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn where_all_whom_it_asks_have_left_the_fallback_looks(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world
        .policy_changes(
            "tiers.toml",
            "channel = \"#critical-access\"",
            "channel = \"#critical-access\"\nfallback = [{ group = \"platform-owners\" }]",
        )
        .await;
    let broken = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    let review = world.review_of(broken.id).await.unwrap();
    world.hours_pass(1);
    let dana = approver("dana.roth");
    let service = world.service.clone();
    let on_her_list = async || service.inbox(&dana).await.unwrap().items.len();
    assert_eq!(
        outcome(&world.concludes(&dana, &review).await),
        "forbidden not_eligible"
    );
    assert_eq!(on_her_list().await, 0);
    world
        .directory_changes(|directory| {
            for person in ["bob.okafor", "mara.silva", "tom.becker"] {
                leaves(directory, "payments-owners", person);
            }
            for person in directory.groups[&"security".parse().unwrap()].members.clone() {
                leaves(directory, "security", &person);
            }
        })
        .await;
    assert_eq!(on_her_list().await, 1);
    assert_eq!(outcome(&world.concludes(&dana, &review).await), "done");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whom_it_kept_out_does_not_say_that_it_was_wrong(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world
        .directory_changes(|directory| joins(directory, "security", "dana.roth"))
        .await;
    let duty = "review = { by = { group = \"security\" }, within_secs = 604_800 }\nstep_up = true";
    world.policy_changes("tiers.toml", "step_up = true", duty).await;
    let strict = world
        .opts_out("alice.meyer", &to_manual("dana.roth"))
        .await
        .unwrap();
    for who in ["erik.nilsson", "omar.haddad"] {
        world.agrees(who, strict.id).await.unwrap();
    }
    world.hours_pass(1);
    world
        .service
        .revoke_opt_out(&approver("omar.haddad"), strict.id, "It was a test.")
        .await
        .unwrap();
    let review = world.review_of(strict.id).await.unwrap();
    assert_eq!(
        outcome(&world.concludes(&approver("dana.roth"), &review).await),
        "forbidden covered"
    );
    assert_eq!(
        outcome(&world.concludes(&approver("omar.haddad"), &review).await),
        "done"
    );
}
