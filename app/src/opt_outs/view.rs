//! What the opt-out pages show, as it is sent to the browser.

mod consequence;
mod detail;
mod form;
mod hours;
mod premise;
mod register;

#[cfg(feature = "ssr")]
pub use consequence::ExampleView;
pub use consequence::{ChangeView, Consequence, PreviewView, ScopeSoFarView, StageForecast};
#[cfg(feature = "ssr")]
pub use detail::{BrokenView, LineView, NeedView, PrecedentView, PrecedentsView, ReviewLinkView, VoteView};
pub use detail::{
    HappenedView, KeptView, May, NarrowedView, OptOutView, RelativeView, ScopeView, StageProgressView,
    StageStateView, ToldState, ToldView, UseView,
};
pub use form::{DraftView, RenewalView, RequestFormView, RuleChoice, ScenarioView};
pub use hours::{HoursStand, HoursView, ScheduleView};
#[cfg(feature = "ssr")]
pub use premise::AskedAgainView;
pub use premise::{PremiseView, SuspensionView};
pub use register::{RegisterQuery, RegisterRow, RegisterView, Whose};
