//! The register's rows and filters.

use domain::{
    opt_out::{Direction, OptOutState},
    window::Instant,
};
use serde::{Deserialize, Serialize};

use super::hours::HoursView;
use crate::component::{badge::TierView, field::Choice};

/// Which opt-outs the register shows: the parameters of its address, as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterQuery {
    /// `pending`, `scheduled`, `in_force` or `over`; empty: all.
    pub phase: String,
    /// `to_manual` or `bypass`; empty: both.
    pub direction: String,
    /// A team's name; empty: all.
    pub team: String,
    /// `mine`; empty: everybody's that the reader may see.
    pub whose: String,
    /// The id that the page begins after; empty: the newest.
    pub before: String,
}

/// Whose opt-outs are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The reader's own, because they asked for that.
    Mine,
    /// The reader's own, because their roles show no others.
    OnlyMine,
    /// Everybody's.
    Everybody,
}

/// One opt-out in the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterRow {
    /// Its id in the outer form.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its state at the page's present.
    pub state: OptOutState,
    /// How many stages it has.
    pub stages: u32,
    /// Which way.
    pub direction: Direction,
    /// The strictest tier that it covers.
    pub tier: TierView,
    /// Who, on what, out of which rules, in a line.
    pub scope: String,
    /// Who asked, by name.
    pub requested_by: String,
    /// When it starts or started; for a pending one, when it was asked to.
    pub starts_at: Instant,
    /// When it ends by itself.
    pub ends_at: Instant,
    /// The hours of the week in which it applies, where it has any.
    pub hours: Option<HoursView>,
    /// When it closes before that, unless somebody says that it is needed.
    pub closes_at: Option<Instant>,
    /// Until when a pending one can be decided.
    pub lapses_at: Instant,
}

/// The register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterView {
    /// Newest first.
    pub rows: Vec<RegisterRow>,
    /// The id that the next page begins after.
    pub next: Option<String>,
    /// Whose they are.
    pub whose: Whose,
    /// The teams, for the filter.
    pub teams: Vec<Choice>,
    /// Whether the reader may ask for one.
    pub may_request: bool,
    /// Whether the reader's roles let them break the glass.
    pub may_break_glass: bool,
    /// The page's present.
    pub now: Instant,
}

impl RegisterQuery {
    /// Whether any filter narrows the list.
    pub fn is_filtered(&self) -> bool {
        [&self.phase, &self.direction, &self.team, &self.whose]
            .into_iter()
            .any(|value| !value.is_empty())
    }
}
