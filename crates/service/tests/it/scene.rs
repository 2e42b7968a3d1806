//! One of everything, and every use case of people by name: what the tables are made of.

use crate::delegations::lending;
use crate::world::asking::{ask, submission};
use crate::world::breaking::{emergency, responder};
use crate::world::people::approver;
use crate::world::signalling::{monitor, signal};
use crate::world::telling::endpoint;
use crate::world::{World, bypass, deployment_bypass, outcome, to_manual};
use domain::approval::Verdict;
use domain::comment::Saying;
use domain::id::{
    AccessRequestId, DecisionId, DelegationId, DeliveryId, EndpointId, EventId, GrantId, OptOutId,
    PostReviewId,
};
use domain::notice::EndpointKind;
use domain::opt_out::SuspensionCause;
use domain::post_review::Finding;
use domain::signal::Risk;
use serde_json::json;
use service::approvals::VoteInput;
use service::audit::EventFilter;
use service::break_glass::EmergencyInput;
use service::bulk::BulkItem;
use service::caller::PersonCaller;
use service::comments::CommentOn;
use service::opt_outs::NarrowInput;
use service::signals::Received;
use sqlx::{AssertSqlSafe, Executor as _};

/// Alice asked for all of it: for herself on the ledger, and as an opt-out for Hanna.
pub struct Scene {
    pub denial: DecisionId,
    pub request: AccessRequestId,
    pub grant: GrantId,
    pub pending: OptOutId,
    pub bypass: OptOutId,
    pub to_manual: OptOutId,
    /// A rule that it names is taken to have changed, and back.
    pub suspended: OptOutId,
    /// What Jonas was refused, on another team's service.
    pub refused: DecisionId,
    /// Jonas broke the glass on payments, which is nobody's of the table but an approver elsewhere's.
    pub review: PostReviewId,
    /// A monitoring tool signalled about Hanna.
    pub signal: OptOutId,
    pub event: EventId,
    pub endpoint: EndpointId,
    off: EndpointId,
    pub dead: DeliveryId,
    /// Noor lent her votes to Mara, neither of whom is in the table.
    pub delegation: DelegationId,
}

/// What people can do, in the order of the tables.
pub const COMMANDS: [&str; 44] = [
    "look at the request",
    "approve the request",
    "deny the request",
    "withdraw the request",
    "ask about the request",
    "end the grant",
    "try an opt-out on what was decided",
    "ask for an opt-out",
    "look at the pending bypass",
    "approve the pending bypass",
    "reject the pending bypass",
    "withdraw the pending bypass",
    "comment on the pending bypass",
    "try to reject several at once",
    "revoke the bypass in force",
    "revoke the to_manual in force",
    "break the glass",
    "break the glass for what was refused",
    "look at the post-review",
    "conclude the post-review",
    "confirm the signal",
    "keep the bypass in force",
    "close the bypass in force",
    "renew the bypass in force",
    "ask for the suspended bypass again",
    "read the policy",
    "read the audit log",
    "look at an event",
    "explain the decision",
    "replace the directory",
    "revoke a client",
    "look at the endpoints",
    "look at the endpoint's secret",
    "register an endpoint",
    "give the endpoint a new secret",
    "disable the endpoint",
    "enable the endpoint that is off",
    "look at what has not arrived",
    "send a dead letter again",
    "send all dead letters again",
    "change how one is told",
    "look at delegations",
    "lend one's votes",
    "end another's delegation",
];

impl Scene {
    pub async fn set(world: &World) -> Self {
        let on_replica = ask(
            &world.decider,
            &world.gateway,
            "alice.meyer",
            "read",
            "database ledger-db-replica",
            json!({}),
        );
        let (granted, _) = world.files(submission(&on_replica.await)).await.unwrap();
        world.approves("ravi.patel", granted.id).await.unwrap();
        let denial = world.asks("alice.meyer", "read", "database ledger-db").await;
        let (request, _) = world.files(submission(&denial)).await.unwrap();
        let for_hanna = bypass("hanna.lindt", "read-needs-ticket", "database ledger-db");
        let pending = world.opts_out("alice.meyer", &for_hanna).await.unwrap();
        let standing = world.opts_out("alice.meyer", &for_hanna).await.unwrap();
        let strict = world
            .opts_out("alice.meyer", &to_manual("hanna.lindt"))
            .await
            .unwrap();
        let off = world.endpoint(EndpointKind::Teams, "").await;
        let petra = crate::world::people::administrator("petra.lindqvist");
        world.service.disable_endpoint(&petra, off).await.unwrap();
        let endpoint = world.endpoint(EndpointKind::Webhook, "").await;
        let fallen = world.opts_out("alice.meyer", &for_hanna).await.unwrap();
        for id in [standing.id, strict.id, fallen.id] {
            world.agrees("noor.aziz", id).await.unwrap();
            world.agrees("omar.haddad", id).await.unwrap();
        }
        let broken = world
            .breaks_glass("jonas.weber", &emergency("jonas.weber"))
            .await
            .unwrap();
        world
            .service
            .revoke_opt_out(&responder("jonas.weber"), broken.id, "It is over.")
            .await
            .unwrap();
        let refused = world.asks("jonas.weber", "admin", "service search-prod").await;
        asked_whether_needed(world, standing.id).await;
        let lent = world
            .service
            .make_delegation(&approver("noor.aziz"), &lending(world, "mara.silva"))
            .await
            .unwrap();
        is_suspended(world, fallen.id).await;
        let dead = world.everything_is_refused().await[0];
        let edr = monitor(world, "edr").await;
        let said = signal(world, Risk::High, "hanna.lindt", "case-1");
        let Received::Opened(signalled) = world.service.signal(&edr, &said).await.unwrap() else {
            panic!("HIGH opens");
        };
        let signal = signalled.id;
        let event = store::events::about(&world.app, &request.id.to_string())
            .await
            .unwrap()[0]
            .id;
        Self {
            denial: denial.id,
            refused: refused.id,
            request: request.id,
            grant: world.grant(granted.id).await.unwrap().id,
            pending: pending.id,
            bypass: standing.id,
            to_manual: strict.id,
            suspended: fallen.id,
            signal,
            review: world.review_of(broken.id).await.unwrap().id,
            event,
            endpoint,
            off,
            dead,
            delegation: lent.id,
        }
    }

    /// What the use case tells this caller.
    pub async fn told(&self, world: &World, caller: &PersonCaller, command: &str) -> String {
        let service = &world.service;
        let less = NarrowInput::default();
        let no = "Not like this";
        match command {
            "look at the request" => outcome(&service.access_request(caller, self.request).await),
            "approve the request" => outcome(
                &world
                    .votes_on_request(caller, self.request, VoteInput::approve())
                    .await,
            ),
            "deny the request" => outcome(
                &world
                    .votes_on_request(caller, self.request, VoteInput::deny(no))
                    .await,
            ),
            "withdraw the request" => outcome(&service.withdraw_access_request(caller, self.request).await),
            "ask about the request" => {
                let on = CommentOn::AccessRequest(self.request);
                outcome(&service.comment(caller, on, Saying::Question, no).await)
            }
            "comment on the pending bypass" => {
                let on = CommentOn::OptOut(self.pending);
                outcome(&service.comment(caller, on, Saying::Remark, no).await)
            }
            "try to reject several at once" => {
                let items = [
                    BulkItem::OptOut(self.pending),
                    BulkItem::AccessRequest(self.request),
                ];
                outcome(&service.check_at_once(caller, Verdict::Deny, &items).await)
            }
            "end the grant" => outcome(&service.end_grant(caller, self.grant, no).await),
            "try an opt-out on what was decided" => {
                outcome(&service.preview_opt_out(caller, &deployment_bypass()).await)
            }
            "ask for an opt-out" => outcome(&service.request_opt_out(caller, &deployment_bypass()).await),
            "look at the pending bypass" => outcome(&service.opt_out(caller, self.pending).await),
            "approve the pending bypass" => outcome(
                &world
                    .votes_on_opt_out(caller, self.pending, VoteInput::approve().narrowed(less))
                    .await,
            ),
            "reject the pending bypass" => outcome(
                &world
                    .votes_on_opt_out(caller, self.pending, VoteInput::deny(no).narrowed(less))
                    .await,
            ),
            "withdraw the pending bypass" => outcome(&service.withdraw_opt_out(caller, self.pending).await),
            "revoke the bypass in force" => outcome(&service.revoke_opt_out(caller, self.bypass, no).await),
            "revoke the to_manual in force" => {
                outcome(&service.revoke_opt_out(caller, self.to_manual, no).await)
            }
            "break the glass" => {
                let input = emergency(caller.person.as_str());
                outcome(&service.break_glass(caller, &input, world.fresh()).await)
            }
            "break the glass for what was refused" => {
                let input = EmergencyInput {
                    decision: self.refused,
                    confirmation: "search-prod".to_owned(),
                    reason: "Search is down.".to_owned(),
                    incident: "INC-4472".to_owned(),
                    length_secs: None,
                };
                let told = service
                    .break_glass_for_access(caller, &input, world.fresh())
                    .await;
                outcome(&told)
            }
            "look at the post-review" => outcome(&service.post_review(caller, self.review).await),
            "conclude the post-review" => outcome(
                &service
                    .conclude_post_review(caller, self.review, Finding::Justified, no)
                    .await,
            ),
            "confirm the signal" => outcome(&service.confirm_signal(caller, self.signal).await),
            "keep the bypass in force" => outcome(&service.keep_opt_out(caller, self.bypass, no).await),
            "close the bypass in force" => outcome(&service.close_opt_out(caller, self.bypass, no).await),
            "renew the bypass in force" => {
                let mut input = bypass("hanna.lindt", "read-needs-ticket", "database ledger-db");
                input.reason = "It goes on for longer than anybody thought, until the fix is out.".to_owned();
                input.renews = Some(self.bypass);
                input.length_secs = None;
                outcome(&service.request_opt_out(caller, &input).await)
            }
            "ask for the suspended bypass again" => {
                outcome(&service.ask_again(caller, self.suspended, no).await)
            }
            "read the policy" => outcome(&service.policy(caller)),
            "read the audit log" => outcome(&service.events(caller, EventFilter::default(), 10).await),
            "look at an event" => outcome(&service.event(caller, self.event).await),
            "explain the decision" => outcome(&service.explain_decision(caller, self.denial).await),
            "replace the directory" => {
                let mut directory = world.directory.clone();
                if let Some(team) = directory.teams.values_mut().next() {
                    team.title.push('!');
                }
                outcome(&service.administer_directory(caller, &directory).await)
            }
            "revoke a client" => outcome(&service.revoke_client(caller, world.psql.client.id).await),
            "look at the endpoints" => outcome(&service.endpoints(caller).await),
            "look at the endpoint's secret" => outcome(&service.endpoint(caller, self.endpoint, true).await),
            "register an endpoint" => outcome(
                &service
                    .register_endpoint(caller, &endpoint(EndpointKind::Slack, "Another", ""))
                    .await,
            ),
            "give the endpoint a new secret" => {
                outcome(&service.rotate_endpoint_secret(caller, self.endpoint).await)
            }
            "disable the endpoint" => outcome(&service.disable_endpoint(caller, self.endpoint).await),
            "enable the endpoint that is off" => outcome(&service.enable_endpoint(caller, self.off).await),
            "look at what has not arrived" => outcome(&service.undelivered(caller, None).await),
            "send a dead letter again" => outcome(&service.resend_delivery(caller, self.dead).await),
            "send all dead letters again" => {
                let way = self.endpoint.to_string().parse().unwrap();
                outcome(&service.resend_all(caller, way).await)
            }
            "change how one is told" => outcome(&world.sets(caller, "off", "", "").await),
            "look at delegations" => outcome(&service.delegations(caller).await),
            "lend one's votes" => outcome(
                &service
                    .make_delegation(caller, &lending(world, "yuki.mori"))
                    .await,
            ),
            "end another's delegation" => outcome(&service.end_delegation(caller, self.delegation).await),
            other => panic!("no command {other}"),
        }
    }
}

/// As the worker asks, without the fifty decisions that it takes.
async fn asked_whether_needed(world: &World, id: OptOutId) {
    let mut tx = world.service.begin().await.unwrap();
    let mut stored = store::opt_outs::for_update(&mut tx, id).await.unwrap().unwrap();
    let asked = stored.opt_out.clone().ask_whether_needed(world.now(), 0);
    stored.opt_out = asked.unwrap();
    store::opt_outs::update(&mut tx, &stored, true, world.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// As the worker suspends it.
async fn is_suspended(world: &World, id: OptOutId) {
    let mut tx = world.service.begin().await.unwrap();
    let mut stored = store::opt_outs::for_update(&mut tx, id).await.unwrap().unwrap();
    let cause = SuspensionCause::RuleChanged {
        rules: Default::default(),
    };
    stored.opt_out = stored.opt_out.suspend(cause, world.now(), 0).unwrap();
    store::opt_outs::update(&mut tx, &stored, true, world.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Nothing can be recorded in this table from now on.
pub async fn breaks(world: &World, table: &str) {
    let sql = format!("ALTER TABLE {table} ADD CONSTRAINT nothing_is_recorded CHECK (false) NOT VALID");
    world.owner.execute(AssertSqlSafe(sql)).await.unwrap();
}

pub async fn mends(world: &World, table: &str) {
    let sql = format!("ALTER TABLE {table} DROP CONSTRAINT nothing_is_recorded");
    world.owner.execute(AssertSqlSafe(sql)).await.unwrap();
}

/// What is told where all went well up to the record.
pub const BROKEN: &str = "internal constraint nothing_is_recorded refused";
