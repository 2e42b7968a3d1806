//! How similar ones went, for whoever decides.

use leptos::prelude::*;

use crate::{
    component::{
        badge::OptOutBadge,
        panel::Panel,
        table::{Column, Table},
        time::{Time, TimeForm},
    },
    opt_outs::view::OptOutView,
};

#[component]
pub(super) fn PrecedentsPanel(opt_out: OptOutView) -> impl IntoView {
    let now = opt_out.now;
    opt_out.precedents.map(|precedents| {
        let none_lately = if precedents.rows.is_empty() {
            "This is the first of its kind."
        } else {
            "None in 90 days."
        };
        let summary = precedents.summary.unwrap_or_else(|| none_lately.to_owned());
        let aside = view! { <p class="note num">{summary}</p> }.into_any();
        if precedents.rows.is_empty() {
            return view! {
                <section class="panel mt-5">
                    <div class="panel-head">
                        <h2 class="panel-title">"Similar ones before"</h2>
                        {aside}
                    </div>
                </section>
            }
            .into_any();
        }
        let rows = precedents
            .rows
            .into_iter()
            .map(|one| {
                view! {
                    <tr>
                        <td class="max-w-80">
                            <a class="link link-hover line-clamp-2" href=format!("/opt-outs/{}", one.id)>
                                {one.what}
                            </a>
                        </td>
                        <td>
                            <OptOutBadge state=one.state stages=None/>
                        </td>
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
            <div class="mt-5">
                <Panel title="Similar ones before" aside flush=true>
                    <Table
                        caption="Decided opt-outs of the same kind"
                        columns=vec![
                            Column::new("Who and what"),
                            Column::new("State"),
                            Column::new("Decided by"),
                            Column::right("Asked"),
                        ]
                    >
                        {rows}
                    </Table>
                </Panel>
            </div>
        }
        .into_any()
    })
}
