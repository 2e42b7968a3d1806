//! Somebody lends their votes.

use super::event;
use crate::caller::PersonCaller;
use crate::command::{Effect, finish_as_judged, judged};
use crate::{FieldError, Service, ServiceError};
use domain::approval::{Delegation, DelegationError, DelegationScope};
use domain::event::EventKind;
use domain::id::DelegationId;
use domain::name::PersonId;
use domain::principal::PrincipalRef;
use domain::role::Permission;
use domain::window::{Instant, Window};

/// How many of one person's may stand at once.
pub const MOST_STANDING: i64 = 10;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct DelegationInput {
    /// To whom.
    pub to: PersonId,
    /// From when; none: from now on.
    pub starts_at: Option<Instant>,
    /// Until when.
    pub ends_at: Instant,
    /// Why.
    pub reason: String,
    /// Which votes.
    pub scope: DelegationScope,
}

impl Service {
    /// The caller lends their votes: what waits for them already is lent with them, until the end or until one of the two
    /// or an administrator ends it. It takes effect at once and gives nobody anything that the caller does not have.
    pub async fn make_delegation(
        &self,
        caller: &PersonCaller,
        input: &DelegationInput,
    ) -> Result<Delegation, ServiceError> {
        judged(|| self.make_delegation_now(caller, input)).await
    }

    async fn make_delegation_now(
        &self,
        caller: &PersonCaller,
        input: &DelegationInput,
    ) -> Result<Delegation, ServiceError> {
        let authorised = caller.authorise(Permission::Vote)?;
        let mut tx = self.begin().await?;
        store::delegations::count_alone(&mut tx, &caller.person).await?;
        let now = self.now();
        let loaded = self.snapshots().current_within(&mut tx).await?;
        let directory = loaded.directory();
        let starts_at = input.starts_at.map_or(now, |at| at.max(now));
        let window = Window::new(starts_at, input.ends_at).map_err(|_| {
            ServiceError::field("ends_at", "not_after_start", "The end must be after the start.")
        })?;
        let delegation = Delegation {
            id: DelegationId::from_uuid(self.ids().next(now)),
            from: caller.person.clone(),
            to: input.to.clone(),
            window,
            reason: input.reason.trim().to_owned(),
            scope: input.scope.clone(),
            made_at: now,
            ended_at: None,
        };
        let mut errors: Vec<FieldError> = delegation.check().into_iter().map(beside).collect();
        if !directory
            .principals
            .contains_key(&PrincipalRef::from(input.to.clone()))
        {
            errors.push(FieldError::new("to", "unknown", "There is nobody of that name."));
        }
        if let Some(unknown) = input
            .scope
            .groups
            .iter()
            .find(|group| !directory.groups.contains_key(*group))
        {
            errors.push(FieldError::new(
                "groups",
                "unknown",
                format!("There is no group {unknown}."),
            ));
        }
        let policy = loaded.policy()?;
        if let Some(unknown) = input.scope.tiers.iter().find(|tier| policy.tier(tier).is_none()) {
            errors.push(FieldError::new(
                "tiers",
                "unknown",
                format!("There is no tier {unknown}."),
            ));
        }
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        if store::delegations::standing_of(tx.conn(), &caller.person, now).await? >= MOST_STANDING {
            return Err(ServiceError::Conflict {
                code: "too_many",
                why: format!("You have {MOST_STANDING} delegations already. End one of them first."),
            });
        }
        store::delegations::insert(&mut tx, &delegation).await?;
        let body = serde_json::json!({ "delegation": delegation, "reason": delegation.reason });
        let made = event(EventKind::DelegationMade, &delegation, body);
        let events = vec![made];
        finish_as_judged(self, tx, authorised, events, Effect::None, &loaded, now).await?;
        Ok(delegation)
    }
}

fn beside(error: DelegationError) -> FieldError {
    let (field, code) = match error {
        DelegationError::ToOneself => ("to", "oneself"),
        DelegationError::ReasonTooShort => ("reason", "reason_too_short"),
        DelegationError::ReasonTooLong => ("reason", "reason_too_long"),
        DelegationError::Over => ("ends_at", "over"),
        DelegationError::TooLong => ("ends_at", "too_long"),
    };
    FieldError::new(field, code, error.to_string())
}
