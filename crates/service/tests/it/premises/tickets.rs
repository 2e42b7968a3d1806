//! Tickets: what their system says counts from its answer on; silence counts until its grace is over, and never longer.

use super::on;
use crate::world::{World, outcome};
use domain::id::OptOutId;
use domain::opt_out::OptOutState;
use service::opt_outs::PremiseInput;
use service::premises::TicketLookUp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const TICKET: &str = "CHG-9031";

async fn said(world: &World, found: TicketLookUp) {
    world.service.settle_ticket_look_up(TICKET, &found).await.unwrap();
}

fn silence() -> TicketLookUp {
    TicketLookUp::Failed {
        why: "no answer".to_owned(),
    }
}

/// The premise of these tests.
pub(super) fn open() -> PremiseInput {
    PremiseInput::TicketOpen {
        ticket: TICKET.to_owned(),
    }
}

/// Its system says that the ticket is open.
pub(super) async fn answered_open(world: &World) {
    said(world, TicketLookUp::Answered { open: true }).await;
}

async fn asked_for(world: &World) -> OptOutId {
    let input = on(PremiseInput::TicketOpen {
        ticket: TICKET.to_owned(),
    });
    world.opts_out("alice.meyer", &input).await.unwrap().id
}

async fn in_force(world: &World) -> OptOutId {
    let id = asked_for(world).await;
    said(world, TicketLookUp::Answered { open: true }).await;
    world.agrees("bob.okafor", id).await.unwrap();
    world.agrees("omar.haddad", id).await.unwrap();
    id
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_closed_ticket_ends_it_at_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let id = asked_for(&world).await;
    assert_eq!(
        outcome(&world.agrees("bob.okafor", id).await),
        "conflict premise_fell",
        "nothing was answered yet"
    );
    assert_eq!(world.service.claim_ticket_look_ups().await.unwrap(), [TICKET]);
    assert!(
        world.service.claim_ticket_look_ups().await.unwrap().is_empty(),
        "another node has it"
    );
    said(&world, TicketLookUp::Answered { open: true }).await;
    world.agrees("bob.okafor", id).await.unwrap();
    world.agrees("omar.haddad", id).await.unwrap();
    assert!(world.may_deploy().await);
    world.minutes_pass(59);
    assert!(world.service.claim_ticket_look_ups().await.unwrap().is_empty());
    world.minutes_pass(1);
    assert_eq!(
        world.service.claim_ticket_look_ups().await.unwrap(),
        [TICKET],
        "hourly"
    );
    said(&world, TicketLookUp::Answered { open: false }).await;
    assert!(!world.may_deploy().await);
    assert_eq!(world.opt_out(id).await.opt_out.state, OptOutState::Suspended);
    said(&world, TicketLookUp::Answered { open: true }).await;
    assert!(!world.may_deploy().await, "nothing comes back by itself");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn silence_counts_as_no_once_its_grace_is_over_and_never_keeps_it_longer(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let id = in_force(&world).await;
    // An hour until it is due, two hours of grace.
    for _ in 0..17 {
        world.minutes_pass(10);
        said(&world, silence()).await;
        assert!(world.may_deploy().await);
    }
    assert_eq!(world.service.suspend_what_fell().await.unwrap(), 0);
    world.minutes_pass(9);
    assert!(world.may_deploy().await);
    world.minutes_pass(1);
    assert!(!world.may_deploy().await, "without any worker");
    assert_eq!(world.opt_out(id).await.opt_out.state, OptOutState::Approved);
    assert_eq!(world.service.suspend_what_fell().await.unwrap(), 1);
    assert_eq!(world.opt_out(id).await.opt_out.state, OptOutState::Suspended);
    let told = world.told().await;
    assert!(told.contains(&"alice.meyer: suspended".to_owned()), "{told:?}");
}
