//! The one function that decides.

mod applying;
mod asking;
mod effects;
mod emergency;
mod granting;
mod outcome;
mod roles;
mod scope_tier;

pub use effects::effects;
pub use emergency::{OutOfReach, in_emergency};
pub use scope_tier::{MOST_TRIED, scope_tier};

use crate::snapshot::Snapshot;
use applying::Applying;
pub(crate) use asking::CONTEXT_FAULT;
use asking::{Asked, Asking};
use domain::decision::{Evaluation, Input, Matches, Reason};
use domain::digest::Digest;
use domain::id::OptOutId;
use domain::name::RuleId;
use domain::opt_out::OptOut;
use domain::outcome::Outcome;
use domain::rule::Question;
use domain::tier::Tier;
use domain::window::Instant;
use roles::Roles;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Opt-outs to leave out: where two decisions race for the last of `max_uses`, the loser evaluates again without it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Without(BTreeSet<OptOutId>);

impl Without {
    /// Leaves out nothing.
    pub const fn nothing() -> Self {
        Self(BTreeSet::new())
    }

    /// Leaves out one more.
    pub fn add(&mut self, opt_out: OptOutId) {
        self.0.insert(opt_out);
    }

    /// Whether one is left out.
    pub fn has(&self, opt_out: OptOutId) -> bool {
        self.0.contains(&opt_out)
    }
}

impl FromIterator<OptOutId> for Without {
    fn from_iter<I: IntoIterator<Item = OptOutId>>(ids: I) -> Self {
        Self(ids.into_iter().collect())
    }
}

/// Where an error is not one rule's but the request's, it is recorded under this name, which no rule can have.
pub const REQUEST: &str = "(request)";

/// Evaluates an input. Never fails: what cannot be evaluated is denied, and the evaluation says why.
///
/// `now` decides which opt-outs and grants are in force, and is what rules see as weekday and hour.
pub fn evaluate(snapshot: &Snapshot, input: &Input, now: Instant, without: &Without) -> Evaluation {
    evaluate_with(snapshot, input, now, without, None)
}

/// Evaluates as if one more opt-out were in force, whatever its state and window say.
pub(crate) fn evaluate_with(
    snapshot: &Snapshot,
    input: &Input,
    now: Instant,
    without: &Without,
    supposed: Option<&Arc<OptOut>>,
) -> Evaluation {
    let policy = snapshot.policy();
    let directory = snapshot.directory();
    let Some(principal) = directory.principal(&input.principal) else {
        return unknown(policy.strictest(), input, Reason::UnknownSubject);
    };
    let Some(resource) = directory.resource(&input.resource) else {
        return unknown(policy.strictest(), input, Reason::UnknownResource);
    };
    let roles = Roles::of(snapshot, principal, now);
    let Asked { tier, matches } =
        match Asking::holding(snapshot, principal, resource, &input.capability, &roles.held, now)
            .asserting(&input.asserted)
            .and_then(Asking::ask)
        {
            Ok(asked) => asked,
            Err(message) => Asked {
                tier: policy.strictest(),
                matches: refused(message),
            },
        };
    let (tuple_digest, matches) = match digest(tier, input) {
        Ok(digest) => (digest, matches),
        Err(message) => (Digest::of(REQUEST.as_bytes()), refused(message)),
    };
    let applying = Applying::find(snapshot, principal, resource, input, tier, now, without, supposed);
    let base = outcome::combine(&matches, &BTreeSet::new());
    let exempt = applying.exempt_rules(policy);
    let with_bypasses = outcome::combine(&matches, &exempt);
    let effective = match applying.any_to_manual() {
        true => with_bypasses.stricter(Outcome::Review),
        false => with_bypasses,
    };
    let grant = match effective {
        Outcome::Review => {
            let emergency = emergency::reach(policy, &matches, &exempt, applying.any_to_manual()).is_ok();
            granting::matching(snapshot, input, &tuple_digest, tier, &applying, emergency, now)
        }
        Outcome::Automate | Outcome::Deny => None,
    };
    Evaluation {
        tier: tier.name.clone(),
        base,
        effective,
        applied: applying.applied(policy, &matches),
        considered: all_considered(applying.considered, roles.considered),
        premises: applying.premises,
        grant: grant.map(|grant| grant.id),
        grant_ends_at: grant.map(|grant| grant.window.ends_at()),
        answer: effective == Outcome::Automate || grant.is_some(),
        reason: outcome::reason(&matches, &exempt, effective, grant.is_some()),
        matches,
        tuple_digest,
    }
}

/// What was looked at for the request and for the roles behind it, once each and in order.
fn all_considered(
    mut considered: Vec<(OptOutId, u32)>,
    of_roles: Vec<(OptOutId, u32)>,
) -> Vec<(OptOutId, u32)> {
    if !of_roles.is_empty() {
        considered.extend(of_roles);
        considered.sort();
        considered.dedup();
    }
    considered
}

fn digest(tier: &Tier, input: &Input) -> Result<Digest, String> {
    domain::grant::tuple_digest(
        &input.principal,
        &input.resource,
        &input.capability,
        &tier.binding_context,
        |key| {
            let sent = input.asserted.get(key).or_else(|| input.evidence.get(key));
            // As for the rules: what is `null` is absent.
            sent.filter(|value| !value.is_null())
        },
    )
    .map_err(|error| error.to_string())
}

/// Matches of a request that could not be put to the rules: one error, which no bypass can name.
fn refused(message: String) -> BTreeMap<Question, Matches> {
    let errors = RuleId::new(REQUEST)
        .map(|id| vec![(id, message)])
        .unwrap_or_default();
    Question::ALL
        .into_iter()
        .map(|question| {
            (
                question,
                Matches {
                    errors: errors.clone(),
                    ..Matches::default()
                },
            )
        })
        .collect()
}

/// The deny of what the directory does not know, under the strictest tier.
fn unknown(strictest: &Tier, input: &Input, reason: Reason) -> Evaluation {
    Evaluation {
        tier: strictest.name.clone(),
        matches: BTreeMap::new(),
        base: Outcome::Deny,
        effective: Outcome::Deny,
        applied: Vec::new(),
        considered: Vec::new(),
        premises: Vec::new(),
        grant: None,
        grant_ends_at: None,
        answer: false,
        reason,
        tuple_digest: digest(strictest, input).unwrap_or_else(|_| Digest::of(REQUEST.as_bytes())),
    }
}
