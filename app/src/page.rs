//! The pages, one folder or file per feature.

mod not_found;
mod sign_in;

pub(crate) use not_found::NotFound;
pub(crate) use sign_in::SignIn;
pub use sign_in::{SignInError, SignInView};
