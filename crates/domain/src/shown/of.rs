//! What is shown of a request, of an opt-out, and of the vote on it.

use super::{Field, Shown};
use crate::access_request::AccessRequest;
use crate::approval::{Approver, Exclusions, Plan, Quorum, Verdict};
use crate::digest::Digest;
use crate::opt_out::{Cause, Details, OptOut, length_in_words};
use crate::scope::{Coverage, PrincipalSelector, ResourceSelector, Scope};
use crate::signal::Requester;
use serde::Serialize;

impl Shown {
    /// What is shown of an access request once it was judged again under the policy version of this digest.
    pub fn of_access_request(judged: &AccessRequest, policy: Digest) -> Self {
        let wish = &judged.wish;
        Self::new([
            (Field::Item, one(judged.id)),
            (Field::Initiator, each(&wish.initiator)),
            (Field::Principals, one(&judged.principal)),
            (Field::Resources, one(&judged.resource)),
            (Field::Capabilities, one(&judged.capability)),
            (Field::Rules, each(&wish.rules)),
            (Field::Binding, one(judged.tuple_digest)),
            (Field::Context, members(&wish.context)),
            (Field::ClientSays, members(&wish.client_says)),
            (Field::Reason, one(&wish.reason)),
            (Field::Ticket, each(&wish.ticket)),
            (
                Field::BreakGlass,
                each(judged.break_glass.as_ref().map(|broken| &broken.incident)),
            ),
            (Field::Tier, one(&judged.tier)),
            (Field::Policy, one(policy)),
            (Field::Stages, stages(&judged.plan)),
            (Field::Excluded, excluded(&judged.excluded)),
            (Field::Length, one(length_in_words(judged.grant_secs))),
            (Field::Window, each(wanted(judged))),
        ])
    }

    /// What is shown of an opt-out once it was judged again under the policy version of this digest. `covers` is what it
    /// covers now; `scheduled` says that its start or end was chosen, so that not only its length counts.
    pub fn of_opt_out(
        judged: &OptOut,
        (plan, not_deciding): (&Plan, &Exclusions),
        covers: &Coverage,
        scheduled: bool,
        policy: Digest,
    ) -> Self {
        let scope = &judged.scope;
        let pinned = judged
            .pinned
            .iter()
            .map(|pin| format!("{} ({})", pin.id, pin.body_digest))
            .collect();
        let window = scheduled.then(|| {
            let (from, until) = (judged.window.starts_at(), judged.window.ends_at());
            format!("{} until {}", from.to_rfc3339(), until.to_rfc3339())
        });
        let requester = match &judged.requested_by {
            Requester::Person(person) => person.to_string(),
            Requester::Signal(signal) => format!("signal {} of {}", signal.source_id, signal.client),
        };
        let lineage = judged.lineage.map(|line| {
            let until = line.must_end_by.map(|at| format!(", until {}", at.to_rfc3339()));
            format!(
                "{}, renewal {}{}",
                line.parent,
                line.generation,
                until.unwrap_or_default()
            )
        });
        Self::new([
            (Field::Item, one(judged.id)),
            (Field::Direction, one(judged.direction.as_str())),
            (Field::Scenario, one(&judged.scenario)),
            (Field::Title, one(&judged.title)),
            (Field::Requester, one(requester)),
            (Field::Principals, any(&scope.principals, principal)),
            (Field::Resources, any(&scope.resources, resource)),
            (Field::Capabilities, any(&scope.capabilities, ToString::to_string)),
            (Field::Rules, pinned),
            (
                Field::CoveredPrincipals,
                any(&covers.principals, ToString::to_string),
            ),
            (
                Field::CoveredResources,
                any(&covers.resources, ToString::to_string),
            ),
            (Field::Teams, each(&judged.teams)),
            (Field::Reason, one(&judged.reason)),
            (Field::Ticket, each(&judged.ticket)),
            (Field::Details, details(&judged.details)),
            (
                Field::BreakGlass,
                each(judged.break_glass.as_ref().map(|broken| &broken.incident)),
            ),
            (Field::Tier, one(&judged.tier)),
            (Field::Policy, one(policy)),
            (Field::Stages, stages(plan)),
            (Field::Excluded, excluded(not_deciding)),
            (Field::Causes, judged.causes.iter().map(cause).collect()),
            (Field::Lineage, each(lineage)),
            (Field::Length, one(length_in_words(judged.window.length_secs()))),
            (Field::Window, each(window)),
            (Field::Hours, each(&judged.recurrence)),
            (Field::Conditions, conditions(judged)),
            (Field::MaxUses, each(judged.max_uses)),
        ])
    }

    /// The same with the rules that have another text than the one approved, as they are now.
    #[must_use]
    pub fn with_changed_rules(self, rules: Vec<String>) -> Self {
        match rules.is_empty() {
            true => self,
            false => self.with([(Field::ChangedRules, rules)]),
        }
    }

    /// The same with the vote on it: what it says, and what it takes away.
    #[must_use]
    pub fn deciding(
        self,
        verdict: Verdict,
        length_secs: Option<i64>,
        scope: Option<&Scope>,
        max_uses: Option<u32>,
    ) -> Self {
        let verdict = match verdict {
            Verdict::Approve => "approve",
            Verdict::Deny => "deny",
        };
        self.with([
            (Field::Verdict, one(verdict)),
            (Field::NarrowedLength, each(length_secs.map(length_in_words))),
            (Field::NarrowedScope, each(scope.map(json))),
            (Field::NarrowedUses, each(max_uses)),
        ])
    }
}

/// "from … until …", as far as it was asked.
fn wanted(request: &AccessRequest) -> Option<String> {
    let from = request.wanted_from.map(|at| format!("from {}", at.to_rfc3339()));
    let until = request
        .wanted_until
        .map(|at| format!("until {}", at.to_rfc3339()));
    let words: Vec<String> = from.into_iter().chain(until).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn one(text: impl ToString) -> Vec<String> {
    vec![text.to_string()]
}

fn each<T: ToString>(entries: impl IntoIterator<Item = T>) -> Vec<String> {
    entries.into_iter().map(|entry| entry.to_string()).collect()
}

/// A dimension that is absent stands for any, which is not the same as none.
fn any<'a, T: 'a>(
    entries: &'a Option<impl IntoIterator<Item = T> + Clone>,
    words: impl Fn(&T) -> String,
) -> Vec<String> {
    match entries {
        None => one("(any)"),
        Some(entries) => entries.clone().into_iter().map(|entry| words(&entry)).collect(),
    }
}

/// What it stands on, with which incident it ends, and why it is wanted back.
fn conditions(judged: &OptOut) -> Vec<String> {
    let stands = &judged.conditions;
    let bound = stands.bound.as_ref().map(|bound| {
        format!(
            "until {} after {}",
            length_in_words(bound.grace_secs),
            bound.incident
        )
    });
    let wanted = stands
        .suspension
        .as_ref()
        .and_then(|suspension| suspension.asked.as_ref());
    stands
        .premise
        .as_ref()
        .map(json)
        .into_iter()
        .chain(bound)
        .chain(wanted.map(|asked| format!("wanted back: {}", asked.reason)))
        .collect()
}

/// What no words are made for is shown as it is.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn members<'a>(members: impl IntoIterator<Item = (&'a String, &'a serde_json::Value)>) -> Vec<String> {
    members
        .into_iter()
        .map(|(name, value)| format!("{}: {value}", json(name)))
        .collect()
}

fn principal(selector: &PrincipalSelector) -> String {
    match selector {
        PrincipalSelector::Id(principal) => principal.to_string(),
        PrincipalSelector::Group(group) => format!("group: {group}"),
        PrincipalSelector::Team(team) => format!("team: {team}"),
        PrincipalSelector::Kind(kind) => format!("kind: {kind}"),
        PrincipalSelector::Label { key, value } => format!("label: {}={}", json(key), json(value)),
    }
}

fn resource(selector: &ResourceSelector) -> String {
    match selector {
        ResourceSelector::Id(resource) => resource.to_string(),
        ResourceSelector::Label { key, value } => format!("label: {}={}", json(key), json(value)),
        ResourceSelector::Team(team) => format!("team: {team}"),
        ResourceSelector::Type(kind) => format!("type: {kind}"),
    }
}

fn stages(plan: &Plan) -> Vec<String> {
    plan.stages
        .iter()
        .map(|stage| {
            let noes = (stage.denials != 1).then(|| format!("; {} noes settle it", stage.denials));
            let too = stage
                .asked_too
                .iter()
                .map(|more| format!("; asked too: {}", approvers(&more.to)));
            let later = stage.escalate.iter().map(|next| {
                format!(
                    "; after {} of silence: {}",
                    length_in_words(next.after_secs),
                    approvers(&next.to)
                )
            });
            let more: String = noes.into_iter().chain(too).chain(later).collect();
            format!("{}: {}{more}", stage.name, demand(&stage.quorum))
        })
        .collect()
}

/// A quorum with the kind of each approver: a group and a person may have the same name.
fn demand(quorum: &Quorum) -> String {
    let joined = |parts: &[Quorum], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| format!("({})", demand(part))).collect();
        format!("{word} {}", parts.join(" "))
    };
    match quorum {
        Quorum::AtLeast { n, of } => format!("{n} of {}", approvers(of)),
        Quorum::All { all } => joined(all, "all of"),
        Quorum::Any { any } => joined(any, "any of"),
    }
}

fn approvers(approvers: &[Approver]) -> String {
    let each: Vec<String> = approvers
        .iter()
        .map(|approver| match approver {
            Approver::Group(group) => format!("group {group}"),
            Approver::Person(person) => format!("person {person}"),
            Approver::ResourceOwners => "the owners".to_owned(),
            Approver::RequesterManager => "the requester's manager".to_owned(),
        })
        .collect();
    each.join(" or ")
}

fn excluded(excluded: &Exclusions) -> Vec<String> {
    each(excluded.iter().map(|(person, _)| person))
}

fn details(details: &Details) -> Vec<String> {
    let control = details
        .compensating_control
        .as_ref()
        .map(|control| format!("compensating control: {control}"));
    let incident = details.incident_id.as_ref().map(|id| format!("incident: {id}"));
    let data = details
        .data_classification
        .map(|data| format!("data: {}", data.as_str()));
    each([control, incident, data].into_iter().flatten())
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::BudgetEmpty { teams } => format!("budget used up: {}", each(teams).join(", ")),
        Cause::Renewal { generation } => format!("renewal {generation}"),
    }
}
