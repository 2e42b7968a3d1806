//! Who is signed in, as the pages show it.
//!
//! The server provides `Option<CurrentUser>` as a context for each request: to pages, to server functions and to the
//! fallback. It is what the sidebar shows; it decides nothing. Server functions authorise by the session themselves.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The person whose session this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentUser {
    /// The person's id in its outer form.
    pub person_id: String,
    /// The name as people write it.
    pub display_name: String,
    /// One or two capital letters for the round badge.
    pub initials: String,
    /// The roles as words to show, the most telling first, such as `approver`.
    pub roles: Vec<String>,
    /// The name of the person's team.
    pub team: Option<String>,
    /// How many items wait for this person's decision.
    pub waiting: u32,
    /// How many of this person's notices are unread.
    pub unread: u32,
}

impl CurrentUser {
    /// The small line under the name: the first role and the team.
    pub fn subtitle(&self) -> String {
        let role = self.roles.first().map(String::as_str);
        let parts: Vec<&str> = role.into_iter().chain(self.team.as_deref()).collect();
        parts.join(" · ")
    }
}

/// The signed-in person as the server rendered it, the same in the browser. `None` for an anonymous visitor.
///
/// Call it in [`crate::App`] alone, which provides the result as a context; pages read that with [`current_user`].
pub(crate) fn use_document_user() -> Option<CurrentUser> {
    SharedValue::new(|| use_context::<Option<CurrentUser>>().flatten()).into_inner()
}

/// The signed-in person, for a page or a component.
pub fn current_user() -> Option<CurrentUser> {
    use_context::<Option<CurrentUser>>().flatten()
}
