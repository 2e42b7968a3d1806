//! What a client asks.

use domain::client::Client;
use domain::decision::{Input, Purpose};
use domain::name::Capability;
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// One question of a client, before its context is split by what the client is trusted for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who wants.
    pub principal: PrincipalRef,
    /// On what.
    pub resource: ResourceRef,
    /// To do what.
    pub capability: Capability,
    /// The context that was sent, without `approval`.
    pub context: BTreeMap<String, Value>,
    /// The `properties` that were sent, as `subject.properties` and so on: evidence, whatever the client is trusted for.
    pub properties: BTreeMap<String, Value>,
    /// The id in `context.approval`.
    pub approval: Option<String>,
    /// The members of the request that all this was read from, for the record: `context` and `properties` are read from it
    /// again. `action` and all of `subject` and `resource` but their properties are only evidence.
    pub request: Box<RawValue>,
}

/// Where a list of questions ends early (AuthZEN Authorization API 1.0, `evaluations_semantic`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stop {
    /// Nowhere: all are decided.
    #[default]
    Never,
    /// After the first that is not allowed.
    AtFirstDeny,
    /// After the first that is allowed.
    AtFirstPermit,
}

impl Stop {
    pub(super) const fn after(self, answer: bool) -> bool {
        match self {
            Self::Never => false,
            Self::AtFirstDeny => !answer,
            Self::AtFirstPermit => answer,
        }
    }
}

impl Asked {
    /// The input of an evaluation: context that the client is trusted for apart from what is only evidence.
    pub(super) fn input(&self, client: &Client) -> Input {
        let (asserted, mut evidence): (BTreeMap<String, Value>, BTreeMap<String, Value>) = self
            .context
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .partition(|(key, _)| client.trusted_keys.contains(key));
        evidence.extend(
            self.properties
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
        Input {
            principal: self.principal.clone(),
            resource: self.resource.clone(),
            capability: self.capability.clone(),
            asserted,
            evidence,
            approval: self.approval.clone(),
            client: Some(client.id),
            purpose: Purpose::Enforce,
        }
    }
}
