//! How similar ones went.

use domain::window::Instant;
use leptos::prelude::*;

use super::super::view::SimilarView;
use crate::component::{
    badge::AccessRequestBadge,
    panel::Panel,
    table::{Column, Table},
    time::{Time, TimeForm},
};

#[component]
pub(crate) fn Precedents(
    /// The panel's heading: those of a settled request came after it as well.
    title: &'static str,
    /// The newest of them.
    similar: Vec<SimilarView>,
    /// How many there were; none where there were none lately.
    summary: Option<String>,
    /// The present.
    now: Instant,
) -> impl IntoView {
    let none_lately = if similar.is_empty() {
        "This is the first of its kind."
    } else {
        "None in 90 days."
    };
    let summary = summary.unwrap_or_else(|| none_lately.to_owned());
    let aside = view! { <p class="note num">{summary}</p> }.into_any();
    if similar.is_empty() {
        return view! {
            <section class="panel">
                <div class="panel-head">
                    <h2 class="panel-title">{title}</h2>
                    {aside}
                </div>
            </section>
        }
        .into_any();
    }
    let rows = similar
        .into_iter()
        .map(|one| {
            view! {
                <tr>
                    <td class="max-w-80">
                        <a class="link link-hover line-clamp-2" href=format!("/requests/{}", one.id)>
                            {one.what}
                        </a>
                    </td>
                    <td>
                        <AccessRequestBadge state=one.state/>
                    </td>
                    <td>{one.decided_by}</td>
                    <td class="text-right whitespace-nowrap">
                        <Time at=one.at now form=TimeForm::Relative/>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title=title aside flush=true>
            <Table
                caption="Settled requests for the same"
                columns=vec![
                    Column::new("Who and why"),
                    Column::new("State"),
                    Column::new("Decided by"),
                    Column::right("When"),
                ]
            >
                {rows}
            </Table>
        </Panel>
    }
    .into_any()
}
