//! The start page: what waits, what ends soon, what is mine.

use domain::window::Instant;
use leptos::prelude::*;

use super::{
    api::open_home,
    view::{BrokenPastView, EndingView, HomeView, MineStand, MineView, QuestionView},
};
use crate::{
    approvals::WaitingRow,
    component::{
        badge::{OptOutBadge, Tone},
        empty_state::EmptyState,
        icon::{Icon, Shape},
        id::{Id, short},
        load::load,
        notice::Notice,
        page_header::PageHeader,
        panel::{Panel, PanelLink},
        row_list::RowList,
        table::{Column, Table},
        time::{Time, TimeForm, length},
    },
    requests::{EndsText, StandBadge},
};

#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let home = Resource::new(|| (), |()| open_home());
    load(home, |home| view! { <Home home/> })
}

#[component]
fn Home(home: HomeView) -> impl IntoView {
    let now = home.now;
    let note = home
        .first_due_at
        .map(|due| {
            format!(
                "The first is due in {}. Everything else is decided by policy.",
                length((due - now).num_seconds())
            )
        })
        .unwrap_or_else(|| nothing_due(home.may_vote).to_owned());
    let title = headline(home.waiting_total);
    let nothing_ends = home.ending.is_empty();
    let mine = view! { <Mine mine=home.mine.clone() now narrow=!home.may_vote/> }.into_any();
    // Who may not decide came for their own things.
    let (main, below) = if home.may_vote {
        (
            view! { <Waiting home=home.clone()/> }.into_any(),
            Some(view! { <div class="mt-5">{mine}</div> }),
        )
    } else {
        (mine, None)
    };
    view! {
        <PageHeader title=title window_title="Home" note=note/>
        <Questions questions=home.questions now/>
        <BrokenPast broken=home.broken now/>
        <div class="mt-6 grid gap-5 lg:grid-cols-[minmax(0,1fr)_20rem] items-start">
            {main}
            <aside class="space-y-5 min-w-0">
                {(!nothing_ends).then(|| view! { <EndingSoon ending=home.ending now/> })}
                {home.may_request.then(|| view! { <AskForOptOut/> })}
            </aside>
        </div>
        {below}
    }
    .into_any()
}

/// What others want to know before they decide.
#[component]
fn Questions(questions: Vec<QuestionView>, now: Instant) -> impl IntoView {
    questions
        .into_iter()
        .map(|question| {
            view! {
                <div class="mt-4">
                    <Notice tone=Tone::Lax>
                        {question.who}
                        " asked about "
                        <a class="link font-medium" href=question.href>
                            {question.about}
                        </a>
                        " "
                        <Time at=question.at now form=TimeForm::Relative/>
                        ": “"
                        {question.text}
                        "” It waits for your answer."
                    </Notice>
                </div>
            }
        })
        .collect_view()
}

/// What happened without the reader being asked.
#[component]
fn BrokenPast(broken: Vec<BrokenPastView>, now: Instant) -> impl IntoView {
    broken
        .into_iter()
        .map(|broken| {
            let until = broken
                .ends_at
                .map(|at| view! { ", in force until " <Time at now/> });
            let review = broken.review_href.map(|href| {
                view! {
                    " "
                    <a class="link" href=href>
                        "Its post-review"
                    </a>
                    " is owed."
                }
            });
            view! {
                <div class="mt-4">
                    <Notice tone=Tone::Danger>
                        <a class="link font-medium" href=broken.href>
                            {broken.words}
                        </a>
                        {until}
                        ". You would have decided it."
                        {review}
                    </Notice>
                </div>
            }
        })
        .collect_view()
}

const fn nothing_due(may_vote: bool) -> &'static str {
    if may_vote {
        "What policy leaves to a group that you are in comes here, the strictest tier first."
    } else {
        "What you asked for stands here, with who decides it."
    }
}

/// "Four things wait for you".
fn headline(waiting: usize) -> String {
    const WORDS: [&str; 12] = [
        "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
    ];
    match waiting {
        0 => "Nothing waits for you".to_owned(),
        1 => "One thing waits for you".to_owned(),
        more => {
            let word = WORDS
                .get(more - 1)
                .map_or_else(|| more.to_string(), |word| (*word).to_owned());
            format!("{word} things wait for you")
        }
    }
}

#[component]
fn Waiting(home: HomeView) -> impl IntoView {
    let now = home.now;
    let link = view! { <PanelLink href="/approvals" label="Open inbox"/> }.into_any();
    if home.waiting.is_empty() {
        return view! {
            <Panel title="Waiting for me" aside=link flush=true>
                <EmptyState
                    shape=Shape::Inbox
                    title="All decided"
                    note="What you asked for yourself never comes here: somebody else decides it."
                />
            </Panel>
        }
        .into_any();
    }
    let more = home.waiting_total.saturating_sub(home.waiting.len());
    let rows = home
        .waiting
        .into_iter()
        .map(|item| view! { <WaitingRow item now/> })
        .collect_view();
    view! {
        <Panel title="Waiting for me" aside=link flush=true>
            <RowList>{rows}</RowList>
            {(more > 0)
                .then(|| {
                    view! {
                        <p class="border-t border-base-300 px-5 py-3 text-sm">
                            <a class="link link-hover text-primary" href="/approvals">
                                {format!("{more} more")}
                            </a>
                        </p>
                    }
                })}
        </Panel>
    }
    .into_any()
}

#[component]
fn EndingSoon(ending: Vec<EndingView>, now: Instant) -> impl IntoView {
    let items = ending
        .into_iter()
        .map(|item| {
            view! {
                <li class="flex justify-between gap-3">
                    <span class="min-w-0">
                        <a class="link link-hover wrap-anywhere" href=item.href>
                            {item.title}
                        </a>
                        <span class="note block">{item.kind} " · " {short(&item.id)}</span>
                    </span>
                    <span class="text-right whitespace-nowrap">
                        <Time at=item.ends_at now form=TimeForm::Stacked/>
                    </span>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel title="Ending soon">
            <ul class="space-y-3 text-sm">{items}</ul>
        </Panel>
    }
    .into_any()
}

#[component]
fn AskForOptOut() -> impl IntoView {
    view! {
        <section class="panel p-5">
            <h2 class="panel-title">"Need something out of the automation?"</h2>
            <p class="note mt-1 mb-3">"See what is allowed, who decides, and how long it may last."</p>
            <a class="btn btn-primary btn-sm" href="/opt-outs/request">
                <Icon shape=Shape::Plus/>
                "Request opt-out"
            </a>
        </section>
    }
    .into_any()
}

#[component]
fn Mine(
    mine: Vec<MineView>,
    now: Instant,
    /// Whether it shares the page's width with another column.
    narrow: bool,
) -> impl IntoView {
    let form = if narrow { TimeForm::Stacked } else { TimeForm::Both };
    let link = view! { <PanelLink href="/requests?show=mine" label="All my requests"/> }.into_any();
    let body = if mine.is_empty() {
        view! {
            <EmptyState
                shape=Shape::Key
                title="You have asked for nothing yet"
                note="What you, or a job that you started, asked people for stands here with its state, until it ends and after."
            />
        }
        .into_any()
    } else {
        view! { <MineTable mine now form/> }.into_any()
    };
    view! {
        <Panel title="Mine" aside=link flush=true>
            {body}
        </Panel>
    }
    .into_any()
}

#[component]
fn MineTable(mine: Vec<MineView>, now: Instant, form: TimeForm) -> impl IntoView {
    let rows = mine
        .into_iter()
        .map(|item| {
            let badge = match item.stand {
                MineStand::Access(stand) => view! { <StandBadge stand/> }.into_any(),
                MineStand::OptOut { state, stages, .. } => {
                    view! { <OptOutBadge state stages=Some(stages)/> }.into_any()
                }
            };
            view! {
                <tr>
                    <td>
                        <a class="font-medium link link-hover" href=item.href>
                            {item.title}
                        </a>
                        " "
                        <Id value=item.id/>
                    </td>
                    <td>{badge}</td>
                    <td class="max-w-80">
                        <span class="line-clamp-2 wrap-anywhere">{item.decided_by}</span>
                    </td>
                    <td class="text-right whitespace-nowrap">
                        <EndsText ends=item.ends now form/>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table
            caption="What I asked for, newest first"
            columns=vec![
                Column::new("What"),
                Column::new("State"),
                Column::new("Decided by"),
                Column::right("Ends"),
            ]
        >
            {rows}
        </Table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::headline;

    #[test]
    fn the_headline_counts_in_words_as_far_as_people_do() {
        assert_eq!(headline(0), "Nothing waits for you");
        assert_eq!(headline(1), "One thing waits for you");
        assert_eq!(headline(4), "Four things wait for you");
        assert_eq!(headline(13), "13 things wait for you");
    }
}
