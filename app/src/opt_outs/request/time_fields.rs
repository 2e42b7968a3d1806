//! From when, for how long, and in which hours of the week.

use domain::opt_out::{Day, length_in_words};
use leptos::prelude::*;

use crate::{
    component::{
        field::{Choice, SelectField, TextField, TickList, ZoneField},
        time::length,
    },
    form::Submission,
};

/// Lengths that the form offers, in seconds.
const LENGTHS: [i64; 9] = [
    3_600, 14_400, 28_800, 86_400, 259_200, 604_800, 1_209_600, 2_592_000, 7_776_000,
];

/// The names of the fields for hours of the week.
const HOURS: [&str; 3] = ["hours.days", "hours.from", "hours.until"];

#[component]
pub(super) fn TimeFields(
    submission: Submission,
    /// The zone that the reader has set.
    zone: String,
    /// The longest length of all cases, in seconds.
    longest_secs: i64,
    /// The longest that a renewal of this one lasts, in seconds.
    renewal_secs: Option<i64>,
) -> impl IntoView {
    let longest_secs = renewal_secs.map_or(longest_secs, |most| most.min(longest_secs));
    let (left_out, by) = match renewal_secs {
        None => ("As the case says", "by case and tier"),
        Some(_) => ("As long as it may", "half as long as the one before"),
    };
    let form = submission;
    let lengths: Vec<Choice> = [Choice::new("", left_out)]
        .into_iter()
        .chain(
            LENGTHS
                .into_iter()
                .filter(|secs| *secs <= longest_secs)
                .map(|secs| Choice::new(secs.to_string(), length(secs))),
        )
        .collect();
    view! {
        <div class="grid gap-4 sm:grid-cols-2 items-start">
            <TextField
                label="From"
                name="starts_at"
                submission=form.clone()
                kind="datetime-local"
                optional=true
                hint="Empty: from its approval."
            />
            <TextField
                label="Until"
                name="ends_at"
                submission=form.clone()
                kind="datetime-local"
                optional=true
                hint=format!("At most {}, {by}.", length_in_words(longest_secs))
            />
            <SelectField
                label="Or for"
                name="length_secs"
                submission=form.clone()
                choices=lengths
                optional=true
            />
            <ZoneField
                submission=form.clone()
                initial=zone
                hint="Of the times above and the hours below, by its name, such as Europe/Berlin. Empty: UTC."
            />
        </div>
        <HoursFields form/>
    }
    .into_any()
}

/// Open where something stands in it.
#[component]
fn HoursFields(form: Submission) -> impl IntoView {
    let filled = HOURS
        .iter()
        .any(|name| form.values_of(name).any(|value| !value.is_empty()) || form.error(name).is_some());
    let days = Day::ALL
        .map(|day| Choice::new(day.as_str(), day.short()))
        .to_vec();
    view! {
        <details class="rounded-box border border-base-300 px-4 py-3" open=filled>
            <summary class="text-sm font-medium cursor-pointer">"Only in some hours of the week"</summary>
            <div class="mt-3 space-y-3">
                <TickList
                    label="Days on which the hours begin"
                    name="hours.days"
                    submission=form.clone()
                    choices=days
                    optional=true
                    hint="Between its hours it stays active and applies to nothing. It comes back by itself, each week until its end."
                />
                <div class="grid gap-4 sm:grid-cols-2 items-start">
                    <TextField
                        label="Hours from"
                        name="hours.from"
                        submission=form.clone()
                        kind="time"
                        optional=true
                    />
                    <TextField
                        label="Hours until"
                        name="hours.until"
                        submission=form
                        kind="time"
                        optional=true
                        hint="On the day after, where that is not later than they begin."
                    />
                </div>
                <p class="note">
                    "When clocks are put forward or back, a bypass applies only while they show a time within these hours, a to-manual at least then."
                </p>
            </div>
        </details>
    }
    .into_any()
}
