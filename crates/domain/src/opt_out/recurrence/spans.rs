//! Hours as instants. How clocks that are put forward or back are read says [`super`].

use super::Recurrence;
use crate::opt_out::Direction;
use crate::window::{Instant, Window};
use crate::zone::Zone;
use chrono::{Datelike as _, NaiveDate, NaiveDateTime, TimeDelta};

/// Before the first span that can contain an instant there are at most so many days: one is over midnight, and clocks have
/// been put a day forward (Samoa left a Friday out of 2011).
const DAYS_BEFORE: i64 = 2;
/// Spans touch each other over six days at most, and are two weeks apart where clocks skip one.
const DAYS_AROUND: i64 = 9;
const DAYS_AHEAD: i64 = 24;

impl Recurrence {
    /// Whether the hours contain an instant.
    pub fn contains(&self, direction: Direction, at: Instant) -> bool {
        self.spans(direction, at, -DAYS_BEFORE, 1)
            .any(|span| span.contains(at))
    }

    /// The hours that contain an instant, those that touch them included.
    pub fn span_at(&self, direction: Direction, at: Instant) -> Option<Window> {
        self.joined(direction, at)
            .into_iter()
            .find(|span| span.contains(at))
    }

    /// The first hours that begin after an instant, those that touch them included.
    pub fn span_after(&self, direction: Direction, at: Instant) -> Option<Window> {
        self.joined(direction, at)
            .into_iter()
            .find(|span| span.starts_at() > at)
    }

    /// Spans around an instant, in order, none of which touch.
    fn joined(&self, direction: Direction, at: Instant) -> Vec<Window> {
        let mut joined: Vec<Window> = Vec::new();
        for span in self.spans(direction, at, -DAYS_AROUND, DAYS_AHEAD) {
            match joined.last_mut() {
                Some(last) if span.starts_at() <= last.ends_at() => {
                    let ends_at = last.ends_at().max(span.ends_at());
                    if let Ok(both) = Window::new(last.starts_at(), ends_at) {
                        *last = both;
                    }
                }
                Some(_) | None => joined.push(span),
            }
        }
        joined
    }

    /// The span of each day from so many days after that of an instant, to so many.
    fn spans(
        &self,
        direction: Direction,
        at: Instant,
        first: i64,
        last: i64,
    ) -> impl Iterator<Item = Window> + '_ {
        let today = self.zone.shows(at).date();
        (first..=last)
            .filter_map(move |days| today.checked_add_signed(TimeDelta::days(days)))
            .filter(|day| self.days.contains(&day.weekday().into()))
            .filter_map(move |day| self.span_of(direction, day))
    }

    /// The span that begins on a day. None where clocks skip all of it.
    fn span_of(&self, direction: Direction, day: NaiveDate) -> Option<Window> {
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        let from = midnight + TimeDelta::minutes(self.from.minute().into());
        let until = midnight + TimeDelta::minutes(self.until.minute().into());
        let until = if self.is_over_midnight() {
            until + TimeDelta::days(1)
        } else {
            until
        };
        window(direction, &self.zone, from, until)
    }
}

fn window(direction: Direction, zone: &Zone, from: NaiveDateTime, until: NaiveDateTime) -> Option<Window> {
    let (from, until) = (zone.instants_of(from)?, zone.instants_of(until)?);
    let (starts_at, ends_at) = match direction {
        Direction::ToManual => (from.first(), until.last()),
        Direction::Bypass => {
            let starts_at = from.last();
            let ends_at = if until.first() > starts_at {
                until.first()
            } else {
                until.last()
            };
            (starts_at, ends_at)
        }
    };
    Window::new(starts_at, ends_at).ok()
}
