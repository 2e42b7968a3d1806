//! Approvers can narrow what was asked, never widen it: there is no way to write down a widening that passes.

use super::OptOut;
use crate::scope::{Coverage, Scope};
use crate::window::{Instant, Window};

/// What an approver takes away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// A shorter length, in seconds.
    pub length_secs: Option<i64>,
    /// A narrower scope, with what it covers now.
    pub scope: Option<(Scope, Coverage)>,
    /// Fewer uses.
    pub max_uses: Option<u32>,
}

/// Why it is no narrowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NarrowingError {
    /// Longer than asked, or nothing.
    #[error("You can shorten it, not lengthen it.")]
    Length,
    /// Covers something that was not asked for.
    #[error("You can take things out of the scope, not add any.")]
    Scope,
    /// More uses than asked, or none.
    #[error("You can lower the number of uses, not raise it.")]
    Uses,
}

impl Narrowing {
    /// Whether it changes anything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl OptOut {
    /// The next revision, narrowed. The end can only move earlier, the scope only shrink, the uses only fall.
    ///
    /// `runs_from` is the earliest instant that the shortened length can be counted from, where its start or end was named
    /// (`now`): whoever asked on Monday for until Friday and is given two hours on Wednesday has them on Wednesday. Where
    /// only a length was asked for there is none: its window carries the length, and its clock runs from the approval.
    pub fn narrow(
        mut self,
        narrowing: Narrowing,
        runs_from: Option<Instant>,
    ) -> Result<Self, NarrowingError> {
        if let Some(secs) = narrowing.length_secs {
            self.window = self.shortened(secs, runs_from)?;
        }
        if let Some((scope, coverage)) = narrowing.scope {
            if !self.scope.encloses(&scope) || scope.check(self.direction).is_err() {
                return Err(NarrowingError::Scope);
            }
            self.pinned.retain(|pin| scope.rules.contains(&pin.id));
            self.scope = scope;
            self.coverage = coverage;
        }
        if let Some(most) = narrowing.max_uses {
            if most == 0 || self.max_uses.is_some_and(|asked| most > asked) {
                return Err(NarrowingError::Uses);
            }
            self.max_uses = Some(most);
        }
        self.revision = self.revision.saturating_add(1);
        Ok(self)
    }

    /// Its window with a shorter length: never beyond the end that it has, never over before it could begin.
    fn shortened(&self, secs: i64, runs_from: Option<Instant>) -> Result<Window, NarrowingError> {
        let (starts_at, asked_until) = (self.window.starts_at(), self.window.ends_at());
        let from = runs_from.map_or(starts_at, |now| now.max(starts_at));
        let length = chrono::TimeDelta::try_seconds(secs)
            .filter(|length| *length > chrono::TimeDelta::zero() && *length <= asked_until - starts_at)
            .ok_or(NarrowingError::Length)?;
        let ends_at = from
            .checked_add_signed(length)
            .ok_or(NarrowingError::Length)?
            .min(asked_until);
        if ends_at <= from {
            return Err(NarrowingError::Length);
        }
        Window::new(starts_at, ends_at).map_err(|_| NarrowingError::Length)
    }
}
