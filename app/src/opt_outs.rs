//! Opt-outs: the register, one of them, and the form that asks for one.

mod api;
mod detail;
mod hours;
mod kept;
mod register;
mod request;
pub mod scope_text;
pub(crate) mod view;

#[cfg(feature = "ssr")]
mod conditions;
#[cfg(feature = "ssr")]
mod filter;
#[cfg(feature = "ssr")]
mod input;
#[cfg(feature = "ssr")]
mod offer;
#[cfg(feature = "ssr")]
mod precedents;
#[cfg(feature = "ssr")]
mod premise_input;
#[cfg(feature = "ssr")]
mod told;
#[cfg(feature = "ssr")]
mod words;

pub(crate) use detail::{Broken, Events, OptOutPage, ReviewPanel, ToldPanel, Uses};
pub(crate) use hours::HoursFact;
#[cfg(feature = "ssr")]
pub use input::{read_request, refused};
pub use kept::kept_scope;
pub(crate) use register::Register;
pub(crate) use request::RequestOptOut;
#[cfg(feature = "ssr")]
pub(crate) use told::{broken, review_link};
#[cfg(feature = "ssr")]
pub(crate) use words::{detail as detail_view, happened as happened_view, used as use_view};
