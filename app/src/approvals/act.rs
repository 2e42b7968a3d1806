//! What came of deciding several at once: which votes count, which do not and why.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    api::open_act,
    view::{ActRowView, ActView},
};
use crate::component::{
    badge::{Badge, Tone},
    load::load,
    notice::Notice,
    page_header::{Crumb, PageHeader},
    panel::Panel,
    time::Time,
};

#[component]
pub(crate) fn ActPage() -> impl IntoView {
    let params = use_params_map();
    let act = Resource::new(move || params.read().get("id").unwrap_or_default(), open_act);
    load(act, |act| view! { <Act act/> })
}

#[component]
fn Act(act: ActView) -> impl IntoView {
    let now = act.now;
    let cut_off = act.cut_off.then(|| {
        view! {
            <div class="mt-5">
                <Notice tone=Tone::Lax>
                    "This was cut off before its end. What counts and what does not stands below, as it is recorded."
                </Notice>
            </div>
        }
    });
    let rows = act
        .rows
        .iter()
        .cloned()
        .map(|row| view! { <ItemRow row/> })
        .collect_view();
    view! {
        <PageHeader
            title=headline(&act)
            window_title="Decided at once"
            crumbs=vec![Crumb::link("Approvals", "/approvals"), Crumb::here("Decided at once")]
        />
        <p class="note mt-1">
            <Time at=act.at now/>
            ". Each was voted on by itself, and stands in the audit log by itself."
        </p>
        {cut_off}
        <div class="mt-6">
            <Panel title="What came of each" flush=true>
                <ul class="divide-y divide-base-300">{rows}</ul>
            </Panel>
        </div>
        <p class="mt-5">
            <a class="btn btn-sm" href="/approvals">
                "Open inbox"
            </a>
        </p>
    }
    .into_any()
}

#[component]
fn ItemRow(row: ActRowView) -> impl IntoView {
    let (tone, word) = if row.counts {
        (Tone::Settled, "counts")
    } else {
        (Tone::Danger, "does not count")
    };
    view! {
        <li class="flex flex-wrap items-baseline gap-x-4 gap-y-1 px-5 py-3 text-sm">
            <a class="font-medium link link-hover wrap-anywhere" href=row.href>
                {row.title}
            </a>
            <Badge tone text=word/>
            <p class="note basis-full wrap-anywhere">{row.words}</p>
        </li>
    }
    .into_any()
}

/// "3 of 4 denied: one vote does not count".
fn headline(act: &ActView) -> String {
    let counts = act.rows.iter().filter(|row| row.counts).count();
    let verb = if act.approves { "approved" } else { "denied" };
    match act.rows.len() {
        all if all == counts => format!("You {verb} {all}"),
        all => format!("You {verb} {counts} of {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::window::Instant;

    #[test]
    fn the_headline_hides_no_refusal() {
        let row = |counts| ActRowView {
            title: String::new(),
            href: String::new(),
            counts,
            words: String::new(),
        };
        let act = |rows| ActView {
            approves: false,
            rows,
            cut_off: false,
            at: Instant::UNIX_EPOCH,
            now: Instant::UNIX_EPOCH,
        };
        assert_eq!(headline(&act(vec![row(true), row(true)])), "You denied 2");
        assert_eq!(headline(&act(vec![row(true), row(false)])), "You denied 1 of 2");
        assert_eq!(headline(&act(vec![row(false)])), "You denied 0 of 1");
    }
}
