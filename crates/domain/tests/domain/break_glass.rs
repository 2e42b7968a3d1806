//! Break-glass: always to be had, and no hour of it uncounted.

use chrono::TimeDelta;
use domain::break_glass::{
    ALLOWANCE_DAYS, ALLOWANCE_SECS, CUT_SECS, DEFAULT_SECS, Effect, FRESH_SECS, LONGEST_SECS, LengthError,
    SESSION_SECS, SignInError, SignInProof, SignInStrength, Terms, spent_secs,
};
use domain::window::{Instant, Window};
use proptest::collection::vec;
use proptest::prelude::*;

fn hour(hours: i64) -> Instant {
    secs(hours * 3_600)
}

fn secs(secs: i64) -> Instant {
    chrono::DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
}

fn spell(from: i64, hours: i64) -> Window {
    Window::new(hour(from), hour(from + hours)).unwrap()
}

#[test]
fn an_hour_by_default_four_at_most_and_fifteen_minutes_with_a_review_overdue() {
    for (overdue, asked, expected) in [
        (false, None, Ok(DEFAULT_SECS)),
        (false, Some(LONGEST_SECS), Ok(LONGEST_SECS)),
        (
            false,
            Some(LONGEST_SECS + 1),
            Err(LengthError::TooLong {
                longest_secs: LONGEST_SECS,
            }),
        ),
        (true, None, Ok(CUT_SECS)),
        (true, Some(CUT_SECS), Ok(CUT_SECS)),
        (
            true,
            Some(CUT_SECS + 1),
            Err(LengthError::TooLong {
                longest_secs: CUT_SECS,
            }),
        ),
        (false, Some(0), Err(LengthError::NotPositive)),
        (true, Some(-1), Err(LengthError::NotPositive)),
        (
            false,
            Some(i64::MAX),
            Err(LengthError::TooLong {
                longest_secs: LONGEST_SECS,
            }),
        ),
    ] {
        let judged = Terms::at(&[], overdue, hour(0))
            .judge(asked)
            .map(|(secs, _)| secs);
        assert_eq!(judged, expected, "overdue {overdue}, asked {asked:?}");
    }
}

#[test]
fn eight_hours_are_at_once_and_the_next_second_needs_a_second_person() {
    let spent = [spell(0, 4), spell(24, 3)];
    let terms = Terms::at(&spent, false, hour(48));
    assert_eq!(terms.left_secs, 3_600);
    assert_eq!(terms.judge(Some(3_600)), Ok((3_600, Effect::AtOnce)));
    assert_eq!(terms.judge(Some(3_601)), Ok((3_601, Effect::SecondPerson)));
    // Refused never: spent hours ask for somebody else, they do not say no.
    let all = [spell(0, 4), spell(24, 4)];
    assert_eq!(
        Terms::at(&all, false, hour(48)).judge(None),
        Ok((DEFAULT_SECS, Effect::SecondPerson))
    );
}

#[test]
fn hours_count_for_seven_days_over_the_edge_and_those_to_come_count_whole() {
    let now = hour(24 * ALLOWANCE_DAYS + 2);
    for (window, expected) in [
        (spell(0, 2), 0),
        (spell(0, 3), 3_600),
        (spell(1, 4), 3 * 3_600),
        (spell(24, 4), 4 * 3_600),
        (spell(24 * ALLOWANCE_DAYS, 4), 4 * 3_600),
    ] {
        assert_eq!(spent_secs(&[window], now), expected, "{window:?}");
    }
    let part = Window::new(secs(0), secs(0) + TimeDelta::milliseconds(1)).unwrap();
    assert_eq!(
        spent_secs(&[part, part], secs(1)),
        2,
        "parts of seconds do not add up to nothing"
    );
}

#[test]
fn every_sign_in_at_every_age() {
    let now = hour(100);
    let ago = |secs: i64| Some(now - TimeDelta::seconds(secs));
    let ages = [
        ("never", None),
        ("now", ago(0)),
        ("just fresh", ago(FRESH_SECS)),
        ("just stale", ago(FRESH_SECS + 1)),
        ("8 h", ago(SESSION_SECS)),
        ("over 8 h", ago(SESSION_SECS + 1)),
        ("a clock ahead", ago(-60)),
        ("from the future", ago(-61)),
    ];
    for (proved, proved_at) in ages {
        for (began, session_began_at) in ages {
            for provider_answers in [true, false] {
                let found = SignInProof {
                    proved_at,
                    session_began_at,
                    provider_answers,
                }
                .strength(now);
                let fresh = ["now", "just fresh", "a clock ahead"].contains(&proved);
                let young = !["never", "over 8 h", "from the future"].contains(&began);
                let expected = match (fresh, provider_answers, young) {
                    (true, _, _) => Ok(SignInStrength::Fresh),
                    (false, true, _) => Err(SignInError::NotFresh),
                    (false, false, true) => Ok(SignInStrength::Session),
                    (false, false, false) => Err(SignInError::SessionTooOld),
                };
                assert_eq!(found, expected, "{proved}, {began}, provider {provider_answers}");
            }
        }
    }
    assert!(SignInStrength::Session.review_within_secs() < SignInStrength::Fresh.review_within_secs());
}

proptest! {
    /// Whatever a team asks for and whenever, what it gets at once never adds up to more than the allowance in any seven
    /// days that end at a use.
    #[test]
    fn what_is_had_at_once_never_exceeds_the_allowance(asked in vec((0i64..40_000, 1i64..=LONGEST_SECS), 1..60)) {
        let mut at = 0;
        let mut had: Vec<Window> = Vec::new();
        for (later, length) in asked {
            at += later;
            let now = secs(at);
            let judged = Terms::at(&had, false, now).judge(Some(length));
            // A team that has used none of it is never refused.
            if had.is_empty() {
                prop_assert_eq!(&judged, &Ok((length, Effect::AtOnce)));
            }
            let Ok((length, effect)) = judged else { continue };
            if effect == Effect::AtOnce {
                had.push(Window::new(now, secs(at + length)).unwrap());
            }
            for ends in had.iter().map(Window::ends_at) {
                let within: i64 = had
                    .iter()
                    .map(|window| {
                        let from = window.starts_at().max(ends - TimeDelta::days(ALLOWANCE_DAYS));
                        (window.ends_at().min(ends) - from).num_seconds().max(0)
                    })
                    .sum();
                prop_assert!(within <= ALLOWANCE_SECS, "{within} s up to {ends}");
            }
        }
    }

    /// More hours used never leave more to use, and a review that is overdue never makes it longer.
    #[test]
    fn terms_only_tighten(starts in vec(0i64..600_000, 0..8), now in 0i64..700_000) {
        let spells: Vec<Window> =
            starts.iter().map(|start| Window::new(secs(*start), secs(start + 3_600)).unwrap()).collect();
        let all = Terms::at(&spells, false, secs(now));
        let fewer = Terms::at(spells.get(1..).unwrap_or_default(), false, secs(now));
        prop_assert!(all.left_secs <= fewer.left_secs);
        let overdue = Terms::at(&spells, true, secs(now));
        prop_assert!(overdue.longest_secs <= all.longest_secs && overdue.default_secs <= all.default_secs);
        prop_assert_eq!(overdue.left_secs, all.left_secs);
    }
}
