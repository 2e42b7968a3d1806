//! Who leaves the directory takes nothing along, and who comes back finds nothing again.

use crate::delegations::lending;
use crate::world::people::approver;
use crate::world::{World, outcome};
use domain::approval::DelegationState;
use domain::event::EventKind;
use domain::grant::GrantState;
use domain::principal::PrincipalKind;
use service::directory::{DirectoryFile, PrincipalFile, SignInFile};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const ISS: &str = "https://idp.test";

/// Somebody of a directory, taken out of it with all that names them, and put back as they were.
struct Leaver {
    before: DirectoryFile,
    kind: PrincipalKind,
    id: &'static str,
}

impl Leaver {
    async fn leaves(world: &mut World, kind: PrincipalKind, id: &'static str) -> Self {
        let before = world.directory.clone();
        world
            .directory_changes(|directory| {
                directory
                    .principals
                    .retain(|one| one.kind != kind || one.id != id);
                for group in directory.groups.values_mut() {
                    group.members.retain(|member| member != id);
                    group.workloads.retain(|member| member != id);
                }
                for principal in &mut directory.principals {
                    let owners = principal.attributes.get_mut("owners");
                    if let Some(owners) = owners.and_then(|owners| owners.as_array_mut()) {
                        owners.retain(|owner| owner != id);
                    }
                }
            })
            .await;
        Self { before, kind, id }
    }

    async fn comes_back(self, world: &mut World) {
        let found = self
            .before
            .principals
            .iter()
            .any(|one| one.kind == self.kind && one.id == self.id);
        assert!(found, "{} was never there", self.id);
        world
            .directory_changes(|directory| *directory = self.before)
            .await;
    }
}

fn principal<'d>(directory: &'d mut DirectoryFile, id: &str) -> &'d mut PrincipalFile {
    directory.principals.iter_mut().find(|one| one.id == id).unwrap()
}

fn sign_in(sub: &str) -> SignInFile {
    SignInFile {
        iss: ISS.to_owned(),
        sub: sub.to_owned(),
    }
}

async fn signs_in(world: &World, sub: &str) -> Option<String> {
    let person = store::sessions::person_of(&world.app, ISS, sub, world.now()).await;
    person.unwrap().map(|person| person.to_string())
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_grant_does_not_come_back_with_its_principal(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let grant = world.granted_deployment().await;
    assert!(world.may_deploy().await);
    let leaver = Leaver::leaves(&mut world, PrincipalKind::Workload, "ci/payments").await;
    let found = store::grants::find(&world.app, grant.id).await.unwrap().unwrap();
    assert_eq!(found.state(world.now()), GrantState::Revoked);
    assert_eq!(world.events_of(grant.id).await, ["grant.revoked"]);
    world.minutes_pass(1);
    leaver.comes_back(&mut world).await;
    assert!(!world.may_deploy().await);
    assert_eq!(world.events_of(grant.id).await, ["grant.revoked"], "once");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_grant_of_somebody_who_stays_stays(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world.granted_deployment().await;
    Leaver::leaves(&mut world, PrincipalKind::Workload, "ci/search").await;
    assert!(world.may_deploy().await);
    assert_eq!(world.count(EventKind::GrantRevoked).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_delegation_ends_for_good_when_one_of_the_two_leaves(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    for (from, to, leaves) in [
        ("bob.okafor", "ravi.patel", "ravi.patel"),
        ("omar.haddad", "ravi.patel", "omar.haddad"),
    ] {
        let lent = world
            .service
            .make_delegation(&approver(from), &lending(&world, to))
            .await
            .unwrap();
        let leaver = Leaver::leaves(&mut world, PrincipalKind::Person, leaves).await;
        leaver.comes_back(&mut world).await;
        let found = store::delegations::find(&world.app, lent.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.state_at(world.now()), DelegationState::Ended, "{leaves}");
        assert_eq!(
            world.events_of(lent.id).await,
            ["delegation.made", "delegation.ended"]
        );
        let again = world.service.end_delegation(&approver(from), lent.id).await;
        assert_eq!(outcome(&again), "conflict settled");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_sign_in_that_the_file_no_longer_lists_signs_nobody_in(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let id = "alice.meyer";
    world
        .directory_changes(|directory| {
            principal(directory, id).sign_ins = vec![sign_in("first"), sign_in("second")];
        })
        .await;
    assert_eq!(signs_in(&world, "first").await.as_deref(), Some(id));
    assert_eq!(signs_in(&world, "second").await.as_deref(), Some(id));
    // Another `sub` in place of the two.
    world
        .directory_changes(|directory| principal(directory, id).sign_ins = vec![sign_in("third")])
        .await;
    assert_eq!(signs_in(&world, "first").await, None);
    assert_eq!(signs_in(&world, "second").await, None);
    assert_eq!(signs_in(&world, "third").await.as_deref(), Some(id));
    // She leaves, and her id is given to somebody else.
    let leaver = Leaver::leaves(&mut world, PrincipalKind::Person, id).await;
    assert_eq!(signs_in(&world, "third").await, None);
    leaver.comes_back(&mut world).await;
    world
        .directory_changes(|directory| principal(directory, id).sign_ins = vec![sign_in("fourth")])
        .await;
    for former in ["first", "second", "third"] {
        assert_eq!(signs_in(&world, former).await, None, "{former}");
    }
    assert_eq!(signs_in(&world, "fourth").await.as_deref(), Some(id));
    // A file that lists one again lets it in again.
    world
        .directory_changes(|directory| principal(directory, id).sign_ins.push(sign_in("first")))
        .await;
    assert_eq!(signs_in(&world, "first").await.as_deref(), Some(id));
    let before = world.count(EventKind::SignedOut).await;
    world.directory_changes(|_| {}).await;
    assert_eq!(
        world.count(EventKind::SignedOut).await,
        before,
        "nothing has changed"
    );
}
