//! Looking at delegations.

use crate::caller::PersonCaller;
use crate::{Service, ServiceError};
use domain::approval::{Delegation, DelegationState};
use domain::role::Permission;
use domain::window::Instant;

/// The most that a page shows.
const MOST_SHOWN: i64 = 100;

/// One, and what the viewer may do with it.
#[derive(Debug, Clone)]
pub struct DelegationSummary {
    /// It.
    pub delegation: Delegation,
    /// Where it stands now.
    pub state: DelegationState,
    /// Whether the viewer may end it.
    pub may_end: bool,
}

/// What somebody sees of delegations.
#[derive(Debug, Clone)]
pub struct Delegations {
    /// The viewer's own, of either side, newest first; an administrator's and an auditor's: everybody's.
    pub all: Vec<DelegationSummary>,
    /// Whether the viewer has votes to lend.
    pub may_make: bool,
    /// When this was read.
    pub now: Instant,
}

impl Service {
    /// The delegations that the caller may see.
    pub async fn delegations(&self, caller: &PersonCaller) -> Result<Delegations, ServiceError> {
        caller.authorise(Permission::ReadOwn)?;
        let now = self.now();
        let pool = self.store().pool();
        let everybodys = caller.may(Permission::Administer) || caller.may(Permission::ReadAudit);
        let found = if everybodys {
            store::delegations::list(pool, MOST_SHOWN).await?
        } else {
            store::delegations::of(pool, &caller.person, MOST_SHOWN).await?
        };
        Ok(Delegations {
            all: found
                .into_iter()
                .map(|delegation| {
                    let state = delegation.state_at(now);
                    let concerned = delegation.from == caller.person || delegation.to == caller.person;
                    DelegationSummary {
                        may_end: state != DelegationState::Ended
                            && (concerned || caller.may(Permission::Administer)),
                        state,
                        delegation,
                    }
                })
                .collect(),
            may_make: caller.may(Permission::Vote),
            now,
        })
    }
}
