//! What an approver takes away. Nothing can be added.

use super::hours::none_of_its_hours;
use crate::ServiceError;
use crate::snapshot::Loaded;
use domain::opt_out::{Direction, Narrowing, OptOut};
use domain::scope::{Coverage, Scope};
use domain::window::Instant;
use store::opt_outs::Stored;

/// What an approver takes away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NarrowInput {
    /// A shorter length, in seconds.
    pub length_secs: Option<i64>,
    /// A narrower scope, with all that is left of it.
    pub scope: Option<Scope>,
    /// Fewer uses.
    pub max_uses: Option<u32>,
}

/// The opt-out with less of it; as it is where nothing is taken away.
pub(super) fn narrowed(
    loaded: &Loaded,
    stored: &Stored,
    narrow: NarrowInput,
    now: Instant,
) -> Result<OptOut, ServiceError> {
    let opt_out = stored.opt_out.clone();
    if narrow.max_uses.is_some() && opt_out.direction == Direction::ToManual {
        return Err(ServiceError::field(
            "max_uses",
            "not_for_to_manual",
            "Only a bypass counts its uses.",
        ));
    }
    let view = loaded.view()?;
    let narrowing = Narrowing {
        length_secs: narrow.length_secs,
        scope: narrow.scope.filter(|scope| *scope != opt_out.scope).map(|scope| {
            let coverage = Coverage::of(&scope, view.all_principal_facts(), view.all_resource_facts());
            (scope, coverage)
        }),
        max_uses: narrow.max_uses,
    };
    if narrowing.is_empty() {
        return Ok(opt_out);
    }
    let runs_from = stored.scheduled.then_some(now);
    let narrower = opt_out.narrow(narrowing, runs_from).map_err(|error| {
        let field = match error {
            domain::opt_out::NarrowingError::Length => "shorten_to",
            domain::opt_out::NarrowingError::Scope => "scope",
            domain::opt_out::NarrowingError::Uses => "max_uses",
        };
        ServiceError::field(field, "not_narrower", error.to_string())
    })?;
    if none_of_its_hours(&narrower, stored.scheduled, now) {
        return Err(ServiceError::field(
            "shorten_to",
            "hours_never_come",
            "None of its hours come within that.",
        ));
    }
    Ok(if stored.scheduled {
        // Nobody can approve it after its end.
        let lapses_at = narrower.lapses_at.min(narrower.window.ends_at());
        OptOut {
            lapses_at,
            ..narrower
        }
    } else {
        narrower
    })
}
