//! Clients that ask and file, and people who vote on it.

use super::World;
use super::people::approver;
use domain::access_request::AccessRequest;
use domain::decision::Decision;
use domain::grant::Grant;
use domain::id::AccessRequestId;
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use serde_json::{Value, json};
use service::ServiceError;
use service::access_requests::{Submission, SubmitError};
use service::approvals::VoteInput;
use service::caller::ClientCaller;
use service::decisions::{Answered, Asked, Decider, Stop};
use std::collections::BTreeMap;

pub fn principal(name: &str) -> PrincipalRef {
    let kind = match name.split_once('/') {
        Some(("ci" | "job", _)) => PrincipalKind::Workload,
        Some(_) => PrincipalKind::Agent,
        None => PrincipalKind::Person,
    };
    PrincipalRef::new(kind, name).unwrap()
}

/// `service payments-prod`
pub fn resource(name: &str) -> ResourceRef {
    let (kind, id) = name.split_once(' ').unwrap();
    ResourceRef::new(kind, id).unwrap()
}

pub fn context(value: Value) -> BTreeMap<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// Asks on a node.
pub async fn ask(
    decider: &Decider,
    client: &ClientCaller,
    who: &str,
    what: &str,
    on: &str,
    sent: Value,
) -> Decision {
    let (principal, resource) = (principal(who), resource(on));
    let request = json!({
        "subject": { "type": principal.kind, "id": principal.id },
        "action": { "name": what },
        "resource": { "type": resource.kind, "id": resource.id },
        "context": sent,
    });
    let asked = Asked {
        principal,
        resource,
        capability: what.parse().unwrap(),
        context: context(sent),
        properties: BTreeMap::new(),
        approval: None,
        request: serde_json::value::to_raw_value(&request).unwrap(),
    };
    let mut answers = decider.decide(client, &[asked], Stop::Never).await.unwrap();
    match answers.pop().unwrap() {
        Answered::Decided(decided) => decided.decision,
        Answered::OutOfScope(why) => panic!("{why}"),
    }
}

/// What a client files on a denial, as it should be.
pub fn submission(denial: &Decision) -> Submission {
    Submission {
        principal: denial.input.principal.clone(),
        resource: denial.input.resource.clone(),
        capability: denial.input.capability.clone(),
        context: None,
        reason: "Release 4.2 mends the payout rounding".to_owned(),
        ticket: Some("PAY-812".to_owned()),
        from: None,
        until: None,
        denial: denial.id,
        client_says: BTreeMap::new(),
        idempotency: None,
    }
}

impl World {
    pub async fn asks(&self, who: &str, what: &str, on: &str) -> Decision {
        ask(&self.decider, &self.gateway, who, what, on, json!({})).await
    }

    /// The pipeline of payments asks to deploy to production: a review, asked of one of payments' owners.
    pub async fn denied_deployment(&self) -> Decision {
        let denial = self.asks("ci/payments", "deploy", "service payments-prod").await;
        assert!(!denial.evaluation.answer, "the deployment needs a person");
        denial
    }

    pub async fn may_deploy(&self) -> bool {
        self.asks("ci/payments", "deploy", "service payments-prod")
            .await
            .evaluation
            .answer
    }

    pub async fn files(&self, submission: Submission) -> Result<(AccessRequest, bool), SubmitError> {
        self.service
            .submit_access_request(&self.gateway, submission)
            .await
    }

    pub async fn requested_deployment(&self) -> AccessRequest {
        let denial = self.denied_deployment().await;
        self.files(submission(&denial)).await.unwrap().0
    }

    /// The same once more, after the first is settled: another commit.
    pub async fn requested_deployment_again(&self) -> AccessRequest {
        self.requested_deployment_of(json!({ "commit": "another" })).await
    }

    /// The same, started by a person whom the gateway vouches for.
    pub async fn requested_deployment_by(&self, who: &str) -> AccessRequest {
        self.requested_deployment_of(json!({ "initiator": who, "commit": who }))
            .await
    }

    async fn requested_deployment_of(&self, sent: Value) -> AccessRequest {
        let (who, on) = ("ci/payments", "service payments-prod");
        let denial = ask(&self.decider, &self.gateway, who, "deploy", on, sent).await;
        self.files(submission(&denial)).await.unwrap().0
    }

    pub async fn approves(&self, who: &str, request: AccessRequestId) -> Result<AccessRequest, ServiceError> {
        self.votes_on_request(&approver(who), request, VoteInput::approve())
            .await
    }

    pub async fn denies(&self, who: &str, request: AccessRequestId) -> Result<AccessRequest, ServiceError> {
        self.votes_on_request(&approver(who), request, VoteInput::deny("Not before the audit"))
            .await
    }

    pub async fn grant(&self, request: AccessRequestId) -> Option<Grant> {
        store::grants::of_request(&self.app, request).await.unwrap()
    }

    /// A deployment that was approved.
    pub async fn granted_deployment(&self) -> Grant {
        let request = self.requested_deployment().await;
        self.approves("bob.okafor", request.id).await.unwrap();
        self.grant(request.id).await.unwrap()
    }
}
