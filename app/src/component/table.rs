//! Tables. On small screens a row becomes a block with its first cell on a line of its own.

use leptos::prelude::*;

/// A column's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    title: &'static str,
    right: bool,
}

impl Column {
    /// A column of text.
    pub const fn new(title: &'static str) -> Self {
        Self { title, right: false }
    }

    /// A column of numbers or times at the right edge; its cells carry `class="text-right"`.
    pub const fn right(title: &'static str) -> Self {
        Self { title, right: true }
    }
}

/// A table inside a flush [`Panel`](super::panel::Panel).
#[component]
pub fn Table(
    /// What the rows are, for readers who do not see the panel's heading.
    #[prop(into)]
    caption: String,
    /// The heads of the columns.
    #[prop(into)]
    columns: Vec<Column>,
    /// One `<tr>` after another.
    children: Children,
) -> impl IntoView {
    let heads = columns
        .into_iter()
        .map(|column| {
            view! {
                <th scope="col" class:text-right=column.right>
                    {column.title}
                </th>
            }
        })
        .collect_view();
    view! {
        <table class="table table-sm">
            <caption class="sr-only">{caption}</caption>
            <thead>
                <tr>{heads}</tr>
            </thead>
            <tbody>{children()}</tbody>
        </table>
    }
    .into_any()
}
