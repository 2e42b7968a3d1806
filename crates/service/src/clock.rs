//! Time, injected.

use domain::window::Instant;

/// Tells the time, in whole microseconds.
pub trait Clock: Send + Sync + std::fmt::Debug + 'static {
    /// Now.
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the clock is read here and nowhere else"
    )]
    fn now(&self) -> Instant {
        domain::window::to_micros(Instant::from(std::time::SystemTime::now()))
    }
}

/// A clock that stands until it is set: for tests, and for the demo's history.
#[derive(Debug)]
pub struct ManualClock(std::sync::atomic::AtomicI64);

impl ManualClock {
    /// Stands at an instant.
    pub fn at(now: Instant) -> Self {
        Self(std::sync::atomic::AtomicI64::new(now.timestamp_micros()))
    }

    /// Sets it, forward or back.
    pub fn set(&self, now: Instant) {
        self.0
            .store(now.timestamp_micros(), std::sync::atomic::Ordering::SeqCst);
    }

    /// Moves it.
    pub fn advance(&self, by: chrono::TimeDelta) {
        let micros = by.num_microseconds().unwrap_or(0);
        self.0.fetch_add(micros, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        let micros = self.0.load(std::sync::atomic::Ordering::SeqCst);
        Instant::from_timestamp_micros(micros).unwrap_or(Instant::UNIX_EPOCH)
    }
}
