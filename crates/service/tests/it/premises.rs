//! Premises: out of the very next decision once they fall, and back by a fresh approval alone.

use crate::world::people::{administrator, approver, requester};
use crate::world::{World, deployment_bypass, outcome, to_manual};
use domain::id::OptOutId;
use domain::opt_out::{OptOut, OptOutState, SuspensionCause};
use service::ServiceError;
use service::directory::DirectoryFile;
use service::inbox::InboxItem;
use service::opt_outs::{NarrowInput, OptOutInput, PremiseInput};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

mod incidents;
mod needed;
mod rules;
mod tickets;

fn freeze(directory: &mut DirectoryFile, frozen: &str) {
    let prod = directory
        .resources
        .iter_mut()
        .find(|resource| resource.id == "payments-prod")
        .unwrap();
    prod.attributes.insert("image".to_owned(), frozen.into());
}

fn on(premise: PremiseInput) -> OptOutInput {
    OptOutInput {
        premise: Some(premise),
        ..deployment_bypass()
    }
}

fn of() -> domain::opt_out::Thing {
    domain::opt_out::Thing::Resource(crate::world::asking::resource("service payments-prod"))
}

fn image_is(value: &str) -> PremiseInput {
    PremiseInput::Attribute {
        of: of(),
        name: "image".to_owned(),
        is: value.to_owned(),
    }
}

async fn world(pool: PgPoolOptions, options: PgConnectOptions) -> World {
    World::start_with(pool, options, |directory| freeze(directory, "sha256:1")).await
}

impl World {
    async fn asks_again(&self, who: &str, id: OptOutId, why: &str) -> Result<OptOut, ServiceError> {
        self.service.ask_again(&requester(who), id, why).await
    }

    async fn waits_for(&self, who: &str) -> Vec<OptOutId> {
        let inbox = self.service.inbox(&approver(who)).await.unwrap();
        inbox
            .items
            .iter()
            .filter_map(|item| match item {
                InboxItem::OptOut(summary, _) => Some(summary.opt_out.id),
                _ => None,
            })
            .collect()
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_premise_that_falls_takes_it_out_of_the_next_decision_and_a_fresh_approval_puts_it_back(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = world(pool, options).await;
    let bypass = world.bypass_in_force(&on(image_is("sha256:1"))).await;
    assert!(world.may_deploy().await);
    world
        .directory_changes(|directory| freeze(directory, "sha256:2"))
        .await;
    let decision = world.asks("ci/payments", "deploy", "service payments-prod").await;
    assert!(!decision.evaluation.answer);
    let stored = world.opt_out(bypass.id).await;
    assert_eq!(stored.opt_out.state, OptOutState::Suspended);
    assert!(matches!(
        stored.opt_out.conditions.suspension.as_ref().unwrap().cause,
        SuspensionCause::PremiseFell { .. }
    ));
    let told = world.told().await;
    assert!(told.contains(&"alice.meyer: suspended".to_owned()), "{told:?}");
    assert_eq!(
        outcome(&world.asks_again("alice.meyer", bypass.id, "It is back").await),
        "conflict premise_fell"
    );
    // True again: nothing comes back by itself.
    world
        .directory_changes(|directory| freeze(directory, "sha256:1"))
        .await;
    assert!(!world.may_deploy().await);
    assert_eq!(world.service.suspend_what_fell().await.unwrap(), 0);
    assert_eq!(
        outcome(&world.agrees("bob.okafor", bypass.id).await),
        "conflict settled",
        "nobody has asked"
    );
    assert_eq!(
        outcome(&world.asks_again("lena.fischer", bypass.id, "For her").await),
        "not found"
    );
    assert_eq!(
        outcome(
            &world
                .service
                .ask_again(&administrator("bob.okafor"), bypass.id, "For her")
                .await
        ),
        "forbidden not_permitted"
    );
    assert_eq!(
        outcome(&world.asks_again("alice.meyer", bypass.id, " ").await),
        "invalid reason reason_missing"
    );
    world
        .asks_again("alice.meyer", bypass.id, "The image is the old one again.")
        .await
        .unwrap();
    assert_eq!(
        outcome(&world.asks_again("alice.meyer", bypass.id, "Please").await),
        "conflict asked_already"
    );
    let told = world.told().await;
    assert!(told.contains(&"bob.okafor: stage_reached".to_owned()), "{told:?}");
    assert_eq!(world.waits_for("bob.okafor").await, [bypass.id]);
    assert!(
        world.waits_for("omar.haddad").await.is_empty(),
        "his stage comes later"
    );
    assert!(!world.may_deploy().await, "asking puts nothing back");
    assert_eq!(
        outcome(&world.agrees("alice.meyer", bypass.id).await),
        "forbidden excluded",
        "she asked"
    );
    let less = NarrowInput {
        length_secs: Some(60),
        ..NarrowInput::default()
    };
    assert_eq!(
        outcome(&world.agrees_to_less("bob.okafor", bypass.id, less).await),
        "invalid shorten_to not_again"
    );
    // The same two as before: their first votes were another round's.
    world.agrees("bob.okafor", bypass.id).await.unwrap();
    assert!(!world.may_deploy().await);
    assert_eq!(
        outcome(&world.agrees("bob.okafor", bypass.id).await),
        "conflict already_voted"
    );
    assert_eq!(world.waits_for("omar.haddad").await, [bypass.id]);
    let back = world.agrees("omar.haddad", bypass.id).await.unwrap();
    assert_eq!(back.state, OptOutState::Active);
    assert_eq!(back.window, bypass.window, "its end does not move");
    assert_eq!(back.conditions.suspension, None);
    assert!(world.may_deploy().await);
    assert_eq!(
        world.events_of(bypass.id).await,
        [
            "opt_out.requested",
            "opt_out.stage_reached",
            "opt_out.voted",
            "opt_out.stage_reached",
            "opt_out.voted",
            "opt_out.approved",
            "opt_out.suspended",
            "opt_out.asked_again",
            "opt_out.voted",
            "opt_out.stage_reached",
            "opt_out.voted",
            "opt_out.approved",
        ]
    );
    // The decision of before replays, though the directory says something else by now.
    let replay = world.service.replay(decision.id).await.unwrap();
    assert!(replay.agrees(), "{replay:?}");
    assert_eq!(
        replay.recorded.premises.len(),
        0,
        "suspended in the same transaction"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_refusal_leaves_it_out_and_it_can_be_asked_for_anew(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = world(pool, options).await;
    let bypass = world.bypass_in_force(&on(image_is("sha256:1"))).await;
    for image in ["sha256:2", "sha256:1"] {
        world
            .directory_changes(|directory| freeze(directory, image))
            .await;
    }
    world.asks_again("alice.meyer", bypass.id, "Again").await.unwrap();
    let refused = world.rejects("bob.okafor", bypass.id).await.unwrap();
    assert_eq!(refused.state, OptOutState::Suspended);
    assert!(!world.may_deploy().await);
    let told = world.told().await;
    assert!(told.contains(&"alice.meyer: denied".to_owned()), "{told:?}");
    assert_eq!(
        outcome(&world.agrees("bob.okafor", bypass.id).await),
        "conflict settled"
    );
    world
        .asks_again("alice.meyer", bypass.id, "With more reason")
        .await
        .unwrap();
    world.agrees("mara.silva", bypass.id).await.unwrap();
    // It falls once more before the last vote.
    world
        .directory_changes(|directory| freeze(directory, "sha256:2"))
        .await;
    assert_eq!(
        outcome(&world.agrees("omar.haddad", bypass.id).await),
        "conflict premise_fell"
    );
    world
        .directory_changes(|directory| freeze(directory, "sha256:1"))
        .await;
    world.agrees("omar.haddad", bypass.id).await.unwrap();
    assert!(world.may_deploy().await);
    let page = world
        .service
        .opt_out(&requester("alice.meyer"), bypass.id)
        .await
        .unwrap();
    assert_eq!(
        page.stages.iter().map(|stage| stage.votes.len()).sum::<usize>(),
        2
    );
    assert!(page.premise.unwrap().holds);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_digest_has_to_stay_what_it_was(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = world(pool, options).await;
    let unchanged = || {
        on(PremiseInput::DigestUnchanged {
            of: of(),
            name: "image".to_owned(),
        })
    };
    let bypass = world.bypass_in_force(&unchanged()).await;
    // Between the request and the approval it counts as well.
    let pending = world.opts_out("alice.meyer", &unchanged()).await.unwrap();
    assert!(world.may_deploy().await);
    world
        .directory_changes(|directory| freeze(directory, "sha256:2"))
        .await;
    assert!(!world.may_deploy().await);
    assert_eq!(
        world.opt_out(bypass.id).await.opt_out.state,
        OptOutState::Suspended
    );
    assert_eq!(
        outcome(&world.agrees("bob.okafor", pending.id).await),
        "conflict premise_fell"
    );
    // Saying no needs no premise.
    world.rejects("bob.okafor", pending.id).await.unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_no_premise_is_refused_beside_its_field(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = world(pool, options).await;
    let strict = OptOutInput {
        premise: Some(image_is("sha256:1")),
        ..to_manual("jonas.weber")
    };
    let incident = |id: &str| PremiseInput::IncidentOpen {
        incident: id.to_owned(),
    };
    for (input, told) in [
        (strict, "invalid premise/kind not_for_to_manual"),
        (on(image_is("sha256:2")), "invalid premise/name does_not_hold"),
        (on(image_is(" ")), "invalid premise/value unreadable"),
        (on(incident("INC-1")), "invalid premise/value does_not_hold"),
        (on(incident("")), "invalid premise/value missing"),
        (
            on(PremiseInput::DigestUnchanged {
                of: of(),
                name: "unheard-of".to_owned(),
            }),
            "invalid premise/name unknown",
        ),
    ] {
        assert_eq!(
            outcome(&world.opts_out("alice.meyer", &input).await),
            told,
            "{input:?}"
        );
    }
    // What a page shows before it is sent.
    let preview = world
        .service
        .preview_opt_out(&requester("alice.meyer"), &on(image_is("sha256:1")))
        .await
        .unwrap();
    assert!(preview.prepared.premise.unwrap().holds);
}
