//! Policies, to be read: tiers, rules and cases of the version in force.

mod api;
mod page;
mod rules;
mod scenarios;
mod tier_list;
mod view;

#[cfg(feature = "ssr")]
mod words;

pub(crate) use page::Policies;
