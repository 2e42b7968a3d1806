//! Notices: who is told what, where it goes out, and what each person has set.
//!
//! `command::finish` writes the notices of its events into the outbox, in the transaction of the command (`outbox`); the
//! reporter writes those that follow from the clock. The server's worker takes deliveries from the outbox, sends them with
//! `notify`, and says what came of it (`deliver`).
//!
//! To tell of one more event: a line in `mapping::rule`. To tell of something new: a kind in `domain::notice` besides.

mod aside;
mod deliver;
mod endpoint_input;
mod endpoints;
mod inbox;
pub(crate) mod mapping;
pub(crate) mod outbox;
mod preferences;
mod resend;
mod seal;
pub(crate) mod subject;
mod summary;
mod timed;
mod times;
mod undelivered;

pub use deliver::{Attempted, Claimed, Content, Destination, LEASE_SECS, Room};
pub use endpoint_input::EndpointInput;
pub use endpoints::{EndpointDetail, EndpointSummary, PREVIOUS_SECRET_HOURS};
pub use inbox::NoticeList;
pub use preferences::{NoticeSettings, PreferencesInput};
pub use resend::{AT_ONCE, Way};
pub use seal::{Seal, SealError, SealKeyError};
pub use undelivered::{Undelivered, UndeliveredList};

/// What a node can reach people by besides the pages.
#[derive(Debug, Default)]
pub struct Reach {
    /// Whether there is a mail server.
    pub mail: bool,
    /// What addresses and secrets of endpoints are sealed with; without it no endpoint can be registered or reached.
    pub seal: Option<Seal>,
    /// Whether tickets are looked up, so that something can stand on one.
    pub tickets: bool,
}
