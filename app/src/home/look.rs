//! From what is the reader's to what the start page shows. On the server alone.

use domain::{
    approval::{Plan, Verdict},
    grant::GrantState,
    opt_out::{Direction, OptOutState},
    role::Permission,
    window::Instant,
};
use service::{
    Service,
    break_glass::{BrokenFor, BrokenGlass},
    caller::PersonCaller,
    comments::WaitingQuestion,
    home::{Ending, Home, Mine},
    opt_outs::OptOutSummary,
};

use super::view::{BrokenPastView, EndingView, HomeView, MineStand, MineView, QuestionView};
use crate::{
    approvals::look::inbox,
    comments::look::excerpt,
    error::AppError,
    requests::{look, view::Ends, words::wish_title},
    server_side::{Names, Tiers},
};

/// How many waiting things the start page shows.
const WAITING: usize = 5;

/// The caller's start page.
pub(super) fn home(service: &Service, caller: &PersonCaller, home: &Home) -> Result<HomeView, AppError> {
    let (names, tiers) = (Names::of(service), Tiers::of(service, caller)?);
    let mut waiting = inbox(service, caller, &home.inbox, &std::collections::BTreeMap::new())?.rows;
    let waiting_total = waiting.len();
    let first_due_at = waiting.iter().map(|row| row.due_at).min();
    waiting.truncate(WAITING);
    Ok(HomeView {
        waiting,
        waiting_total,
        first_due_at,
        may_vote: caller.may(Permission::Vote),
        may_request: caller.may(Permission::Request),
        questions: home
            .questions
            .iter()
            .map(|waiting| question(waiting, &names))
            .collect(),
        broken: home
            .broken
            .iter()
            .map(|broken| broken_past(broken, &names, home.now))
            .collect(),
        ending: home.ending.iter().map(ending).collect(),
        mine: home
            .mine
            .iter()
            .map(|item| mine(item, home, &names, &tiers))
            .collect(),
        now: home.now,
    })
}

fn question(waiting: &WaitingQuestion, names: &Names) -> QuestionView {
    let (about, href, asked) = match waiting {
        WaitingQuestion::AccessRequest(request, asked) => {
            (look::title(request), format!("/requests/{}", request.id), asked)
        }
        WaitingQuestion::OptOut(stored, asked) => {
            let opt_out = &stored.opt_out;
            (opt_out.title.clone(), format!("/opt-outs/{}", opt_out.id), asked)
        }
    };
    QuestionView {
        who: names.person(&asked.author),
        about,
        text: excerpt(&asked.text),
        at: asked.at,
        href,
    }
}

fn broken_past(broken: &BrokenGlass, names: &Names, now: Instant) -> BrokenPastView {
    let (who, glass, ends_at, href) = match &broken.what {
        BrokenFor::Bypass(summary) => {
            let opt_out = &summary.opt_out;
            let in_force = summary.state == OptOutState::Active;
            (
                names.requester(&opt_out.requested_by),
                &opt_out.break_glass,
                in_force.then(|| opt_out.window.ends_at()),
                format!("/opt-outs/{}", opt_out.id),
            )
        }
        BrokenFor::Access(request, grant) => {
            let in_force = grant
                .as_ref()
                .filter(|grant| grant.state(now) == GrantState::Active);
            let who = request.asked_by().map(|person| names.person(&person));
            (
                who.unwrap_or_else(|| names.principal(&request.principal)),
                &request.break_glass,
                in_force.map(|grant| grant.window.ends_at()),
                format!("/requests/{}", request.id),
            )
        }
    };
    let incident = glass
        .as_ref()
        .map(|glass| format!(" in {}", glass.incident))
        .unwrap_or_default();
    let owed = broken
        .review
        .as_ref()
        .filter(|review| review.conclusion.is_none());
    BrokenPastView {
        words: format!("{who} broke the glass{incident}"),
        ends_at,
        href,
        review_href: owed.map(|review| format!("/post-reviews/{}", review.id)),
    }
}

fn ending(item: &Ending) -> EndingView {
    match item {
        Ending::Grant(grant) => EndingView {
            title: wish_title(
                grant.capability.as_str(),
                &grant.resource.kind,
                &grant.resource.id,
            ),
            kind: "access".to_owned(),
            id: grant.request.to_string(),
            href: format!("/requests/{}", grant.request),
            ends_at: item.ends_at(),
        },
        Ending::OptOut(summary) => EndingView {
            title: summary.opt_out.title.clone(),
            kind: match summary.opt_out.closes_at() {
                Some(_) => "is it still needed?".to_owned(),
                None => direction(summary.opt_out.direction).to_owned(),
            },
            id: summary.opt_out.id.to_string(),
            href: format!("/opt-outs/{}", summary.opt_out.id),
            ends_at: item.ends_at(),
        },
    }
}

const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::ToManual => "to manual",
        Direction::Bypass => "bypass",
    }
}

fn mine(item: &Mine, home: &Home, names: &Names, tiers: &Tiers) -> MineView {
    match item {
        Mine::AccessRequest(request) => {
            let row = look::row(request, &home.outcomes, names, tiers, home.now);
            MineView {
                title: row.title,
                href: format!("/requests/{}", row.id),
                id: row.id,
                stand: MineStand::Access(row.stand),
                decided_by: row.decided_by,
                ends: row.ends,
            }
        }
        Mine::OptOut { summary, plan } => MineView {
            title: format!("Opt-out: {}", summary.opt_out.title),
            id: summary.opt_out.id.to_string(),
            href: format!("/opt-outs/{}", summary.opt_out.id),
            stand: MineStand::OptOut {
                state: summary.state,
                stages: look::stages(plan),
                direction: summary.opt_out.direction,
            },
            decided_by: opt_out_decided_by(summary, plan, home, names),
            ends: opt_out_ends(summary),
        },
    }
}

fn opt_out_decided_by(summary: &OptOutSummary, plan: &Plan, home: &Home, names: &Names) -> String {
    let said: Vec<_> = home
        .said
        .iter()
        .filter(|said| said.item == summary.opt_out.id.uuid())
        .collect();
    let who_approved = || {
        let people = said.iter().filter(|said| said.verdict == Verdict::Approve);
        people
            .map(|said| names.person(&said.person))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match summary.state {
        OptOutState::Requested => look::asks(plan, 0, names),
        OptOutState::InReview { stage } => look::asks(plan, usize::try_from(stage).unwrap_or(0), names),
        OptOutState::Rejected => said
            .iter()
            .find(|said| said.verdict == Verdict::Deny)
            .map(|said| format!("{}: {}", names.person(&said.person), said.reason))
            .unwrap_or_default(),
        OptOutState::Withdrawn => "taken back".to_owned(),
        OptOutState::Lapsed => "nobody in time".to_owned(),
        OptOutState::Approved
        | OptOutState::Active
        | OptOutState::Suspended
        | OptOutState::Expired
        | OptOutState::Revoked
        | OptOutState::Exhausted
        | OptOutState::ClosedEarly => who_approved(),
    }
}

fn opt_out_ends(summary: &OptOutSummary) -> Ends {
    match summary.state {
        OptOutState::Requested | OptOutState::InReview { .. } => {
            Ends::After(summary.opt_out.window.length_secs())
        }
        OptOutState::Rejected | OptOutState::Withdrawn | OptOutState::Lapsed => Ends::Never,
        OptOutState::Approved
        | OptOutState::Active
        | OptOutState::Suspended
        | OptOutState::Expired
        | OptOutState::Revoked
        | OptOutState::Exhausted
        | OptOutState::ClosedEarly => Ends::At(summary.opt_out.window.ends_at()),
    }
}
