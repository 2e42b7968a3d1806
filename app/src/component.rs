//! What pages are made of. A component takes data, carries the classes and never fetches, so that a page's `view!` reads
//! as what it shows.
//!
//! **To add one:** a file named for what it shows, one `#[component]` and its data types, text and icons that say by
//! themselves what a colour says. Anything that computes is a plain function beside it, with a test.
//!
//! **Its type is erased** (`.into_any()` at the end of each component and page): a page is otherwise one nested type of all
//! that it shows, which takes the compiler to its recursion limit and the browser's module to twice its size.

pub mod address;
pub mod badge;
pub mod confirm;
pub mod decision_flow;
pub mod empty_state;
pub mod error_summary;
pub mod facts;
pub mod field;
pub mod filter_bar;
pub mod filter_day;
pub mod icon;
pub mod id;
pub mod life_bar;
pub mod load;
pub mod notice;
pub mod page_header;
pub mod pager;
pub mod panel;
pub(crate) mod precedents;
pub mod problem;
pub mod row_keys;
pub mod row_list;
pub mod shortcut;
pub mod steps;
pub mod table;
pub mod time;
pub mod timeline;
