//! An opt-out that applies in its hours only: whether it does now, and when it does next.

use super::OptOut;
use crate::window::{Instant, Window};

/// Where an opt-out with hours of its own stands among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    /// Within them, and when they, or its window, end.
    Within {
        /// The first instant at which it no longer applies.
        until: Instant,
    },
    /// Between them, and when the next begin.
    Next {
        /// The first instant at which it applies again.
        from: Instant,
    },
    /// No more of them begin before it ends.
    Over,
}

impl OptOut {
    /// Whether it applies to decisions at an instant: active, and within its hours where it has any. A function of the row
    /// and the instant; no job has to run for it.
    pub fn in_force(&self, now: Instant, uses: u32) -> bool {
        self.is_active(now, uses) && self.within_hours(now)
    }

    /// Whether its hours contain an instant, whatever its state and window say. One without is always within them.
    pub fn within_hours(&self, at: Instant) -> bool {
        self.recurrence
            .as_ref()
            .is_none_or(|recurrence| recurrence.contains(self.direction, at))
    }

    /// Where an instant lies among its hours within its window. None where it has none of its own.
    pub fn hours_at(&self, now: Instant) -> Option<Hours> {
        let recurrence = self.recurrence.as_ref()?;
        let Some(open) = Window::new(self.window.starts_at().max(now), self.window.ends_at()).ok() else {
            return Some(Hours::Over);
        };
        let at = open.starts_at();
        Some(match recurrence.span_at(self.direction, at) {
            Some(span) if self.window.starts_at() <= now => Hours::Within {
                until: span.ends_at().min(open.ends_at()),
            },
            Some(_) => Hours::Next { from: at },
            None => match recurrence.span_after(self.direction, at) {
                Some(span) if span.starts_at() < open.ends_at() => Hours::Next {
                    from: span.starts_at(),
                },
                Some(_) | None => Hours::Over,
            },
        })
    }

    /// Since when it has applied without a break, where it does: from the beginning of its window or of its hours, and not
    /// before its approval.
    pub fn applies_since(&self, now: Instant) -> Instant {
        let begun = self
            .window
            .starts_at()
            .max(self.approved_at.unwrap_or(self.window.starts_at()));
        self.recurrence
            .as_ref()
            .and_then(|recurrence| recurrence.span_at(self.direction, now))
            .map_or(begun, |span| span.starts_at().max(begun))
    }
}
