//! What the pages of notices show.

use domain::{
    notice::{EndpointKind, MailChoice, NoticeKind},
    window::Instant,
};
use serde::{Deserialize, Serialize};

/// A page of the reader's notices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticesView {
    /// Newest first.
    pub rows: Vec<NoticeRow>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// How many are unread, of all.
    pub unread: u32,
    /// The page's present.
    pub now: Instant,
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRow {
    /// Its id.
    pub id: String,
    /// What it tells of.
    pub kind: NoticeKind,
    /// It, in a sentence.
    pub headline: String,
    /// Why, which stage, which tier.
    pub note: String,
    /// Where it leads.
    pub href: String,
    /// When it happened.
    pub at: Instant,
    /// Until when it matters.
    pub until: Option<Instant>,
    /// Whether it was read.
    pub read: bool,
}

/// How the reader is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// How mail comes.
    pub mail: MailChoice,
    /// When the daily mail comes: `08:00`.
    pub digest_at: String,
    /// When quiet hours begin and end, if there are any.
    pub quiet: Option<(String, String)>,
    /// IANA name.
    pub zone: String,
    /// Where mail goes.
    pub address: Option<String>,
    /// Whether this installation sends mail.
    pub sends_mail: bool,
    /// Whether the reader looks after endpoints.
    pub may_administer: bool,
}

/// All endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointsView {
    /// Those in use first.
    pub rows: Vec<EndpointView>,
    /// Channels that tiers name, to choose from.
    pub channels: Vec<String>,
    /// The page's present.
    pub now: Instant,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    /// Its id.
    pub id: String,
    /// What is there.
    pub kind: EndpointKind,
    /// What it is called.
    pub name: String,
    /// Only news of tiers with this channel.
    pub channel: Option<String>,
    /// The host of its address.
    pub host: String,
    /// Until when the secret before the present one signs too.
    pub previous_until: Option<Instant>,
    /// When it was registered.
    pub created_at: Instant,
    /// Since when it is used no more, and why.
    pub disabled: Option<(Instant, String)>,
}

/// An endpoint on its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointPageView {
    /// It.
    pub endpoint: EndpointView,
    /// Its secret, where it was asked for.
    pub secret: Option<String>,
    /// The page's present.
    pub now: Instant,
}

/// What has not arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveriesView {
    /// Which ways those go that were given up.
    pub ways: Vec<WayView>,
    /// Given up; a page of them.
    pub dead: Vec<DeliveryView>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// Tried again.
    pub retried: Vec<DeliveryView>,
    /// The page's present.
    pub now: Instant,
}

/// Where several deliveries go: to one endpoint, or as mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayView {
    /// `mail`, or the endpoint's id.
    pub way: String,
    /// What it is called.
    pub to: String,
}

/// A delivery that has not arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryView {
    /// Its id.
    pub id: String,
    /// `mail`, `webhook`, `slack` or `teams`.
    pub channel: String,
    /// To whom.
    pub to: String,
    /// What it tells of.
    pub tells: String,
    /// When it was made.
    pub at: Instant,
    /// How many attempts were begun.
    pub attempts: i32,
    /// What the last one failed of.
    pub last_error: String,
    /// When it is tried again.
    pub next_at: Option<Instant>,
}

/// What an endpoint of this kind is called on pages.
pub(super) const fn kind_words(kind: EndpointKind) -> &'static str {
    match kind {
        EndpointKind::Webhook => "Webhook",
        EndpointKind::Slack => "Slack",
        EndpointKind::Teams => "Teams",
    }
}
