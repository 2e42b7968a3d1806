//! Every command writes exactly its events, in its own transaction, or nothing at all.

use crate::delegations::lending;
use crate::scene::{BROKEN, Scene, WRITES, breaks, mends};
use crate::world::asking::{ask, submission};
use crate::world::breaking::{emergency, emergency_access, responder};
use crate::world::incidents::{tells, tool};
use crate::world::people::{administrator, approver, requester};
use crate::world::signalling::{monitor, signal};
use crate::world::{World, bypass, correlation, deployment_bypass, outcome, to_manual};
use domain::approval::Verdict;
use domain::comment::Saying;
use domain::enforcement::Done;
use domain::id::EventId;
use domain::incident::IncidentState;
use domain::notice::EndpointKind;
use domain::signal::Risk;
use serde_json::json;
use service::approvals::VoteInput;
use service::bulk::BulkItem;
use service::caller::PersonCaller;
use service::comments::CommentOn;
use service::enforcements::EnforcementInput;
use service::signals::Received;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::fmt::Write as _;

/// Events that were recorded since the last time, oldest first.
struct Recorded {
    last: Option<EventId>,
    table: String,
}

impl Recorded {
    async fn of<T>(&mut self, world: &World, command: &str, done: T) -> T {
        let all = store::events::list(&world.app, &Default::default(), 1_000)
            .await
            .unwrap();
        let new: Vec<&str> = all
            .iter()
            .take_while(|event| Some(event.id) != self.last)
            .map(|event| event.kind.as_str())
            .collect();
        self.last = all.first().map(|event| event.id);
        if !command.is_empty() {
            let new: Vec<&str> = new.into_iter().rev().collect();
            writeln!(self.table, "{command:<55} {}", new.join(", ")).unwrap();
        }
        done
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn each_command_records_just_its_events(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let mut recorded = Recorded {
        last: None,
        table: String::new(),
    };
    recorded.of(&world, "", ()).await;
    let (bob, mara, omar, alice) = (
        approver("bob.okafor"),
        approver("mara.silva"),
        approver("omar.haddad"),
        requester("alice.meyer"),
    );

    let denial = world.denied_deployment().await;
    recorded
        .of(&world, "a decision (its own record is its event)", ())
        .await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    recorded.of(&world, "submit an access request", ()).await;
    world.files(submission(&denial)).await.unwrap();
    recorded.of(&world, "submit it again", ()).await;
    world.service.access_request(&bob, request.id).await.unwrap();
    world.service.inbox(&bob).await.unwrap();
    recorded.of(&world, "look at it", ()).await;
    assert_eq!(
        outcome(&world.approves("jonas.weber", request.id).await),
        "forbidden excluded"
    );
    recorded.of(&world, "a vote that is refused", ()).await;
    world.approves("bob.okafor", request.id).await.unwrap();
    recorded
        .of(&world, "approve an access request, last vote", ())
        .await;
    let grant = world.grant(request.id).await.unwrap();
    world.service.end_grant(&mara, grant.id, "Over").await.unwrap();
    recorded.of(&world, "take a grant back", ()).await;

    let request = world.requested_deployment().await;
    recorded.of(&world, "", ()).await;
    let on = CommentOn::AccessRequest(request.id);
    let asked = world
        .service
        .comment(&bob, on, Saying::Question, "Which release?")
        .await
        .unwrap();
    recorded.of(&world, "ask about an access request", ()).await;
    world
        .service
        .comment(&approver("jonas.weber"), on, Saying::Answer(asked.id), "4.12.0")
        .await
        .unwrap();
    recorded.of(&world, "answer it", ()).await;
    world.denies("bob.okafor", request.id).await.unwrap();
    recorded.of(&world, "deny an access request", ()).await;
    let request = world.requested_deployment().await;
    recorded.of(&world, "", ()).await;
    world
        .service
        .cancel_access_request(&world.gateway, request.id, None)
        .await
        .unwrap();
    recorded.of(&world, "cancel an access request", ()).await;

    let started = json!({ "initiator": "jonas.weber", "commit": "4f1c" });
    let denial = ask(
        &world.decider,
        &world.gateway,
        "ci/payments",
        "deploy",
        "service payments-prod",
        started,
    )
    .await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    world.approves("bob.okafor", request.id).await.unwrap();
    recorded.of(&world, "", ()).await;
    let grant = world.grant(request.id).await.unwrap();
    world
        .service
        .end_grant(&requester("jonas.weber"), grant.id, "")
        .await
        .unwrap();
    recorded.of(&world, "give a grant back", ()).await;

    let vote = async |caller: &PersonCaller, id, verdict| {
        world
            .votes_on_opt_out(caller, id, VoteInput::new(verdict, "As agreed"))
            .await
            .unwrap()
    };
    let opt_out = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    recorded.of(&world, "ask for an opt-out", ()).await;
    vote(&bob, opt_out.id, Verdict::Approve).await;
    recorded.of(&world, "approve an opt-out, first stage", ()).await;
    vote(&omar, opt_out.id, Verdict::Approve).await;
    recorded.of(&world, "approve an opt-out, last stage", ()).await;
    world
        .service
        .revoke_opt_out(&alice, opt_out.id, "Over")
        .await
        .unwrap();
    recorded.of(&world, "revoke an opt-out", ()).await;
    let opt_out = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    recorded.of(&world, "", ()).await;
    vote(&bob, opt_out.id, Verdict::Deny).await;
    recorded.of(&world, "reject an opt-out", ()).await;
    let opt_out = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    recorded.of(&world, "", ()).await;
    world.service.withdraw_opt_out(&alice, opt_out.id).await.unwrap();
    recorded.of(&world, "withdraw an opt-out", ()).await;
    several_at_once(&world, &mut recorded).await;
    after_one_approval(&world, &mut recorded).await;
    world
        .service
        .preview_opt_out(&alice, &deployment_bypass())
        .await
        .unwrap();
    world
        .service
        .check_opt_out(&alice, &deployment_bypass())
        .await
        .unwrap();
    recorded.of(&world, "try an opt-out", ()).await;

    let broken = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    recorded.of(&world, "break the glass", ()).await;
    world.hours_pass(1);
    world.justified(broken.id).await;
    recorded.of(&world, "conclude a post-review", ()).await;
    let refused = world.refused_admin("4f1c").await;
    recorded.of(&world, "", ()).await;
    let given = world
        .breaks_glass_for("jonas.weber", &emergency_access(&refused))
        .await
        .unwrap();
    recorded
        .of(&world, "break the glass for what was refused", ())
        .await;
    let grant = world.grant(given.id).await.unwrap();
    world
        .service
        .end_grant(&requester("jonas.weber"), grant.id, "Over")
        .await
        .unwrap();
    world.justified(given.id).await;
    recorded
        .of(&world, "look at it afterwards, and give it back", ())
        .await;

    let edr = monitor(&world, "edr").await;
    recorded.of(&world, "", ()).await;
    let high = signal(&world, Risk::High, "hanna.lindt", "case-1");
    let Received::Opened(signalled) = world.service.signal(&edr, &high).await.unwrap() else {
        panic!("HIGH opens");
    };
    recorded.of(&world, "signal HIGH", ()).await;
    world.service.signal(&edr, &high).await.unwrap();
    recorded.of(&world, "signal the same again", ()).await;
    world
        .service
        .confirm_signal(&approver("ravi.patel"), signalled.id)
        .await
        .unwrap();
    recorded.of(&world, "confirm a signal", ()).await;
    let low = signal(&world, Risk::Low, "hanna.lindt", "case-1");
    world.service.signal(&edr, &low).await.unwrap();
    recorded.of(&world, "signal LOW", ()).await;
    let pager = tool(&world, "pager").await;
    recorded.of(&world, "", ()).await;
    for (state, what) in [
        (IncidentState::Open, "tell of an incident"),
        (IncidentState::Open, "tell the same of it again"),
        (IncidentState::Resolved, "tell that it is over"),
    ] {
        tells(&world, &pager, state).await.unwrap();
        recorded.of(&world, what, ()).await;
    }
    let done = EnforcementInput {
        decision: denial.id,
        done: Done::Enforced,
        done_at: None,
        note: String::new(),
    };
    world
        .service
        .report_enforcement(&world.gateway, &done)
        .await
        .unwrap();
    recorded.of(&world, "report what was done", ()).await;

    world
        .service
        .record_sign_in(&alice, json!({ "acr": "mfa" }))
        .await
        .unwrap();
    recorded.of(&world, "sign in", ()).await;
    world
        .service
        .record_sign_out(&alice.person, "owner", correlation())
        .await
        .unwrap();
    recorded.of(&world, "sign out", ()).await;

    // Ends that come by themselves, each reported once.
    let short = ask(
        &world.decider,
        &world.gateway,
        "alice.meyer",
        "read",
        "database ledger-db",
        json!({}),
    )
    .await;
    let (granted, _) = world.files(submission(&short)).await.unwrap();
    world.approves("ravi.patel", granted.id).await.unwrap();
    world.requested_deployment().await;
    let mut once = deployment_bypass();
    once.max_uses = Some(1);
    world.bypass_in_force(&once).await;
    assert!(world.may_deploy().await);
    world.bypass_in_force(&deployment_bypass()).await;
    world
        .opts_out("dana.roth", &to_manual("alice.meyer"))
        .await
        .unwrap();
    recorded.of(&world, "", ()).await;
    world.hours_pass(24 * 5);
    assert!(!world.may_deploy().await);
    recorded.of(&world, "five days pass", ()).await;
    world.service.report_ends().await.unwrap();
    recorded.of(&world, "report ends", ()).await;
    world.service.report_ends().await.unwrap();
    recorded.of(&world, "report ends again", ()).await;

    let voided = world.requested_deployment().await;
    recorded.of(&world, "", ()).await;
    let refuses = "context.capability == \"deploy\" && !principal.protected_branch";
    world
        .policy_changes("rules/access.cedar", refuses, "context.capability == \"deploy\"")
        .await;
    recorded.of(&world, "publish a policy version", ()).await;
    world
        .service
        .publish_policy(&world.policy, correlation())
        .await
        .unwrap();
    recorded.of(&world, "publish the same again", ()).await;
    world
        .votes_on_request(&bob, voided.id, VoteInput::approve())
        .await
        .unwrap();
    recorded
        .of(&world, "vote on what policy refuses by now", ())
        .await;
    let petra = administrator("petra.lindqvist");
    world
        .service
        .administer_directory(&petra, &world.directory)
        .await
        .unwrap();
    recorded.of(&world, "replace the directory by the same", ()).await;
    let mut directory = world.directory.clone();
    directory.teams.values_mut().next().unwrap().title.push('!');
    world
        .service
        .administer_directory(&petra, &directory)
        .await
        .unwrap();
    recorded.of(&world, "replace the directory", ()).await;
    let console = world
        .directory
        .clients
        .iter()
        .find(|client| client.name == "console")
        .unwrap();
    let (id, _) = world
        .service
        .register_client(console, correlation())
        .await
        .unwrap();
    recorded.of(&world, "register a client", ()).await;
    world.service.revoke_client(&petra, id).await.unwrap();
    recorded.of(&world, "revoke a client", ()).await;

    let endpoint = world.endpoint(EndpointKind::Webhook, "").await;
    recorded.of(&world, "register an endpoint", ()).await;
    world
        .service
        .rotate_endpoint_secret(&petra, endpoint)
        .await
        .unwrap();
    recorded.of(&world, "give it a new secret", ()).await;
    let denial = world.asks("alice.meyer", "read", "database ledger-db").await;
    world.files(submission(&denial)).await.unwrap();
    recorded.of(&world, "", ()).await;
    let dead = world.everything_is_refused().await;
    recorded.of(&world, "what is sent is refused", ()).await;
    world.service.resend_delivery(&petra, dead[0]).await.unwrap();
    recorded.of(&world, "send a dead letter again", ()).await;
    world.service.disable_endpoint(&petra, endpoint).await.unwrap();
    recorded.of(&world, "disable an endpoint", ()).await;
    world.service.enable_endpoint(&petra, endpoint).await.unwrap();
    recorded.of(&world, "take it into use again", ()).await;
    world.everything_is_refused().await;
    recorded.of(&world, "", ()).await;
    let way = endpoint.to_string().parse().unwrap();
    world.service.resend_all(&petra, way).await.unwrap();
    recorded.of(&world, "send all dead letters again", ()).await;
    world.sets(&alice, "daily", "", "").await.unwrap();
    recorded.of(&world, "change how one is told", ()).await;
    world.service.notices(&bob, None, 50).await.unwrap();
    recorded.of(&world, "look at one's notices", ()).await;

    let lent = lending(&world, "ravi.patel");
    let lent = world.service.make_delegation(&bob, &lent).await.unwrap();
    recorded.of(&world, "lend one's votes", ()).await;
    world.service.end_delegation(&bob, lent.id).await.unwrap();
    recorded.of(&world, "end a delegation", ()).await;
    world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    recorded.of(&world, "", ()).await;
    world.service.escalate_silence().await.unwrap();
    recorded.of(&world, "escalate before its time", ()).await;
    world.hours_pass(8);
    world.service.escalate_silence().await.unwrap();
    recorded.of(&world, "escalate", ()).await;

    insta::assert_snapshot!(recorded.table);
    committed_together(&world).await;
}

/// A vote each, and a remark on an opt-out.
async fn several_at_once(world: &World, recorded: &mut Recorded) {
    let mut items = Vec::new();
    for who in ["jonas.weber", "hanna.lindt"] {
        let asked = bypass(who, "known-network", "service payments-staging");
        items.push(BulkItem::OptOut(
            world.opts_out("alice.meyer", &asked).await.unwrap().id,
        ));
    }
    recorded.of(world, "", ()).await;
    if let Some(BulkItem::OptOut(id)) = items.first() {
        world
            .service
            .comment(
                &requester("alice.meyer"),
                CommentOn::OptOut(*id),
                Saying::Remark,
                "Until noon",
            )
            .await
            .unwrap();
    }
    recorded.of(world, "comment on an opt-out", ()).await;
    world
        .service
        .decide_at_once(&approver("bob.okafor"), Verdict::Deny, "Use the network", &items)
        .await
        .unwrap();
    recorded.of(world, "reject two opt-outs at once", ()).await;
}

/// Renewing, and closing what is not needed.
async fn after_one_approval(world: &World, recorded: &mut Recorded) {
    let alice = requester("alice.meyer");
    let first = world.bypass_in_force(&deployment_bypass()).await;
    recorded.of(world, "", ()).await;
    let mut again = deployment_bypass();
    again.reason =
        "The fix is in review since noon; the payout job runs twice more before it is out.".to_owned();
    again.renews = Some(first.id);
    again.length_secs = None;
    let renewal = world.opts_out("alice.meyer", &again).await.unwrap();
    recorded.of(world, "ask for a renewal", ()).await;
    world.agrees("bob.okafor", renewal.id).await.unwrap();
    recorded.of(world, "", ()).await;
    world.agrees("omar.haddad", renewal.id).await.unwrap();
    recorded.of(world, "approve a renewal, last stage", ()).await;
    for id in [renewal.id, first.id] {
        world.service.close_opt_out(&alice, id, "").await.unwrap();
        recorded.of(world, "close a bypass that is not needed", ()).await;
    }
    let staging = || world.asks("ci/payments", "deploy", "service payments-staging");
    let mut idle = bypass(
        "ci/payments",
        "no-unattended-prod-deploy",
        "service payments-staging",
    );
    idle.length_secs = Some(14 * 86_400);
    let idle = world.opts_out("alice.meyer", &idle).await.unwrap().id;
    world.agrees("bob.okafor", idle).await.unwrap();
    recorded.of(world, "", ()).await;
    for _ in 0..50 {
        staging().await;
    }
    world.service.ask_about_needless().await.unwrap();
    recorded.of(world, "ask whether a bypass is needed", ()).await;
    world.service.ask_about_needless().await.unwrap();
    recorded.of(world, "ask again", ()).await;
    world.minutes_pass(1);
    world
        .service
        .keep_opt_out(&alice, idle, "For Friday")
        .await
        .unwrap();
    recorded.of(world, "keep it", ()).await;
    for _ in 0..50 {
        staging().await;
    }
    world.service.ask_about_needless().await.unwrap();
    world.hours_pass(24 * 7);
    world.service.report_ends().await.unwrap();
    recorded
        .of(world, "ask once more, and nobody answers for a week", ())
        .await;
}

/// Each event's leaf, and the row that it is about, were written by the event's own transaction.
async fn committed_together(world: &World) {
    let apart = sqlx::query_scalar!(
        r#"SELECT count(*) AS "apart!" FROM events e
           WHERE NOT EXISTS (SELECT FROM ledger_pending p
                             WHERE p.xmin = e.xmin AND position(e.leaf_hash IN p.hashes) > 0)"#
    );
    assert_eq!(
        apart.fetch_one(&world.app).await.unwrap(),
        0,
        "a leaf in another transaction"
    );
    let silent = sqlx::query!(
        r#"SELECT rows.what AS "what!", rows.id AS "id!" FROM (
               SELECT 'access_requests' AS what, id, xmin FROM access_requests
               UNION ALL SELECT 'grants', id, xmin FROM grants
               UNION ALL SELECT 'opt_outs', id, xmin FROM opt_outs WHERE uses = 0
               UNION ALL SELECT 'budget_charges', opt_out_id, xmin FROM budget_charges
               UNION ALL SELECT 'votes', id, xmin FROM votes
               UNION ALL SELECT 'comments', id, xmin FROM comments
               UNION ALL SELECT 'delegations', id, xmin FROM delegations
               UNION ALL SELECT 'post_reviews', id, xmin FROM post_reviews
               UNION ALL SELECT 'signals', opt_out_id, xmin FROM signals
               UNION ALL SELECT 'enforcements', decision_id, xmin FROM enforcements
               UNION ALL SELECT 'break_glass_spells', broken_id, xmin FROM break_glass_spells
               UNION ALL SELECT 'notices', id, xmin FROM notices
               UNION ALL SELECT 'notice_endpoints', id, xmin FROM notice_endpoints
               UNION ALL SELECT 'clients', id, xmin FROM clients) AS rows
           WHERE NOT EXISTS (SELECT FROM events e WHERE e.xmin = rows.xmin)"#
    );
    let silent = silent.fetch_all(&world.app).await.unwrap();
    assert!(silent.is_empty(), "changed without an event: {silent:?}");
}

fn rightful(command: &str) -> PersonCaller {
    match command {
        "approve the request"
        | "deny the request"
        | "approve the pending bypass"
        | "reject the pending bypass"
        | "lend one's votes"
        | "ask about the request" => approver("ravi.patel"),
        "end another's delegation" => administrator("petra.lindqvist"),
        "break the glass" | "break the glass for what was refused" => responder("jonas.weber"),
        "conclude the post-review" => approver("bob.okafor"),
        "replace the directory"
        | "register a client"
        | "change a client"
        | "rotate a client's token"
        | "revoke a client"
        | "register an endpoint"
        | "give the endpoint a new secret"
        | "disable the endpoint"
        | "enable the endpoint that is off"
        | "send all dead letters again"
        | "send a dead letter again" => administrator("petra.lindqvist"),
        "confirm the signal" => approver("ravi.patel"),
        "revoke the bypass in force" | "revoke the to_manual in force" => approver("omar.haddad"),
        _ => requester("alice.meyer"),
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn where_the_record_fails_nothing_has_happened(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let scene = Scene::set(&world).await;
    let before = (world.rows().await, contents(&world).await);
    for table in ["events", "ledger_pending"] {
        breaks(&world, table).await;
        for command in WRITES {
            let told = (command.run)(&scene, &world, &rightful(command.name)).await;
            assert_eq!(told, BROKEN, "{}", command.name);
        }
        let cancelled = world
            .service
            .cancel_access_request(&world.gateway, scene.request, None)
            .await;
        assert_eq!(outcome(&cancelled), BROKEN);
        world.clock.advance(chrono::TimeDelta::days(30));
        assert_eq!(outcome(&world.service.report_ends().await), BROKEN);
        world.clock.advance(chrono::TimeDelta::days(-30));
        assert_eq!((world.rows().await, contents(&world).await), before);
        mends(&world, table).await;
    }
    // And it goes on as if nothing had been.
    let approved = world
        .votes_on_request(&approver("ravi.patel"), scene.request, VoteInput::approve())
        .await;
    assert_eq!(outcome(&approved), "done");
}

/// Digests of everything that commands change.
async fn contents(world: &World) -> Vec<String> {
    sqlx::query_scalar!(
        r#"SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) AS "digest!" FROM opt_outs r
           UNION ALL SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM budget_charges r
           UNION ALL SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM access_requests r
           UNION ALL SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM grants r
           UNION ALL SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM post_reviews r
           UNION ALL SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM break_glass_spells r
           UNION ALL SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM signals r
           UNION ALL SELECT md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), '')) FROM comments r
           UNION ALL SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM clients r
           UNION ALL SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM deliveries r
           UNION ALL SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM notice_endpoints r
           UNION ALL SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM principals r
           UNION ALL SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM group_members r"#
    )
    .fetch_all(&world.app)
    .await
    .unwrap()
}
