//! For tiers that ask: a vote takes a fresh sign-in for exactly this person, item, verdict and what was shown.

use crate::world::people::{approver, person};
use crate::world::voting::{ACR, on_opt_out, on_request, step_up, vouched};
use crate::world::{World, bypass, deployment_bypass, joins, outcome};
use chrono::TimeDelta;
use domain::approval::Verdict;
use domain::event::EventKind;
use domain::id::{OptOutId, StepUpId};
use domain::role::Role;
use domain::shown::{Field, Shown};
use domain::step_up::{ProofError, VotedOn};
use service::ServiceError;
use service::approvals::{BeforeVote, VoteInput};
use service::caller::PersonCaller;
use service::opt_outs::NarrowInput;
use service::step_ups::ProveError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// What somebody is shown of an opt-out before their vote.
async fn shown(world: &World, caller: &PersonCaller, id: OptOutId) -> BeforeVote {
    let detail = world.service.opt_out(caller, id).await.unwrap();
    detail.before_vote.unwrap()
}

fn refused(result: Result<(), ProveError>) -> ProofError {
    match result {
        Err(ProveError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// A pending bypass of tier critical, and Bob, who is asked first.
async fn pending(world: &World) -> (OptOutId, PersonCaller) {
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    (asked.id, approver("bob.okafor"))
}

async fn votes(world: &World) -> usize {
    world.count(EventKind::OptOutVoted).await + world.count(EventKind::AccessRequestVoted).await
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn without_a_fresh_sign_in_nothing_is_recorded(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    let (opt_out, bob) = pending(&world).await;
    for verdict in [Verdict::Approve, Verdict::Deny] {
        let bare = VoteInput::new(verdict, "Looks right");
        let vote = world.service.vote_on_opt_out(&bob, opt_out, bare.clone()).await;
        assert_eq!(outcome(&vote), "conflict not_shown");
        let vote = world
            .service
            .vote_on_access_request(&bob, request.id, bare.clone())
            .await;
        assert_eq!(outcome(&vote), "conflict not_shown");
        let looked = on_opt_out(&world.service, &bob, opt_out, bare.clone()).await;
        let vote = world
            .service
            .vote_on_opt_out(&bob, opt_out, looked.signed_in_afresh(None))
            .await;
        assert_eq!(outcome(&vote), "forbidden step_up_needed");
        assert!(vote.unwrap_err().wants_step_up());
        let looked = on_request(&world.service, &bob, request.id, bare).await;
        let made_up = Some(StepUpId::from_uuid(sqlx::types::Uuid::from_u128(4_711)));
        let vote = world
            .service
            .vote_on_access_request(&bob, request.id, looked.signed_in_afresh(made_up))
            .await;
        assert_eq!(outcome(&vote), "forbidden step_up_needed");
    }
    assert_eq!(votes(&world).await, 0);
    // Somebody who could not vote anyway is not sent to sign in.
    let all = person("jonas.weber", &Role::ALL);
    let vote = world
        .service
        .vote_on_access_request(&all, request.id, VoteInput::approve())
        .await;
    assert_eq!(outcome(&vote), "forbidden excluded");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn with_one_the_vote_counts_and_keeps_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let (opt_out, bob) = pending(&world).await;
    let digest = shown(&world, &bob, opt_out)
        .await
        .digest(&VoteInput::approve())
        .unwrap();
    world
        .votes_on_opt_out(&bob, opt_out, VoteInput::approve())
        .await
        .unwrap();
    let detail = world.service.opt_out(&bob, opt_out).await.unwrap();
    let vote = &detail.stages[0].votes[0];
    assert_eq!(vote.shown, Some(digest));
    let signed_in = vote.signed_in.clone().unwrap();
    assert_eq!(
        (signed_in.auth_time, signed_in.acr.as_deref()),
        (world.now(), Some(ACR))
    );
    let events = store::events::about(&world.app, &opt_out.to_string())
        .await
        .unwrap();
    let voted = events
        .iter()
        .find(|event| event.kind == EventKind::OptOutVoted)
        .unwrap();
    let body: serde_json::Value = serde_json::from_slice(&voted.body).unwrap();
    assert_eq!(body["bound"]["shown"], digest.to_string());
    assert_eq!(body["bound"]["signed_in"]["acr"], ACR);
    assert_eq!(
        detail.before_vote, None,
        "who has voted is shown nothing to vote on"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_sign_in_is_for_one_person_item_verdict_and_sight(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world
        .directory_changes(|directory| joins(directory, "payments-owners", "mara.silva"))
        .await;
    let (opt_out, bob) = pending(&world).await;
    let (other, _) = pending(&world).await;
    let mara = approver("mara.silva");
    let yes = VoteInput::approve();
    let bobs = on_opt_out(&world.service, &bob, opt_out, yes.clone()).await;

    let hers = world.service.vote_on_opt_out(&mara, opt_out, bobs.clone()).await;
    assert_eq!(
        outcome(&hers),
        "forbidden step_up_of_another_vote",
        "of another person"
    );
    let digest = shown(&world, &bob, other).await.digest(&yes).unwrap();
    let moved = bobs.clone().on_what_was_shown(Some(digest));
    let vote = world.service.vote_on_opt_out(&bob, other, moved).await;
    assert_eq!(
        outcome(&vote),
        "forbidden step_up_of_another_vote",
        "for another item"
    );
    let no = VoteInput::deny("On second thoughts");
    let digest = shown(&world, &bob, opt_out).await.digest(&no).unwrap();
    let turned = no.on_what_was_shown(Some(digest)).signed_in_afresh(bobs.step_up);
    let vote = world.service.vote_on_opt_out(&bob, opt_out, turned).await;
    assert_eq!(
        outcome(&vote),
        "forbidden step_up_of_another_vote",
        "for another verdict"
    );
    let less = yes.clone().lasting(Some(3_600));
    let digest = shown(&world, &bob, opt_out).await.digest(&less).unwrap();
    let narrowed = less
        .on_what_was_shown(Some(digest))
        .signed_in_afresh(bobs.step_up);
    let vote = world.service.vote_on_opt_out(&bob, opt_out, narrowed).await;
    assert_eq!(
        outcome(&vote),
        "forbidden step_up_of_another_vote",
        "for another narrowing"
    );
    let request = world.requested_deployment().await;
    let looked = on_request(&world.service, &bob, request.id, yes).await;
    let vote = world
        .service
        .vote_on_access_request(&bob, request.id, looked.signed_in_afresh(bobs.step_up))
        .await;
    assert_eq!(
        outcome(&vote),
        "forbidden step_up_of_another_vote",
        "for another kind of item"
    );
    assert_eq!(votes(&world).await, 0);

    world
        .service
        .vote_on_opt_out(&bob, opt_out, bobs.clone())
        .await
        .unwrap();
    let again = world.service.vote_on_opt_out(&bob, opt_out, bobs).await;
    assert_eq!(outcome(&again), "conflict already_voted");
    assert_eq!(votes(&world).await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_is_good_for_five_minutes(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let (opt_out, bob) = pending(&world).await;
    let input = on_opt_out(&world.service, &bob, opt_out, VoteInput::approve()).await;
    world.minutes_pass(5);
    world.clock.advance(TimeDelta::seconds(1));
    let late = world.service.vote_on_opt_out(&bob, opt_out, input.clone()).await;
    assert_eq!(outcome(&late), "forbidden step_up_expired");
    assert_eq!(votes(&world).await, 0);
    let input = on_opt_out(&world.service, &bob, opt_out, VoteInput::approve()).await;
    world.minutes_pass(5);
    assert_eq!(
        outcome(&world.service.vote_on_opt_out(&bob, opt_out, input).await),
        "done"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_the_provider_vouches_for_must_be_fresh_and_of_that_person(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let (opt_out, bob) = pending(&world).await;
    let input = VoteInput::approve();
    let digest = shown(&world, &bob, opt_out).await.digest(&input).unwrap();
    let item = VotedOn::OptOut(opt_out);
    world.minutes_pass(1);
    let id = world
        .service
        .begin_step_up(&bob, item, Verdict::Approve, digest)
        .await
        .unwrap();
    let good = vouched(&world.service, &bob);
    let prove = async |change: fn(&mut domain::step_up::Vouched), wanted: &[&str]| {
        let mut vouched = good.clone();
        change(&mut vouched);
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        world.service.prove_step_up(id, vouched, &wanted).await
    };
    let other = prove(|vouched| vouched.person = "mara.silva".parse().unwrap(), &[]).await;
    assert_eq!(refused(other), ProofError::OtherPerson);
    let silent = prove(|vouched| vouched.auth_time = None, &[]).await;
    assert_eq!(refused(silent), ProofError::NoAuthTime);
    for change in [
        (|vouched| vouched.auth_time = vouched.auth_time.map(|at| at - TimeDelta::seconds(61)))
            as fn(&mut domain::step_up::Vouched),
        |vouched| vouched.auth_time = vouched.auth_time.map(|at| at + TimeDelta::seconds(61)),
    ] {
        assert_eq!(refused(prove(change, &[]).await), ProofError::NotFresh);
    }
    assert_eq!(
        refused(prove(|_| (), &["urn:test:face"]).await),
        ProofError::WrongContext
    );
    let silent = prove(|vouched| vouched.acr = None, &[ACR]).await;
    assert_eq!(refused(silent), ProofError::WrongContext);
    let bound = input.on_what_was_shown(Some(digest)).signed_in_afresh(Some(id));
    let vote = world.service.vote_on_opt_out(&bob, opt_out, bound.clone()).await;
    assert_eq!(outcome(&vote), "forbidden step_up_needed", "begun is not proved");
    assert_eq!(votes(&world).await, 0);

    prove(|_| (), &["urn:test:face", ACR]).await.unwrap();
    assert_eq!(refused(prove(|_| (), &[]).await), ProofError::ProvedAlready);
    world.service.vote_on_opt_out(&bob, opt_out, bound).await.unwrap();

    let late = world
        .service
        .begin_step_up(&bob, item, Verdict::Approve, digest)
        .await
        .unwrap();
    world.minutes_pass(16);
    let vouched = vouched(&world.service, &bob);
    let away = world.service.prove_step_up(late, vouched, &[]).await;
    assert!(matches!(away, Err(ProveError::Unknown)), "{away:?}");
    let stranger = person("alice.meyer", &[Role::Requester]);
    let begun = world
        .service
        .begin_step_up(&stranger, item, Verdict::Approve, digest)
        .await;
    assert_eq!(outcome(&begun), "forbidden not_permitted");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_a_parallel_vote_narrows_has_changed_since_it_was_shown(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    // Two owners have to agree in the first stage of tier critical.
    let tiers = world.policy["tiers.toml"].clone();
    let critical = tiers.find("name = \"critical\"").unwrap();
    let stages = critical + tiers[critical..].find("opt_out_stages").unwrap();
    let (before, after) = tiers.split_at(stages);
    let two = format!("{before}{}", after.replacen("n = 1", "n = 2", 1));
    world.policy_changes("tiers.toml", &tiers, &two).await;
    world
        .directory_changes(|directory| joins(directory, "payments-owners", "mara.silva"))
        .await;
    let (opt_out, bob) = pending(&world).await;
    let mara = approver("mara.silva");
    let before = shown(&world, &bob, opt_out).await;
    let bobs = on_opt_out(&world.service, &bob, opt_out, VoteInput::approve()).await;
    let less = NarrowInput {
        length_secs: Some(3_600),
        ..NarrowInput::default()
    };
    world
        .votes_on_opt_out(&mara, opt_out, VoteInput::approve().narrowed(less))
        .await
        .unwrap();
    let vote = world.service.vote_on_opt_out(&bob, opt_out, bobs).await;
    assert_eq!(outcome(&vote), "conflict changed_since_shown");
    assert_eq!(votes(&world).await, 1);
    let now = shown(&world, &bob, opt_out).await;
    let changed = now.shown.differences(&before.shown);
    let changed: Vec<_> = changed
        .iter()
        .map(|one| (one.field, one.before.as_str(), one.now.as_str()))
        .collect();
    assert_eq!(changed, [(Field::Length, "4 hours", "1 hour")]);
    world
        .votes_on_opt_out(&bob, opt_out, VoteInput::approve())
        .await
        .unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_policy_tightens_has_changed_since_it_was_shown(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    let bob = approver("bob.okafor");
    let sight = async |world: &World| {
        let detail = world.service.access_request(&bob, request.id).await.unwrap();
        detail.before_vote.unwrap().shown
    };
    let before = sight(&world).await;
    let looked = on_request(&world.service, &bob, request.id, VoteInput::approve()).await;
    let critical = r##"channel = "#critical-access"
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }"##;
    let more = format!(
        "{critical}, {{ name = \"Security\", quorum = {{ n = 1, of = [{{ group = \"security\" }}] }} }}"
    );
    world.policy_changes("tiers.toml", critical, &more).await;
    let vote = world
        .service
        .vote_on_access_request(&bob, request.id, looked)
        .await;
    assert_eq!(outcome(&vote), "conflict changed_since_shown");
    assert_eq!(votes(&world).await, 0);
    let changed: Vec<Field> = sight(&world)
        .await
        .differences(&before)
        .iter()
        .map(|one| one.field)
        .collect();
    assert_eq!(changed, [Field::Policy, Field::Stages]);
    world
        .votes_on_request(&bob, request.id, VoteInput::approve())
        .await
        .unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_tier_at_the_vote_says_whether_it_is_asked(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    // Of tier high, which asks nobody to sign in afresh.
    let input = bypass("job/nightly-export", "read-needs-ticket", "database ledger-db");
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    let ines = approver("ines.marchetti");
    let before = shown(&world, &ines, asked.id).await;
    assert!(!before.step_up);
    // What was shown is looked at wherever it is sent.
    let digest = before
        .shown
        .clone()
        .deciding(Verdict::Deny, None, None, None)
        .digest()
        .unwrap();
    let other = VoteInput::approve().on_what_was_shown(Some(digest));
    let vote = world.service.vote_on_opt_out(&ines, asked.id, other).await;
    assert_eq!(outcome(&vote), "conflict changed_since_shown");
    world
        .policy_changes(
            "tiers.toml",
            "channel = \"#data-access\"",
            "channel = \"#data-access\"\nstep_up = true",
        )
        .await;
    let vote = world
        .service
        .vote_on_opt_out(&ines, asked.id, VoteInput::approve())
        .await;
    assert_eq!(outcome(&vote), "conflict not_shown");
    assert!(shown(&world, &ines, asked.id).await.step_up);
    world
        .votes_on_opt_out(&ines, asked.id, VoteInput::approve())
        .await
        .unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_database_itself_takes_no_sign_in_for_another_vote(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let (opt_out, bob) = pending(&world).await;
    let input = VoteInput::approve();
    let digest = shown(&world, &bob, opt_out).await.digest(&input).unwrap();
    let id = step_up(&world.service, &bob, VotedOn::OptOut(opt_out), &input, digest)
        .await
        .unwrap();
    let (other, _) = pending(&world).await;
    let insert = async |item: OptOutId, person: &str| {
        sqlx::query!(
            "INSERT INTO votes (id, item_kind, item_id, person_id, stage, verdict, capacities, reason, at, shown_digest,
                                step_up_id, auth_time)
             SELECT gen_random_uuid(), 'opt_out', $1, $2, 0, 'approve', '[]', '', now(), $3, id, auth_time
             FROM step_ups WHERE id = $4",
            item.uuid(),
            person,
            &digest.as_bytes()[..],
            id.uuid(),
        )
        .execute(&world.app)
        .await
        .map_err(|error| error.as_database_error().unwrap().constraint().unwrap().to_owned())
    };
    assert_eq!(insert(other, "bob.okafor").await.unwrap_err(), "votes_step_up_fk");
    assert_eq!(
        insert(opt_out, "mara.silva").await.unwrap_err(),
        "votes_step_up_fk"
    );
    let moved = sqlx::query!("UPDATE step_ups SET auth_time = now() WHERE id = $1", id.uuid())
        .execute(&world.app)
        .await;
    assert!(moved.is_err(), "the first proof stands");
    world.minutes_pass(25 * 60);
    assert_eq!(world.service.forget_old_step_ups().await.unwrap(), 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_that_a_vote_refers_to_stays(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let (opt_out, bob) = pending(&world).await;
    world
        .votes_on_opt_out(&bob, opt_out, VoteInput::approve())
        .await
        .unwrap();
    world.minutes_pass(25 * 60);
    assert_eq!(world.service.forget_old_step_ups().await.unwrap(), 0);
}

/// What a form carried along is read back to the very same digest, and anything else is refused.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_was_shown_survives_the_form(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let (opt_out, bob) = pending(&world).await;
    let before = shown(&world, &bob, opt_out).await.shown;
    let text = before.to_text();
    assert!(text.len() < 8 << 10, "{}", text.len());
    let read = Shown::from_text(&text).unwrap();
    assert_eq!(read.digest().unwrap(), before.digest().unwrap());
    let vote: Result<_, ServiceError> = world
        .service
        .vote_on_opt_out(&bob, opt_out, VoteInput::approve())
        .await;
    assert_eq!(outcome(&vote), "conflict not_shown");
}
