//! What an opt-out is judged by beside policy and directory: what its teams have been charged, and what it renews.

use super::conditions::PremiseInput;
use super::fields::sentence;
use super::prepare::OptOutInput;
use crate::caller::PersonCaller;
use crate::snapshot::Loaded;
use crate::{FieldError, Service, ServiceError};
use domain::budget::{Account, Charges};
use domain::id::OptOutId;
use domain::name::{IncidentId, TeamName};
use domain::opt_out::{Conditions, Facts, Limits, Lineage, OptOutState, RenewalError};
use domain::scenario::Scenario;
use domain::tier::Tier;
use domain::window::Instant;
use std::collections::BTreeSet;
use store::Tx;
use store::opt_outs::Stored;

/// As it was read. Judged in the transaction that writes, it was read there, under the lock of budgets and of the parent.
#[derive(Debug)]
pub(crate) struct Known {
    charges: Charges,
    parent: Option<Parent>,
    /// What its premise and its incident are read from.
    pub(super) facts: Facts,
    /// When.
    pub(super) at: Instant,
}

#[derive(Debug)]
enum Parent {
    /// Not there, or not for this caller to see.
    Unknown,
    /// Renewed by another one, which is not refused.
    Renewed(OptOutId),
    /// As it stands.
    Found(Box<Stored>),
}

impl Known {
    /// How the accounts of these teams stand at a tier, and which of them are used up.
    pub(super) fn accounts(
        &self,
        teams: &BTreeSet<TeamName>,
        tier: &Tier,
        now: Instant,
    ) -> (Vec<Account>, BTreeSet<TeamName>) {
        let accounts = teams
            .iter()
            .map(|team| self.charges.account(team, tier, now))
            .collect();
        (accounts, self.charges.exhausted(teams, tier, now))
    }

    /// Where a renewal comes from; none where nothing is renewed. Errors: everything that makes it no renewal.
    pub(super) fn renewed(
        &self,
        input: &OptOutInput,
        scenario: &Scenario,
        now: Instant,
    ) -> Result<Option<Lineage>, Vec<FieldError>> {
        let one = |code, message: String| Err(vec![FieldError::new("renews", code, message)]);
        let parent = match &self.parent {
            None => return Ok(None),
            Some(Parent::Unknown) => return one("unknown", "There is no such opt-out to renew.".to_owned()),
            Some(Parent::Renewed(by)) => {
                return one(
                    "renewed_already",
                    format!("It was renewed already: by {by}. Renew that one."),
                );
            }
            Some(Parent::Found(parent)) => parent,
        };
        let mut errors: Vec<FieldError> = parent
            .opt_out
            .not_kept(
                &input.scenario,
                input.direction,
                &input.scope,
                input.recurrence.as_ref(),
                &input.reason,
            )
            .iter()
            .map(refusal)
            .collect();
        match parent.opt_out.next_of_line(scenario, now, parent.uses) {
            Ok(lineage) if errors.is_empty() => Ok(Some(lineage)),
            Ok(_) => Err(errors),
            Err(error) => {
                errors.push(refusal(&error));
                Err(errors)
            }
        }
    }
}

impl Known {
    fn found(&self) -> Option<&Stored> {
        match &self.parent {
            Some(Parent::Found(parent)) => Some(parent),
            Some(Parent::Unknown | Parent::Renewed(_)) | None => None,
        }
    }

    /// Lowers the limits to what is left to a renewal: half the length of the one before it, and no more uses.
    pub(super) fn limit(
        &self,
        limits: &mut Limits,
        lineage: Option<Lineage>,
        starts_at: Instant,
    ) -> Option<FieldError> {
        let parent = &self.found()?.opt_out;
        if let Some(most) = parent.max_uses {
            limits.uses_at_most(most);
        }
        let lineage = lineage?;
        match lineage.longest_secs(parent.window.length_secs(), limits.longest_secs, starts_at) {
            Ok(longest) => {
                limits.of_renewal(longest);
                None
            }
            Err(error) => Some(refusal(&error)),
        }
    }

    /// What a renewal does not hang on as the one before it does: its premise, and how many uses it has.
    pub(super) fn not_bounded_alike(
        &self,
        input: &OptOutInput,
        limits: &Limits,
        conditions: &Conditions,
    ) -> Vec<FieldError> {
        let Some(parent) = self.found() else {
            return Vec::new();
        };
        parent
            .opt_out
            .not_bounded_alike(conditions.premise.as_ref(), input.max_uses.or(limits.max_uses))
            .iter()
            // A premise that could not be read has been refused already.
            .filter(|error| {
                !matches!(error, RenewalError::Premise(_))
                    || input.premise.is_none()
                    || conditions.premise.is_some()
            })
            .map(refusal)
            .collect()
    }
}

/// Of the incidents and the ticket that it names.
async fn facts(tx: &mut Tx, input: &OptOutInput) -> Result<Facts, ServiceError> {
    let mut facts = Facts::default();
    let premised = match &input.premise {
        Some(PremiseInput::IncidentOpen { incident }) => Some(incident),
        Some(PremiseInput::TicketOpen { ticket }) => {
            let own = input.ticket.as_deref().unwrap_or_default();
            let ticket = if ticket.trim().is_empty() { own } else { ticket }.trim();
            let (answer, _) = store::tickets::find(tx.conn(), ticket).await?;
            facts
                .tickets
                .extend(answer.map(|answer| (ticket.to_owned(), answer)));
            None
        }
        Some(PremiseInput::Attribute { .. } | PremiseInput::DigestUnchanged { .. }) | None => None,
    };
    for named in [premised, input.details.incident_id.as_ref()]
        .into_iter()
        .flatten()
    {
        if let Ok(id) = IncidentId::new(named.trim())
            && let Some((found, _)) = store::incidents::find(tx.conn(), &id).await?
        {
            facts.incidents.insert(id, found.is_resolved().is_none());
        }
    }
    Ok(facts)
}

/// A refused renewal, beside its field.
pub(super) fn refusal(error: &RenewalError) -> FieldError {
    let field = match error.field() {
        "scope" => "scope/resources",
        other => other,
    };
    FieldError::new(field, error.code(), sentence(error))
}

impl Service {
    /// Reads it. Where what is read must still hold at the transaction's commit, its locks are taken before.
    pub(super) async fn known(
        &self,
        tx: &mut Tx,
        caller: &PersonCaller,
        loaded: &Loaded,
        input: &OptOutInput,
        now: Instant,
    ) -> Result<Known, ServiceError> {
        let charges = store::budgets::charges(tx.conn(), now).await?;
        let parent = match input.renews {
            None => None,
            Some(id) => Some(self.parent(tx, caller, loaded, id, now).await?),
        };
        Ok(Known {
            charges,
            parent,
            facts: facts(tx, input).await?,
            at: now,
        })
    }

    async fn parent(
        &self,
        tx: &mut Tx,
        caller: &PersonCaller,
        loaded: &Loaded,
        id: OptOutId,
        now: Instant,
    ) -> Result<Parent, ServiceError> {
        let found = store::opt_outs::find(tx.conn(), id)
            .await?
            .filter(|stored| self.sees_opt_out(caller, loaded, stored));
        let Some(parent) = found else {
            return Ok(Parent::Unknown);
        };
        let renewals = store::opt_outs::renewals_of(tx.conn(), id).await?;
        Ok(match renewals.iter().find(|renewal| counts(renewal, now)) {
            Some(renewal) => Parent::Renewed(renewal.opt_out.id),
            None => Parent::Found(Box::new(parent)),
        })
    }
}

/// Whether a renewal takes its parent's place: unless nobody agreed to it.
pub(super) fn counts(renewal: &Stored, now: Instant) -> bool {
    !matches!(
        renewal.opt_out.state_at(now, renewal.uses),
        OptOutState::Rejected | OptOutState::Withdrawn | OptOutState::Lapsed
    )
}
