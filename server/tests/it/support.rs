//! What all tests share: the application, the clock, and who comes to it.

mod app;
mod browser;
mod machine;
mod tampering;
mod tokens;

pub use app::{PUBLIC_URL, TestApp, TestAppBuilder};
pub use browser::{Answer, Browser, send};
pub use machine::Machine;
pub use tokens::{good_logout_token, second_provider};
