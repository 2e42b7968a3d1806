//! What a policy enforcement point may know of opt-outs: which stand over what it may ask about, and how those are that
//! its decisions met. Not who asked for them, who decided, and with what words.

use crate::caller::ClientCaller;
use crate::decisions::out_of_scope;
use crate::{FieldError, Service, ServiceError};
use domain::id::OptOutId;
use domain::name::Capability;
use domain::opt_out::{OptOut, OptOutState};
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use domain::scope;

/// What a client asks about: the same as it would ask to have decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedOver {
    /// Who.
    pub principal: PrincipalRef,
    /// To do what.
    pub capability: Capability,
    /// On what.
    pub resource: ResourceRef,
}

/// One opt-out as a client sees it.
#[derive(Debug, Clone)]
pub struct SeenByClient {
    /// The opt-out.
    pub opt_out: OptOut,
    /// Its state at `now`.
    pub state: OptOutState,
    /// Whether it is in force at `now`: active, within its hours, its premise held, its rules as they were approved. One
    /// in force still ignores what is of a stricter tier than it was approved under.
    pub in_force: bool,
    /// How many decisions it has applied to, where that is limited.
    pub uses: u32,
}

impl Service {
    /// The opt-outs that stand, or are suspended or still to begin, and whose scope reaches this; the first to end first. Uses are
    /// those that this node knows of.
    pub async fn opt_outs_over(
        &self,
        caller: &ClientCaller,
        asked: &AskedOver,
    ) -> Result<Vec<SeenByClient>, ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let client = caller.held(&loaded)?;
        if let Some(why) = out_of_scope(client, &asked.principal, &asked.resource) {
            return Err(ServiceError::Forbidden {
                code: "out_of_scope",
                why: why.to_owned(),
            });
        }
        let snapshot = loaded.snapshot()?;
        let directory = snapshot.directory();
        let principal = directory.principal_facts(&asked.principal);
        let resource = directory.resource_facts(&asked.resource);
        let (Some(principal), Some(resource)) = (principal, resource) else {
            let unknown = |field, known: bool| {
                let why = "The directory knows nothing of this name.";
                (!known).then(|| FieldError::new(field, "unknown", why))
            };
            return Err(ServiceError::Invalid(
                [
                    unknown("subject_id", principal.is_some()),
                    unknown("resource_id", resource.is_some()),
                ]
                .into_iter()
                .flatten()
                .collect(),
            ));
        };
        let mut found: Vec<_> = snapshot
            .opt_outs()
            .iter()
            .filter(|held| {
                scope::reaches(
                    held.opt_out.direction,
                    &held.opt_out.scope,
                    &held.opt_out.coverage,
                    principal,
                    resource,
                    &asked.capability,
                )
            })
            .map(|held| SeenByClient {
                state: held.opt_out.state_at(now, held.uses.get()),
                in_force: held.counts(snapshot.policy(), now),
                uses: held.uses.get(),
                opt_out: OptOut::clone(&held.opt_out),
            })
            .filter(|seen| !seen.state.is_terminal())
            .collect();
        found.sort_by_key(|seen| (seen.opt_out.window.ends_at(), seen.opt_out.id));
        Ok(found)
    }

    /// One that applied to a decision of this client, among its newest ten thousand uses, in whatever state it is by now. Of
    /// any other it learns nothing.
    pub async fn opt_out_met(
        &self,
        caller: &ClientCaller,
        id: OptOutId,
    ) -> Result<SeenByClient, ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        caller.held(&loaded)?;
        let pool = self.store().pool();
        let unknown = ServiceError::NotFound { what: "opt-out" };
        if !store::opt_outs::met(pool, id, caller.client.id).await? {
            return Err(unknown);
        }
        let stored = store::opt_outs::find(pool, id).await?.ok_or(unknown)?;
        let state = stored.opt_out.state_at(now, stored.uses);
        let snapshot = loaded.snapshot()?;
        let held = snapshot.opt_out(id);
        Ok(SeenByClient {
            in_force: state == OptOutState::Active
                && held.is_some_and(|held| held.counts(snapshot.policy(), now)),
            state,
            uses: stored.uses,
            opt_out: stored.opt_out,
        })
    }
}
