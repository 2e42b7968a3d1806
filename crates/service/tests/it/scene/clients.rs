//! What clients ask and tell.

use super::command::{commands, found};
use crate::world::asking::{principal, resource, submission};
use crate::world::signalling::signal;
use domain::enforcement::Done;
use domain::incident::IncidentState;
use domain::signal::Risk;
use serde_json::json;
use service::caller::ClientCaller;
use service::decisions::{Answered, Asked, Stop};
use service::enforcements::EnforcementInput;
use service::incidents::IncidentInput;
use service::opt_outs::AskedOver;
use std::collections::BTreeMap;

commands! { |scene, world, service, decider, caller: ClientCaller|
    "have a deployment decided" => decider.decide(caller, &[deployment()], Stop::Never).await,
        |answers| match answers.first() {
            Some(Answered::OutOfScope(_)) => "out of scope".to_owned(),
            answered => found(&answered),
        };
    "look at a decision" => service.client_decision(caller, scene.decided.decision.id).await, found;
    "file an access request" => service.submit_access_request(caller, submission(&scene.decided.decision)).await;
    "look at the request" => service.access_request_task(caller, scene.request).await;
    "cancel the request" => service.cancel_access_request(caller, scene.request, None).await;
    "report what was done" => service.report_enforcement(caller, &EnforcementInput {
        decision: scene.decided.decision.id,
        done: Done::Enforced,
        done_at: None,
        note: String::new(),
    }).await;
    "look at opt-outs over a deployment" => service.opt_outs_over(caller, &AskedOver {
        principal: principal("ci/payments"),
        capability: "deploy".parse().unwrap(),
        resource: resource("service payments-prod"),
    }).await;
    "look at the opt-out that a decision met" => service.opt_out_met(caller, scene.to_manual).await;
    "signal about a person" =>
        service.signal(caller, &signal(world, Risk::High, "liam.byrne", "case-2")).await;
    "tell of an incident" => service.tell_of_incident(caller, &IncidentInput {
        id: "INC-4473".to_owned(),
        state: IncidentState::Open,
        title: "Search is down".to_owned(),
    }).await;
}

pub(super) fn deployment() -> Asked {
    Asked {
        principal: principal("ci/payments"),
        resource: resource("service payments-prod"),
        capability: "deploy".parse().unwrap(),
        context: BTreeMap::new(),
        properties: BTreeMap::new(),
        approval: None,
        request: serde_json::value::to_raw_value(&json!({
            "subject": { "type": "workload", "id": "ci/payments" },
            "action": { "name": "deploy" },
            "resource": { "type": "service", "id": "payments-prod" },
            "context": {},
        }))
        .unwrap(),
    }
}
