//! The hours of the week of an opt-out, as the pages say them.

use domain::window::Instant;
use leptos::prelude::*;

use super::view::{HoursStand, HoursView, ScheduleView};
use crate::component::{
    facts::Fact,
    time::{Time, TimeForm, length},
};

/// "in force now until 06:00 (Europe/Berlin), in 3 h", "next Sat 22:00 (Europe/Berlin), in 2 d". The times are those of the
/// zone that was asked in, whoever reads them; how long it is until then is the same everywhere.
#[component]
pub(super) fn HoursNow(
    /// The hours.
    hours: HoursView,
    /// The page's present.
    now: Instant,
) -> impl IntoView {
    let HoursView { zone, stand, .. } = hours;
    let (words, at) = match stand {
        HoursStand::Within { until, there } => {
            (format!("in force now until {there} ({zone}), "), Some(until))
        }
        HoursStand::Next { from, there } => (format!("next {there} ({zone}), "), Some(from)),
        HoursStand::Over => ("none of its hours are left".to_owned(), None),
    };
    let left = at.map(|at| view! { <Time at now form=TimeForm::Relative/> });
    view! {
        <span class="text-base-content/70">{words} {left}</span>
    }
    .into_any()
}

/// "Hours: Sat 22:00–Sun 06:00 Europe/Berlin, 8 h a week". Nothing where it has none of its own.
#[component]
pub(crate) fn HoursFact(
    /// The hours.
    hours: Option<HoursView>,
) -> impl IntoView {
    hours.map(|hours| {
        let words = format!("{}, {}", hours.words, a_week(hours.minutes_a_week));
        view! { <Fact name="Only">{words}</Fact> }
    })
}

/// From when until when, in the zone that was asked in and in UTC. Nothing where no time was named.
#[component]
pub(super) fn ScheduleFacts(
    /// The times.
    schedule: Option<ScheduleView>,
) -> impl IntoView {
    schedule.map(|schedule| {
        view! {
            <Fact name="From">{schedule.from}</Fact>
            <Fact name="Until">{schedule.until}</Fact>
        }
    })
}

/// "8 h a week".
fn a_week(minutes: u32) -> String {
    let secs = i64::from(minutes) * 60;
    // Days would hide that it is not all of them.
    match (secs / 3_600, secs % 3_600) {
        (hours, 0) => format!("{hours} h a week"),
        (0, secs) => format!("{} a week", length(secs)),
        (hours, secs) => format!("{hours} h {} min a week", secs / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::a_week;

    #[test]
    fn hours_of_a_week_are_counted_in_hours() {
        assert_eq!(a_week(480), "8 h a week");
        assert_eq!(a_week(2_880), "48 h a week");
        assert_eq!(a_week(45), "45 min a week");
        assert_eq!(a_week(630), "10 h 30 min a week");
    }
}
