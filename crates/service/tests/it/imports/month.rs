//! A month of daily changes: no outcome gets laxer by a rename, and no leaver signs in.

use crate::world::{World, to_manual};
use domain::name::GroupName;
use domain::opt_out::OptOutState;
use domain::scope::{ResourceSelector, Scope};
use service::directory::synthetic::{ISSUER, Organisation, Size};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const SIZE: Size = Size {
    people: 600,
    groups: 200,
    resources: 300,
};
const FORBIDDEN: &str = "group-150";

/// Whether somebody may have what members of the forbidden group may not.
async fn may(world: &World, person: &str, service: &str) -> bool {
    world
        .asks(person, "read", &format!("service {service}"))
        .await
        .evaluation
        .answer
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn in_a_month_of_changes_no_rename_loosens_and_no_leaver_signs_in(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut organisation = Organisation::new(SIZE, 2_026);
    let mut demo = None;
    let mut world = World::start_with(pool, options, |directory| {
        demo = Some(directory.clone());
        *directory = organisation.beside(directory);
    })
    .await;
    let demo = demo.unwrap();
    let forbidden: GroupName = FORBIDDEN.parse().unwrap();
    let member = organisation.file().groups[&forbidden].members[0].clone();
    let outside = organisation
        .file()
        .principals
        .iter()
        .find(|one| {
            one.sign_ins.len() == 1 && !organisation.file().groups[&forbidden].members.contains(&one.id)
        })
        .unwrap()
        .id
        .clone();
    let services: Vec<String> = organisation.file().resources[..2]
        .iter()
        .map(|one| one.id.clone())
        .collect();
    let (open, held) = (&services[0], &services[1]);
    world.policy.insert(
        "rules/month.cedar".to_owned(),
        format!(
            "@id(\"month-forbids\") @description(\"They need a person.\")
             forbid (principal in Group::\"{FORBIDDEN}\", action == Action::\"automate\", resource);
             @id(\"month-grants\") @description(\"Anybody may be granted.\")
             permit (principal is Person, action == Action::\"grant\", resource is Service);
             @id(\"month-low\") @description(\"All of it is low.\") @tier(\"low\")
             permit (principal is Person, action == Action::\"classify\", resource is Service);"
        ),
    );
    world
        .service
        .publish_policy(&world.policy, crate::world::correlation())
        .await
        .unwrap();
    assert!(may(&world, &outside, open).await, "what others may");
    assert!(!may(&world, &member, open).await, "what members may not");
    let mut hold = to_manual("ci/payments");
    let on = crate::world::asking::resource(&format!("service {held}"));
    hold.scope = Scope {
        resources: Some([ResourceSelector::Id(on)].into()),
        ..Scope::default()
    };
    let owners = {
        let current = world.service.snapshots().current();
        let directory = current.directory();
        let team = &directory.resources[&crate::world::asking::resource(&format!("service {held}"))].team;
        directory.persons_in(&directory.teams[team].owners)
    };
    let asked = world.opts_out("alice.meyer", &hold).await.unwrap();
    for approver in owners
        .iter()
        .map(|one| one.as_str())
        .chain(["omar.haddad", "aya.tanaka"])
    {
        let _ = world.agrees(approver, asked.id).await;
    }
    assert_eq!(world.opt_out(asked.id).await.opt_out.state, OptOutState::Approved);
    assert!(!may(&world, &outside, held).await, "what is held");

    let (mut left, mut refused) = (Vec::new(), 0);
    for day in 0..30 {
        let happened = organisation.day();
        left.extend(happened.left);
        match day {
            // Both come back two days later: a person has corrected the file.
            7 => organisation.rename_group(&forbidden, &"renamed".parse().unwrap()),
            9 => organisation.rename_group(&"renamed".parse().unwrap(), &forbidden),
            17 => organisation.rename_service(held, "renamed"),
            19 => organisation.rename_service("renamed", held),
            _ => {}
        }
        let directory = organisation.beside(&demo);
        match world.imports(&directory, &[]).await {
            Ok(_) => assert!(!(7..9).contains(&day) && !(17..19).contains(&day), "day {day}"),
            Err(error) => {
                assert!(
                    (7..9).contains(&day) || (17..19).contains(&day),
                    "day {day}: {error:?}"
                );
                refused += 1;
            }
        }
        if !left.contains(&member) {
            assert!(
                !may(&world, &member, open).await,
                "day {day}: a rename lets members in"
            );
        }
        assert!(
            !may(&world, &outside, held).await,
            "day {day}: a rename ends the hold"
        );
        assert!(!may(&world, &outside, "renamed").await, "day {day}");
        for person in &left {
            let signs_in = store::sessions::person_of(&world.app, ISSUER, person, world.now()).await;
            assert_eq!(signs_in.unwrap(), None, "day {day}: {person} has left");
        }
    }
    assert_eq!(refused, 4);
    assert!(left.len() > 3, "{left:?}");
}
