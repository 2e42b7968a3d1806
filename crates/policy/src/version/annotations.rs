//! Annotations: `@id`, `@description`, `@tier`, `@exemptible`, `@carries_over`, `@trusts_asserted`.

use super::body::Body;
use cedar_policy::Policy;
use domain::digest::Digest;
use domain::name::{RuleId, TierName};
use domain::rule::{Effect, Exemptible, Question};
use domain::tier::Tier;
use std::collections::BTreeSet;

const KNOWN: [&str; 6] = [
    "id",
    "description",
    "tier",
    "exemptible",
    "carries_over",
    "trusts_asserted",
];

/// The `@id`, if it is made of letters, digits, `-`, `_` and `.`: it stands in badges, in addresses and in scopes.
pub(crate) fn id(policy: &Policy) -> Option<RuleId> {
    let text = policy.annotation("id")?;
    let plain = text
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    RuleId::new(text).ok().filter(|_| plain)
}

/// The `@description`.
pub(crate) fn description(policy: &Policy, problem: &mut impl FnMut(String)) -> String {
    let text = policy.annotation("description").unwrap_or_default().trim();
    if text.is_empty() {
        problem("it needs a `@description` in plain words".to_owned());
    }
    text.to_owned()
}

/// The `@exemptible`, allowed on a `forbid` of grant and automate alone: anything else would let an opt-out widen what
/// is permitted or change a tier.
pub(crate) fn exemptible(
    policy: &Policy,
    effect: Effect,
    questions: &[Question],
    problem: &mut impl FnMut(String),
) -> Exemptible {
    let value = match policy.annotation("exemptible") {
        None => return Exemptible::No,
        Some("bypass") => Exemptible::Bypass,
        Some("break_glass") => Exemptible::BreakGlass,
        Some("break_glass_only") => Exemptible::BreakGlassOnly,
        Some(other) => {
            problem(format!(
                "`@exemptible(\"{other}\")` is not known: use bypass, break_glass or break_glass_only"
            ));
            return Exemptible::No;
        }
    };
    if effect != Effect::Forbid || questions.contains(&Question::Classify) {
        problem("only a `forbid` whose action is grant or automate may be `@exemptible`".to_owned());
        return Exemptible::No;
    }
    value
}

/// The `@carries_over`: digests of earlier texts, with blanks between them. It says that whoever was exempted from the rule
/// as it was is exempted from it as it is, and so belongs to what one can be exempted from.
pub(crate) fn carries_over(
    policy: &Policy,
    exemptible: Exemptible,
    problem: &mut impl FnMut(String),
) -> BTreeSet<Digest> {
    let Some(text) = policy.annotation("carries_over") else {
        return BTreeSet::new();
    };
    if exemptible == Exemptible::No {
        problem("nobody can be exempted from it, so `@carries_over` carries nothing over".to_owned());
    }
    let mut digests = BTreeSet::new();
    for word in text.split_whitespace() {
        match word.parse() {
            Ok(digest) => {
                digests.insert(digest);
            }
            Err(_) => problem(format!(
                "`@carries_over`: \"{word}\" is no digest of a rule's text: 64 lower-case hexadecimal digits"
            )),
        }
    }
    if text.trim().is_empty() {
        problem("`@carries_over` names no earlier text".to_owned());
    }
    digests
}

/// The `@tier`, which every rule of `classify` has and no other.
pub(crate) fn tier(
    policy: &Policy,
    effect: Effect,
    questions: &[Question],
    tiers: &[Tier],
    problem: &mut impl FnMut(String),
) -> Option<TierName> {
    let name = policy.annotation("tier");
    if !questions.contains(&Question::Classify) {
        if name.is_some() {
            problem("`@tier` belongs to rules of classify alone".to_owned());
        }
        return None;
    }
    if effect == Effect::Forbid {
        problem("a rule of classify is a `permit`: the strictest tier that matches holds".to_owned());
    }
    if questions != [Question::Classify] {
        problem("a rule of classify has no other action".to_owned());
    }
    let found = name.and_then(|name| tiers.iter().find(|tier| tier.name.as_str() == name));
    match (name, found) {
        (_, Some(tier)) => Some(tier.name.clone()),
        (Some(name), None) => {
            problem(format!("`@tier(\"{name}\")` names no tier of tiers.toml"));
            None
        }
        (None, None) => {
            problem("a rule of classify needs a `@tier`".to_owned());
            None
        }
    }
}

/// A permit that reads what clients assert says so, for the reviewer's sake.
pub(crate) fn check_trust(policy: &Policy, effect: Effect, body: &Body, problem: &mut impl FnMut(String)) {
    let says_so = policy.annotation("trusts_asserted").is_some();
    if effect == Effect::Permit && body.reads_asserted && !says_so {
        problem("a permit that reads `context.asserted` needs `@trusts_asserted`".to_owned());
    }
}

/// A misspelt annotation would silently do nothing.
pub(crate) fn check_known(policy: &Policy, problem: &mut impl FnMut(String)) {
    for (key, _) in policy.annotations().filter(|(key, _)| !KNOWN.contains(key)) {
        problem(format!("the annotation `@{key}` is not known"));
    }
}
