//! How many can decide in a stage, and who must not.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Of one stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidersView {
    /// "3 can decide now", "15 named, 5 can decide now, 9 have never signed in".
    pub sentence: String,
    /// Whom it asks and who must not decide: "Bob Okafor, who asked for it". The first few of them.
    pub kept_out: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

/// Who must not decide, and why; nothing where that is nobody.
#[component]
pub(crate) fn KeptOut(
    /// Of the stage.
    deciders: DecidersView,
) -> impl IntoView {
    (!deciders.kept_out.is_empty()).then(|| {
        let named = deciders.kept_out.join("; ");
        let more = (deciders.more > 0).then(|| format!("; and {} more", deciders.more));
        view! { <p class="note mt-1">"Cannot decide: " {named} {more} "."</p> }
    })
}

/// From what the use case answers.
#[cfg(feature = "ssr")]
pub(crate) fn deciders(
    progress: &service::approvals::StageProgress,
    names: &crate::server_side::Names,
) -> DecidersView {
    /// How many are named.
    const NAMED: usize = 5;
    DecidersView {
        sentence: progress.deciders.sentence(),
        kept_out: progress
            .kept_out
            .iter()
            .take(NAMED)
            .map(|(person, why)| format!("{}, {}", names.person(person), why.who()))
            .collect(),
        more: progress.kept_out.len().saturating_sub(NAMED),
    }
}
