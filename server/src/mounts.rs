//! What the parts of the server hang into the shell.

use std::sync::Arc;

use axum::Router;

use crate::http::forms::Forms;
use crate::http::{Mounts, Profile};

/// All routes, forms and contexts.
pub fn mounts() -> Mounts {
    Mounts {
        machine: Router::new(),
        forms: Forms::new(),
        provide: Arc::new(|_| {}),
        describe: Arc::new(|_| Box::pin(async { Ok(Profile::default()) })),
    }
}
