//! When a delivery that failed is tried again: the schedule that Standard Webhooks 1.0 recommends.

use crate::window::Instant;
use chrono::TimeDelta;

/// How long after each failed attempt the next one is, in seconds: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
/// The first attempt is made at once.
pub const RETRY_AFTER_SECS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// How many attempts there are in all.
pub const ATTEMPTS: usize = RETRY_AFTER_SECS.len() + 1;

/// When it is tried again after this many failed attempts; none where it was the last one.
///
/// `jitter` in thousandths adds up to a tenth of the wait, so that what failed together is not tried together again.
pub fn next_attempt(failed: usize, now: Instant, jitter: u16) -> Option<Instant> {
    let secs = RETRY_AFTER_SECS.get(failed.checked_sub(1)?)?;
    let more = secs * 1_000 * i64::from(jitter.min(1_000)) / 10_000;
    now.checked_add_signed(TimeDelta::milliseconds(secs * 1_000 + more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_over_more_than_three_days_and_then_no_more() {
        let mut now = Instant::UNIX_EPOCH;
        let mut waits = Vec::new();
        for failed in 1.. {
            let Some(next) = next_attempt(failed, now, 0) else {
                break;
            };
            waits.push((next - now).num_seconds());
            now = next;
        }
        assert_eq!(waits, RETRY_AFTER_SECS);
        assert_eq!(waits.len() + 1, ATTEMPTS);
        assert_eq!((now - Instant::UNIX_EPOCH).num_hours(), 75);
    }

    #[test]
    fn jitter_only_ever_waits_longer_and_at_most_a_tenth() {
        let wait = |jitter| {
            next_attempt(2, Instant::UNIX_EPOCH, jitter)
                .map(|next| (next - Instant::UNIX_EPOCH).num_milliseconds())
        };
        assert_eq!(wait(0), Some(300_000));
        assert_eq!(wait(500), Some(315_000));
        assert_eq!(wait(1_000), Some(330_000));
        assert_eq!(wait(u16::MAX), Some(330_000));
    }
}
