//! The last approval: what it fixes.

use super::event;
use super::prepare::too_broad;
use crate::ServiceError;
use crate::command::EventDraft;
use crate::snapshot::Loaded;
use domain::event::EventKind;
use domain::opt_out::{Direction, Left, OptOut};
use domain::scope::Coverage;
use domain::window::{Instant, Window};
use std::collections::BTreeSet;
use store::Tx;
use store::opt_outs::Stored;

/// Fixes what the approvers approved: what the scope covers now, and from when the clock runs.
pub(super) fn approve(
    loaded: &Loaded,
    stored: &mut Stored,
    narrowed: bool,
    now: Instant,
) -> Result<(), ServiceError> {
    let scheduled = stored.scheduled;
    let opt_out = fixed(loaded, stored, narrowed, now)?;
    let length = opt_out.window.ends_at() - opt_out.window.starts_at();
    let (starts_at, ends_at) = if scheduled {
        // A scheduled one keeps its end; approved late, it is shorter.
        (opt_out.window.starts_at().max(now), opt_out.window.ends_at())
    } else {
        (now, now + length)
    };
    // Approved late, a renewal still ends when its line must.
    let must_end_by = opt_out.lineage.and_then(|lineage| lineage.must_end_by);
    let ends_at = must_end_by.map_or(ends_at, |must| ends_at.min(must));
    opt_out.window = Window::new(starts_at, ends_at).map_err(|_| ServiceError::Conflict {
        code: "settled",
        why: "Its time is over already.".to_owned(),
    })?;
    Ok(())
}

/// An incident that was resolved while its approvers were thinking ends it as if they had been quicker.
pub(super) async fn end_with_incident(tx: &mut Tx, stored: &mut Stored) -> Result<(), ServiceError> {
    let over = || ServiceError::Conflict {
        code: "incident_resolved",
        why: "Its incident is resolved.".to_owned(),
    };
    let Some(bound) = stored.opt_out.conditions.bound.clone() else {
        return Ok(());
    };
    let found = store::incidents::find(tx.conn(), &bound.incident).await?;
    let Some(resolved_at) = found.and_then(|(incident, _)| incident.is_resolved()) else {
        return Ok(());
    };
    let revision = stored.opt_out.revision;
    match stored.opt_out.clone().incident_resolved(resolved_at) {
        Left::All => Ok(()),
        Left::Nothing => Err(over()),
        Left::Shorter(shorter) => {
            stored.opt_out = OptOut {
                // This approval makes one revision.
                revision,
                ..*shorter
            };
            Ok(())
        }
    }
}

/// In force again as it was, until its end: what it covers is what its approvers see now.
pub(super) fn approve_again(
    loaded: &Loaded,
    stored: &mut Stored,
    changed: bool,
    now: Instant,
) -> Result<(), ServiceError> {
    fixed(loaded, stored, changed, now)?.answered_again(true);
    Ok(())
}

/// What every last approval fixes, in a revision of its own: what the scope covers now, and when that was approved.
fn fixed<'a>(
    loaded: &Loaded,
    stored: &'a mut Stored,
    has_revision: bool,
    now: Instant,
) -> Result<&'a mut OptOut, ServiceError> {
    let view = loaded.view()?;
    let opt_out = &mut stored.opt_out;
    if !has_revision {
        opt_out.revision = opt_out.revision.saturating_add(1);
    }
    opt_out.coverage = Coverage::of(
        &opt_out.scope,
        view.all_principal_facts(),
        view.all_resource_facts(),
    );
    opt_out.approved_at = Some(now);
    // A group may have grown since it was asked for.
    if opt_out.direction == Direction::Bypass
        && opt_out.break_glass.is_none()
        && let Some(tier) = loaded.policy()?.tier(&opt_out.tier)
        && let Some(broad) = too_broad(tier, &opt_out.coverage).into_iter().next()
    {
        return Err(ServiceError::Conflict {
            code: broad.code,
            why: broad.message,
        });
    }
    Ok(opt_out)
}

/// The same approval as the one before it sees it.
pub(super) fn renewed(stored: &Stored) -> Option<EventDraft> {
    let lineage = stored.opt_out.lineage?;
    let (parent, renewal) = (lineage.parent.to_string(), stored.opt_out.id.to_string());
    let body = serde_json::json!({ "renewal": renewal, "generation": lineage.generation });
    Some(EventDraft {
        object_id: parent.clone(),
        refs: BTreeSet::from([parent, renewal]),
        ..event(EventKind::OptOutRenewed, stored, body)
    })
}
