//! Hours in words.

use super::{Day, Recurrence};
use std::fmt::{Display, Formatter, Result};

impl Display for Recurrence {
    /// "Sat 22:00–Sun 06:00 Europe/Berlin", "Mon–Fri 09:00–17:00 UTC", "Sat, Sun all day UTC".
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let (from, until, zone) = (self.from, self.until, &self.zone);
        let days = days(&self.days.iter().copied().collect::<Vec<_>>());
        let single = match self.days.first() {
            Some(day) if self.days.len() == 1 => Some(*day),
            Some(_) | None => None,
        };
        match single {
            _ if from == until && from.minute() == 0 => write!(out, "{days} all day {zone}"),
            Some(day) if self.is_over_midnight() && until.minute() > 0 => {
                let next = day.next().short();
                write!(out, "{} {from}–{next} {until} {zone}", day.short())
            }
            _ if self.is_over_midnight() && until.minute() > 0 => {
                write!(out, "{days} {from}–{until} the day after, {zone}")
            }
            _ if until.minute() == 0 => write!(out, "{days} {from}–24:00 {zone}"),
            _ => write!(out, "{days} {from}–{until} {zone}"),
        }
    }
}

/// "Mon–Fri", "Sat, Sun", "Mon, Wed–Fri": three in a row or more are a range.
fn days(days: &[Day]) -> String {
    if days.len() == Day::ALL.len() {
        return "every day".to_owned();
    }
    days.chunk_by(|one, other| one.next() == *other)
        .flat_map(|run| match run {
            [first, _, .., last] => vec![format!("{}–{}", first.short(), last.short())],
            few => few.iter().map(|day| day.short().to_owned()).collect(),
        })
        .collect::<Vec<_>>()
        .join(", ")
}
