//! What breaking the glass like this would come to.

use leptos::prelude::*;

use super::view::TermsView;
use crate::{
    component::{
        badge::{TierMark, Tone},
        facts::{Fact, Facts},
        load::load,
        notice::Notice,
        panel::Panel,
        time::{Time, length},
    },
    error::AppError,
};

/// Once "Check" was pressed; nothing before.
#[component]
pub(super) fn Consequence(terms: Resource<Result<Option<TermsView>, AppError>>) -> impl IntoView {
    load(terms, |terms| terms.map(|terms| view! { <Terms terms/> }))
}

#[component]
fn Terms(terms: TermsView) -> impl IntoView {
    let now = terms.now;
    let effect = if terms.at_once {
        view! {
            <Notice tone=Tone::Danger announce=true>"It takes effect at once. Nothing has been sent yet."</Notice>
        }
        .into_any()
    } else {
        view! {
            <Notice tone=Tone::Strict announce=true>
                "Your team’s hours on this are spent, so one second person has to vote first. Nothing has been sent yet."
            </Notice>
        }
        .into_any()
    };
    let skipped = if terms.skipped.is_empty() {
        "nobody is left who could have decided".to_owned()
    } else {
        terms.skipped.join(", ")
    };
    view! {
        <Panel title="What will happen">
            {effect}
            <div class="mt-4">
                <Facts>
                    <Fact name="For">{length(terms.length_secs)}</Fact>
                    <Fact name="Until">
                        <Time at=terms.ends_at now/>
                    </Fact>
                    <Fact name="Tier">
                        <TierMark tier=terms.tier/>
                    </Fact>
                    <Fact name="Left at once">{length(terms.left_secs)} " in 7 days"</Fact>
                    <Fact name="Not asked, told">{skipped}</Fact>
                    <Fact name="Reviewed by">{terms.reviewers}</Fact>
                </Facts>
            </div>
        </Panel>
    }
    .into_any()
}
