//! What an approver keeps of a scope: a box for each of its entries, all of them ticked at first. Nothing else can be sent, so
//! that a form of this shape can only take away; whether it does is judged where the vote is.
//!
//! The form carries along what it offered, ticked or not: an unticked box sends nothing, and a list that was not offered is
//! left as it is.

use std::collections::BTreeSet;

use domain::{name::RuleId, scope::Scope};
use leptos::prelude::*;

use super::{
    scope_text::{self, ScopeTextError},
    view::ScopeView,
};
use crate::{
    component::field::{Choice, TickList},
    form::{FieldError, Submission},
};

/// A list of a scope.
struct List {
    /// What it is called in the form.
    label: &'static str,
    /// The field with all that there was.
    offered: &'static str,
    /// The field with what is kept.
    kept: &'static str,
    /// Its entries.
    entries: fn(&ScopeView) -> &[String],
}

const PRINCIPALS: List = List {
    label: "Keep who",
    offered: "offered.principals",
    kept: "keep.principals",
    entries: |scope| &scope.principals,
};
const RESOURCES: List = List {
    label: "Keep which resources",
    offered: "offered.resources",
    kept: "keep.resources",
    entries: |scope| &scope.resources,
};
const CAPABILITIES: List = List {
    label: "Keep to do what",
    offered: "offered.capabilities",
    kept: "keep.capabilities",
    entries: |scope| &scope.capabilities,
};
const RULES: List = List {
    label: "Keep out of which rules",
    offered: "offered.rules",
    kept: "keep.rules",
    entries: |scope| &scope.rules,
};
const LISTS: [List; 4] = [PRINCIPALS, RESOURCES, CAPABILITIES, RULES];

/// The boxes; nothing where each list has one entry, which cannot be taken out.
#[component]
pub(super) fn KeepFields(scope: ScopeView, submission: Submission) -> impl IntoView {
    let any = LISTS.iter().any(|list| (list.entries)(&scope).len() > 1);
    any.then(|| {
        let lists = LISTS
            .iter()
            .map(|list| fields(list, (list.entries)(&scope), submission.clone()))
            .collect_view();
        view! { <div class="space-y-3">{lists}</div> }
    })
    .into_any()
}

fn fields(list: &List, entries: &[String], submission: Submission) -> impl IntoView + use<> {
    let hidden = |name: &'static str| {
        entries
            .iter()
            .map(|entry| view! { <input type="hidden" name=name value=entry.clone()/> })
            .collect_view()
    };
    let offered = hidden(list.offered);
    let kept = match entries {
        [] | [_] => hidden(list.kept).into_any(),
        entries => view! {
            <TickList
                label=list.label
                name=list.kept
                submission
                initial=entries.to_vec()
                choices=entries.iter().map(|entry| Choice::new(entry, entry)).collect()
            />
        }
        .into_any(),
    };
    view! {
        {offered}
        {kept}
    }
}

/// What was unticked, as one would type it.
pub(super) fn taken_out(form: &Submission) -> Vec<String> {
    LISTS
        .iter()
        .flat_map(|list| {
            let kept: BTreeSet<&str> = form.values_of(list.kept).collect();
            form.values_of(list.offered)
                .filter(move |entry| !kept.contains(entry))
        })
        .map(str::to_owned)
        .collect()
}

/// The scope that is left. None where nothing was unticked. Errors name the list of which nothing is left.
pub fn kept_scope(form: &Submission) -> Result<Option<Scope>, FieldError> {
    if taken_out(form).is_empty() {
        return Ok(None);
    }
    Ok(Some(Scope {
        principals: kept(form, &PRINCIPALS, scope_text::principal)?,
        resources: kept(form, &RESOURCES, scope_text::resource)?,
        capabilities: kept(form, &CAPABILITIES, scope_text::capability)?,
        rules: kept(form, &RULES, |entry| {
            RuleId::new(entry).map_err(|source| ScopeTextError::Name {
                entry: entry.to_owned(),
                source,
            })
        })?
        .unwrap_or_default(),
    }))
}

fn kept<T: Ord>(
    form: &Submission,
    list: &List,
    read: impl Fn(&str) -> Result<T, ScopeTextError>,
) -> Result<Option<BTreeSet<T>>, FieldError> {
    let pointer = format!("/{}", list.kept.replace('.', "/"));
    if form.values_of(list.offered).next().is_none() {
        return Ok(None);
    }
    let kept: BTreeSet<T> = form
        .values_of(list.kept)
        .map(read)
        .collect::<Result<_, _>>()
        .map_err(|error| FieldError::at(&pointer, "unreadable", error.to_string()))?;
    if kept.is_empty() {
        return Err(FieldError::at(
            &pointer,
            "nothing_kept",
            "Keep at least one of these, or deny it.",
        ));
    }
    Ok(Some(kept))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn posted(values: &[(&str, &str)]) -> Submission {
        let offered = [
            ("offered.principals", "group a"),
            ("offered.principals", "person b"),
            ("offered.resources", "service c, d"),
            ("offered.rules", "one"),
            ("offered.rules", "two"),
        ];
        Submission {
            values: offered
                .iter()
                .chain(values)
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Submission::default()
        }
    }

    const ALL: [(&str, &str); 5] = [
        ("keep.principals", "group a"),
        ("keep.principals", "person b"),
        ("keep.resources", "service c, d"),
        ("keep.rules", "one"),
        ("keep.rules", "two"),
    ];

    #[test]
    fn what_is_unticked_is_taken_out_and_what_was_open_stays_open() {
        assert_eq!(kept_scope(&posted(&ALL)), Ok(None));
        assert_eq!(
            kept_scope(&Submission::default()),
            Ok(None),
            "nothing was offered"
        );
        let less: Vec<_> = ALL
            .into_iter()
            .filter(|(_, entry)| *entry != "person b")
            .collect();
        assert_eq!(taken_out(&posted(&less)), ["person b"]);
        let scope = kept_scope(&posted(&less)).unwrap().unwrap();
        let texts: Vec<String> = scope
            .principals
            .iter()
            .flatten()
            .map(scope_text::principal_text)
            .collect();
        assert_eq!(texts, ["group a"]);
        assert_eq!(scope.resources.unwrap().len(), 1, "a comma is part of its name");
        assert_eq!((scope.capabilities, scope.rules.len()), (None, 2));
    }

    #[test]
    fn nothing_at_all_is_no_scope() {
        let none: Vec<_> = ALL
            .into_iter()
            .filter(|(name, _)| *name != "keep.principals")
            .collect();
        let refused = kept_scope(&posted(&none)).unwrap_err();
        assert_eq!(
            (refused.field.as_str(), refused.code.as_str()),
            ("keep.principals", "nothing_kept")
        );
    }
}
