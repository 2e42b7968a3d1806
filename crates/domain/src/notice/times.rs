//! Notices that follow from the clock alone. Each is told once.

/// After how much of its time a pending item is brought to mind again, in percent.
pub const REMINDER_PERCENTS: [i32; 2] = [50, 90];

/// From how many of its uses on a bypass is said to be nearly spent, in percent.
pub const MOST_USED_PERCENT: i32 = 80;

/// One moment before an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndingMark {
    /// Its name, kept so that it is told once.
    pub name: &'static str,
    /// How long before the end, in seconds.
    pub before_secs: i64,
    /// Only of what lasts at least this long: nobody is told that an hour ends in an hour.
    pub at_least_secs: i64,
    /// Only of what is shorter than this.
    pub shorter_than_secs: i64,
}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Fourteen days, one day and one hour before the end, where it lasts at least twice as long; what is too short for any of
/// them is told of a quarter of an hour before, and what is too short for that five minutes before.
pub const ENDING_MARKS: [EndingMark; 5] = [
    EndingMark {
        name: "ending_14d",
        before_secs: 14 * DAY,
        at_least_secs: 28 * DAY,
        shorter_than_secs: i64::MAX,
    },
    EndingMark {
        name: "ending_1d",
        before_secs: DAY,
        at_least_secs: 2 * DAY,
        shorter_than_secs: i64::MAX,
    },
    EndingMark {
        name: "ending_1h",
        before_secs: HOUR,
        at_least_secs: 2 * HOUR,
        shorter_than_secs: i64::MAX,
    },
    EndingMark {
        name: "ending_15m",
        before_secs: HOUR / 4,
        at_least_secs: HOUR / 2,
        shorter_than_secs: 2 * HOUR,
    },
    EndingMark {
        name: "ending_5m",
        before_secs: HOUR / 12,
        at_least_secs: HOUR / 6,
        shorter_than_secs: HOUR / 2,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_it_lasts_the_earlier_it_is_told() {
        let told = |length: i64| -> Vec<&str> {
            ENDING_MARKS
                .iter()
                .filter(|mark| mark.at_least_secs <= length && length < mark.shorter_than_secs)
                .map(|mark| mark.name)
                .collect()
        };
        assert_eq!(told(30 * DAY), ["ending_14d", "ending_1d", "ending_1h"]);
        assert_eq!(told(3 * DAY), ["ending_1d", "ending_1h"]);
        assert_eq!(told(4 * HOUR), ["ending_1h"]);
        assert_eq!(told(HOUR), ["ending_15m"]);
        assert_eq!(told(900), ["ending_5m"], "the shortest break-glass");
        assert_eq!(told(600), ["ending_5m"]);
        assert!(told(599).is_empty());
    }

    #[test]
    fn no_mark_lies_in_the_first_half() {
        assert!(
            ENDING_MARKS
                .iter()
                .all(|mark| 2 * mark.before_secs <= mark.at_least_secs)
        );
    }
}
