//! What people change, each with an event in the ledger.

use super::NO;
use super::command::commands;
use crate::delegations::lending;
use crate::world::breaking::emergency;
use crate::world::telling::endpoint;
use crate::world::voting::{on_opt_out, on_request};
use crate::world::{bypass, deployment_bypass};
use domain::client::Client;
use domain::comment::Saying;
use domain::notice::EndpointKind;
use domain::post_review::Finding;
use serde_json::json;
use service::approvals::VoteInput;
use service::caller::PersonCaller;
use service::comments::CommentOn;
use service::directory::{ClientFile, DirectoryFile};
use service::notices::PreferencesInput;
use service::opt_outs::{NarrowInput, OptOutInput};

commands! { |scene, world, service, decider, caller: PersonCaller|
    "approve the request" => service.vote_on_access_request(
        caller, scene.request, on_request(service, caller, scene.request, VoteInput::approve()).await,
    ).await;
    "deny the request" => service.vote_on_access_request(
        caller, scene.request, on_request(service, caller, scene.request, VoteInput::deny(NO)).await,
    ).await;
    "withdraw the request" => service.withdraw_access_request(caller, scene.request).await;
    "ask about the request" =>
        service.comment(caller, CommentOn::AccessRequest(scene.request), Saying::Question, NO).await;
    "end the grant" => service.end_grant(caller, scene.grant, NO).await;
    "ask for an opt-out" => service.request_opt_out(caller, &deployment_bypass()).await;
    "approve the pending bypass" => service.vote_on_opt_out(
        caller, scene.pending, on_opt_out(service, caller, scene.pending, narrowed(VoteInput::approve())).await,
    ).await;
    "reject the pending bypass" => service.vote_on_opt_out(
        caller, scene.pending, on_opt_out(service, caller, scene.pending, narrowed(VoteInput::deny(NO))).await,
    ).await;
    "withdraw the pending bypass" => service.withdraw_opt_out(caller, scene.pending).await;
    "comment on the pending bypass" =>
        service.comment(caller, CommentOn::OptOut(scene.pending), Saying::Remark, NO).await;
    "revoke the bypass in force" => service.revoke_opt_out(caller, scene.bypass, NO).await;
    "revoke the to_manual in force" => service.revoke_opt_out(caller, scene.to_manual, NO).await;
    "break the glass" =>
        service.break_glass(caller, &emergency(caller.person.as_str()), world.fresh()).await;
    "break the glass for what was refused" =>
        service.break_glass_for_access(caller, &scene.emergency_access(), world.fresh()).await;
    "conclude the post-review" =>
        service.conclude_post_review(caller, scene.review, Finding::Justified, NO).await;
    "confirm the signal" => service.confirm_signal(caller, scene.signal).await;
    "keep the bypass in force" => service.keep_opt_out(caller, scene.bypass, NO).await;
    "close the bypass in force" => service.close_opt_out(caller, scene.bypass, NO).await;
    "renew the bypass in force" => service.request_opt_out(caller, &OptOutInput {
        reason: "It goes on for longer than anybody thought, until the fix is out.".to_owned(),
        renews: Some(scene.bypass),
        length_secs: None,
        ..bypass("hanna.lindt", "read-needs-ticket", "database ledger-db")
    }).await;
    "ask for the suspended bypass again" => service.ask_again(caller, scene.suspended, NO).await;
    "replace the directory" => service.administer_directory(caller, &retitled(&world.directory)).await;
    "register a client" => service.register_client(&another(&world.directory), caller).await;
    "change a client" => service.change_client(without_trust(&world.gateway.client), caller).await;
    "rotate a client's token" =>
        service.rotate_client_token(world.psql.client.id, chrono::TimeDelta::zero(), caller).await;
    "revoke a client" => service.revoke_client(caller, world.psql.client.id).await;
    "register an endpoint" =>
        service.register_endpoint(caller, &endpoint(EndpointKind::Slack, "Another", "")).await;
    "give the endpoint a new secret" => service.rotate_endpoint_secret(caller, scene.endpoint).await;
    "disable the endpoint" => service.disable_endpoint(caller, scene.endpoint).await;
    "enable the endpoint that is off" => service.enable_endpoint(caller, scene.off).await;
    "send a dead letter again" => service.resend_delivery(caller, scene.dead).await;
    "send all dead letters again" =>
        service.resend_all(caller, scene.endpoint.to_string().parse().unwrap()).await;
    "change how one is told" => service.set_notice_preferences(caller, &PreferencesInput {
        mail: "off".to_owned(),
        digest_at: "08:00".to_owned(),
        quiet_from: String::new(),
        quiet_until: String::new(),
        zone: "Europe/Berlin".to_owned(),
    }).await;
    "lend one's votes" => service.make_delegation(caller, &lending(world, "yuki.mori")).await;
    "end another's delegation" => service.end_delegation(caller, scene.delegation).await;
    "sign in" => service.record_sign_in(caller, json!({ "acr": "mfa" })).await;
}

/// By nothing: it is the form of who may narrow.
fn narrowed(vote: VoteInput) -> VoteInput {
    vote.narrowed(NarrowInput::default())
}

fn retitled(directory: &DirectoryFile) -> DirectoryFile {
    let mut directory = directory.clone();
    if let Some(team) = directory.teams.values_mut().next() {
        team.title.push('!');
    }
    directory
}

fn another(directory: &DirectoryFile) -> ClientFile {
    ClientFile {
        name: "another-gateway".to_owned(),
        ..directory.clients[0].clone()
    }
}

fn without_trust(client: &Client) -> Client {
    Client {
        trusted_keys: Default::default(),
        ..client.clone()
    }
}
