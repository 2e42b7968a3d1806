//! A time zone, by its name.

use leptos::prelude::*;

use super::{Suggestions, TextField};
use crate::form::Submission;

/// Zones that are offered. Any other IANA name can be typed: the list of all of them has no place in the browser.
const ZONES: [&str; 14] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Paris",
    "Europe/Warsaw",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Africa/Nairobi",
    "Australia/Sydney",
];

/// Named `zone` in its form, of which there is one on a page.
#[component]
pub fn ZoneField(
    /// What was posted.
    submission: Submission,
    /// What stands in it when the page is opened.
    #[prop(into)]
    initial: String,
    /// What helps to fill it in.
    #[prop(into)]
    hint: String,
) -> impl IntoView {
    view! {
        <TextField label="Zone" name="zone" submission initial hint suggestions="zones" max_chars=Some(64)/>
        <Suggestions id="zones" values=ZONES.map(str::to_owned).to_vec()/>
    }
    .into_any()
}
