//! Slack's incoming webhooks.

use domain::notice::Notice;
use serde_json::json;
use url::Url;

use crate::text::{one_line, slack, unlinked};
use crate::webhook::link;

/// The message: foreign text stands in `plain_text` alone, where Slack looks for no markup, mentions or links; the one link
/// is ours.
pub fn body(notice: &Notice, base: &Url) -> Vec<u8> {
    let headline = notice.headline(unlinked);
    let details = [
        Some(format!("Tier {}", one_line(notice.tier.as_str()))),
        notice
            .stage
            .as_deref()
            .map(|stage| format!("Stage {}", unlinked(stage))),
        notice
            .until
            .map(|until| format!("Until {}", until.format("%Y-%m-%d %H:%M UTC"))),
        notice
            .why
            .as_deref()
            .filter(|why| !why.trim().is_empty())
            .map(|why| format!("“{}”", unlinked(why))),
        notice.summary.as_deref().map(unlinked),
    ];
    let details = details.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    json!({
        // What a notification shows. Slack reads markup here, so what begins it is escaped.
        "text": slack(&headline),
        "mrkdwn": false,
        "unfurl_links": false,
        "unfurl_media": false,
        "blocks": [
            { "type": "section", "text": { "type": "plain_text", "text": headline, "emoji": false } },
            { "type": "context", "elements": [
                { "type": "plain_text", "text": details, "emoji": false },
                { "type": "mrkdwn", "text": format!("<{}|Open in Spillway>", link(notice, base)) },
            ] },
        ],
    })
    .to_string()
    .into_bytes()
}
