//! A notice to send.

use domain::id::{DeliveryId, OptOutId};
use domain::notice::{Notice, NoticeItem, NoticeKind};
use url::Url;
use uuid::Uuid;

pub(crate) fn notice() -> Notice {
    Notice {
        kind: NoticeKind::Denied,
        item: NoticeItem::OptOut {
            id: OptOutId::from_uuid(Uuid::from_u128(7)),
        },
        title: "Payout fix".to_owned(),
        tier: "high".parse().unwrap(),
        by: Some("Bob Okafor".to_owned()),
        why: Some("Wake somebody up".to_owned()),
        stage: None,
        summary: None,
        until: None,
        at: "2026-11-24T10:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn id() -> DeliveryId {
    DeliveryId::from_uuid(Uuid::from_u128(11))
}

pub(crate) fn base() -> Url {
    "https://spillway.example".parse().unwrap()
}
