//! From what the use cases answer to what the pages of notices show. On the server alone.

use std::collections::BTreeSet;

use domain::{
    name::PersonId,
    notice::{DisabledWhy, Notice, QuietHours},
};
use service::{
    Service,
    caller::PersonCaller,
    notices::{EndpointDetail, EndpointSummary, NoticeSettings, Undelivered},
};

use super::view::{
    DeliveriesView, DeliveryView, EndpointPageView, EndpointView, EndpointsView, NoticeRow, NoticesView,
    SettingsView, WayView,
};
use crate::{error::AppError, server_side::Names};

/// How many notices a page holds.
const PAGE: usize = 50;

/// The reader's notices, from one on.
pub(super) async fn notices(
    service: &Service,
    caller: &PersonCaller,
    before: &str,
) -> Result<NoticesView, AppError> {
    let before = match before {
        "" => None,
        id => Some(id.parse().map_err(|_| {
            crate::server_side::bad_request("The page begins after a notice that cannot be one.")
        })?),
    };
    let list = service.notices(caller, before, PAGE).await?;
    Ok(NoticesView {
        rows: list
            .notices
            .iter()
            .map(|told| NoticeRow {
                id: told.id.to_string(),
                kind: told.notice.kind,
                headline: told.notice.headline(str::to_owned),
                note: note(&told.notice),
                href: told.notice.path(),
                at: told.notice.at,
                until: told.notice.until,
                read: told.read_at.is_some(),
            })
            .collect(),
        next: list.next.map(|id| id.to_string()),
        unread: u32::try_from(list.unread).unwrap_or(u32::MAX),
        now: list.now,
    })
}

fn note(notice: &Notice) -> String {
    let why = notice.why.as_deref().map(str::trim).filter(|why| !why.is_empty());
    let parts = [
        Some(format!("Tier {}", notice.tier)),
        notice.stage.clone(),
        why.map(|why| format!("“{why}”")),
        notice.summary.clone(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How the reader is told.
pub(super) fn settings(found: NoticeSettings) -> SettingsView {
    let set = found.preferences;
    SettingsView {
        mail: set.mail,
        digest_at: QuietHours::words(set.digest_minute),
        quiet: set
            .quiet
            .map(|quiet| (QuietHours::words(quiet.from()), QuietHours::words(quiet.until()))),
        zone: set.zone,
        address: found.address,
        sends_mail: found.mail,
        may_administer: found.may_administer,
    }
}

/// All endpoints, and the channels that tiers name.
pub(super) async fn endpoints(service: &Service, caller: &PersonCaller) -> Result<EndpointsView, AppError> {
    let found = service.endpoints(caller).await?;
    let channels: BTreeSet<String> = service
        .policy(caller)
        .map(|policy| {
            policy
                .tiers()
                .iter()
                .filter_map(|tier| tier.channel.clone())
                .collect()
        })
        .unwrap_or_default();
    Ok(EndpointsView {
        rows: found.into_iter().map(view).collect(),
        channels: channels.into_iter().collect(),
        now: service.now(),
    })
}

/// One endpoint.
pub(super) fn endpoint(found: EndpointDetail) -> EndpointPageView {
    EndpointPageView {
        endpoint: view(found.summary),
        secret: found.secret,
        now: found.now,
    }
}

fn view(summary: EndpointSummary) -> EndpointView {
    EndpointView {
        id: summary.id.to_string(),
        kind: summary.kind,
        name: summary.name,
        channel: summary.channel,
        host: summary.host,
        previous_until: summary.previous_until,
        created_at: summary.created_at,
        disabled: summary.disabled.map(|(at, why)| {
            let why = match why {
                DisabledWhy::Administrator => "switched off by an administrator",
                DisabledWhy::Gone => "answered that it is gone (410)",
            };
            (at, why.to_owned())
        }),
    }
}

/// What has not arrived; of what was given up, the page after `before`.
pub(super) async fn deliveries(
    service: &Service,
    caller: &PersonCaller,
    before: &str,
) -> Result<DeliveriesView, AppError> {
    let before = match before {
        "" => None,
        id => Some(id.parse().map_err(|_| {
            crate::server_side::bad_request("The page begins after a delivery that cannot be one.")
        })?),
    };
    let found = service.undelivered(caller, before).await?;
    let names = Names::of(service);
    let mut ways: Vec<WayView> = Vec::new();
    for one in &found.dead {
        let way = one.way.to_string();
        if !ways.iter().any(|known| known.way == way) {
            let to = match one.channel {
                "mail" => "mail".to_owned(),
                _ => one.to.clone(),
            };
            ways.push(WayView { way, to });
        }
    }
    let row = |one: Undelivered| DeliveryView {
        id: one.id.to_string(),
        to: match (one.channel, PersonId::new(one.to.clone())) {
            ("mail", Ok(person)) => names.person(&person),
            _ => one.to,
        },
        channel: one.channel.to_owned(),
        tells: one.tells.unwrap_or_else(|| "Daily mail".to_owned()),
        at: one.at,
        attempts: one.attempts,
        last_error: one.last_error,
        next_at: one.next_at,
    };
    Ok(DeliveriesView {
        ways,
        dead: found.dead.into_iter().map(row).collect(),
        next: found.next.map(|id| id.to_string()),
        retried: found.retried.into_iter().map(row).collect(),
        now: found.now,
    })
}
