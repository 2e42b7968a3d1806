//! Putting the three questions to the rules.

use super::roles::Roles;
use crate::convert;
use crate::directory_view::{KnownPrincipal, KnownResource};
use crate::index::{Buckets, Ready};
use crate::snapshot::Snapshot;
use crate::version::rules::in_full;
use crate::vocabulary::context;
use cedar_policy::{Entities, EntityUid, RestrictedExpression};
use cedar_policy_core::ast::{self, Context, EntityUIDEntry, Literal, Request, SlotEnv, ValueKind};
use cedar_policy_core::evaluator::{Evaluator, RestrictedEvaluator};
use cedar_policy_core::extensions::Extensions;
use chrono::{Datelike as _, Timelike as _, Weekday};
use domain::decision::Matches;
use domain::name::{Capability, RuleId};
use domain::rule::Question;
use domain::tier::Tier;
use domain::window::Instant;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How the message begins that says which key of the context is not as the schema declares it. It speaks of nothing but what
/// the client sent and the schema, so the client sees it.
pub(crate) const CONTEXT_FAULT: &str = "`context.";

/// The answers to all three questions.
pub(super) struct Asked<'a> {
    pub(super) tier: &'a Tier,
    pub(super) matches: BTreeMap<Question, Matches>,
}

/// One request on its way to the rules.
pub(super) struct Asking<'a, 'c> {
    snapshot: &'a Snapshot,
    principal: &'a KnownPrincipal,
    resource: &'a KnownResource,
    capability: &'c Capability,
    now: Instant,
    /// The temporary roles that the principal holds.
    roles: Vec<&'a KnownResource>,
    /// A record.
    asserted: ast::Value,
}

const fn weekday(now: Weekday) -> &'static str {
    match now {
        Weekday::Mon => "monday",
        Weekday::Tue => "tuesday",
        Weekday::Wed => "wednesday",
        Weekday::Thu => "thursday",
        Weekday::Fri => "friday",
        Weekday::Sat => "saturday",
        Weekday::Sun => "sunday",
    }
}

impl<'a, 'c> Asking<'a, 'c> {
    /// With the temporary roles that the principal holds now.
    pub(super) fn new(
        snapshot: &'a Snapshot,
        principal: &'a KnownPrincipal,
        resource: &'a KnownResource,
        capability: &'c Capability,
        now: Instant,
    ) -> Self {
        let roles = Roles::of(snapshot, principal, now).held;
        Self::holding(snapshot, principal, resource, capability, &roles, now)
    }

    /// As if the principal held no temporary role.
    pub(super) fn without_roles(
        snapshot: &'a Snapshot,
        principal: &'a KnownPrincipal,
        resource: &'a KnownResource,
        capability: &'c Capability,
        now: Instant,
    ) -> Self {
        Self::holding(snapshot, principal, resource, capability, &[], now)
    }

    /// With these temporary roles.
    pub(super) fn holding(
        snapshot: &'a Snapshot,
        principal: &'a KnownPrincipal,
        resource: &'a KnownResource,
        capability: &'c Capability,
        roles: &[&'a KnownResource],
        now: Instant,
    ) -> Self {
        Self {
            snapshot,
            principal,
            resource,
            capability,
            now,
            roles: roles.to_vec(),
            asserted: ast::Value::empty_record(None),
        }
    }

    /// Adds what the client is trusted to assert; keys that the schema does not declare reach no rule. Errors when a
    /// value is not of its declared type: leaving it out could take a `forbid` out that would have read it.
    pub(super) fn asserting(mut self, asserted: &BTreeMap<String, Value>) -> Result<Self, String> {
        if !asserted.is_empty() {
            let declared = self.snapshot.policy().vocabulary.asserted();
            let members = convert::members(|key| asserted.get(key), declared, &mut Vec::new())
                .map_err(|error| format!("{CONTEXT_FAULT}{}` must be {}", error.path, error.wanted))?;
            let record = RestrictedExpression::new_record(members).map_err(|error| in_full(&error))?;
            self.asserted = RestrictedEvaluator::new(Extensions::all_available())
                .interpret(record.as_ref().as_borrowed())
                .map_err(|error| in_full(&error))?;
        }
        Ok(self)
    }

    /// Asks which tier applies, then under it the other two questions.
    pub(super) fn ask(self) -> Result<Asked<'a>, String> {
        self.with_rules(|entities, buckets| {
            let (tier, classify) = self.classified(entities, buckets)?;
            let context = self.context(Some(tier));
            let grant = self.question(Question::Grant, context.clone(), entities, buckets)?;
            let automate = self.question(Question::Automate, context, entities, buckets)?;
            Ok(Asked {
                tier,
                matches: BTreeMap::from([
                    (Question::Classify, classify),
                    (Question::Grant, grant),
                    (Question::Automate, automate),
                ]),
            })
        })
    }

    /// Asks for the tier alone.
    pub(super) fn tier(&self) -> Result<&'a Tier, String> {
        self.with_rules(|entities, buckets| self.classified(entities, buckets).map(|(tier, _)| tier))
    }

    /// Finds the entities and the rules that this request needs.
    fn with_rules<R>(
        &self,
        put: impl FnOnce(&Entities, &[&Buckets]) -> Result<R, String>,
    ) -> Result<R, String> {
        let directory = self.snapshot.directory();
        let index = &self.snapshot.policy().index;
        let small;
        let (entities, slots) = if self.roles.is_empty() {
            (&directory.entities, self.principal.slots.as_slice())
        } else {
            small =
                directory.with_roles(self.snapshot.policy(), self.principal, self.resource, &self.roles)?;
            (&small.0, small.1.as_slice())
        };
        let buckets: Vec<&Buckets> = index.buckets(slots, &self.resource.slots).collect();
        put(entities, &buckets)
    }

    /// The highest rank of the satisfied permits; the strictest tier where there is none.
    fn classified(&self, entities: &Entities, buckets: &[&Buckets]) -> Result<(&'a Tier, Matches), String> {
        let policy = self.snapshot.policy();
        let found = self.question(Question::Classify, self.context(None), entities, buckets)?;
        let tier = found
            .permits
            .iter()
            .filter_map(|rule| policy.rule(rule)?.tier.as_ref())
            .filter_map(|name| policy.tier(name))
            .max_by_key(|tier| tier.rank)
            .unwrap_or_else(|| policy.strictest());
        Ok((tier, found))
    }

    fn context(&self, tier: Option<&Tier>) -> Context {
        context(
            self.capability.as_str(),
            tier.map(|tier| tier.name.as_str()),
            weekday(self.now.weekday()),
            self.now.hour().into(),
            self.asserted.clone(),
        )
    }

    fn question(
        &self,
        question: Question,
        context: Context,
        entities: &Entities,
        buckets: &[&Buckets],
    ) -> Result<Matches, String> {
        let mut found = Matches::default();
        if !(self.principal.asks(question) && self.resource.asks(question)) {
            // The schema lets no rule speak of this: nothing permits it.
            return Ok(found);
        }
        let known = |uid: &EntityUid| EntityUIDEntry::known(uid.as_ref().clone(), None);
        // Valid by construction: types by `asks`, the context by `Vocabulary::parse` and `convert`.
        let request = Request::new_unchecked(
            known(&self.principal.uid),
            known(self.snapshot.policy().vocabulary.action(question)),
            known(&self.resource.uid),
            Some(context),
        );
        let evaluator = Evaluator::new(request, entities.as_ref(), Extensions::all_available());
        for bucket in buckets.iter().map(|buckets| buckets.of(question)) {
            put(&evaluator, &bucket.permits, &mut found.permits, &mut found.errors);
            put(&evaluator, &bucket.forbids, &mut found.forbids, &mut found.errors);
        }
        found.permits.sort();
        found.forbids.sort();
        found.errors.sort();
        Ok(found)
    }
}

/// What Cedar's authorizer does with each policy of a set; `tests/differential.rs` compares the two. It goes beneath Cedar's
/// public face, since that wants a set for each bucket and puts each policy's condition together anew.
fn put(
    evaluator: &Evaluator<'_>,
    rules: &[Arc<Ready>],
    satisfied: &mut Vec<RuleId>,
    errors: &mut Vec<(RuleId, String)>,
) {
    // Templates are refused at load, so no rule has slots.
    let slots = SlotEnv::new();
    for Ready { rule, condition } in rules.iter().map(AsRef::as_ref) {
        let Some(condition) = condition else {
            // The index has found its scope satisfied, and there is nothing else to it.
            satisfied.push(rule.clone());
            continue;
        };
        match evaluator.interpret(condition, &slots) {
            Ok(value) => match value.value_kind() {
                ValueKind::Lit(Literal::Bool(true)) => satisfied.push(rule.clone()),
                ValueKind::Lit(Literal::Bool(false)) => {}
                ValueKind::Lit(_)
                | ValueKind::Set(_)
                | ValueKind::Record(_)
                | ValueKind::ExtensionValue(_) => {
                    errors.push((rule.clone(), "its condition is neither true nor false".to_owned()));
                }
            },
            // A condition that Cedar leaves open is an error too.
            Err(error) => errors.push((rule.clone(), in_full(&error))),
        }
    }
}
