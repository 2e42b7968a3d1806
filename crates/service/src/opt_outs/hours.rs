//! Hours of the week that would never come: what is asked or approved with them would apply to nothing.

use super::prepare::OptOutInput;
use crate::FieldError;
use domain::opt_out::{Hours, OptOut};
use domain::window::{Instant, Window};

/// That the hours asked for do not come while it lasts.
pub(super) fn hours_error(input: &OptOutInput, window: Window) -> Option<FieldError> {
    let recurrence = input.recurrence.as_ref()?;
    let starts_at = window.starts_at();
    let first = match recurrence.contains(input.direction, starts_at) {
        true => Some(starts_at),
        false => recurrence
            .span_after(input.direction, starts_at)
            .map(|span| span.starts_at()),
    };
    if first.is_some_and(|first| window.contains(first)) {
        return None;
    }
    Some(FieldError::new(
        "hours/days",
        "hours_never_come",
        format!("{recurrence}: these hours do not come between its start and its end."),
    ))
}

/// Whether it would never apply, were it approved as it is now.
pub(super) fn none_of_its_hours(opt_out: &OptOut, scheduled: bool, now: Instant) -> bool {
    let length = opt_out.window.ends_at() - opt_out.window.starts_at();
    let window = match Window::new(now, now + length) {
        // Only a length runs from the approval.
        Ok(from_now) if !scheduled => from_now,
        Ok(_) | Err(_) => opt_out.window,
    };
    let approved = OptOut {
        window,
        ..opt_out.clone()
    };
    approved.hours_at(now) == Some(Hours::Over)
}
