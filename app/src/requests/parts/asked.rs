//! What is asked for: who, what, how long, bound to what, why.

use leptos::prelude::*;

use super::super::view::WishView;
use crate::component::{
    facts::{Fact, Facts},
    panel::Panel,
    time::{Time, TimeForm, length},
};

#[component]
pub(crate) fn Asked(
    /// The panel's heading.
    title: &'static str,
    /// What is asked for.
    wish: WishView,
    /// Whether somebody has approved it, so that its length is settled.
    granted: bool,
) -> impl IntoView {
    let emergency = wish.emergency;
    let started = wish.initiator.map(|person| match emergency {
        true => format!(", for which {person} broke the glass"),
        false => format!(", started by {person}"),
    });
    let client = wish.client.map(|client| match emergency {
        true => format!(", refused through {client}"),
        false => format!(", asked through {client}"),
    });
    let owners = wish.owners.map(|owners| format!(", owned by {owners}"));
    let from = match (emergency, wish.wanted_from, granted) {
        (true, ..) => "from when it takes effect",
        (false, Some(_), _) => "from its start",
        (false, None, true) => "from its approval",
        (false, None, false) => "from approval",
    };
    let (now, starts, ends) = (wish.now, wish.wanted_from, wish.wanted_until);
    let wanted = (starts.is_some() || ends.is_some()).then(|| {
        let starts = starts
            .map(|at| view! { <span class="block">"from " <Time at now form=TimeForm::Absolute/></span> });
        let ends = ends
            .map(|at| view! { <span class="block">"until " <Time at now form=TimeForm::Absolute/></span> });
        view! {
            <Fact name="Wanted">
                {starts}
                {ends}
            </Fact>
        }
    });
    let shortened = wish
        .asked_secs
        .map(|asked| format!(", shortened from {}", length(asked)));
    let other = match emergency {
        true => "Any other value is refused as before.",
        false => "Any other value needs an approval of its own.",
    };
    let has_bound = !wish.bound.is_empty();
    let bound = pairs(wish.bound);
    let evidence = (!wish.evidence.is_empty()).then(|| {
        view! {
            <Fact name="Client says">
                <span class="block space-y-0.5">{pairs(wish.evidence)}</span>
                <span class="note block">"Not verified."</span>
            </Fact>
        }
    });
    view! {
        <Panel title=title>
            <Facts>
                <Fact name="Who">{wish.kind} " " <b>{wish.who}</b> {started} {client}</Fact>
                <Fact name="What">
                    <b>{wish.capability}</b>
                    " on "
                    {wish.resource_kind}
                    " "
                    <b>{wish.resource}</b>
                    {owners}
                </Fact>
                <Fact name="How long">{length(wish.grant_secs)} " " {from} {shortened}</Fact>
                {wanted}
                {has_bound
                    .then(|| {
                        view! {
                            <Fact name="Bound to">
                                <span class="block space-y-0.5">{bound}</span>
                                <span class="note block">{other}</span>
                            </Fact>
                        }
                    })}
                <Fact name="Reason">
                    <span class="whitespace-pre-line">{wish.reason}</span>
                </Fact>
                {wish.ticket.map(|ticket| view! { <Fact name="Ticket">{ticket}</Fact> })}
                {evidence}
            </Facts>
        </Panel>
    }
    .into_any()
}

fn pairs(pairs: Vec<(String, String)>) -> impl IntoView {
    pairs
        .into_iter()
        .map(|(key, value)| {
            view! {
                <span class="block">
                    {key} " " <span class="id text-base-content">{value}</span>
                </span>
            }
        })
        .collect_view()
}
