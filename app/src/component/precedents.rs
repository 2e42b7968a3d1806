//! How similar ones went, beside one that is to be decided, and below one that was.

use domain::window::Instant;
use leptos::prelude::*;

use super::{
    panel::Panel,
    table::{Column, Table},
    time::{Time, TimeForm},
};

/// One that was decided.
pub(crate) struct Precedent {
    /// The page about it.
    pub(crate) href: String,
    /// Who asked, and for what or why.
    pub(crate) what: String,
    /// Its state, as a badge.
    pub(crate) state: AnyView,
    /// Who said what.
    pub(crate) decided_by: String,
    /// When.
    pub(crate) at: Instant,
}

#[component]
pub(crate) fn Precedents(
    /// The panel's heading: those of a settled one came after it as well.
    title: &'static str,
    /// What the table holds.
    caption: &'static str,
    /// What stands in the first column, and what the instant in the last is.
    columns: (&'static str, &'static str),
    /// The newest of them.
    rows: Vec<Precedent>,
    /// How many there were; none where there were none lately.
    summary: Option<String>,
    /// The present.
    now: Instant,
) -> impl IntoView {
    let (what, when) = columns;
    let none_lately = if rows.is_empty() {
        "This is the first of its kind."
    } else {
        "None in 90 days."
    };
    let summary = summary.unwrap_or_else(|| none_lately.to_owned());
    let aside = view! { <p class="note num">{summary}</p> }.into_any();
    if rows.is_empty() {
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
    let rows = rows
        .into_iter()
        .map(|one| {
            view! {
                <tr>
                    <td class="max-w-80">
                        <a class="link link-hover line-clamp-2" href=one.href>
                            {one.what}
                        </a>
                    </td>
                    <td>{one.state}</td>
                    <td class="max-w-80">
                        <span class="line-clamp-2 wrap-anywhere">{one.decided_by}</span>
                    </td>
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
                caption=caption
                columns=vec![
                    Column::new(what),
                    Column::new("State"),
                    Column::new("Decided by"),
                    Column::right(when),
                ]
            >
                {rows}
            </Table>
        </Panel>
    }
    .into_any()
}
