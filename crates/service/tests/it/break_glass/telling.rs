//! Everybody who was skipped is told at once, whatever they have set, and what has not arrived is shown.

use crate::world::World;
use crate::world::breaking::{emergency, lasting, responder};
use crate::world::people::approver;
use domain::notice::EndpointKind;
use service::break_glass::Arrival;
use service::notices::{Attempted, Destination};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

async fn has_mail(world: &World, who: &str) {
    let address = format!("{who}@example.com");
    let person = who.parse().unwrap();
    world.service.note_mail_address(&person, &address).await.unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_was_skipped_is_told_at_once_over_every_channel(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.endpoint(EndpointKind::Webhook, "").await;
    world.endpoint(EndpointKind::Slack, "").await;
    // Bob wants no mail at all, Mara none at this hour: it is eleven in Berlin. Tom's address is not known.
    for who in ["bob.okafor", "mara.silva", "jonas.weber"] {
        has_mail(&world, who).await;
    }
    world.sets(&approver("bob.okafor"), "off", "", "").await.unwrap();
    world
        .sets(&approver("mara.silva"), "each", "10:30", "11:30")
        .await
        .unwrap();
    let opt_out = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    insta::assert_snapshot!(world.told().await.join("\n"));

    let due = world.due().await;
    let mails: std::collections::BTreeSet<String> = due
        .iter()
        .filter_map(|claimed| match &claimed.to {
            Destination::Mail(address) => Some(address.clone()),
            Destination::Webhook { .. } | Destination::Slack(_) | Destination::Teams(_) => None,
        })
        .collect();
    assert_eq!(
        mails.into_iter().collect::<Vec<_>>(),
        ["bob.okafor@example.com", "mara.silva@example.com"],
        "not Jonas, whose own act it is"
    );
    for claimed in &due {
        let how = match &claimed.to {
            Destination::Mail(address) if address.starts_with("bob") => Attempted::Refused {
                why: "no such mailbox".to_owned(),
            },
            Destination::Slack(_) => Attempted::Failed {
                why: "it does not answer".to_owned(),
                wait_secs: None,
            },
            Destination::Mail(_) | Destination::Webhook { .. } | Destination::Teams(_) => {
                Attempted::Delivered
            }
        };
        world.settles(claimed, how).await;
    }
    let told = world
        .service
        .opt_out(&responder("jonas.weber"), opt_out.id)
        .await
        .unwrap()
        .told;
    let mail = |who: &str| told.persons[&who.parse().unwrap()].mail;
    assert_eq!(mail("bob.okafor"), Some(Arrival::GivenUp));
    assert_eq!(mail("mara.silva"), Some(Arrival::Delivered));
    assert_eq!(mail("tom.becker"), None);
    assert!(told.persons.values().all(|told| told.read), "`told` reads them");
    let arrived = |kind: EndpointKind| {
        let of_kind = told.endpoints.iter().find(|(_, found, _)| *found == kind);
        of_kind.map(|(_, _, arrival)| *arrival)
    };
    assert_eq!(arrived(EndpointKind::Webhook), Some(Arrival::Delivered));
    assert_eq!(arrived(EndpointKind::Slack), Some(Arrival::TriedAgain));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_second_person_is_woken_and_jonas_is_told_of_their_vote(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    for _ in 0..2 {
        let broken = world
            .breaks_glass("jonas.weber", &lasting("jonas.weber", 4))
            .await
            .unwrap();
        world.hours_pass(4);
        world.justified(broken.id).await;
    }
    has_mail(&world, "bob.okafor").await;
    world.sets(&approver("bob.okafor"), "off", "", "").await.unwrap();
    world.told().await;
    let waiting = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    assert!(
        world
            .told()
            .await
            .contains(&"bob.okafor: second_person".to_owned())
    );
    assert_eq!(world.due().await.len(), 1, "bob's mail, although he wants none");
    world.agrees("bob.okafor", waiting.id).await.unwrap();
    let told = world.told().await;
    assert!(told.contains(&"jonas.weber: approved".to_owned()), "{told:?}");
    assert!(told.contains(&"mara.silva: break_glass".to_owned()), "{told:?}");
    assert!(
        world
            .reads("mara.silva")
            .await
            .iter()
            .any(|line| line.starts_with("Jonas Weber broke the glass")),
        "it was Jonas, not who voted"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_overdue_review_is_told_once_and_a_level_up(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let broken = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    world.told().await;
    world.hours_pass(72);
    world.service.tell_times().await.unwrap();
    let told: Vec<_> = world
        .told()
        .await
        .into_iter()
        .filter(|line| line.ends_with("review_overdue"))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(world.service.tell_times().await.unwrap(), 0, "once");
    world.justified(broken.id).await;
    assert!(
        world
            .told()
            .await
            .contains(&"jonas.weber: review_concluded".to_owned())
    );
}
