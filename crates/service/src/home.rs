//! What one person's start page shows: what waits for them, what of theirs ends soon, what they asked for.

use crate::access_requests::Outcomes;
use crate::break_glass::BrokenGlass;
use crate::caller::PersonCaller;
use crate::comments::WaitingQuestion;
use crate::inbox::Inbox;
use crate::opt_outs::OptOutSummary;
use crate::{Service, ServiceError};
use domain::access_request::AccessRequest;
use domain::approval::Plan;
use domain::grant::Grant;
use domain::id::AccessRequestId;
use domain::window::Instant;
use store::votes::{Item, Said};

/// What ends within this many days ends soon.
pub const SOON_DAYS: i64 = 3;

/// How many own items the start page shows.
const MINE: usize = 8;

/// Something in force that ends soon.
#[derive(Debug, Clone)]
pub enum Ending {
    /// Access.
    Grant(Box<Grant>),
    /// An opt-out.
    OptOut(Box<OptOutSummary>),
}

impl Ending {
    /// When.
    pub fn ends_at(&self) -> Instant {
        match self {
            Self::Grant(grant) => grant.window.ends_at(),
            Self::OptOut(summary) => {
                let opt_out = &summary.opt_out;
                opt_out.closes_at().unwrap_or(opt_out.window.ends_at())
            }
        }
    }
}

/// Something that the person asked for.
#[derive(Debug, Clone)]
pub enum Mine {
    /// Access, for them or for a workload that they started.
    AccessRequest(Box<AccessRequest>),
    /// An opt-out.
    OptOut {
        /// The opt-out.
        summary: Box<OptOutSummary>,
        /// Who decides it.
        plan: Plan,
    },
}

impl Mine {
    fn requested_at(&self) -> Instant {
        match self {
            Self::AccessRequest(request) => request.requested_at,
            Self::OptOut { summary, .. } => summary.opt_out.requested_at,
        }
    }
}

/// The start page of one person.
#[derive(Debug, Clone)]
pub struct Home {
    /// What waits for them.
    pub inbox: Inbox,
    /// Questions that wait for their answers.
    pub questions: Vec<WaitingQuestion>,
    /// Glasses that were broken past them.
    pub broken: Vec<BrokenGlass>,
    /// What ends soon, the soonest first.
    pub ending: Vec<Ending>,
    /// What they asked for, newest first.
    pub mine: Vec<Mine>,
    /// What came of those of them that are access requests.
    pub outcomes: Outcomes,
    /// Who said what about those of them that are opt-outs.
    pub said: Vec<Said>,
    /// When this was read.
    pub now: Instant,
}

impl Service {
    /// The caller's start page. Everything on it is theirs or waits for them.
    pub async fn home(&self, caller: &PersonCaller) -> Result<Home, ServiceError> {
        let inbox = self.inbox(caller).await?;
        let requests = self
            .access_requests(caller, store::access_requests::Filter::default(), true, MINE)
            .await?
            .requests;
        let opt_outs = self.own_opt_outs(caller, None).await?;
        let mut mine: Vec<Mine> = requests
            .into_iter()
            .map(|request| Mine::AccessRequest(Box::new(request)))
            .chain(opt_outs)
            .collect();
        mine.sort_by_key(|item| std::cmp::Reverse(item.requested_at()));
        mine.truncate(MINE);
        let shown: Vec<AccessRequestId> = mine
            .iter()
            .filter_map(|item| match item {
                Mine::AccessRequest(request) => Some(request.id),
                Mine::OptOut { .. } => None,
            })
            .collect();
        let voted = mine.iter().filter_map(|item| match item {
            Mine::OptOut { summary, .. } => Some(Item::OptOut(summary.opt_out.id.uuid())),
            Mine::AccessRequest(_) => None,
        });
        let said = store::votes::said(self.store().pool(), voted.collect::<Vec<_>>()).await?;
        let loaded = self.snapshots().current_for_commands().await?;
        Ok(Home {
            questions: self.questions_for(caller, &loaded, inbox.now).await?,
            broken: self.broken_past(caller).await?,
            ending: self.ending_soon(caller).await?,
            outcomes: self.outcomes(&shown).await?,
            now: inbox.now,
            inbox,
            mine,
            said,
        })
    }

    async fn ending_soon(&self, caller: &PersonCaller) -> Result<Vec<Ending>, ServiceError> {
        let now = self.now();
        let until = now + chrono::TimeDelta::days(SOON_DAYS);
        let grants = store::grants::ending(self.store().pool(), &caller.person, now, until).await?;
        let opt_outs = self.own_opt_outs(caller, Some("in_force")).await?;
        let mut ending: Vec<Ending> = grants
            .into_iter()
            .map(|grant| Ending::Grant(Box::new(grant)))
            .chain(opt_outs.filter_map(|item| match item {
                Mine::OptOut { summary, .. } => Some(Ending::OptOut(summary)),
                Mine::AccessRequest(_) => None,
            }))
            .filter(|item| item.ends_at() < until)
            .collect();
        ending.sort_by_key(Ending::ends_at);
        Ok(ending)
    }

    /// What the caller asked for, newest first: the newest few, or all of a phase.
    async fn own_opt_outs(
        &self,
        caller: &PersonCaller,
        phase: Option<&str>,
    ) -> Result<impl Iterator<Item = Mine> + use<>, ServiceError> {
        let now = self.now();
        let filter = store::opt_outs::Filter {
            requester: Some(caller.person.to_string()),
            phase: phase.map(str::to_owned),
            ..Default::default()
        };
        let limit = if phase.is_some() { 200 } else { MINE as i64 };
        let found = store::opt_outs::list(self.store().pool(), &filter, now, limit).await?;
        Ok(found.into_iter().map(move |stored| Mine::OptOut {
            plan: stored.plan.clone(),
            summary: Box::new(OptOutSummary::new(stored, now)),
        }))
    }
}
