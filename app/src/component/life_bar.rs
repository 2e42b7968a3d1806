//! An opt-out's or a grant's life as a bar: from asked to its end, with the present marked.

use domain::window::Instant;
use leptos::prelude::*;

use super::time::{Time, TimeForm};

/// The instants of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// When it was asked for: the bar's left edge.
    pub asked_at: Instant,
    /// When it starts or started.
    pub starts_at: Instant,
    /// When it ends by itself: the bar's right edge.
    pub ends_at: Instant,
    /// When it ended before that.
    pub ended_at: Option<Instant>,
}

/// Shares of the bar's width, in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shares {
    start: f64,
    /// How far it has been in force.
    lived: f64,
    /// Where it stops being in force.
    end: f64,
    now: Option<f64>,
}

impl Life {
    /// What is out of force since some instant has lived till then.
    fn shares(&self, now: Instant, out_since: Option<Instant>) -> Shares {
        let whole = (self.ends_at - self.asked_at).num_milliseconds().max(1) as f64;
        let share = |at: Instant| {
            let part = (at - self.asked_at).num_milliseconds() as f64;
            // One digit after the point is finer than a screen's pixel.
            ((part / whole).clamp(0.0, 1.0) * 1000.0).round() / 10.0
        };
        let end = self.ended_at.map_or(100.0, share);
        let start = share(self.starts_at).min(end);
        Shares {
            start,
            lived: share(out_since.map_or(now, |out| out.min(now))).clamp(start, end),
            end,
            now: (self.asked_at <= now && now < self.ends_at).then(|| share(now)),
        }
    }
}

/// The bar with its dates. SVG attributes carry the widths: our content security policy refuses inline styles.
#[component]
pub fn LifeBar(
    /// Whose life.
    life: Life,
    /// The page's present.
    now: Instant,
    /// What it is from its start on.
    #[prop(default = "in force")]
    begun: &'static str,
    /// Since when it is out of force, until somebody puts it back.
    #[prop(optional_no_strip)]
    out_since: Option<Instant>,
) -> impl IntoView {
    let shares = life.shares(now, out_since);
    let percent = |share: f64| format!("{share}%");
    let present = shares.now.map(|at| {
        view! { <rect x=percent(at) y="4" width="2" height="28" class="fill-base-content"></rect> }
    });
    let out = out_since.and(shares.now).map(|at| {
        let (from, width) = (percent(shares.lived), percent((at - shares.lived).max(0.0)));
        view! { <rect x=from y="14" width=width height="8" class="fill-warning/60"></rect> }
    });
    let (end, end_word) = match life.ended_at {
        Some(ended) => (ended, "ended"),
        None if life.ends_at <= now => (life.ends_at, "ended"),
        None => (life.ends_at, "ends"),
    };
    let start_word = if life.starts_at <= now { begun } else { "starts" };
    // Below the place on the bar where it starts, as far as the other two labels leave room.
    let middle = match shares.start {
        ..34.0 => "text-center sm:text-left sm:col-start-4 sm:col-span-3",
        34.0..50.0 => "text-center sm:text-left sm:col-start-5 sm:col-span-3",
        50.0..66.0 => "text-center sm:text-left sm:col-start-7 sm:col-span-3",
        _ => "text-center sm:text-right sm:col-start-7 sm:col-span-3",
    };
    view! {
        <svg class="block w-full" width="100%" height="36" aria-hidden="true">
            <rect x="0" y="14" width="100%" height="8" rx="4" class="fill-base-300"></rect>
            <rect
                x=percent(shares.start)
                y="14"
                width=percent(shares.end - shares.start)
                height="8"
                rx="4"
                class="fill-success/25"
            ></rect>
            <rect
                x=percent(shares.start)
                y="14"
                width=percent(shares.lived - shares.start)
                height="8"
                rx="4"
                class="fill-success"
            ></rect>
            {out}
            {present}
        </svg>
        <ol class="grid grid-cols-3 sm:grid-cols-12 gap-2 text-sm text-base-content/70">
            <li class="sm:col-span-3">
                <Time at=life.asked_at now form=TimeForm::Absolute/>
                <br/>
                "requested"
            </li>
            <li class=middle>
                <Time at=life.starts_at now form=TimeForm::Absolute/>
                <br/>
                {start_word}
            </li>
            <li class="sm:col-start-10 sm:col-span-3 text-right">
                <Time at=end now form=TimeForm::Absolute/>
                <br/>
                {end_word}
            </li>
        </ol>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn at(hour: u32) -> Instant {
        format!("2026-11-24T{hour:02}:00:00Z").parse().unwrap()
    }

    fn life(ended_at: Option<Instant>) -> Life {
        Life {
            asked_at: at(0),
            starts_at: at(4),
            ends_at: at(20),
            ended_at,
        }
    }

    #[test]
    fn the_bar_runs_from_asked_to_the_end() {
        let shares = life(None).shares(at(10), None);
        assert_eq!(
            shares,
            Shares {
                start: 20.0,
                lived: 50.0,
                end: 100.0,
                now: Some(50.0)
            }
        );
    }

    #[test]
    fn before_its_start_nothing_is_lived_and_after_its_end_there_is_no_present() {
        assert_eq!(life(None).shares(at(2), None).lived, 20.0);
        assert_eq!(life(None).shares(at(20), None).now, None);
        assert_eq!(life(None).shares(at(22), None).lived, 100.0);
    }

    #[test]
    fn what_is_out_of_force_has_lived_till_then() {
        let shares = life(None).shares(at(15), Some(at(10)));
        assert_eq!((shares.lived, shares.end, shares.now), (50.0, 100.0, Some(75.0)));
    }

    #[test]
    fn an_early_end_cuts_the_bar_there() {
        let shares = life(Some(at(10))).shares(at(15), None);
        assert_eq!((shares.lived, shares.end, shares.now), (50.0, 50.0, Some(75.0)));
        // Withdrawn before it began.
        let shares = life(Some(at(2))).shares(at(15), None);
        assert_eq!((shares.start, shares.lived, shares.end), (10.0, 10.0, 10.0));
    }
}
