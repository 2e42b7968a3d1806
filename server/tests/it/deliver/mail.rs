//! Mail servers that say nothing, stop in the middle or refuse: what is tried again, and what is not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::id::{DeliveryId, OptOutId};
use domain::notice::{Notice, NoticeItem, NoticeKind};
use notify::outgoing::{Allow, Limits};
use server::config::MailSettings;
use server::deliver::Courier;
use service::notices::{Attempted, Claimed, Content, Destination};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::support::PUBLIC_URL;

/// How a server answers: `greeting`, a command, or `.` for the end of the mail. None: not at all.
type Manner = fn(&str) -> Option<&'static str>;

fn well(said: &str) -> Option<&'static str> {
    Some(match said {
        "greeting" => "220 mail.example.com",
        "EHLO" => "250-mail.example.com\r\n250 AUTH PLAIN",
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 ok",
    })
}

/// A mail server on a loopback port: its port, and the mails that it took, each with the commands before it. The first connection is met with the first
/// manner, and so on; the last one stays.
async fn mail_server(manners: &'static [Manner]) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Arc::new(Mutex::new(Vec::new()));
    let mails = Arc::clone(&taken);
    #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
    tokio::spawn(async move {
        let mut met = 0;
        while let Ok((stream, _)) = listener.accept().await {
            let manner = manners[met.min(manners.len() - 1)];
            met += 1;
            let mails = Arc::clone(&mails);
            #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
            tokio::spawn(async move { meet(stream, manner, &mails).await });
        }
    });
    (port, taken)
}

async fn says(stream: &mut BufReader<TcpStream>, manner: Manner, to: &str) {
    match manner(to) {
        Some(answer) => {
            let line = format!("{answer}\r\n");
            let _ = stream.write_all(line.as_bytes()).await;
        }
        None => std::future::pending().await,
    }
}

async fn meet(stream: TcpStream, manner: Manner, mails: &Mutex<Vec<String>>) {
    let mut stream = BufReader::new(stream);
    says(&mut stream, manner, "greeting").await;
    let mut mail: Option<String> = None;
    let mut commands = String::new();
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        match &mut mail {
            Some(text) if line == ".\r\n" => {
                says(&mut stream, manner, ".").await;
                mails
                    .lock()
                    .unwrap()
                    .push(format!("{}{text}", std::mem::take(&mut commands)));
                mail = None;
            }
            Some(text) => text.push_str(&line),
            None => {
                let command = line.split_whitespace().next().unwrap_or_default();
                commands.push_str(&line);
                says(&mut stream, manner, command).await;
                if command == "DATA" {
                    mail = Some(String::new());
                }
            }
        }
        line.clear();
    }
}

fn courier(port: u16, patience: Duration) -> Courier {
    let settings = MailSettings {
        url: format!("smtp://user:secret@127.0.0.1:{port}").into(),
        from: "Spillway <spillway@example.com>".parse().unwrap(),
    };
    let allow = Allow::new([]).unwrap();
    let base = PUBLIC_URL.parse().unwrap();
    Courier::with_limits(Some(&settings), allow, &base, Limits::default(), patience).unwrap()
}

fn mail(title: &str) -> Claimed {
    let notice = Notice {
        kind: NoticeKind::Approved,
        item: NoticeItem::OptOut {
            id: OptOutId::from_uuid(Uuid::from_u128(7)),
        },
        title: title.to_owned(),
        tier: "high".parse().unwrap(),
        by: None,
        why: None,
        stage: None,
        summary: None,
        until: None,
        at: "2026-11-24T10:00:00Z".parse().unwrap(),
    };
    Claimed {
        id: DeliveryId::from_uuid(Uuid::from_u128(11)),
        attempt: 1,
        to: Destination::Mail("alice@example.com".to_owned()),
        content: Content::One(Box::new(notice)),
    }
}

async fn attempt(courier: &Courier, title: &str) -> Attempted {
    attempt_to(courier, "alice@example.com", title).await
}

async fn attempt_to(courier: &Courier, address: &str, title: &str) -> Attempted {
    let claimed = Claimed {
        to: Destination::Mail(address.to_owned()),
        ..mail(title)
    };
    courier
        .attempt(claimed, "2026-11-24T10:00:00Z".parse().unwrap())
        .await
}

fn later(why: &str) -> Attempted {
    Attempted::Failed {
        why: why.to_owned(),
        wait_secs: None,
    }
}

const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn one_that_says_nothing_is_given_up_after_a_time_and_tried_again() {
    let (port, _) = mail_server(&[|_| None]).await;
    assert_eq!(
        attempt(&courier(port, SHORT), "Mute").await,
        later("It did not answer in time.")
    );
}

/// What it says of the first mail, late, must not be taken for what it says of the second.
#[tokio::test]
async fn one_that_stops_after_the_mail_leaves_nothing_behind_for_the_next() {
    fn stops(said: &str) -> Option<&'static str> {
        if said == "." { None } else { well(said) }
    }
    fn refuses(said: &str) -> Option<&'static str> {
        match said {
            "RCPT" => Some("550 nobody of that name"),
            _ => well(said),
        }
    }
    let (port, mails) = mail_server(&[stops, refuses, well]).await;
    let courier = courier(port, SHORT);
    assert_eq!(
        attempt(&courier, "First").await,
        later("It did not answer in time.")
    );
    assert_eq!(
        attempt(&courier, "Second").await,
        Attempted::Refused {
            why: "The mail server refused it for good (550).".to_owned()
        }
    );
    assert_eq!(attempt(&courier, "Third").await, Attempted::Delivered);
    let mails = mails.lock().unwrap();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("Third"), "{}", mails[0]);
}

#[tokio::test]
async fn one_that_takes_it_and_does_not_say_goodbye_has_taken_it() {
    let (port, mails) = mail_server(&[|said| if said == "QUIT" { None } else { well(said) }]).await;
    assert_eq!(attempt(&courier(port, LONG), "Taken").await, Attempted::Delivered);
    assert_eq!(mails.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn only_what_is_said_of_the_mail_is_for_good() {
    let cases: [(Manner, &str, bool); 8] = [
        (
            |said| {
                if said == "greeting" {
                    Some("554 go away")
                } else {
                    well(said)
                }
            },
            "554",
            false,
        ),
        (
            |said| {
                if said == "AUTH" {
                    Some("535 who?")
                } else {
                    well(said)
                }
            },
            "535",
            false,
        ),
        (
            |said| {
                if said == "MAIL" {
                    Some("550 not as that sender")
                } else {
                    well(said)
                }
            },
            "550",
            false,
        ),
        (
            |said| {
                if said == "RCPT" {
                    Some("530 first say who you are")
                } else {
                    well(said)
                }
            },
            "530",
            false,
        ),
        (
            |said| {
                if said == "RCPT" {
                    Some("450 later")
                } else {
                    well(said)
                }
            },
            "450",
            false,
        ),
        (
            |said| {
                if said == "RCPT" {
                    Some("550 nobody")
                } else {
                    well(said)
                }
            },
            "550",
            true,
        ),
        (
            |said| {
                if said == "DATA" {
                    Some("554 no mail for them")
                } else {
                    well(said)
                }
            },
            "554",
            true,
        ),
        (
            |said| {
                if said == "." {
                    Some("552 too large")
                } else {
                    well(said)
                }
            },
            "552",
            true,
        ),
    ];
    for (manner, code, for_good) in cases {
        let manners: &'static [Manner] = Box::leak(Box::new([manner]));
        let (port, _) = mail_server(manners).await;
        let expected = if for_good {
            Attempted::Refused {
                why: format!("The mail server refused it for good ({code})."),
            }
        } else {
            later(&format!("The mail server did not take it ({code})."))
        };
        assert_eq!(attempt(&courier(port, LONG), "Judged").await, expected, "{code}");
    }
}

#[tokio::test]
async fn international_domains_go_out_in_ascii() {
    let (port, mails) = mail_server(&[well]).await;
    let courier = courier(port, LONG);
    for (address, ascii) in [
        ("bob@bücher.example", "bob@xn--bcher-kva.example"),
        ("bob@BÜCHER.example", "bob@xn--bcher-kva.example"),
        ("o.k@例え.テスト", "o.k@xn--r8jz45g.xn--zckzah"),
        ("bob@xn--bcher-kva.example", "bob@xn--bcher-kva.example"),
    ] {
        assert_eq!(
            attempt_to(&courier, address, "News").await,
            Attempted::Delivered,
            "{address}"
        );
        let sent = mails.lock().unwrap().pop().unwrap();
        assert!(sent.contains(&format!("RCPT TO:<{ascii}>")), "{sent}");
        assert!(sent.contains(&format!("To: {ascii}")), "{sent}");
        assert!(!sent.contains("SMTPUTF8") && sent.is_ascii(), "{sent}");
    }
}

#[tokio::test]
async fn letters_beyond_ascii_before_the_at_need_a_server_that_takes_them() {
    fn takes_all_letters(said: &str) -> Option<&'static str> {
        match said {
            "EHLO" => Some("250-mail.example.com\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250 AUTH PLAIN"),
            _ => well(said),
        }
    }
    let (port, mails) = mail_server(&[well, takes_all_letters]).await;
    let courier = courier(port, LONG);
    let first = attempt_to(&courier, "bäcker@bücher.example", "News").await;
    assert!(matches!(first, Attempted::Refused { .. }), "{first:?}");
    assert!(mails.lock().unwrap().is_empty());
    assert_eq!(
        attempt_to(&courier, "bäcker@bücher.example", "News").await,
        Attempted::Delivered
    );
    let sent = mails.lock().unwrap().pop().unwrap();
    assert!(sent.contains("RCPT TO:<bäcker@xn--bcher-kva.example>"), "{sent}");
    assert!(sent.contains("SMTPUTF8"), "{sent}");
}
