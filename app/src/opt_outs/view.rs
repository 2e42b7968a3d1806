//! What the opt-out pages show, as it is sent to the browser.

mod consequence;
mod detail;
mod form;
mod hours;
mod premise;
mod register;

pub use consequence::{ChangeView, Consequence, PreviewView};
#[cfg(feature = "ssr")]
pub use consequence::{ExampleView, StageForecast};
pub use detail::{
    BrokenView, HappenedView, KeptView, May, NarrowedView, OptOutView, RelativeView, ReviewLinkView,
    ScopeView, StageProgressView, StageStateView, ToldState, ToldView, UseView,
};
#[cfg(feature = "ssr")]
pub use detail::{LineView, NeedView, PrecedentView, PrecedentsView, VoteView};
pub use form::{DraftView, RenewalView, RequestFormView, RuleChoice, ScenarioView};
pub use hours::{HoursStand, HoursView, ScheduleView};
#[cfg(feature = "ssr")]
pub use premise::AskedAgainView;
pub use premise::{PremiseView, SuspensionView};
pub use register::{RegisterQuery, RegisterRow, RegisterView, Whose};
