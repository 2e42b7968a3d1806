//! What was done through a broken glass: emergency access, and what every emergency has.

use domain::{enforcement::Done, window::Instant};
use leptos::prelude::*;

use super::view::{AccessView, AnsweredView, PostReviewView};
use crate::component::{
    badge::GrantBadge,
    empty_state::EmptyState,
    facts::{Fact, Facts},
    icon::Shape,
    id::Id,
    panel::{Panel, PanelLink},
    table::{Column, Table},
    time::{Time, TimeForm, length},
};

/// The facts that every emergency has.
#[component]
pub(super) fn Emergency(incident: String, weak_sign_in: bool, skipped: Vec<String>) -> impl IntoView {
    let skipped = if skipped.is_empty() {
        "nobody is left who could have decided".to_owned()
    } else {
        skipped.join(", ")
    };
    let sign_in = if weak_sign_in {
        "an older session, since the identity provider did not answer"
    } else {
        "signed in afresh for it"
    };
    view! {
        <Fact name="Incident">{incident}</Fact>
        <Fact name="Known by">{sign_in}</Fact>
        <Fact name="Not asked">{skipped}</Fact>
    }
    .into_any()
}

/// What was done.
#[component]
pub(super) fn AccessSummary(review: PostReviewView, access: AccessView) -> impl IntoView {
    let now = review.now;
    let asked = super::page::approved_by(&review);
    let link = access
        .request_href
        .clone()
        .map(|href| view! { <PanelLink href label="The access"/> })
        .into_any();
    view! {
        <Panel title="What was done" aside=link>
            <Facts>
                <Fact name="Who">{access.by}</Fact>
                <Emergency incident=access.incident weak_sign_in=access.weak_sign_in skipped=access.skipped/>
                <Fact name="Approved by">{asked}</Fact>
                <Fact name="What">{access.what}</Fact>
                <Fact name="When">
                    <Time at=access.starts_at now form=TimeForm::Absolute/>
                    " for "
                    {length(access.lasts_secs)}
                    " "
                    <GrantBadge state=access.state/>
                </Fact>
                <Fact name="Answered">{counted(access.answered_total)}</Fact>
                <Fact name="Done">{review.done}</Fact>
                <Fact name="Why">
                    <span class="whitespace-pre-line wrap-anywhere">{access.reason}</span>
                </Fact>
            </Facts>
        </Panel>
    }
    .into_any()
}

/// "2 decisions, which would have waited for a person without it".
fn counted(total: i64) -> String {
    match total {
        0 => "no decision: it was not used".to_owned(),
        1 => "1 decision, which would have waited for a person without it".to_owned(),
        _ => format!("{total} decisions, which would have waited for a person without it"),
    }
}

/// The decisions that it answered, each with what was reported of it.
#[component]
pub(super) fn Answered(access: AccessView, now: Instant) -> impl IntoView {
    let shown = i64::try_from(access.answered.len()).unwrap_or(i64::MAX);
    let note = if shown < access.answered_total {
        format!("the newest {shown} of {}", access.answered_total)
    } else {
        String::new()
    };
    let linked = access.may_audit;
    let body = if access.answered.is_empty() {
        view! {
            <EmptyState
                shape=Shape::Zap
                title="No decision so far"
                note="Each decision that this access answers is listed here, with what was really done."
            />
        }
        .into_any()
    } else {
        let rows = access
            .answered
            .into_iter()
            .map(|each| row(each, linked, now))
            .collect_view();
        view! {
            <Table
                caption="Decisions that this access answered"
                columns=vec![Column::new("When"), Column::new("Who did what"), Column::new("Done")]
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Panel title="Answered" aside=view! { <p class="note">{note}</p> }.into_any() flush=true>
            {body}
        </Panel>
    }
    .into_any()
}

fn row(each: AnsweredView, linked: bool, now: Instant) -> impl IntoView {
    let href = format!("/audit/decisions/{}", each.id);
    let id = if linked {
        view! { <Id value=each.id href/> }.into_any()
    } else {
        view! { <Id value=each.id/> }.into_any()
    };
    view! {
        <tr>
            <td class="whitespace-nowrap">
                <Time at=each.at now form=TimeForm::Absolute/>
            </td>
            <td class="wrap-anywhere">{each.words} " " {id}</td>
            <td class="whitespace-nowrap">
                <span class="note">{each.done.map_or("not reported", Done::words)}</span>
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn what_it_answered_is_counted_in_a_line() {
        assert_eq!(counted(0), "no decision: it was not used");
        assert!(counted(1).starts_with("1 decision, which"));
        assert!(counted(2).starts_with("2 decisions, which"));
    }
}
