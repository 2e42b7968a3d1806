//! A delegation ends before its time.

use super::event;
use crate::caller::PersonCaller;
use crate::command::{Effect, finish};
use crate::{Service, ServiceError};
use domain::approval::{Delegation, DelegationState};
use domain::event::EventKind;
use domain::id::DelegationId;
use domain::role::Permission;

impl Service {
    /// Who lent, who decides by it, or an administrator ends it. From the commit on nobody votes by it.
    pub async fn end_delegation(
        &self,
        caller: &PersonCaller,
        id: DelegationId,
    ) -> Result<Delegation, ServiceError> {
        let now = self.now();
        let missing = ServiceError::NotFound { what: "delegation" };
        let mut tx = self.begin().await?;
        let Some(delegation) = store::delegations::find(tx.conn(), id).await? else {
            return Err(missing);
        };
        let concerned = delegation.from == caller.person || delegation.to == caller.person;
        if !concerned && !caller.may(Permission::Administer) {
            return Err(missing);
        }
        let authorised = caller.authorise(if concerned {
            Permission::ReadOwn
        } else {
            Permission::Administer
        })?;
        let over = || ServiceError::Conflict {
            code: "settled",
            why: "This delegation is over already.".to_owned(),
        };
        if delegation.state_at(now) == DelegationState::Ended {
            return Err(over());
        }
        if !store::delegations::end(&mut tx, id, &caller.person, now).await? {
            return Err(over());
        }
        let ended = Delegation {
            ended_at: Some(now),
            ..delegation
        };
        let draft = event(
            EventKind::DelegationEnded,
            &ended,
            serde_json::json!({ "delegation": ended }),
        );
        finish(self, tx, authorised, vec![draft], Effect::None, now).await?;
        Ok(ended)
    }
}
