//! Glasses that are broken, and people who look at it afterwards.

use super::World;
use super::asking::{ask, principal, resource};
use super::people::{approver, person};
use chrono::TimeDelta;
use domain::access_request::AccessRequest;
use domain::break_glass::SignInProof;
use domain::decision::Decision;
use domain::opt_out::OptOut;
use domain::post_review::{Finding, PostReview, Reviewed};
use domain::role::Role;
use serde_json::json;
use service::ServiceError;
use service::break_glass::{BreakGlassInput, EmergencyInput};
use service::caller::PersonCaller;

pub const RULE: &str = "admin-needs-a-person";

/// Somebody who may break the glass.
pub fn responder(name: &str) -> PersonCaller {
    person(name, &[Role::Requester, Role::Responder])
}

/// Administering the payments service, in an incident.
pub fn emergency(who: &str) -> BreakGlassInput {
    BreakGlassInput {
        resource: resource("service payments-prod"),
        confirmation: "payments-prod".to_owned(),
        principal: principal(who),
        capability: Some("admin".parse().unwrap()),
        rules: [RULE.parse().unwrap()].into(),
        reason: "Card payments fail everywhere.".to_owned(),
        incident: "INC-4471".to_owned(),
        length_secs: None,
    }
}

pub fn lasting(who: &str, hours: i64) -> BreakGlassInput {
    BreakGlassInput {
        length_secs: Some(hours * 3_600),
        ..emergency(who)
    }
}

/// What was refused, in an incident.
pub fn emergency_access(refused: &Decision) -> EmergencyInput {
    EmergencyInput {
        decision: refused.id,
        confirmation: refused.input.resource.id.clone(),
        reason: "Card payments fail everywhere.".to_owned(),
        incident: "INC-4471".to_owned(),
        length_secs: None,
    }
}

pub fn access_lasting(refused: &Decision, hours: i64) -> EmergencyInput {
    EmergencyInput {
        length_secs: Some(hours * 3_600),
        ..emergency_access(refused)
    }
}

impl World {
    /// Signed in this minute.
    pub fn fresh(&self) -> SignInProof {
        self.signed_in(0, true)
    }

    pub fn signed_in(&self, minutes_ago: i64, provider_answers: bool) -> SignInProof {
        let at = Some(self.now() - TimeDelta::minutes(minutes_ago));
        SignInProof {
            proved_at: at,
            session_began_at: at,
            provider_answers,
        }
    }

    pub async fn breaks_glass(&self, who: &str, input: &BreakGlassInput) -> Result<OptOut, ServiceError> {
        self.service
            .break_glass(&responder(who), input, self.fresh())
            .await
    }

    /// Jonas is refused to administer the payments service: for each change, which binds, anew.
    pub async fn refused_admin(&self, commit: &str) -> Decision {
        let sent = json!({ "commit": commit });
        let on = "service payments-prod";
        let refused = ask(&self.decider, &self.gateway, "jonas.weber", "admin", on, sent).await;
        assert!(!refused.evaluation.answer);
        refused
    }

    /// The same again.
    pub async fn may_administer_with(&self, commit: &str) -> Decision {
        let sent = json!({ "commit": commit });
        let on = "service payments-prod";
        ask(&self.decider, &self.gateway, "jonas.weber", "admin", on, sent).await
    }

    pub async fn breaks_glass_for(
        &self,
        who: &str,
        input: &EmergencyInput,
    ) -> Result<AccessRequest, ServiceError> {
        self.service
            .break_glass_for_access(&responder(who), input, self.fresh())
            .await
    }

    /// Whether Jonas may administer the payments service without a person.
    pub async fn may_administer(&self) -> bool {
        self.asks("jonas.weber", "admin", "service payments-prod")
            .await
            .evaluation
            .answer
    }

    pub async fn review_of(&self, reviewed: impl Into<Reviewed>) -> Option<PostReview> {
        let found = store::post_reviews::of(&self.app, reviewed.into()).await.unwrap();
        found.map(|stored| stored.review)
    }

    pub async fn concludes(
        &self,
        caller: &PersonCaller,
        review: &PostReview,
    ) -> Result<PostReview, ServiceError> {
        self.service
            .conclude_post_review(caller, review.id, Finding::Justified, "It had to be done.")
            .await
    }

    /// A glass that was broken and looked at.
    pub async fn justified(&self, reviewed: impl Into<Reviewed>) -> PostReview {
        let review = self.review_of(reviewed).await.unwrap();
        self.concludes(&approver("bob.okafor"), &review).await.unwrap()
    }
}
