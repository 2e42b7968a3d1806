//! The one place that reads the machine's clock, and what a test puts in its stead.

use chrono::{DateTime, SubsecRound, Utc};

/// Tells the time. Instants are whole microseconds, which is what the database keeps.
pub trait Clock: Send + Sync + std::fmt::Debug + 'static {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the clock is read here and nowhere else"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}
