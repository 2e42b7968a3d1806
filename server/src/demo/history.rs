//! Sixty days of believable history, made by running the real use cases over a clock that is set from act to act.
//!
//! Nothing is written into a table here: what the demo shows has gone through the same decisions, votes and ledger as
//! what its visitors do afterwards.

mod absences;
mod acts;
mod calendar;
mod comments;
mod conditions;
mod emergencies;
mod endpoint;
mod hours;
mod lives;
mod opt_outs;
mod players;
mod requests;
mod stage;
mod traffic;
mod votes;

use std::sync::Arc;

use chrono::TimeDelta;
use domain::window::Instant;
use service::Service;
use service::clock::ManualClock;

use acts::Act;
use players::Players;
use stage::Stage;

pub use stage::HistoryError;

/// How far back it goes.
pub const DAYS: i64 = 60;

/// How often what follows from the clock is looked for.
const LOOK_EVERY: TimeDelta = TimeDelta::hours(3);

/// Plays the history up to `until`; `service` must run on `clock`. Returns how many acts there were. `progress` is told
/// of each day.
pub async fn play(
    service: &Service,
    clock: &Arc<ManualClock>,
    until: Instant,
    mut progress: impl FnMut(i64),
) -> Result<usize, HistoryError> {
    let mut script: Vec<(Instant, Act)> = Vec::new();
    traffic::write(until, &mut script);
    requests::write(until, &mut script);
    comments::write(until, &mut script);
    opt_outs::write(until, &mut script);
    emergencies::write(until, &mut script);
    absences::write(until, &mut script);
    conditions::write(until, &mut script);
    endpoint::write(until, &mut script);
    script.retain(|(at, _)| *at < until);
    script.sort_by_key(|(at, _)| *at);

    let players = Players::of(service)?;
    let mut stage = Stage::new(service, players).await;
    let mut day = i64::MAX;
    let mut looked = Instant::UNIX_EPOCH;
    let count = script.len();
    for (at, act) in script {
        let left = (until - at).num_days();
        if left != day {
            day = left;
            progress(left);
        }
        clock.set(at);
        if at >= looked + LOOK_EVERY {
            looked = at;
            stage.time_goes_by().await?;
        }
        stage.play(act).await?;
    }
    clock.set(until);
    stage.close().await?;
    Ok(count)
}
