//! Looking at opt-outs.

use super::precedents::Precedents;
use super::renewal::Relative;
use crate::approvals::{
    ActsAs, BeforeVote, StageProgress, Standpoint, as_of, asks_step_up, memberships, owns, progress,
    standpoint,
};
use crate::break_glass::{Told, is_one_s_own};
use crate::caller::PersonCaller;
use crate::comments::Discussion;
use crate::notices::subject::Subject;
use crate::premises::{ChangedRule, PremiseNow};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::approval::{Verdict, Vote, Votes};
use domain::budget::Account;
use domain::id::OptOutId;
use domain::name::{PersonId, RuleId};
use domain::opt_out::{OptOut, OptOutState};
use domain::post_review::{PostReview, Reviewed};
use domain::role::Permission;
use domain::window::Instant;
use std::collections::BTreeSet;
use store::events::Event;
use store::opt_outs::{Filter, Stored, Use};
use store::votes::Item;

/// One line of the register.
#[derive(Debug, Clone)]
pub struct OptOutSummary {
    /// The opt-out.
    pub opt_out: OptOut,
    /// Its state now.
    pub state: OptOutState,
    /// How many stages it has.
    pub stages: usize,
}

/// One opt-out with everything that its page shows.
#[derive(Debug, Clone)]
pub struct OptOutDetail {
    /// The opt-out.
    pub opt_out: OptOut,
    /// What was asked for, where it has been narrowed since.
    pub asked: Option<OptOut>,
    /// Its state now.
    pub state: OptOutState,
    /// Its stages.
    pub stages: Vec<StageProgress>,
    /// The newest uses.
    pub uses: Vec<Use>,
    /// How many uses there are.
    pub uses_total: i64,
    /// How many of them changed the outcome.
    pub uses_changed: i64,
    /// What happened, oldest first.
    pub events: Vec<Event>,
    /// Who would have decided, where the glass was broken.
    pub skipped: BTreeSet<PersonId>,
    /// Who was told that the glass was broken.
    pub told: Told,
    /// The review that is owed for it, or was concluded.
    pub review: Option<PostReview>,
    /// Whether the viewer may confirm the signal that opened it; none where there is nothing to confirm.
    pub may_confirm: Option<Standpoint>,
    /// What was said about it.
    pub discussion: Discussion,
    /// How similar ones went; nothing once it is decided.
    pub precedents: Precedents,
    /// Whether the viewer may vote, and why not.
    pub standpoint: Standpoint,
    /// In whose place the viewer would vote.
    pub votes_for: Option<PersonId>,
    /// What the viewer is shown before their vote counts, where they may vote.
    pub before_vote: Option<BeforeVote>,
    /// Whether the viewer may end it; else why not, while there is something to end.
    pub may_revoke: Standpoint,
    /// Whether the viewer may take it back.
    pub may_withdraw: bool,
    /// Whether the viewer may close it because it is not needed.
    pub may_close: bool,
    /// Whether the viewer may say why it is kept.
    pub may_keep: bool,
    /// Whether the viewer may ask for its renewal.
    pub may_renew: bool,
    /// What it renews, where the viewer may see that.
    pub parent: Option<Relative>,
    /// What renews it, where the viewer may see that.
    pub renewals: Vec<Relative>,
    /// The accounts that it is charged to, as they stand now.
    pub accounts: Vec<Account>,
    /// Its premise as it stands; none where it has none.
    pub premise: Option<PremiseNow>,
    /// Its rules that have another text than the one approved, where it is suspended.
    pub changed_rules: Vec<ChangedRule>,
    /// Its rules that have another text than the one approved, which the policy version in force carries over.
    pub carried_rules: Vec<RuleId>,
    /// Whether the viewer may ask its approvers to put it back, or why not; none where there is nothing to put back.
    pub may_ask_again: Option<Standpoint>,
    /// When this was read.
    pub now: Instant,
}

/// A page of the register.
#[derive(Debug, Clone)]
pub struct OptOutList {
    /// Newest first.
    pub opt_outs: Vec<OptOutSummary>,
    /// Where the next page begins, if there is one.
    pub next: Option<OptOutId>,
    /// When this was read.
    pub now: Instant,
}

impl OptOutSummary {
    pub(crate) fn new(stored: Stored, now: Instant) -> Self {
        Self {
            state: stored.opt_out.state_at(now, stored.uses),
            stages: stored.plan.stages.len(),
            opt_out: stored.opt_out,
        }
    }
}

/// What a vote on this would be about: the opt-out as the vote itself would judge it. What would only stop an approval is
/// the vote's to say.
fn before_vote(
    loaded: &Loaded,
    stored: &Stored,
    votes: &[Vote],
    now: Instant,
) -> Result<BeforeVote, ServiceError> {
    let mut judged = stored.clone();
    super::judge::tighten(loaded, &mut judged, Verdict::Deny, now)?;
    super::judge::joined(loaded, &mut judged, votes, now);
    Ok(BeforeVote {
        shown: super::judge::shown(loaded, &judged)?,
        step_up: asks_step_up(loaded, &judged.opt_out.tier)?,
    })
}

impl Service {
    /// Whether a person may see an opt-out: it is theirs, it covers them or a workload that they answer for, they own what it
    /// is about, their roles let them see all, or they are asked to decide it. Nobody is notified of what they may not see.
    pub(crate) fn sees_opt_out(&self, caller: &PersonCaller, loaded: &Loaded, stored: &Stored) -> bool {
        let (opt_out, directory, me) = (&stored.opt_out, loaded.directory(), &caller.person);
        let covered = || {
            let mut principals = opt_out.coverage.principals.iter().flatten();
            principals.any(|covered| is_one_s_own(directory, covered, me))
        };
        let own = opt_out.requested_by == *me || owns(directory, &opt_out.teams, me) || covered();
        (own && caller.may(Permission::ReadOwn)) || caller.may(Permission::ReadAll) || {
            let can = memberships(loaded.directory(), &caller.person);
            caller.may(Permission::Vote)
                && stored
                    .plan
                    .stages
                    .iter()
                    .any(|stage| stage.asks().iter().any(|approver| can.contains(approver)))
        }
    }

    /// One opt-out. What the caller may not see does not exist.
    pub async fn opt_out(&self, caller: &PersonCaller, id: OptOutId) -> Result<OptOutDetail, ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let pool = self.store().pool();
        let mut stored = store::opt_outs::find(pool, id)
            .await?
            .filter(|stored| self.sees_opt_out(caller, &loaded, stored))
            .ok_or(ServiceError::NotFound { what: "opt-out" })?;
        let votes = store::votes::of(pool, Item::OptOut(id.uuid())).await?;
        let void = store::votes::void_of(pool, Item::OptOut(id.uuid())).await?;
        stored.plan = as_of(&stored.plan, stored.opt_out.asked_since(), &votes, now);
        let (uses_total, uses_changed) = store::opt_outs::use_counts(pool, id).await?;
        let asked = match stored.opt_out.revision {
            0 | 1 => None,
            _ => store::opt_outs::revision(pool, id, 1).await?,
        };
        let state = stored.opt_out.state_at(now, stored.uses);
        let again = stored.opt_out.is_asked_again(now, stored.uses);
        let premise = self.premise_now(&loaded, &stored.opt_out, now).await?;
        // Asked about a text that has changed since, it cannot be approved: who asked asks anew.
        let stale = again
            && !stored
                .opt_out
                .pins_asked_about_hold(loaded.policy()?.rule_texts());
        let may_ask_again = (state == OptOutState::Suspended && (!again || stale))
            .then(|| ask_again_standpoint(caller, &loaded, &stored, premise.as_ref()))
            .transpose()?
            .flatten();
        let (standpoint, votes_for) = if !state.is_pending() && !again {
            let why = format!("This opt-out is {}.", state.words());
            (Standpoint::MayNot(why), None)
        } else if caller.may(Permission::Vote) {
            let delegations = store::delegations::active_to(pool, &caller.person, now).await?;
            let acts_as = ActsAs::new(loaded.electors(), &caller.person, delegations, now);
            let voter = acts_as.voter(&stored.opt_out.tier);
            let cast = Votes {
                counted: &votes,
                void: &void,
            };
            standpoint(&stored.plan, &stored.excluded, cast, voter, now)
        } else {
            let why = "Your roles do not let you decide on opt-outs.".to_owned();
            (Standpoint::MayNot(why), None)
        };
        let before_vote = match standpoint {
            Standpoint::MayVote => Some(before_vote(&loaded, &stored, &votes, now)?),
            Standpoint::MayNot(_) => None,
        };
        let may_revoke = if state.is_pending() || state.is_terminal() {
            Standpoint::MayNot(String::new())
        } else {
            let met = self.met_by(&loaded, &stored, now).await?;
            match super::revoke::may_end(caller, &loaded, &stored, &met) {
                Ok(()) => Standpoint::MayVote,
                Err(error) => Standpoint::MayNot(error.to_string()),
            }
        };
        let answers = super::need::answers_for(caller, &loaded, &stored).is_ok();
        let in_force = state == OptOutState::Active;
        let need = &stored.opt_out.need;
        let (may_close, may_keep) = (
            answers && (in_force || state == OptOutState::Suspended),
            answers && in_force && need.asked.is_some() && need.kept.is_none(),
        );
        let parent = match stored.opt_out.lineage {
            None => None,
            Some(lineage) => store::opt_outs::find(pool, lineage.parent).await?,
        };
        let renewals = store::opt_outs::renewals_of(pool, id).await?;
        let seen = |relative: &&Stored| self.sees_opt_out(caller, &loaded, relative);
        let subject = Subject::OptOut(Box::new(stored.clone()), Vec::new());
        Ok(OptOutDetail {
            premise,
            changed_rules: crate::premises::changed_rules(loaded.policy()?, &stored.opt_out),
            carried_rules: match state {
                OptOutState::Approved | OptOutState::Active => {
                    crate::premises::carried_rules(loaded.policy()?, &stored.opt_out)
                }
                _ => Vec::new(),
            },
            may_ask_again,
            discussion: self
                .discussion(caller, &loaded, &subject, state.is_terminal())
                .await?,
            precedents: self
                .opt_out_precedents(caller, &loaded, &stored, state, now)
                .await?,
            may_close,
            may_keep,
            may_renew: caller.may(Permission::Request)
                && super::renewal::line(&loaded, &stored, &renewals, now).is_ok(),
            parent: parent
                .as_ref()
                .filter(seen)
                .map(|parent| Relative::of(parent, now)),
            renewals: renewals
                .iter()
                .filter(seen)
                .map(|renewal| Relative::of(renewal, now))
                .collect(),
            // An emergency is charged to nobody: its hours are counted apart.
            accounts: match stored.opt_out.break_glass {
                Some(_) => Vec::new(),
                None => self.accounts_of(&loaded, &stored.opt_out, now).await?,
            },
            asked: asked.filter(|asked| {
                asked.scope != stored.opt_out.scope
                    || (asked.window.length_secs() != stored.opt_out.window.length_secs()
                        // Its incident's end is nobody's narrowing.
                        && stored.opt_out.ended_with().is_none())
                    || asked.max_uses != stored.opt_out.max_uses
            }),
            stages: progress(
                loaded.electors(),
                &stored.plan,
                &stored.excluded,
                &votes,
                stored.opt_out.asked_since(),
            ),
            votes_for,
            uses: store::opt_outs::recent_uses(pool, id, 20).await?,
            uses_total,
            uses_changed,
            events: store::events::about(pool, &id.to_string()).await?,
            skipped: match stored.opt_out.break_glass {
                Some(_) => crate::break_glass::skipped(&loaded, &stored.plan, &stored.excluded, &votes),
                None => BTreeSet::new(),
            },
            may_confirm: self.signal_standpoint(caller, &loaded, &stored, state).await?,
            told: match stored.opt_out.break_glass {
                Some(_) => self.told_of_break_glass(&id.to_string()).await?,
                None => Told::default(),
            },
            review: store::post_reviews::of(pool, Reviewed::OptOut(id))
                .await?
                .map(|stored| stored.review),
            standpoint,
            before_vote,
            may_revoke,
            may_withdraw: state.is_pending() && stored.opt_out.requested_by == caller.person,
            state,
            opt_out: stored.opt_out,
            now,
        })
    }

    /// A page of the register: all that the caller may see, or only their own.
    pub async fn opt_outs(
        &self,
        caller: &PersonCaller,
        mut filter: Filter,
        mine: bool,
        limit: usize,
    ) -> Result<OptOutList, ServiceError> {
        caller.authorise(Permission::ReadOwn)?;
        let limit = limit.clamp(1, 200);
        let now = self.now();
        if mine || !caller.may(Permission::ReadAll) {
            filter.requester = Some(caller.person.to_string());
        }
        let one_more = i64::try_from(limit).unwrap_or(200) + 1;
        let mut found = store::opt_outs::list(self.store().pool(), &filter, now, one_more).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        Ok(OptOutList {
            next: found.last().filter(|_| more).map(|stored| stored.opt_out.id),
            opt_outs: found
                .into_iter()
                .map(|stored| OptOutSummary::new(stored, now))
                .collect(),
            now,
        })
    }
}

/// Who asked may ask again, once all of it holds; others have nothing to do with it.
fn ask_again_standpoint(
    caller: &PersonCaller,
    loaded: &Loaded,
    stored: &Stored,
    premise: Option<&PremiseNow>,
) -> Result<Option<Standpoint>, ServiceError> {
    if crate::premises::may_ask_again(caller, stored).is_err() {
        return Ok(None);
    }
    if let Err(gone) = crate::premises::present_pins(loaded.policy()?, &stored.opt_out) {
        return Ok(Some(Standpoint::MayNot(gone.to_string())));
    }
    Ok(Some(match premise.filter(|premise| !premise.holds) {
        Some(fallen) => Standpoint::MayNot(format!(
            "Its premise does not hold yet: {}.",
            fallen.reading.words()
        )),
        None => Standpoint::MayVote,
    }))
}
