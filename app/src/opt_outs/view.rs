//! What the opt-out pages show, as it is sent to the browser.

mod consequence;
mod detail;
mod form;
mod register;

pub use consequence::{ChangeView, Consequence, PreviewView};
#[cfg(feature = "ssr")]
pub use consequence::{ExampleView, StageForecast};
#[cfg(feature = "ssr")]
pub use detail::{BrokenView, ReviewLinkView, VoteView};
pub use detail::{
    HappenedView, May, NarrowedView, OptOutView, ScopeView, StageProgressView, StageStateView, ToldState,
    ToldView, UseView,
};
pub use form::{RequestFormView, RuleChoice, ScenarioView};
pub use register::{RegisterQuery, RegisterRow, RegisterView, Whose};
