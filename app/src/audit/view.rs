//! What the audit pages show, as it is sent to the browser.

mod decision;
mod event;

#[cfg(feature = "ssr")]
pub use decision::EnforcementView;
pub use decision::{
    AppliedView, DecisionQuery, DecisionRow, DecisionView, DecisionsView, ReplayView, RuleView, SaidView,
    TodayView,
};
#[cfg(feature = "ssr")]
pub use event::ObjectView;
pub use event::{EventQuery, EventRow, EventView, EventsView, PlaceView};
