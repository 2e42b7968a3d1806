//! What an approver took away: both versions, side by side.

use leptos::prelude::*;

use crate::{
    component::{
        panel::Panel,
        table::{Column, Table},
        time::length,
    },
    opt_outs::view::{NarrowedView, OptOutView, ScopeView},
};

/// One row: what, as asked, as it stands. Entries that were taken out are marked in the first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Difference {
    what: &'static str,
    asked: Vec<(String, bool)>,
    now: String,
}

/// Both versions; nothing where it stands as it was asked for.
#[component]
pub(super) fn NarrowedPanel(opt_out: OptOutView) -> impl IntoView {
    opt_out.narrowed.clone().map(|narrowed| {
        let by = (!narrowed.by.is_empty()).then(|| format!("By {}.", narrowed.by.join(" and ")));
        let rows = differences(&narrowed, &opt_out)
            .into_iter()
            .map(row)
            .collect_view();
        let columns = vec![
            Column::new("What"),
            Column::new("As asked"),
            Column::new("As narrowed"),
        ];
        view! {
            <Panel title="Narrowed" aside=view! { <p class="note">{by}</p> }.into_any() flush=true>
                <Table caption="What was asked for, and what an approver made of it" columns>
                    {rows}
                </Table>
            </Panel>
        }
    })
}

fn row(difference: Difference) -> impl IntoView {
    let asked = difference
        .asked
        .into_iter()
        .map(|(entry, gone)| {
            if gone {
                view! {
                    <del class="block">
                        {entry} <span class="sr-only">" (taken out)"</span>
                    </del>
                }
                .into_any()
            } else {
                view! { <span class="block">{entry}</span> }.into_any()
            }
        })
        .collect_view();
    view! {
        <tr>
            <th scope="row" class="font-medium">
                {difference.what}
            </th>
            <td class="wrap-anywhere">{asked}</td>
            <td class="wrap-anywhere">{difference.now}</td>
        </tr>
    }
}

/// What differs, in the order of the form.
fn differences(narrowed: &NarrowedView, opt_out: &OptOutView) -> Vec<Difference> {
    let mut found = Vec::new();
    if let Some(asked) = &narrowed.scope {
        found.extend(of_scope(asked, &opt_out.scope));
    }
    if narrowed.length_secs != opt_out.length_secs {
        found.push(Difference {
            what: "How long",
            asked: vec![(length(narrowed.length_secs), true)],
            now: length(opt_out.length_secs),
        });
    }
    if narrowed.max_uses != opt_out.max_uses {
        let uses = |most: Option<u32>| most.map_or_else(|| "no limit".to_owned(), |most| most.to_string());
        found.push(Difference {
            what: "Uses",
            asked: vec![(uses(narrowed.max_uses), true)],
            now: uses(opt_out.max_uses),
        });
    }
    found
}

fn of_scope(asked: &ScopeView, now: &ScopeView) -> Vec<Difference> {
    [
        ("Who", &asked.principals, &now.principals, "anybody"),
        ("Resources", &asked.resources, &now.resources, "anything"),
        ("To do", &asked.capabilities, &now.capabilities, "whatever"),
        ("Out of rules", &asked.rules, &now.rules, "none"),
    ]
    .into_iter()
    .filter(|(_, asked, now, _)| asked != now)
    .map(|(what, asked, now, any)| Difference {
        what,
        // What was open is bounded now: all the rest of it was taken out.
        asked: if asked.is_empty() {
            vec![(any.to_owned(), true)]
        } else {
            asked
                .iter()
                .map(|entry| (entry.clone(), !now.contains(entry)))
                .collect()
        },
        now: if now.is_empty() {
            any.to_owned()
        } else {
            now.join(", ")
        },
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(principals: &[&str], rules: &[&str]) -> ScopeView {
        let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect();
        ScopeView {
            carried: Vec::new(),
            rules: list(rules),
            principals: list(principals),
            principals_covered: None,
            resources: Vec::new(),
            resources_covered: None,
            capabilities: Vec::new(),
        }
    }

    #[test]
    fn what_was_taken_out_is_marked_and_what_stayed_is_not_listed() {
        let asked = scope(&["group a", "person b"], &["one"]);
        let found = of_scope(&asked, &scope(&["person b"], &["one"]));
        assert_eq!(
            found,
            [Difference {
                what: "Who",
                asked: vec![("group a".to_owned(), true), ("person b".to_owned(), false)],
                now: "person b".to_owned(),
            }]
        );
        assert_eq!(of_scope(&asked, &asked), []);
        let open = of_scope(&scope(&[], &["one"]), &scope(&["person b"], &["one"]));
        assert_eq!(
            open.first().map(|difference| difference.asked.clone()),
            Some(vec![("anybody".to_owned(), true)])
        );
    }
}
