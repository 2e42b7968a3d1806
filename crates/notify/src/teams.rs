//! Teams' incoming webhooks: a link and nothing else. What is in the message is kept by Microsoft for everybody in the
//! channel, so names, titles and reasons stay with us; whoever follows the link signs in first.

use domain::notice::Notice;
use serde_json::json;
use url::Url;

use crate::webhook::link;

/// An adaptive card with one sentence of ours and one button.
pub fn body(notice: &Notice, base: &Url) -> Vec<u8> {
    let sentence = format!(
        "News from Spillway: {}, {}.",
        notice.item.kind().replace('_', " "),
        notice.kind.as_str().replace('_', " ")
    );
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [{ "type": "TextBlock", "text": sentence, "wrap": true }],
                "actions": [{ "type": "Action.OpenUrl", "title": "Open in Spillway", "url": link(notice, base) }],
            },
        }],
    })
    .to_string()
    .into_bytes()
}
