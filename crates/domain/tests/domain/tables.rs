//! All (state, event) pairs of every machine and the permission matrix, as tables that an auditor can read.

use crate::generate::at;
use crate::grant::grant;
use crate::opt_out::opt_out;
use crate::states::{
    access_request_events, access_request_states, opt_out_events, opt_out_states, policy_version_events,
};
use domain::access_request::AccessRequestState;
use domain::grant::{EarlyEnd, Ended, Grant, GrantState};
use domain::opt_out::{Asked, Direction, Need, OptOut, OptOutState};
use domain::policy_version::PolicyVersionState;
use domain::role::{Permission, Role};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::path::PathBuf;

/// What a cell says where nothing may happen.
const REFUSED: &str = ".";

/// One table: a title, the columns, and rows that begin with their own name.
fn table(title: &str, columns: &[String], rows: &[Vec<String>]) -> String {
    let width = |place: usize| {
        let cells = rows.iter().map(|row| row[place].len());
        cells.chain([columns[place].len()]).max().unwrap_or(0)
    };
    let line = |cells: &[String]| {
        let padded: Vec<String> = cells
            .iter()
            .enumerate()
            .map(|(place, cell)| format!("{cell:<0$}", width(place)))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![title.to_owned(), String::new(), line(columns)];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n") + "\n"
}

fn compare(name: &str, actual: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/tables")
        .join(name);
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        golden == actual,
        "{name} differs; if that is meant, run with UPDATE_TABLES=1 and review the diff. Now:\n{actual}"
    );
}

/// `StageReached(4294967295)` as `stage_reached(max)`.
fn event_name(event: &impl std::fmt::Debug) -> String {
    let mut name = String::new();
    for letter in format!("{event:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name.replace("4294967295", "max")
}

fn staged(word: &str, stage: u32) -> String {
    match stage {
        u32::MAX => format!("{word}(max)"),
        stage => format!("{word}({stage})"),
    }
}

fn request_name(state: &AccessRequestState) -> String {
    match state {
        AccessRequestState::InReview { stage } => staged(state.as_str(), *stage),
        state => state.as_str().to_owned(),
    }
}

fn opt_out_name(state: &OptOutState) -> String {
    match state {
        OptOutState::InReview { stage } => staged(state.as_str(), *stage),
        state => state.as_str().to_owned(),
    }
}

fn machine<S: Copy, E: Copy + std::fmt::Debug, X>(
    title: &str,
    states: &[S],
    events: &[E],
    name: impl Fn(&S) -> String,
    on: impl Fn(S, E) -> Result<S, X>,
) -> String {
    // States across and events down: opt-outs have as many of either, and names of states are shorter.
    let mut columns = vec!["event \\ state".to_owned()];
    columns.extend(states.iter().map(&name));
    let rows: Vec<Vec<String>> = events
        .iter()
        .map(|event| {
            let next = states.iter().map(|state| match on(*state, *event) {
                Ok(next) => name(&next),
                Err(_) => REFUSED.to_owned(),
            });
            std::iter::once(event_name(event)).chain(next).collect()
        })
        .collect();
    table(title, &columns, &rows)
}

#[test]
fn access_request() {
    let printed = machine(
        "Access request: the state that follows, for each state (across) and event (down). A dot: refused.",
        &access_request_states(),
        &access_request_events(),
        request_name,
        AccessRequestState::on,
    );
    compare("access_request.txt", &printed);
}

#[test]
fn opt_out_machine() {
    let printed = machine(
        "Opt-out: the state that follows, for each state (across) and event (down). A dot: refused.",
        &opt_out_states(),
        &opt_out_events(),
        opt_out_name,
        OptOutState::on,
    );
    compare("opt_out.txt", &printed);
}

#[test]
fn policy_version() {
    let printed = machine(
        "Policy version: the state that follows, for each state (across) and event (down). A dot: refused.",
        &PolicyVersionState::ALL,
        &policy_version_events(),
        |state| state.as_str().to_owned(),
        PolicyVersionState::on,
    );
    compare("policy_version.txt", &printed);
}

/// A grant in a state, and an instant at which it is in it. It starts at 100 and ends at 200.
fn grant_in(state: GrantState) -> (Grant, i64) {
    let early = |how| Grant {
        ended: Some(Ended { at: at(120), how }),
        ..grant()
    };
    match state {
        GrantState::Scheduled => (grant(), 90),
        GrantState::Active => (grant(), 130),
        GrantState::Ended => (grant(), 210),
        GrantState::Revoked => (early(EarlyEnd::Revoked), 130),
        GrantState::Relinquished => (early(EarlyEnd::Relinquished), 130),
    }
}

#[test]
fn grant_machine() {
    let mut columns = vec!["event \\ state".to_owned()];
    columns.extend(GrantState::ALL.iter().map(|state| state.as_str().to_owned()));
    let row = |event: &str, next: &dyn Fn(Grant, i64) -> String| {
        let cells = GrantState::ALL.iter().map(|state| {
            let (grant, now) = grant_in(*state);
            assert_eq!(grant.state(at(now)), *state);
            next(grant, now)
        });
        std::iter::once(event.to_owned()).chain(cells).collect()
    };
    let end = |how: EarlyEnd| {
        move |grant: Grant, now: i64| match grant.end(how, at(now)) {
            Ok(ended) => ended.state(at(now)).as_str().to_owned(),
            Err(_) => REFUSED.to_owned(),
        }
    };
    // Time only passes: what lies behind is asked again at the same instant.
    let until =
        |instant: i64| move |grant: Grant, now: i64| grant.state(at(instant.max(now))).as_str().to_owned();
    let rows: Vec<Vec<String>> = vec![
        row("revoked", &end(EarlyEnd::Revoked)),
        row("relinquished", &end(EarlyEnd::Relinquished)),
        row("start passes", &until(100)),
        row("end passes", &until(200)),
    ];
    let title =
        "Grant: the state that follows, for each state (across) and event or instant (down). A dot: refused.";
    compare("grant.txt", &table(title, &columns, &rows));
}

/// The state that a row shows, for each stored state, place in time and count of uses.
#[test]
fn opt_out_derived() {
    // The row starts at 100, lapses at 150 and ends at 200.
    let instants = [
        ("before", 90),
        ("at start", 100),
        ("at lapse", 150),
        ("at end", 200),
    ];
    let mut columns = vec!["stored".to_owned()];
    columns.extend(instants.iter().map(|(name, _)| (*name).to_owned()));
    columns.extend(instants.iter().map(|(name, _)| format!("{name}, spent")));
    let rows_of = |direction: Direction| -> Vec<Vec<String>> {
        opt_out_states()
            .into_iter()
            .map(|state| {
                let row = OptOut {
                    max_uses: Some(3),
                    ..opt_out(direction, state)
                };
                let shown = |uses| instants.map(|(_, now)| opt_out_name(&row.state_at(at(now), uses)));
                std::iter::once(opt_out_name(&state))
                    .chain(shown(2))
                    .chain(shown(3))
                    .collect()
            })
            .collect()
    };
    let title = |direction: &str| {
        format!(
            "{direction}: the state that a row shows, for each stored state and instant, with uses left and spent."
        )
    };
    let printed = [
        table(&title("Bypass"), &columns, &rows_of(Direction::Bypass)),
        table(&title("To manual"), &columns, &rows_of(Direction::ToManual)),
    ];
    compare("opt_out_derived.txt", &printed.join("\n"));
}

/// What can be done about a bypass in each stored state, while its question is open and while it is not.
#[test]
fn opt_out_need_and_renewal() {
    // The row starts at 100 and ends at 200; where it is asked about, it was at 110 and closes at 190.
    let open = Need {
        asked: Some(Asked {
            found_at: at(110),
            closes_at: at(190),
        }),
        kept: None,
    };
    let columns: Vec<String> = [
        "stored",
        "renewed",
        "asked about",
        "kept",
        "asked no more",
        "at 190",
        "at 200",
    ]
    .into_iter()
    .map(str::to_owned)
    .collect();
    let said = |done: Result<String, String>| done.unwrap_or_else(|_| REFUSED.to_owned());
    let rows_of = |direction: Direction, need: &Need| -> Vec<Vec<String>> {
        opt_out_states()
            .into_iter()
            .map(|state| {
                let row = OptOut {
                    need: need.clone(),
                    ..opt_out(direction, state)
                };
                let now = at(140);
                let by = domain::name::PersonId::new("alice").unwrap();
                let done = |done: Result<OptOut, domain::opt_out::NeedError>| {
                    said(
                        done.map(|next| opt_out_name(&next.state_at(now, 0)))
                            .map_err(|error| error.to_string()),
                    )
                };
                vec![
                    opt_out_name(&state),
                    said(
                        row.renewable(now, 0)
                            .map(|()| "yes".to_owned())
                            .map_err(|error| error.to_string()),
                    ),
                    done(row.clone().ask_whether_needed(now, 0)),
                    done(row.clone().keep(by, "It is used each Friday.", now, 0)),
                    done(row.clone().ask_no_more(now, 0)),
                    opt_out_name(&row.state_at(at(190), 0)),
                    opt_out_name(&row.state_at(at(200), 0)),
                ]
            })
            .collect()
    };
    let printed = [
        table(
            "Bypass, nothing asked: its state after each act at 140, and what it shows at 190 and 200. A dot: refused.",
            &columns,
            &rows_of(Direction::Bypass, &Need::default()),
        ),
        table(
            "Bypass, asked whether it is needed: likewise.",
            &columns,
            &rows_of(Direction::Bypass, &open),
        ),
        table(
            "To manual, whatever its row says: likewise.",
            &columns,
            &rows_of(Direction::ToManual, &open),
        ),
    ];
    compare("opt_out_need.txt", &printed.join("\n"));
}

#[test]
fn permissions() {
    let mut columns = vec!["permission \\ role".to_owned()];
    columns.extend(Role::ALL.iter().map(|role| role.as_str().to_owned()));
    let rows: Vec<Vec<String>> = Permission::ALL
        .iter()
        .map(|permission| {
            let cells = Role::ALL.iter().map(|role| match role.may(*permission) {
                true => "yes".to_owned(),
                false => REFUSED.to_owned(),
            });
            std::iter::once(permission.as_str().to_owned())
                .chain(cells)
                .collect()
        })
        .collect();
    let title = "Permissions: what each role (across) may do (down). A dot: not.";
    compare("permissions.txt", &table(title, &columns, &rows));
}

/// Invariant 7.
#[test]
fn terminal_states_allow_no_event() {
    for state in access_request_states() {
        let moves = access_request_events()
            .into_iter()
            .any(|event| state.on(event).is_ok());
        assert_eq!(moves, !state.is_terminal(), "{state:?}");
    }
    for state in opt_out_states() {
        let moves = opt_out_events().into_iter().any(|event| state.on(event).is_ok());
        assert_eq!(moves, !state.is_terminal(), "{state:?}");
    }
    for state in PolicyVersionState::ALL {
        let moves = policy_version_events()
            .into_iter()
            .any(|event| state.on(event).is_ok());
        assert_eq!(moves, !state.is_terminal(), "{state:?}");
    }
}

proptest! {
    /// Invariant 7, along any history: once over, nothing that happens shows.
    #[test]
    fn a_history_ends_at_its_first_terminal_state(
        requests in vec(select(access_request_events()), 0..12), opt_outs in vec(select(opt_out_events()), 0..12),
    ) {
        let mut request = AccessRequestState::Submitted;
        for event in requests {
            let next = request.on(event).unwrap_or(request);
            prop_assert!(!request.is_terminal() || next == request);
            request = next;
        }
        let mut opt_out = OptOutState::Requested;
        let mut history = vec![opt_out];
        for event in opt_outs {
            opt_out = opt_out.on(event).unwrap_or(opt_out);
            history.push(opt_out);
        }
        let over = history.iter().position(OptOutState::is_terminal).unwrap_or(history.len());
        prop_assert!(history[over..].iter().all(|state| *state == opt_out));
    }

    /// A request that nobody decided in time reads so at every later instant, and what was decided stays.
    #[test]
    fn an_access_request_expires_by_itself(state in select(access_request_states()), expires in 0i64..50, now in 0i64..100) {
        let shown = state.at(at(expires), at(now));
        let expected = if !state.is_terminal() && now >= expires { AccessRequestState::Expired } else { state };
        prop_assert_eq!(shown, expected);
    }
}
