//! `every`: in which cycles a service is checked.
//!
//! A schedule names minutes of the wall clock where the machine stands. In `rules` no minute is lost: one that fell
//! between two cycles, or that daylight saving left out, makes the next cycle due, once. In `monit` a minute without
//! a cycle is lost.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Wall;
use crate::program::{Every, Service};

/// How far is looked back for minutes that passed without a cycle: whatever was missed in a longer sleep is missed
/// once as well.
const LOOK_BACK_MINUTES: i64 = 7 * 24 * 60;
/// A clock that goes back by more than daylight saving does was wrong before.
const TURN_BACK_MINUTES: i64 = 3 * 60;
/// Monit runs what is scheduled once in so many seconds at most.
const MONIT_PAUSE_S: i64 = 59;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Five fields, each as bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether every hour is named, so that the schedule is one of minutes and knows no daylight saving.
    hourly: bool,
    /// Whether a day of the month and a day of the week are both named, of which either will do.
    either_day: bool,
}

impl Fields {
    /// Reads five fields; nothing where they cannot be read, which the checker has said.
    pub(super) fn new(text: &str, is_monit: bool) -> Option<Fields> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
        let bits = |field: &str, least: u32, most: u32, names: &[&str]| bits(field, least, most, names, is_monit);
        let mut weekdays = bits(weekday, 0, 7, &WEEKDAYS)?;
        if !is_monit && weekdays & (1 << 7) != 0 {
            weekdays |= 1;
        }
        Some(Fields {
            minutes: bits(minute, 0, 59, &[])?,
            hours: bits(hour, 0, 23, &[])?,
            days: bits(day, 1, 31, &[])?,
            months: bits(month, 1, 12, &MONTHS)?,
            weekdays,
            hourly: *hour == "*",
            either_day: !is_monit && !day.starts_with('*') && !weekday.starts_with('*'),
        })
    }

    fn hold(&self, at: DateTime) -> bool {
        let has = |bits: u64, number: i8| u32::try_from(number).is_ok_and(|number| bits & (1 << number) != 0);
        let day = has(self.days, at.day());
        let weekday = has(self.weekdays, at.weekday().to_sunday_zero_offset());
        let days = if self.either_day { day || weekday } else { day && weekday };
        has(self.minutes, at.minute()) && has(self.hours, at.hour()) && has(self.months, at.month()) && days
    }
}

/// The bits of a field. Monit turns a bit round each time that it is named, so that what is named twice is not.
fn bits(field: &str, least: u32, most: u32, names: &[&str], is_monit: bool) -> Option<u64> {
    let mut all = 0_u64;
    for item in field.split(',') {
        let (range, step) = item.split_once('/').map_or((item, "1"), |(range, step)| (range, step));
        let step = step.parse::<usize>().ok().filter(|step| *step > 0)?;
        let number = |text: &str| {
            let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
            // Months are counted from 1, days of the week from 0.
            let named = named.and_then(|place| u32::try_from(place).ok()).map(|place| place + least);
            named.or_else(|| text.parse().ok()).filter(|number| *number < u64::BITS)
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (number(from)?, number(to)?),
            None if item.contains('/') => (number(range)?, most),
            None => (number(range)?, number(range)?),
        };
        for number in (from..=to).step_by(step) {
            if is_monit {
                all ^= 1 << number;
            } else {
                all |= 1 << number;
            }
        }
    }
    Some(all)
}

/// When a service is due, and what is remembered of that.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns {
    fields: Option<Box<(Fields, bool)>>,
    every: u32,
    /// How many cycles pass until it is due again.
    left: u32,
    /// The last minute that was looked at: as the wall clock shows it where minutes of the day are meant, otherwise since
    /// 1970.
    looked: Option<i64>,
    /// When it was last due, in seconds since 1970.
    ran_s: Option<i64>,
    /// The minute of the calendar in which a schedule of hours or days was last due.
    ran_minute: Option<i64>,
}

impl Turns {
    pub(super) fn new(service: &Service, is_monit: bool) -> Turns {
        match &service.every {
            Some(Every::Cycles(cycles)) => Turns { every: *cycles, ..Turns::default() },
            Some(Every::Cron { fields, excluded }) => {
                let fields = Fields::new(fields, is_monit).map(|fields| Box::new((fields, *excluded)));
                Turns { fields, ..Turns::default() }
            }
            None => Turns::default(),
        }
    }

    /// Whether the service is checked in the cycle that begins now. Asked once in each cycle.
    pub(super) fn take(&mut self, now: Wall, zone: &TimeZone, is_monit: bool) -> bool {
        let Some((fields, excluded)) = self.fields.as_deref() else {
            let due = self.left == 0;
            self.left = if due { self.every.saturating_sub(1) } else { self.left - 1 };
            return due;
        };
        let seconds = now.0.div_euclid(1_000_000);
        let Ok(at) = Timestamp::from_second(seconds) else { return true };
        let local = zone.to_datetime(at);
        if *excluded {
            return !fields.hold(local);
        }
        let due = if is_monit {
            let paused = self.ran_s.is_some_and(|ran| (0..MONIT_PAUSE_S).contains(&(seconds - ran)));
            fields.hold(local) && !paused
        } else if fields.hourly {
            let minute = seconds.div_euclid(60);
            let shown = |minute: i64| Timestamp::from_second(minute * 60).ok().map(|at| zone.to_datetime(at));
            since(&mut self.looked, minute, |minute| shown(minute).is_some_and(|at| fields.hold(at)))
        } else {
            since(&mut self.looked, minute_of(local), |minute| shown_at(minute).is_some_and(|at| fields.hold(at)))
        };
        if due {
            self.ran_s = Some(seconds);
            self.ran_minute = (!is_monit && !fields.hourly).then_some(self.looked).flatten();
        }
        due
    }

    /// The minute of the calendar in which it was last due, where a minute that passes while ruled does not run is to be
    /// made up for: one of certain hours or days. Who misses a minute of every hour waits for the next.
    pub(super) fn ran_minute(&self) -> Option<i64> {
        self.ran_minute
    }

    /// Goes on from the minute in which it was last due.
    pub(super) fn go_on_from(&mut self, ran_minute: Option<i64>) {
        let is_kept = self.fields.as_deref().is_some_and(|(fields, excluded)| !fields.hourly && !excluded);
        if let Some(minute) = ran_minute.filter(|_| is_kept) {
            self.looked = Some(minute);
            self.ran_minute = Some(minute);
        }
    }
}

/// Whether something holds in one of the minutes since the one that was looked at last.
fn since(looked: &mut Option<i64>, minute: i64, holds: impl Fn(i64) -> bool) -> bool {
    let last = match *looked {
        Some(last) if last - minute > TURN_BACK_MINUTES => minute - 1,
        Some(last) => last.max(minute - LOOK_BACK_MINUTES),
        None => minute - 1,
    };
    *looked = Some(last.max(minute));
    (last + 1..=minute).any(holds)
}

/// The minutes of the calendar since 1970, as if every day had as many.
fn minute_of(at: DateTime) -> i64 {
    TimeZone::UTC.to_timestamp(at).map_or(0, |at| at.as_second().div_euclid(60))
}

fn shown_at(minute: i64) -> Option<DateTime> {
    Timestamp::from_second(minute * 60).ok().map(|at| TimeZone::UTC.to_datetime(at))
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;

    const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

    fn turns(fields: &str, is_monit: bool) -> Turns {
        Turns { fields: Fields::new(fields, is_monit).map(|fields| Box::new((fields, false))), ..Turns::default() }
    }

    /// The local times of the cycles that are due, of those that begin every so many seconds.
    fn due(fields: &str, is_monit: bool, from: &str, cycles: i64, step_s: i64) -> Vec<String> {
        let zone = TimeZone::posix(BERLIN).expect("a zone");
        let first: Timestamp = from.parse().expect("a time");
        let mut turns = turns(fields, is_monit);
        let mut found = Vec::new();
        for cycle in 0..cycles {
            let second = first.as_second() + cycle * step_s;
            if turns.take(Wall(second * 1_000_000), &zone, is_monit) {
                found.push(zone.to_datetime(Timestamp::from_second(second).expect("a time")).to_string());
            }
        }
        found
    }

    #[test]
    fn a_minute_without_a_cycle_is_lost_in_monit_only() {
        // Cycles of seven minutes never begin at 12:05 UTC.
        let from = "2026-11-21T11:00:00Z";
        assert_eq!(due("5 13 * * *", true, from, 40, 420), [""; 0]);
        assert_eq!(due("5 13 * * *", false, from, 40, 420), ["2026-11-21T13:10:00"]);
        assert_eq!(due("*/20 13 * * *", false, from, 40, 420).len(), 3);
    }

    #[test]
    fn several_cycles_in_a_minute_are_one() {
        for is_monit in [true, false] {
            assert_eq!(due("5 13 * * *", is_monit, "2026-11-21T12:04:50Z", 30, 5).len(), 1, "{is_monit}");
        }
    }

    #[test]
    fn daylight_saving_neither_loses_nor_repeats_a_run() {
        // In 2026 the hour from 2 to 3 is left out on 29 March, and comes twice on 25 October.
        assert_eq!(due("30 2 * * *", false, "2026-03-29T00:00:00Z", 300, 60), ["2026-03-29T03:00:00"]);
        assert_eq!(due("30 2 * * *", false, "2026-10-25T00:00:00Z", 300, 60), ["2026-10-25T02:30:00"]);
        assert_eq!(due("30 * * * *", false, "2026-10-25T00:00:00Z", 180, 60).len(), 3);
    }

    #[test]
    fn a_clock_that_jumps_neither_bursts_nor_stops() {
        let zone = TimeZone::UTC;
        let mut turns = turns("0 * * * *", false);
        let mut take = |minute: i64| turns.take(Wall(minute * 60_000_000), &zone, false);
        assert!(!take(59) && take(60) && !take(61));
        // Thirty years on: what was missed is made up for once.
        let later = 61 + 30 * 365 * 24 * 60;
        assert!(take(later) && !take(later + 1));
        // And back again: the clock was wrong, and the next full hour is kept.
        assert!(!take(62) && !take(119) && take(120));
    }

    #[test]
    fn days_are_either_in_rules_and_both_in_monit() {
        // 21 November 2026 is a Saturday.
        let from = "2026-11-20T23:00:00Z";
        assert_eq!(due("0 12 1 * sat", false, from, 30, 3600).len(), 1);
        assert_eq!(due("0 12 1 * 6", true, from, 30, 3600).len(), 0);
        assert_eq!(due("0 12 * * 7", false, "2026-11-21T23:00:00Z", 24, 3600).len(), 1);
    }

    #[test]
    fn what_is_named_twice_monit_leaves_out() {
        let fields = Fields::new("1-5,3 * * * *", true).expect("fields");
        assert_eq!(fields.minutes, 0b11_0110);
        let fields = Fields::new("1-5,3 * * jan-mar,dec *", false).expect("fields");
        assert_eq!((fields.minutes, fields.months), (0b11_1110, 0b1_0000_0000_1110));
    }

    #[test]
    fn some_cycles_are_left_out() {
        let mut turns = Turns { every: 3, ..Turns::default() };
        let due: Vec<bool> = (0..7).map(|_| turns.take(Wall(0), &TimeZone::UTC, false)).collect();
        assert_eq!(due, [true, false, false, true, false, false, true]);
    }
}
