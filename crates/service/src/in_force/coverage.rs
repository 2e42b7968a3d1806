//! Opt-outs that cover less once the directory has changed: a renamed resource would step out of a hold.

use super::doubts::Doubt;
use crate::command::EventDraft;
use crate::opt_outs::event;
use domain::directory::Directory;
use domain::event::EventKind;
use domain::opt_out::Direction;
use domain::principal::{PrincipalFacts, PrincipalKind};
use domain::resource::ResourceFacts;
use domain::scope::PrincipalSelector;
use policy::Named;
use store::opt_outs::Stored;

/// The most things that a sentence names.
const MOST_NAMED: usize = 10;

/// What is different for scopes between two directories: only this can step out of an opt-out.
#[derive(Debug, Default)]
pub(super) struct Moved {
    principals: Vec<(PrincipalFacts, Option<PrincipalFacts>)>,
    resources: Vec<(ResourceFacts, Option<ResourceFacts>)>,
}

impl Moved {
    pub(super) fn between(before: &Directory, after: &Directory) -> Self {
        let principals = before.principals.keys().filter_map(|name| {
            let (was, is) = (before.principal_facts(name)?, after.principal_facts(name));
            (is.as_ref() != Some(&was)).then_some((was, is))
        });
        let resources = before.resources.keys().filter_map(|name| {
            let (was, is) = (before.resource_facts(name)?, after.resource_facts(name));
            (is.as_ref() != Some(&was)).then_some((was, is))
        });
        Self {
            principals: principals.collect(),
            resources: resources.collect(),
        }
    }

    /// What steps out of this opt-out; none where it covers what it did. A person who leaves takes nothing out of it, unless
    /// it names them: nobody acts as somebody who is gone, and a person who comes under another id is covered as a member
    /// of the same teams and groups.
    pub(super) fn out_of(&self, stored: Stored, after: &Directory) -> Option<Less> {
        let opt_out = &stored.opt_out;
        let (scope, covered) = (&opt_out.scope, &opt_out.coverage);
        let principal = |facts: &PrincipalFacts| covered.reaches_principal(opt_out.direction, scope, facts);
        let resource = |facts: &ResourceFacts| covered.reaches_resource(opt_out.direction, scope, facts);
        let named = |facts: &PrincipalFacts| {
            scope
                .principals
                .iter()
                .flatten()
                .any(|selector| *selector == PrincipalSelector::Id(facts.principal.clone()))
        };
        let mut lost = Vec::new();
        if scope.principals.is_some() {
            lost.extend(
                self.principals
                    .iter()
                    .filter(|(was, is)| principal(was) && !is.as_ref().is_some_and(principal))
                    .filter(|(was, is)| {
                        is.is_some() || was.principal.kind != PrincipalKind::Person || named(was)
                    })
                    .map(|(was, _)| was.principal.to_string()),
            );
        }
        if scope.resources.is_some() {
            lost.extend(
                self.resources
                    .iter()
                    .filter(|(was, is)| resource(was) && !is.as_ref().is_some_and(resource))
                    .map(|(was, _)| was.resource.to_string()),
            );
        }
        if lost.is_empty() {
            return None;
        }
        let nobody = scope.principals.is_some()
            && !after
                .principals
                .keys()
                .filter_map(|name| after.principal_facts(name))
                .any(|facts| principal(&facts));
        let nothing = scope.resources.is_some()
            && !after
                .resources
                .keys()
                .filter_map(|name| after.resource_facts(name))
                .any(|facts| resource(&facts));
        Some(Less {
            stored,
            lost,
            nothing: nobody || nothing,
        })
    }
}

/// An opt-out that covers less.
#[derive(Debug)]
pub(super) struct Less {
    stored: Stored,
    /// What it covers no longer: `service payments-prod`.
    lost: Vec<String>,
    /// Whether nothing is left.
    nothing: bool,
}

impl Less {
    /// What it comes to: "covers service a no longer, and nothing else".
    fn says(&self) -> String {
        let mut named: Vec<&str> = self.lost.iter().take(MOST_NAMED).map(String::as_str).collect();
        let more = format!("{} more", self.lost.len().saturating_sub(MOST_NAMED));
        if self.lost.len() > MOST_NAMED {
            named.push(&more);
        }
        let rest = if self.nothing {
            "It covers nothing now"
        } else {
            "It still covers others"
        };
        format!("no longer covers {}. {rest}", named.join(", "))
    }

    /// Why an operator is asked first: only a `to_manual` holds anything up.
    pub(super) fn doubt(&self) -> Option<Doubt> {
        let opt_out = &self.stored.opt_out;
        match opt_out.direction {
            Direction::Bypass => None,
            Direction::ToManual => Some(Doubt {
                name: Named {
                    kind: "opt_out".to_owned(),
                    id: opt_out.id.to_string(),
                },
                code: "covers_less",
                why: format!(
                    "The opt-out into review “{}” ({}) {}.",
                    opt_out.title,
                    opt_out.id,
                    self.says()
                ),
            }),
        }
    }

    /// The sentence for the operator who puts it in force.
    pub(super) fn told(&self) -> String {
        let opt_out = &self.stored.opt_out;
        format!(
            "The opt-out “{}” ({}) {}.",
            opt_out.title,
            opt_out.id,
            self.says()
        )
    }

    /// What its requester, its approvers, owners and administrators are told.
    pub(super) fn event(&self) -> EventDraft {
        let body = serde_json::json!({
            "opt_out": self.stored.opt_out.id,
            "direction": self.stored.opt_out.direction,
            "lost": self.lost,
            "nothing_left": self.nothing,
            "text": format!("It {}.", self.says()),
        });
        event(EventKind::OptOutCoversLess, &self.stored, body)
    }
}
