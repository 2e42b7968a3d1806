//! Whom a `to_manual` takes out of the automation: they must not end it, deny it or lift it.

use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::name::PersonId;
use domain::opt_out::{Direction, OptOut};
use domain::principal::PrincipalRef;
use domain::window::Instant;
use std::collections::BTreeSet;
use store::Connection;
use store::opt_outs::Stored;

/// Whom a `to_manual` without a principal scope has met: whoever has had a decision in its scope since it began, or has an
/// open request there. One with a principal scope says by itself whom it covers, and a bypass covers whom it names.
#[derive(Debug, Default)]
pub(crate) struct Met(BTreeSet<PrincipalRef>);

impl Service {
    /// Whom an opt-out has met so far, for pages.
    pub(crate) async fn met_by(
        &self,
        loaded: &Loaded,
        stored: &Stored,
        now: Instant,
    ) -> Result<Met, ServiceError> {
        let mut conn = self
            .store()
            .pool()
            .acquire()
            .await
            .map_err(store::StoreError::from)?;
        Met::by(&mut conn, loaded, &stored.opt_out, now).await
    }
}

impl Met {
    /// Reads who has had a decision in its scope.
    pub(crate) async fn by_decisions(conn: &mut Connection, opt_out: &OptOut) -> Result<Self, ServiceError> {
        if opt_out.direction == Direction::Bypass || opt_out.scope.principals.is_some() {
            return Ok(Self::default());
        }
        Ok(Self(store::opt_outs::principals_met(conn, opt_out.id).await?))
    }

    /// Reads whom it has met so far.
    pub(crate) async fn by(
        conn: &mut Connection,
        loaded: &Loaded,
        opt_out: &OptOut,
        now: Instant,
    ) -> Result<Self, ServiceError> {
        if opt_out.direction == Direction::Bypass || opt_out.scope.principals.is_some() {
            return Ok(Self::default());
        }
        let Self(mut met) = Self::by_decisions(&mut *conn, opt_out).await?;
        for asked in store::access_requests::pending_tuples(conn, now).await? {
            let on_it = loaded
                .directory()
                .resource_facts(&asked.resource)
                .is_some_and(|facts| opt_out.scope.matches_resource(&facts));
            if on_it && opt_out.scope.matches_capability(&asked.capability) {
                met.insert(asked.principal);
            }
        }
        Ok(Self(met))
    }
}

/// Whether a person is among those whom it takes out: at approval, or now, or by answering for a workload that it covers.
pub(crate) fn covers(loaded: &Loaded, opt_out: &OptOut, met: &Met, person: &PersonId) -> bool {
    let directory = loaded.directory();
    let named = opt_out.scope.principals.is_some();
    let covers_now = |principal: &&PrincipalRef| {
        named
            && directory
                .principal_facts(principal)
                .is_some_and(|facts| opt_out.scope.matches_principal(&facts))
    };
    let by_now = directory.principals.keys().filter(covers_now);
    let itself = PrincipalRef::from(person.clone());
    opt_out
        .coverage
        .principals
        .iter()
        .flatten()
        .chain(&met.0)
        .chain(by_now)
        .any(|covered| {
            *covered == itself
                || (covered.person().is_none()
                    && crate::approvals::owners_of_workload(directory, covered).contains(person))
        })
}
