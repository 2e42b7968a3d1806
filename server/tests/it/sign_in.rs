mod back_channel_logout;
mod callback;
mod form;
mod limits;
mod odd_answers;
mod start;

/// Whether somebody was sent to the sign-in page with this reason.
fn is_error(location: Option<&str>, code: &str) -> bool {
    location.is_some_and(|to| to.starts_with(&format!("/sign-in?error={code}&")))
}
