//! Who else is asked in a stage, since when, and who will be.

use domain::window::Instant;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::component::time::{Time, TimeForm};

/// Somebody who has joined a stage, or will.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoiningView {
    /// "Security".
    pub who: String,
    /// Why.
    pub why: Joins,
    /// Since when, or from when on.
    pub at: Instant,
}

/// Why somebody is asked too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Joins {
    /// Nobody voted for long.
    Silence,
    /// Too few are left to decide.
    NobodyLeft,
    /// Nobody has voted yet: they are asked then.
    Next,
}

/// A line for each.
#[component]
pub(crate) fn Joining(
    /// Who.
    joining: Vec<JoiningView>,
    /// The present.
    now: Instant,
) -> impl IntoView {
    joining
        .into_iter()
        .map(|one| {
            let (before, after) = match one.why {
                Joins::Silence => ("Nobody voted for long: asked too is ", ", since "),
                Joins::NobodyLeft => ("Too few are left to decide: asked too is ", ", since "),
                Joins::Next => ("Unless somebody votes, asked too is ", ", from "),
            };
            view! {
                <p class="note mt-1">
                    {before} <b class="font-medium">{one.who}</b> {after} <Time at=one.at now form=TimeForm::Both/>
                    "."
                </p>
            }
        })
        .collect_view()
}

/// From what the use case answers.
#[cfg(feature = "ssr")]
pub(crate) fn joining(
    progress: &service::approvals::StageProgress,
    names: &crate::server_side::Names,
) -> Vec<JoiningView> {
    use crate::requests::words::listed;
    use domain::approval::{Approver, Widening};
    let who = |to: &[Approver]| listed(to.iter().map(|approver| names.approver(approver)), "and");
    let joined = progress.asked_too.iter().map(|more| JoiningView {
        who: who(&more.to),
        why: match more.why {
            Widening::Silence => Joins::Silence,
            Widening::NobodyLeft => Joins::NobodyLeft,
        },
        at: more.at,
    });
    let next = progress.next_to_join.iter().map(|(to, at)| JoiningView {
        who: who(to),
        why: Joins::Next,
        at: *at,
    });
    joined.chain(next).collect()
}

/// Whose seat the reader fills.
#[component]
pub(crate) fn InPlaceOf(
    /// Who has lent it.
    giver: String,
) -> impl IntoView {
    view! {
        <p class="note mt-2">
            "You decide in the place of " <b class="font-medium">{giver}</b> ", who has lent you their votes. It uses up yours as well."
        </p>
    }
}
