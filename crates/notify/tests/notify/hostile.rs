//! Names, titles and reasons that try to be headers, markup or links.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::notice::{Notice, NoticeKind};
use notify::mail::Sender;
use notify::{slack, teams};
use proptest::prelude::*;

use crate::support::{base, id, notice};

const HOSTILE: [&str; 10] = [
    "Payout\r\nBcc: all@evil.example\r\n\r\nBody",
    "</p><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "<https://evil.example|Open in Spillway>",
    "<!channel> <@U123> @here",
    "[Open](https://evil.example)",
    "see https://evil.example/login or www.evil.example",
    "moc.elpmaxe.live//:sptth\u{202e}",
    "=?utf-8?q?=0d=0aBcc:_x@evil.example?=",
    "{{constructor.constructor('x')()}} ${7*7} %0d%0aX: y",
];

fn says(text: &str) -> Notice {
    Notice {
        title: text.to_owned(),
        by: Some(text.to_owned()),
        why: Some(text.to_owned()),
        stage: Some(text.to_owned()),
        summary: Some(text.to_owned()),
        ..notice()
    }
}

/// One mail and one daily mail, as they are sent.
fn mails(notice: &Notice) -> [String; 2] {
    let sender = Sender {
        from: "Spillway <spillway@spillway.example>".parse().unwrap(),
        base: base(),
    };
    let one = sender.one(id(), "alice@example.com", notice).unwrap();
    let digest = sender
        .digest(
            id(),
            "alice@example.com",
            &[notice.clone(), notice.clone()],
            3,
            notice.at,
        )
        .unwrap();
    [one, digest].map(|message| {
        let text = String::from_utf8(message.formatted()).unwrap();
        let envelope = message.envelope();
        assert_eq!(envelope.to().len(), 1);
        assert_eq!(envelope.to()[0].to_string(), "alice@example.com");
        text
    })
}

/// What stands below the headers, with the transfer encoding undone as far as these tests need: soft line breaks and `=3D`.
fn body(mail: &str) -> String {
    let (_, body) = mail.split_once("\r\n\r\n").unwrap();
    body.replace("=\r\n", "").replace("=3D", "=")
}

/// The second part.
fn html_of(body: &str) -> &str {
    body.split_once("Content-Type: text/html").unwrap().1
}

fn header_names(text: &str) -> Vec<String> {
    text.split("\r\n\r\n")
        .next()
        .unwrap()
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect()
}

/// What a reader decodes in the headers (RFC 2047); in a body nobody does. All of it is ours, and ours is base64.
fn encoded_words(head: &str) -> Vec<String> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", "\t");
    let mut words = Vec::new();
    let mut rest = unfolded.as_str();
    while let Some((_, word)) = rest.split_once("=?") {
        let (text, after) = word
            .strip_prefix("utf-8?b?")
            .and_then(|word| word.split_once("?="))
            .unwrap_or_else(|| panic!("not encoded by us: {word}"));
        words.push(String::from_utf8(STANDARD.decode(text).unwrap()).unwrap());
        rest = after;
    }
    words
}

/// The addresses of all links.
fn links(html: &str) -> Vec<&str> {
    html.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

const HEADERS: [&str; 8] = [
    "auto-submitted",
    "content-type",
    "date",
    "from",
    "message-id",
    "mime-version",
    "subject",
    "to",
];

#[test]
fn a_mail_has_our_headers_our_links_and_no_markup_of_theirs() {
    for mail in HOSTILE.iter().flat_map(|text| mails(&says(text))) {
        let mut headers = header_names(&mail);
        headers.sort();
        assert_eq!(headers, HEADERS, "{mail}");
        let body = body(&mail);
        let html = html_of(&body).to_lowercase();
        for marked in ["<script", "<img", "<https", "<!channel"] {
            assert!(!html.contains(marked), "{marked}: {html}");
        }
        for link in links(&body) {
            assert!(link.starts_with("https://spillway.example/"), "{link}");
        }
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        let foreign = format!("{head}\n{body}").replace("https://spillway.example", "");
        assert!(!foreign.contains("://"), "{foreign}");
        assert!(
            !foreign.contains("evil.example"),
            "a program would make it a link: {foreign}"
        );
        for word in encoded_words(head) {
            assert!(!word.contains(char::is_control), "{word:?}: {head}");
        }
    }
}

#[test]
fn a_mail_says_the_same_in_text_and_in_html_and_keeps_its_id() {
    let [one, daily] = mails(&notice());
    for mail in [&one, &daily] {
        assert!(mail.contains("Message-ID: <dlv_"), "{mail}");
        assert!(mail.contains("multipart/alternative"), "{mail}");
    }
    assert_eq!(body(&one).matches("Why: Wake somebody up").count(), 2, "{one}");
    assert_eq!(body(&daily).matches("Bob Okafor rejected").count(), 4, "{daily}");
}

#[test]
fn slack_finds_no_markup_and_one_link_which_is_ours() {
    for text in HOSTILE {
        let body: serde_json::Value = serde_json::from_slice(&slack::body(&says(text), &base())).unwrap();
        let fallback = body["text"].as_str().unwrap();
        assert!(!fallback.contains('<') && !fallback.contains("://"), "{fallback}");
        assert_eq!(body["mrkdwn"], false);
        let headline = &body["blocks"][0]["text"];
        assert_eq!(headline["type"], "plain_text");
        assert!(!headline["text"].as_str().unwrap().contains("evil.example"));
        let elements = body["blocks"][1]["elements"].as_array().unwrap();
        assert_eq!(elements[0]["type"], "plain_text");
        assert_eq!(elements[1]["type"], "mrkdwn");
        let link = elements[1]["text"].as_str().unwrap();
        assert!(
            link.starts_with("<https://spillway.example/opt-outs/opt_"),
            "{link}"
        );
        assert!(link.ends_with("|Open in Spillway>"), "{link}");
        assert_eq!(elements.len(), 2);
    }
}

#[test]
fn teams_gets_a_link_and_nothing_that_anybody_typed() {
    for kind in NoticeKind::ALL {
        let told = Notice {
            kind: *kind,
            ..says("Zebra https://evil.example")
        };
        let body = String::from_utf8(teams::body(&told, &base())).unwrap();
        assert!(
            !body.contains("Zebra") && !body.contains("evil") && !body.contains("Tier"),
            "{body}"
        );
        assert!(body.contains("https://spillway.example/opt-outs/opt_"), "{body}");
    }
}

proptest! {
    #[test]
    fn no_text_adds_a_header_or_a_link(text in any::<String>()) {
        for mail in mails(&says(&text)) {
            let mut headers = header_names(&mail);
            headers.sort();
            prop_assert_eq!(headers, HEADERS);
            let body = body(&mail);
            for link in links(&body) {
                prop_assert!(link.starts_with("https://spillway.example/"), "{}", link);
            }
        }
    }
}
