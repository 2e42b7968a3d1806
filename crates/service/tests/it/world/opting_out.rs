//! Opt-outs, and people who vote on them.

use super::World;
use super::asking::{principal, resource};
use super::people::{approver, requester};
use domain::id::OptOutId;
use domain::opt_out::{Direction, OptOut};
use domain::scope::{PrincipalSelector, ResourceSelector, Scope};
use service::ServiceError;
use service::approvals::VoteInput;
use service::opt_outs::{NarrowInput, OptOutInput};

const REASON: &str = "Incident 311: the payout job must go out while the approvers are asleep.";

/// A bypass of one rule for one principal on one resource, 4 hours long.
pub fn bypass(who: &str, rule: &str, on: &str) -> OptOutInput {
    OptOutInput {
        scenario: "false-positive".parse().unwrap(),
        direction: Direction::Bypass,
        title: "Payout fix".to_owned(),
        scope: Scope {
            principals: Some([PrincipalSelector::Id(principal(who))].into()),
            resources: Some([ResourceSelector::Id(resource(on))].into()),
            capabilities: None,
            rules: [rule.parse().unwrap()].into(),
        },
        reason: REASON.to_owned(),
        ticket: None,
        starts_at: None,
        ends_at: None,
        length_secs: Some(4 * 3_600),
        recurrence: None,
        zone: None,
        max_uses: None,
        details: Default::default(),
        renews: None,
        premise: None,
    }
}

/// A principal or a group (`group:…`) out of the automation, for a day.
pub fn to_manual(who: &str) -> OptOutInput {
    let selector = match who.strip_prefix("group:") {
        Some(group) => PrincipalSelector::Group(group.parse().unwrap()),
        None => PrincipalSelector::Id(principal(who)),
    };
    OptOutInput {
        scenario: "flagged-principal".parse().unwrap(),
        direction: Direction::ToManual,
        title: "Looked into".to_owned(),
        scope: Scope {
            principals: Some([selector].into()),
            ..Scope::default()
        },
        reason: REASON.to_owned(),
        ticket: None,
        starts_at: None,
        ends_at: None,
        length_secs: Some(86_400),
        recurrence: None,
        zone: None,
        max_uses: None,
        details: Default::default(),
        renews: None,
        premise: None,
    }
}

/// The pipeline's deployments without a person: tier critical, owners of payments and security decide.
pub fn deployment_bypass() -> OptOutInput {
    bypass(
        "ci/payments",
        "no-unattended-prod-deploy",
        "service payments-prod",
    )
}

impl World {
    pub async fn opts_out(&self, who: &str, input: &OptOutInput) -> Result<OptOut, ServiceError> {
        self.service.request_opt_out(&requester(who), input).await
    }

    pub async fn agrees(&self, who: &str, id: OptOutId) -> Result<OptOut, ServiceError> {
        self.agrees_to_less(who, id, NarrowInput::default()).await
    }

    pub async fn agrees_to_less(
        &self,
        who: &str,
        id: OptOutId,
        less: NarrowInput,
    ) -> Result<OptOut, ServiceError> {
        self.votes_on_opt_out(&approver(who), id, VoteInput::approve().narrowed(less))
            .await
    }

    pub async fn rejects(&self, who: &str, id: OptOutId) -> Result<OptOut, ServiceError> {
        self.votes_on_opt_out(&approver(who), id, VoteInput::deny("Wake somebody up"))
            .await
    }

    /// A bypass of the demo's critical deployment rule that is in force: bob for the owners, omar for security.
    pub async fn bypass_in_force(&self, input: &OptOutInput) -> OptOut {
        let opt_out = self.opts_out("alice.meyer", input).await.unwrap();
        self.agrees("bob.okafor", opt_out.id).await.unwrap();
        self.agrees("omar.haddad", opt_out.id).await.unwrap()
    }

    pub async fn opt_out(&self, id: OptOutId) -> store::opt_outs::Stored {
        store::opt_outs::find(&self.app, id).await.unwrap().unwrap()
    }
}
