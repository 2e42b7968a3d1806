//! Ids and secrets, injected.

use domain::window::Instant;
use rand::{RngCore as _, TryRngCore as _};
use uuid::Uuid;

/// Makes ids, salts and tokens.
pub trait Ids: Send + Sync + std::fmt::Debug + 'static {
    /// A UUIDv7 of this instant: 48 bits of milliseconds, the rest from a cryptographic source but for the four bits of
    /// the version and the two of the variant (RFC 9562 section 5.7).
    fn next(&self, at: Instant) -> Uuid;
    /// 256 secret bits.
    fn secret(&self) -> [u8; 32];
}

/// The operating system's random source, through a generator that is reseeded from it.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn next(&self, at: Instant) -> Uuid {
        let mut random = [0u8; 10];
        rand::rng().fill_bytes(&mut random);
        version_7(at, random)
    }

    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0u8; 32];
        // The generator that stands in is cryptographic and seeded from the same source, so a failed read is no weaker.
        if rand::rngs::OsRng.try_fill_bytes(&mut bytes).is_err() {
            rand::rng().fill_bytes(&mut bytes);
        }
        bytes
    }
}

/// Ids that repeat from run to run, for tests: a counter in the place of random bits.
#[derive(Debug, Default)]
pub struct CountingIds(std::sync::atomic::AtomicU64);

impl CountingIds {
    fn count(&self) -> [u8; 8] {
        self.0
            .fetch_add(1, std::sync::atomic::Ordering::SeqCst)
            .to_be_bytes()
    }
}

impl Ids for CountingIds {
    fn next(&self, at: Instant) -> Uuid {
        let mut random = [0u8; 10];
        for (slot, byte) in random.iter_mut().skip(2).zip(self.count()) {
            *slot = byte;
        }
        version_7(at, random)
    }

    fn secret(&self) -> [u8; 32] {
        *domain::digest::Digest::of(&self.count()).as_bytes()
    }
}

fn version_7(at: Instant, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
