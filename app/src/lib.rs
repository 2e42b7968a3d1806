//! The user interface: pages, their components and their server functions, rendered on the server and hydrated in the
//! browser from the same code.
//!
//! **What never enters it:** `store`, `policy`, `ledger`, `sqlx`. Pages reach the use cases through `service`, and only
//! with feature `ssr`. Nothing heavy enters at all, since it is shipped to the browser: no time-zone database, no regex.
//!
//! **Features.** `ssr` and `hydrate` exclude each other. Check them one by one:
//! `cargo check -p app --features ssr` and `cargo check -p frontend --target wasm32-unknown-unknown`.
//!
//! **To add a page:** a folder under `page/` with `view.rs` (page data and form inputs), `api.rs` (server functions of
//! three lines: context, service call, convert) and one file per page; a [`Route`](leptos_router::components::Route) in
//! `app.rs` with `SsrMode::Async`; a line in `frame/navigation.rs` if it belongs there. A form follows [`form`], a failure
//! is an [`error::AppError`] shown by [`component::problem::Problem`].
//!
//! **What the server provides as contexts** for each page, server function and the fallback:
//! `Option<`[`session::CurrentUser`]`>`, [`error::RequestId`], the nonce of Leptos; for `/sign-in` a [`page::SignInView`];
//! for a posted page a [`form::Submission`].
//!
//! **Hydration.** The first render must give the same tree on both sides: no clock, no random id, no locale. Instants
//! come as data together with `now`. No `style` attributes: the content security policy refuses them.

#![expect(
    unreachable_pub,
    reason = "the component macro makes the properties of a private component `pub`"
)]

mod app;
pub mod approvals;
mod audit;
pub mod break_glass;
mod budgets;
mod comments;
pub mod component;
mod delegations;
pub mod error;
mod focus;
pub mod form;
mod frame;
mod home;
#[cfg(feature = "ssr")]
pub mod local_times;
mod notices;
pub mod opt_outs;
pub mod page;
mod policies;
mod post_reviews;
mod requests;
#[cfg(feature = "ssr")]
pub mod server_side;
pub mod session;
mod shell;
mod status;

pub use app::App;
pub use shell::shell;
