//! Approvers can narrow what was asked, never widen it: there is no way to write down a widening that passes.

use super::OptOut;
use crate::scope::{Coverage, Scope};
use crate::window::Window;

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
    pub fn narrow(mut self, narrowing: Narrowing) -> Result<Self, NarrowingError> {
        if let Some(secs) = narrowing.length_secs {
            let starts_at = self.window.starts_at();
            let ends_at = chrono::TimeDelta::try_seconds(secs)
                .and_then(|length| starts_at.checked_add_signed(length))
                .filter(|ends_at| *ends_at <= self.window.ends_at())
                .ok_or(NarrowingError::Length)?;
            self.window = Window::new(starts_at, ends_at).map_err(|_| NarrowingError::Length)?;
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
}
