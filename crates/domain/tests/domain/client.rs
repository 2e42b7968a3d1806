//! What a change of a client's rights allows, and what is no client at all.

use domain::client::{Client, ClientError, ResourcePattern, SubjectPattern};
use domain::id::ClientId;
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::signal::SignalRight;
use proptest::prelude::*;

fn subject(text: &str) -> SubjectPattern {
    match text.split_once(':') {
        Some((kind, id)) => SubjectPattern {
            kind: Some(kind.parse().unwrap()),
            id: id.to_owned(),
        },
        None => SubjectPattern {
            kind: None,
            id: text.to_owned(),
        },
    }
}

fn resource(text: &str) -> ResourcePattern {
    let (kind, id) = text
        .split_once(':')
        .map_or((None, text), |(kind, id)| (Some(kind), id));
    ResourcePattern {
        kind: kind.map(str::to_owned),
        id: id.to_owned(),
    }
}

fn client(subjects: &[&str], resources: &[&str], keys: &[&str]) -> Client {
    Client {
        id: ClientId::from_uuid(uuid::Uuid::from_u128(1)),
        name: "ci-gateway".to_owned(),
        subjects: subjects.iter().map(|text| subject(text)).collect(),
        resources: resources.iter().map(|text| resource(text)).collect(),
        trusted_keys: keys.iter().map(ToString::to_string).collect(),
        signals: None,
        incidents: None,
    }
}

fn signals(about: &str, per_hour: u32, longest_secs: i64) -> Client {
    Client {
        signals: Some(SignalRight {
            subjects: vec![subject(about)],
            per_hour,
            longest_secs,
        }),
        ..client(&["*"], &["*"], &[])
    }
}

/// `=` no change, `-` less, `+` more.
fn change(before: &Client, after: &Client) -> char {
    let changes = before.changes_to(after);
    match changes.iter().any(|change| change.widens) {
        true => '+',
        false if changes.is_empty() => '=',
        false => '-',
    }
}

#[test]
fn a_change_that_allows_anything_more_widens() {
    let plain = client(&["*"], &["*"], &[]);
    let reporting = Client {
        incidents: Some(String::from("INC-").try_into().unwrap()),
        ..plain.clone()
    };
    for (before, after, expected) in [
        (client(&["*"], &["*"], &[]), client(&["*"], &["*"], &[]), '='),
        (
            client(&["ci/a", "ci/b"], &[], &[]),
            client(&["ci/b", "ci/a"], &[], &[]),
            '=',
        ),
        (
            client(&["ci/*"], &["*"], &[]),
            client(&["ci/payments"], &["*"], &[]),
            '-',
        ),
        (
            client(&["ci/payments"], &["*"], &[]),
            client(&["ci/*"], &["*"], &[]),
            '+',
        ),
        (client(&["ci/*"], &["*"], &[]), client(&["*"], &["*"], &[]), '+'),
        (
            client(&["*"], &["*"], &[]),
            client(&["workload:*"], &["*"], &[]),
            '-',
        ),
        (
            client(&["workload:*"], &["*"], &[]),
            client(&["*"], &["*"], &[]),
            '+',
        ),
        (
            client(&["workload:*"], &["*"], &[]),
            client(&["person:*"], &["*"], &[]),
            '+',
        ),
        (
            client(&["workload:ci/a*"], &[], &[]),
            client(&["workload:ci/*"], &[], &[]),
            '+',
        ),
        (client(&["a"], &[], &[]), client(&[], &[], &[]), '-'),
        (
            client(&["*"], &["service:*"], &[]),
            client(&["*"], &["service:pay*"], &[]),
            '-',
        ),
        (
            client(&["*"], &["service:*"], &[]),
            client(&["*"], &["service:*", "database:x"], &[]),
            '+',
        ),
        (
            client(&["*"], &["*"], &["ticket"]),
            client(&["*"], &["*"], &[]),
            '-',
        ),
        (
            client(&["*"], &["*"], &["ticket"]),
            client(&["*"], &["*"], &["commit"]),
            '+',
        ),
        (plain.clone(), reporting.clone(), '+'),
        (reporting, plain.clone(), '-'),
        (plain.clone(), signals("person:*", 1, 60), '+'),
        (signals("person:*", 1, 60), plain, '-'),
        (signals("person:*", 1, 60), signals("person:*", 2, 60), '+'),
        (signals("person:*", 1, 60), signals("person:*", 1, 61), '+'),
        (signals("person:*", 2, 60), signals("person:*", 1, 59), '-'),
        (signals("person:a*", 1, 60), signals("person:*", 1, 60), '+'),
        (signals("person:*", 1, 60), signals("person:*", 1, 60), '='),
    ] {
        assert_eq!(change(&before, &after), expected, "{before:?} → {after:?}");
    }
}

fn pattern() -> impl Strategy<Value = SubjectPattern> {
    (proptest::option::of(0usize..3), "[ab]{0,3}[*]?").prop_map(|(kind, id)| SubjectPattern {
        kind: kind.map(|kind| {
            [
                PrincipalKind::Person,
                PrincipalKind::Workload,
                PrincipalKind::Agent,
            ][kind]
        }),
        id,
    })
}

proptest! {
    /// Whoever could not be asked about before can only be asked about after a change that widens.
    #[test]
    fn nothing_more_is_allowed_without_being_called_wider(
        before in proptest::collection::vec(pattern(), 0..4),
        after in proptest::collection::vec(pattern(), 0..4),
        id in "[ab]{1,4}",
        kind in 0usize..3,
    ) {
        let kind = [PrincipalKind::Person, PrincipalKind::Workload, PrincipalKind::Agent][kind];
        let asked = PrincipalRef::new(kind, id).unwrap();
        let with = |subjects| Client { subjects, ..client(&[], &[], &[]) };
        let (before, after) = (with(before), with(after));
        if after.may_ask_about(&asked) && !before.may_ask_about(&asked) {
            prop_assert_eq!(change(&before, &after), '+');
        }
    }
}

#[test]
fn what_would_match_something_else_than_it_seems_to_is_refused() {
    assert_eq!(
        client(&["ci/*", "*"], &["service:pay-*"], &["ticket"]).check(),
        Ok(())
    );
    for id in ["", "*/payments", "a*b*", "ci/**", "ci/\u{202e}a", "ci/\0"] {
        let expected = Err(ClientError::Pattern(id.to_owned()));
        assert_eq!(client(&[id], &[], &[]).check(), expected, "{id:?}");
        assert_eq!(client(&[], &[id], &[]).check(), expected, "{id:?}");
        assert_eq!(signals(id, 1, 1).check(), expected, "{id:?}");
    }
    for key in ["", "two words", "\u{200b}"] {
        assert_eq!(
            client(&[], &[], &[key]).check(),
            Err(ClientError::Key(key.to_owned()))
        );
    }
    for name in ["", " ", "ci\u{202e}", "ci\n"] {
        let named = Client {
            name: name.to_owned(),
            ..client(&[], &[], &[])
        };
        assert!(matches!(named.check(), Err(ClientError::Name(_))), "{name:?}");
    }
    assert_eq!(signals("*", 1, 0).check(), Err(ClientError::SignalLength));
}
