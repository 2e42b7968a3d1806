//! The main navigation: the same list in the sidebar and in the menu of small screens.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::{
    component::icon::{Icon, Shape},
    session::current_user,
};

/// A group of entries. The first one needs no heading.
struct Group {
    heading: Option<&'static str>,
    entries: &'static [Entry],
}

struct Entry {
    label: &'static str,
    href: &'static str,
    shape: Shape,
    /// The number that stands beside it.
    counts: Counts,
}

/// What is counted beside an entry.
#[derive(Clone, Copy)]
enum Counts {
    Nothing,
    /// Items that wait for the reader.
    Waiting,
    /// Notices that the reader has not read.
    Unread,
}

/// To add a page to the navigation, add its line here.
static GROUPS: [Group; 3] = [
    Group {
        heading: None,
        entries: &[
            Entry::new("Home", "/", Shape::Home),
            Entry {
                counts: Counts::Waiting,
                ..Entry::new("Approvals", "/approvals", Shape::Inbox)
            },
            Entry {
                counts: Counts::Unread,
                ..Entry::new("Notices", "/notices", Shape::Bell)
            },
            Entry::new("Requests", "/requests", Shape::Key),
            Entry::new("Opt-outs", "/opt-outs", Shape::Branch),
        ],
    },
    Group {
        heading: Some("Govern"),
        entries: &[Entry::new("Policies", "/policies", Shape::Layers)],
    },
    Group {
        heading: Some("Prove"),
        entries: &[Entry::new("Audit log", "/audit", Shape::Scroll)],
    },
];

impl Entry {
    const fn new(label: &'static str, href: &'static str, shape: Shape) -> Self {
        Self {
            label,
            href,
            shape,
            counts: Counts::Nothing,
        }
    }
}

#[component]
pub(super) fn Navigation() -> impl IntoView {
    let (waiting, unread) = current_user().map_or((0, 0), |user| (user.waiting, user.unread));
    view! {
        <nav aria-label="Main">
            {GROUPS
                .iter()
                .map(|group| {
                    view! {
                        {group
                            .heading
                            .map(|heading| {
                                view! {
                                    <p class="px-3 pt-5 pb-1 text-xs font-medium text-base-content/70">
                                        {heading}
                                    </p>
                                }
                            })}
                        <ul class="space-y-0.5">
                            {group
                                .entries
                                .iter()
                                .map(|entry| view! { <NavigationEntry entry waiting unread/> })
                                .collect_view()}
                        </ul>
                    }
                })
                .collect_view()}
        </nav>
    }
    .into_any()
}

#[component]
fn NavigationEntry(entry: &'static Entry, waiting: u32, unread: u32) -> impl IntoView {
    // The home page's path is a prefix of all others.
    let exact = entry.href == "/";
    let (number, words) = match entry.counts {
        Counts::Nothing => (0, ""),
        Counts::Waiting => (waiting, " waiting"),
        Counts::Unread => (unread, " unread"),
    };
    let count = (number > 0).then(|| {
        let shown = if number < 100 {
            number.to_string()
        } else {
            "99+".to_owned()
        };
        view! {
            <span class="badge badge-sm badge-primary num">
                {shown} <span class="sr-only">{words}</span>
            </span>
        }
    });
    view! {
        <li>
            <A href=entry.href exact attr:class="nav-entry">
                <Icon shape=entry.shape/>
                <span class="grow">{entry.label}</span>
                {count}
            </A>
        </li>
    }
    .into_any()
}
