//! The decisions that an opt-out applied to, each with what it would have been without.

use domain::{
    decision::UseEffect,
    enforcement::{Deviation, Done},
    opt_out::Direction,
    outcome::Outcome,
};
use leptos::prelude::*;

use crate::{
    component::{
        badge::{Badge, OutcomeBadge, Tone},
        empty_state::EmptyState,
        icon::Shape,
        id::Id,
        panel::Panel,
        table::{Column, Table},
        time::{Time, TimeForm},
    },
    opt_outs::view::{OptOutView, UseView},
};

/// The uses. Nothing before it has been in force.
#[component]
pub(crate) fn Uses(
    opt_out: OptOutView,
    /// Whether those come first where something else was done than what was answered.
    #[prop(optional)]
    for_review: bool,
) -> impl IntoView {
    let began = !opt_out.state.is_pending() && opt_out.starts_at <= opt_out.now;
    (began || opt_out.uses_total > 0).then(|| {
        let words = counted(
            opt_out.uses_total,
            opt_out.uses_changed,
            opt_out.uses.len(),
            for_review,
        );
        view! {
            <Panel title="Uses" aside=view! { <p class="note">{words}</p> }.into_any() flush=true>
                <Rows opt_out=opt_out.clone()/>
            </Panel>
        }
    })
}

/// "128 so far · 117 changed the outcome · 11 would have been the same".
fn counted(total: i64, changed: i64, shown: usize, for_review: bool) -> String {
    let all = !i64::try_from(shown).is_ok_and(|shown| shown < total);
    let newest = match (for_review, all) {
        (true, true) => " · what differs from its answer first".to_owned(),
        (true, false) => format!(" · what differs from its answer first, then the newest: {shown} in all"),
        (false, true) => String::new(),
        (false, false) => format!(" · the newest {shown}"),
    };
    match total - changed {
        _ if total == 0 => "none so far".to_owned(),
        0 => format!("{total} so far · all changed the outcome{newest}"),
        same => format!(
            "{total} so far · {changed} changed the outcome · {same} would have been the same{newest}"
        ),
    }
}

#[component]
fn Rows(opt_out: OptOutView) -> impl IntoView {
    if opt_out.uses.is_empty() {
        return view! {
            <EmptyState
                shape=Shape::Zap
                title="No decision so far"
                note="Each decision that this applies to is listed here, with what it would have been without."
            />
        }
        .into_any();
    }
    let (now, direction, linked) = (opt_out.now, opt_out.direction, opt_out.may_audit);
    let rows = opt_out
        .uses
        .into_iter()
        .map(|each| row(each, direction, linked, now))
        .collect_view();
    let columns = vec![
        Column::new("When"),
        Column::new("Who did what"),
        Column::new("Without opt-outs"),
        Column::new("With them"),
        Column::new("Answer"),
        Column::new("Done"),
    ];
    view! {
        <Table caption="Decisions that this opt-out applied to" columns>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(each: UseView, direction: Direction, linked: bool, now: domain::window::Instant) -> impl IntoView {
    let exempt = direction == Direction::Bypass
        && each.effect == UseEffect::Changed
        && each.effective == Outcome::Automate;
    let href = format!("/audit/decisions/{}", each.decision);
    let id = if linked {
        view! { <Id value=each.decision href/> }.into_any()
    } else {
        view! { <Id value=each.decision/> }.into_any()
    };
    view! {
        <tr>
            <td class="whitespace-nowrap">
                <Time at=each.at now form=TimeForm::Absolute/>
            </td>
            <td class="wrap-anywhere">{each.words} " " {id}</td>
            <td>
                <OutcomeBadge outcome=each.base/>
            </td>
            <td class="whitespace-nowrap">
                <OutcomeBadge outcome=each.effective exempt/>
                {not_by_this(each.effect, each.base == each.effective).map(|words| view! { <span class="note">" " {words}</span> })}
            </td>
            <td class="whitespace-nowrap">{if each.answer { "allowed" } else { "refused" }}</td>
            <td class="whitespace-nowrap">{done(each.done, each.answer)}</td>
        </tr>
    }
}

/// What else there is to say of an outcome that this opt-out did not change.
const fn not_by_this(effect: UseEffect, same: bool) -> Option<&'static str> {
    match (effect, same) {
        (UseEffect::Changed, _) => None,
        (UseEffect::Hidden, _) => Some("a to-manual asks anyway"),
        (UseEffect::None, true) => Some("same"),
        (UseEffect::None, false) => Some("by others"),
    }
}

/// What was done at the gate: what differs from the answer stands out.
fn done(done: Option<Done>, answer: bool) -> impl IntoView {
    let words = done.map_or("not reported", Done::words);
    match done.map_or(Deviation::None, |done| done.deviation(answer)) {
        Deviation::None => view! { <span class="note">{words}</span> }.into_any(),
        Deviation::Stricter => view! { <Badge tone=Tone::Strict text=words/> }.into_any(),
        Deviation::Laxer => view! { <Badge tone=Tone::Danger text=words/> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::{UseEffect, counted, not_by_this};

    #[test]
    fn what_others_did_is_not_said_to_be_its_own() {
        assert_eq!(not_by_this(UseEffect::Changed, false), None);
        assert_eq!(not_by_this(UseEffect::None, false), Some("by others"));
        assert_eq!(not_by_this(UseEffect::None, true), Some("same"));
        assert!(not_by_this(UseEffect::Hidden, true).is_some());
    }

    #[test]
    fn uses_are_counted_in_a_line() {
        assert_eq!(counted(0, 0, 0, true), "none so far");
        assert_eq!(counted(6, 6, 6, false), "6 so far · all changed the outcome");
        assert_eq!(
            counted(6, 6, 6, true),
            "6 so far · all changed the outcome · what differs from its answer first"
        );
        assert_eq!(
            counted(128, 117, 20, false),
            "128 so far · 117 changed the outcome · 11 would have been the same · the newest 20"
        );
    }
}
