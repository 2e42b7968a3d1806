//! When an opt-out applies, in the zone in which it was asked for.

use domain::{
    opt_out::{Hours, OptOut},
    window::Instant,
};

use crate::opt_outs::view::{HoursStand, HoursView, ScheduleView};

/// Its hours of the week, where it has any.
pub(crate) fn hours(opt_out: &OptOut, now: Instant) -> Option<HoursView> {
    let recurrence = opt_out.recurrence.as_ref()?;
    let zone = recurrence.zone();
    let stand = match opt_out.hours_at(now)? {
        Hours::Within { until } => HoursStand::Within {
            until,
            there: zone.soon(until, now),
        },
        Hours::Next { from } => HoursStand::Next {
            from,
            there: zone.soon(from, now),
        },
        Hours::Over => HoursStand::Over,
    };
    Some(HoursView {
        words: recurrence.to_string(),
        minutes_a_week: recurrence.minutes_a_week(),
        zone: zone.to_string(),
        stand,
    })
}

/// Its start and end, where they were typed in a zone.
pub(crate) fn schedule(opt_out: &OptOut) -> Option<ScheduleView> {
    let zone = opt_out.zone.as_ref()?;
    Some(ScheduleView {
        from: zone.both(opt_out.window.starts_at()),
        until: zone.both(opt_out.window.ends_at()),
    })
}
