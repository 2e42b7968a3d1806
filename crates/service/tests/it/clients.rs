//! What a client may do can be widened and narrowed, its token rotated and its credentials taken away, at any time.

use crate::world::asking::{principal, resource};
use crate::world::people::{administrator, approver};
use crate::world::{World, correlation, outcome};
use chrono::TimeDelta;
use domain::client::{Client, SubjectPattern};
use domain::digest::Digest;
use domain::id::ClientId;
use domain::name::PersonId;
use serde_json::json;
use service::ServiceError;
use service::caller::{ClientCaller, SentToken};
use service::clients::LONGEST_OVERLAP;
use service::decisions::{Answered, Asked, Decider, Stop};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::collections::BTreeMap;

/// A world in which two administrators have signed in.
async fn administered(pool: PgPoolOptions, options: PgConnectOptions) -> World {
    let world = World::start(pool, options).await;
    for person in ["petra.lindqvist", "jonas.weber"] {
        world
            .service
            .record_sign_in(&administrator(person), json!({}))
            .await
            .unwrap();
    }
    world.told().await;
    world
}

fn narrow(client: &Client) -> Client {
    Client {
        subjects: vec![SubjectPattern {
            kind: None,
            id: "ci/search".to_owned(),
        }],
        ..client.clone()
    }
}

/// Whether the gateway is answered at this node: "yes", "out of scope", or why not.
async fn asks(decider: &Decider, caller: &ClientCaller) -> String {
    let asked = Asked {
        principal: principal("ci/payments"),
        resource: resource("service payments-staging"),
        capability: "deploy".parse().unwrap(),
        context: BTreeMap::new(),
        properties: BTreeMap::new(),
        approval: None,
        request: serde_json::value::to_raw_value(&json!({})).unwrap(),
    };
    match decider.decide(caller, &[asked], Stop::Never).await {
        Ok(answered) => match &answered[0] {
            Answered::Decided(_) => "yes".to_owned(),
            Answered::OutOfScope(_) => "out of scope".to_owned(),
        },
        Err(error) => outcome::<(), _>(&Err(error)),
    }
}

async fn kinds(world: &World, id: ClientId) -> Vec<String> {
    sqlx::query_scalar!(
        "SELECT kind FROM events WHERE object_kind = 'client' AND object_id = $1 ORDER BY id",
        id.to_string()
    )
    .fetch_all(&world.owner)
    .await
    .unwrap()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_narrowed_client_is_narrow_on_every_node_from_the_commit_on(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = administered(pool, options).await;
    let (_, behind) = world.another_node().await;
    let gateway = world.gateway.clone();
    assert_eq!(asks(&behind, &gateway).await, "yes");
    let before = behind.service().snapshots().current().generation();

    let changes = world
        .service
        .change_client(narrow(&gateway.client), correlation())
        .await
        .unwrap();
    assert!(changes.iter().all(|change| !change.widens), "{changes:?}");
    assert_eq!(behind.service().snapshots().current().generation(), before);
    // The first question of a node that has not heard of it is recorded by nobody, and asked again.
    assert_eq!(asks(&behind, &gateway).await, "out of scope");
    assert_eq!(world.told().await, Vec::<String>::new());

    let changes = world
        .service
        .change_client((*gateway.client).clone(), &administrator("petra.lindqvist"))
        .await
        .unwrap();
    assert!(changes.iter().any(|change| change.widens), "{changes:?}");
    // As `follow` does: a question out of scope is not recorded, and so finds nothing out.
    behind.service().snapshots().current_for_commands().await.unwrap();
    assert_eq!(asks(&behind, &gateway).await, "yes");
    // Whoever did it knows.
    assert_eq!(world.told().await, ["jonas.weber: client_widened"]);
    let generation = world.service.snapshots().current().generation();
    let unchanged = world
        .service
        .change_client((*gateway.client).clone(), correlation())
        .await
        .unwrap();
    assert_eq!(unchanged, []);
    assert_eq!(world.service.snapshots().current().generation(), generation);
    assert_eq!(
        kinds(&world, gateway.client.id).await,
        ["client.registered", "client.narrowed", "client.widened"]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn all_administrators_hear_of_what_an_operator_widens(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = administered(pool, options).await;
    let mut file = world.directory.clients[0].clone();
    file.name = "another".to_owned();
    world.service.register_client(&file, correlation()).await.unwrap();
    assert_eq!(
        world.told().await,
        [
            "jonas.weber: client_registered",
            "petra.lindqvist: client_registered"
        ]
    );
    let psql = Client {
        incidents: Some(String::from("INC-").try_into().unwrap()),
        ..(*world.psql.client).clone()
    };
    world.service.change_client(psql, correlation()).await.unwrap();
    assert_eq!(
        world.told().await,
        ["jonas.weber: client_widened", "petra.lindqvist: client_widened"]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nobody_but_an_administrator_changes_clients_or_ends_sessions(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let (service, bob) = (&world.service, &approver("bob.okafor"));
    let (client, file) = (&world.psql.client, &world.directory.clients[0]);
    let before = world.rows().await;
    let minute = TimeDelta::minutes(1);
    let petra: PersonId = "petra.lindqvist".parse().unwrap();
    for refused in [
        outcome(&service.register_client(file, bob).await),
        outcome(&service.change_client(narrow(client), bob).await),
        outcome(&service.rotate_client_token(client.id, minute, bob).await),
        outcome(&service.revoke_client(bob, client.id).await),
        outcome(&service.list_clients(bob).await),
        outcome(&service.end_sessions(&petra, bob).await),
    ] {
        assert_eq!(refused, "forbidden not_permitted");
    }
    let unknown = ClientId::from_uuid(sqlx::types::Uuid::from_u128(99));
    let nobody = Client {
        id: unknown,
        ..(**client).clone()
    };
    for refused in [
        outcome(&service.change_client(nobody, correlation()).await),
        outcome(&service.rotate_client_token(unknown, minute, correlation()).await),
        outcome(&service.revoke_client(correlation(), unknown).await),
        outcome(
            &service
                .end_sessions(&"no.body".parse().unwrap(), correlation())
                .await,
        ),
    ] {
        assert_eq!(refused, "not found");
    }
    let renamed = Client {
        name: "another".to_owned(),
        ..(**client).clone()
    };
    assert_eq!(
        outcome(&service.change_client(renamed, correlation()).await),
        "invalid name fixed"
    );
    let empty = Client {
        subjects: vec![SubjectPattern {
            kind: None,
            id: String::new(),
        }],
        ..(**client).clone()
    };
    assert_eq!(
        outcome(&service.change_client(empty, correlation()).await),
        "invalid client invalid_client"
    );
    for overlap in [-minute, LONGEST_OVERLAP + minute] {
        let refused = service
            .rotate_client_token(client.id, overlap, correlation())
            .await;
        assert_eq!(outcome(&refused), "invalid overlap out_of_range");
    }
    assert_eq!(world.rows().await, before);
}

/// The caller that a token makes at a node now; none where the node does not know it.
fn with_token(decider: &Decider, token: &str, world: &World) -> Option<ClientCaller> {
    let sent = SentToken {
        sha256: Digest::of(token.as_bytes()),
        at: world.now(),
    };
    let loaded = decider.service().snapshots().current();
    let client = loaded.client(&sent.sha256, sent.at)?;
    Some(ClientCaller {
        client: client.clone(),
        token: Some(sent),
        correlation: correlation(),
    })
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn both_tokens_are_valid_until_the_overlap_is_over(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let (_, other) = world.another_node().await;
    let mut file = world.directory.clients[0].clone();
    file.name = "another".to_owned();
    let (id, first) = world.service.register_client(&file, correlation()).await.unwrap();
    let hour = TimeDelta::hours(1);
    let rotated = world
        .service
        .rotate_client_token(id, hour, &administrator("petra.lindqvist"))
        .await
        .unwrap();
    assert_eq!(rotated.former_ends_at, Some(world.now() + hour));
    assert_ne!(rotated.token, first);
    other.service().snapshots().current_for_commands().await.unwrap();
    for token in [&first, &rotated.token] {
        let caller = with_token(&other, token, &world).unwrap();
        assert_eq!(asks(&other, &caller).await, "yes");
    }
    world
        .service
        .note_client_use(Digest::of(first.as_bytes()), world.now());
    world.service.store_client_uses().await.unwrap();
    let listed = world.service.list_clients(correlation()).await.unwrap();
    let tokens = &listed.iter().find(|one| one.client.id == id).unwrap().tokens;
    let seen: Vec<_> = tokens
        .iter()
        .map(|token| (token.ends_at, token.last_used_at))
        .collect();
    assert_eq!(seen, [(None, None), (rotated.former_ends_at, Some(world.now()))]);

    // No job has to run, and no node has to load, for it to end.
    world.hours_pass(1);
    assert!(with_token(&other, &first, &world).is_none());
    assert!(with_token(&other, &rotated.token, &world).is_some());
    let listed = world.service.list_clients(correlation()).await.unwrap();
    assert_eq!(
        listed
            .iter()
            .find(|one| one.client.id == id)
            .unwrap()
            .tokens
            .len(),
        1
    );
    assert_eq!(
        kinds(&world, id).await,
        ["client.registered", "client.token_rotated"]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn without_an_overlap_no_earlier_token_is_answered_by_a_node_that_has_not_heard_of_it(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (_, behind) = world.another_node().await;
    let mut file = world.directory.clients[0].clone();
    file.name = "another".to_owned();
    let (id, first) = world.service.register_client(&file, correlation()).await.unwrap();
    let day = TimeDelta::days(1);
    let second = world
        .service
        .rotate_client_token(id, day, correlation())
        .await
        .unwrap()
        .token;
    behind.service().snapshots().current_for_commands().await.unwrap();
    let earlier: Vec<_> = [&first, &second]
        .map(|token| with_token(&behind, token, &world).unwrap())
        .into();
    let zero = TimeDelta::zero();
    let third = world
        .service
        .rotate_client_token(id, zero, correlation())
        .await
        .unwrap();
    assert_eq!(third.former_ends_at, None);
    for caller in &earlier {
        assert_eq!(asks(&behind, caller).await, "forbidden client_revoked");
    }
    assert!(with_token(&behind, &third.token, &world).is_some());
    let decisions = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM decisions"#);
    assert_eq!(decisions.fetch_one(&world.owner).await.unwrap(), 0);

    world.service.revoke_client(correlation(), id).await.unwrap();
    assert!(with_token(&world.decider, &third.token, &world).is_none());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn uses_that_could_not_be_written_are_written_later(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let mut file = world.directory.clients[0].clone();
    file.name = "another".to_owned();
    let (id, token) = world.service.register_client(&file, correlation()).await.unwrap();
    world
        .service
        .note_client_use(Digest::of(token.as_bytes()), world.now());
    sqlx::raw_sql("REVOKE UPDATE ON clients FROM spillway_app")
        .execute(&world.owner)
        .await
        .unwrap();
    let refused = world.service.store_client_uses().await;
    assert!(matches!(refused, Err(ServiceError::Internal(_))), "{refused:?}");
    sqlx::raw_sql("GRANT UPDATE ON clients TO spillway_app")
        .execute(&world.owner)
        .await
        .unwrap();
    world.service.store_client_uses().await.unwrap();
    let listed = world.service.list_clients(correlation()).await.unwrap();
    let found = listed.iter().find(|one| one.client.id == id).unwrap();
    assert_eq!(found.tokens[0].last_used_at, Some(world.now()));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_administrator_ends_all_sessions_of_somebody_else(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let bob: PersonId = "bob.okafor".parse().unwrap();
    for person in ["bob.okafor", "bob.okafor", "petra.lindqvist"] {
        sqlx::query!(
            "INSERT INTO sessions (id_digest, created_at, last_seen_at, idle_expires_at, absolute_expires_at, person_id, iss,
                 sub, claims, pending)
             SELECT sha256(gen_random_uuid()::text::bytea), now(), now(), now() + '1 h', now() + '1 h', $1, iss, sub, '{}',
                 '{}' FROM sign_ins WHERE person_id = $1 LIMIT 1",
            person
        )
        .execute(&world.owner)
        .await
        .unwrap();
    }
    let petra = administrator("petra.lindqvist");
    assert_eq!(world.service.end_sessions(&bob, &petra).await.unwrap(), 2);
    assert_eq!(world.service.end_sessions(&bob, correlation()).await.unwrap(), 0);
    let left = sqlx::query_scalar!(r#"SELECT person_id AS "person!" FROM sessions"#);
    assert_eq!(left.fetch_all(&world.owner).await.unwrap(), ["petra.lindqvist"]);
    let recorded = sqlx::query!("SELECT actor_id, object_id FROM events WHERE kind = 'session.signed_out'");
    let recorded = recorded.fetch_one(&world.owner).await.unwrap();
    assert_eq!(
        (recorded.actor_id.as_str(), recorded.object_id.as_str()),
        ("petra.lindqvist", "bob.okafor")
    );
}
