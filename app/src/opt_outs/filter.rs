//! The register's address, read.

use domain::{name::TeamName, opt_out::Direction};
use service::opt_outs::OptOutFilter;

use super::view::RegisterQuery;
use crate::error::{AppError, AppErrorKind};

/// How many opt-outs a page of the register holds.
pub(super) const PAGE: usize = 50;

const PHASES: [&str; 4] = ["pending", "scheduled", "in_force", "over"];

/// The filter, and whether only the reader's own are wanted. Errors: a word that this page does not know.
pub(super) fn read(query: &RegisterQuery) -> Result<(OptOutFilter, bool), AppError> {
    let unknown = || AppError::new(AppErrorKind::BadRequest);
    let typed = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let phase = typed(&query.phase);
    if phase.as_deref().is_some_and(|phase| !PHASES.contains(&phase)) {
        return Err(unknown());
    }
    let direction = typed(&query.direction)
        .map(|word| word.parse::<Direction>())
        .transpose()
        .map_err(|_| unknown())?;
    let team = typed(&query.team)
        .map(TeamName::new)
        .transpose()
        .map_err(|_| unknown())?;
    let mine = match query.whose.as_str() {
        "" | "all" => false,
        "mine" => true,
        _ => return Err(unknown()),
    };
    let before = typed(&query.before)
        .map(|id| id.parse())
        .transpose()
        .map_err(|_| unknown())?;
    let filter = OptOutFilter {
        phase,
        direction: direction.map(|direction| direction.as_str().to_owned()),
        requester: None,
        team: team.map(|team| team.to_string()),
        before,
    };
    Ok((filter, mine))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_or_refused_whole() {
        let query = |phase: &str, direction: &str, whose: &str, before: &str| RegisterQuery {
            phase: phase.to_owned(),
            direction: direction.to_owned(),
            team: "data".to_owned(),
            whose: whose.to_owned(),
            before: before.to_owned(),
        };
        let read_ok = read(&query("in_force", "to_manual", "mine", ""));
        assert!(read_ok.is_ok_and(|(filter, mine)| mine && filter.direction.as_deref() == Some("to_manual")));
        assert!(read(&RegisterQuery::default()).is_ok_and(|(filter, mine)| !mine && filter.phase.is_none()));
        for broken in [
            query("live", "", "", ""),
            query("", "up", "", ""),
            query("", "", "hers", ""),
            query("", "", "", "req_1"),
        ] {
            assert!(
                read(&broken).is_err_and(|error| error.status() == 400),
                "{broken:?}"
            );
        }
    }
}
