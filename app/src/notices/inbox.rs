//! `/notices`: what the reader was told.

use domain::notice::NoticeKind;
use domain::window::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::list_notices,
    view::{NoticeRow, NoticesView},
};
use crate::{
    component::{
        address::page_links,
        empty_state::EmptyState,
        error_summary::ErrorSummary,
        icon::{Icon, Shape},
        load::load,
        page_header::PageHeader,
        pager::Pager,
        time::{Time, TimeLeft},
    },
    form::{Submission, use_submission},
};

const PATH: &str = "/notices";

#[component]
pub(crate) fn NoticesPage() -> impl IntoView {
    let submission = use_submission().of(&["read", "read_all"]);
    let address = use_query_map();
    let list = Resource::new(
        move || address.read().get("before").unwrap_or_default(),
        list_notices,
    );
    load(list, move |list| {
        let links = page_links(PATH, &address.get_untracked(), list.next.as_deref());
        view! { <Notices list links submission=submission.clone()/> }
    })
}

#[component]
fn Notices(
    list: NoticesView,
    links: (Option<String>, Option<String>),
    submission: Submission,
) -> impl IntoView {
    let now = list.now;
    let note = match list.unread {
        0 => "You have read all of them.".to_owned(),
        100.. => "More than 99 are unread.".to_owned(),
        unread => format!("{unread} unread."),
    };
    let newest = list.rows.first().map(|row| row.id.clone());
    let actions = view! {
        {newest
            .filter(|_| list.unread > 0)
            .map(|newest| {
                view! {
                    <form method="post" action=PATH>
                        <input type="hidden" name="up_to" value=newest/>
                        <button class="btn btn-sm" name="intent" value="read_all">
                            <Icon shape=Shape::Check/>
                            "Mark all as read"
                        </button>
                    </form>
                }
            })}
        <a class="btn btn-sm btn-ghost" href="/settings/notices">
            "How I am told"
        </a>
    }
    .into_any();
    let body = if list.rows.is_empty() {
        view! {
            <EmptyState
                shape=Shape::Bell
                title="No news"
                note="What happens to what you asked for, to what is yours and to what you can decide on is told here. What you did yourself is not."
            />
        }
        .into_any()
    } else {
        let rows = list
            .rows
            .into_iter()
            .map(|row| view! { <Told row now/> })
            .collect_view();
        view! { <ul class="divide-y divide-base-300">{rows}</ul> }.into_any()
    };
    let (older, newest) = links;
    view! {
        <PageHeader title="Notices" note actions/>
        <ErrorSummary submission/>
        <section class="panel mt-6 overflow-hidden">{body} <Pager older newest/></section>
    }
    .into_any()
}

#[component]
fn Told(row: NoticeRow, now: Instant) -> impl IntoView {
    let weight = if row.read { "" } else { "font-semibold" };
    let mark = (!row.read).then(|| {
        let label = format!("Mark as read: {}", row.headline);
        view! {
            <form method="post" action=PATH>
                <input type="hidden" name="id" value=row.id.clone()/>
                <button class="btn btn-ghost btn-sm btn-square" name="intent" value="read" aria-label=label>
                    <Icon shape=Shape::Check/>
                </button>
            </form>
        }
    });
    let left = row
        .until
        .filter(|until| waits(row.kind) && *until > now)
        .map(|until| view! { " · " <TimeLeft until now/> });
    view! {
        <li class="flex items-start gap-4 px-5 py-3">
            <span class="pt-0.5 text-base-content/60">
                <Icon shape=shape(row.kind)/>
            </span>
            <div class="min-w-0 grow text-sm">
                <a class=format!("leading-snug hover:underline wrap-anywhere {weight}") href=row.href>
                    {(!row.read).then(|| view! { <span class="sr-only">"Unread: "</span> })}
                    {row.headline}
                </a>
                <p class="note mt-0.5 wrap-anywhere">{row.note}</p>
                <p class="note mt-0.5">
                    <Time at=row.at now/>
                    {left}
                </p>
            </div>
            {mark}
        </li>
    }
    .into_any()
}

/// Whether the time that is left matters to its reader.
const fn waits(kind: NoticeKind) -> bool {
    matches!(
        kind,
        NoticeKind::StageReached
            | NoticeKind::Reminder
            | NoticeKind::SecondPerson
            | NoticeKind::ReviewOwed
            | NoticeKind::EndingSoon
            | NoticeKind::FoundNeedless
            | NoticeKind::Questioned
    )
}

const fn shape(kind: NoticeKind) -> Shape {
    match kind {
        NoticeKind::Escalated => Shape::Users,
        NoticeKind::FellBack | NoticeKind::NobodyLeft => Shape::CircleAlert,
        NoticeKind::Requested => Shape::Send,
        NoticeKind::StageReached => Shape::Inbox,
        NoticeKind::Reminder | NoticeKind::ReviewOwed | NoticeKind::ReviewOverdue => Shape::Hourglass,
        NoticeKind::Approved => Shape::CircleCheck,
        NoticeKind::Denied => Shape::CircleCross,
        NoticeKind::Withdrawn => Shape::Undo,
        NoticeKind::Lapsed | NoticeKind::Ended => Shape::Expired,
        NoticeKind::Voided | NoticeKind::Revoked => Shape::Ban,
        NoticeKind::FirstUse | NoticeKind::Signalled => Shape::Zap,
        NoticeKind::MostUsed => Shape::CircleAlert,
        NoticeKind::EndingSoon => Shape::Clock,
        NoticeKind::Suspended => Shape::Pause,
        NoticeKind::BreakGlass | NoticeKind::SecondPerson => Shape::Flame,
        NoticeKind::ReviewConcluded | NoticeKind::Confirmed | NoticeKind::Kept => Shape::UserCheck,
        NoticeKind::Questioned | NoticeKind::Answered | NoticeKind::Commented => Shape::Message,
        NoticeKind::SignalsExceeded
        | NoticeKind::Undelivered
        | NoticeKind::PartitionMissing
        | NoticeKind::DirectoryRefused
        | NoticeKind::CoversLess
        | NoticeKind::ClientWidened => Shape::Triangle,
        NoticeKind::ClientRegistered => Shape::Plus,
        NoticeKind::PolicyPublished => Shape::Layers,
        NoticeKind::DirectoryChanged => Shape::Users,
        NoticeKind::BudgetBurn => Shape::Flame,
        NoticeKind::Lent => Shape::Users,
        NoticeKind::EndpointGone => Shape::Ban,
        NoticeKind::Renewed => Shape::Refresh,
        NoticeKind::FoundNeedless => Shape::Info,
        NoticeKind::ClosedEarly => Shape::Minus,
    }
}
