//! In which cycles a service is checked, worked out from the times of all cycles so far.

use grammar::Dialect;
use interpreter::program::Every;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::case::Case;
use super::play::zone;

/// What was missed longer ago is missed once as well.
const WEEK_MINUTES: i64 = 7 * 24 * 60;
/// A clock that is put back by more than this was wrong before.
const WRONG_MINUTES: i64 = 3 * 60;

/// When the cycle of this number begins, as the clock on the wall shows it, in seconds since 1970.
pub(crate) fn wall_s(case: &Case, cycle: u64) -> i64 {
    let elapsed = i64::try_from((cycle - 1) * case.cycle_s).expect("a short time");
    let jumps = case.jumps.iter().filter(|(after, _)| *after < cycle).map(|(_, seconds)| seconds);
    case.begins_s + elapsed + jumps.sum::<i64>()
}

/// Whether a service is checked in the cycle of this number.
pub(crate) fn is_due(case: &Case, every: Option<&Every>, cycle: u64) -> bool {
    let (fields, excluded) = match every {
        None => return true,
        Some(Every::Cycles(cycles)) => return (cycle - 1).is_multiple_of(u64::from(*cycles)),
        Some(Every::Cron { fields, excluded }) => (fields.as_str(), *excluded),
    };
    let zone = zone(case);
    let shown = |second: i64| zone.to_datetime(Timestamp::from_second(second).expect("a time"));
    if excluded {
        return !fits(fields, shown(wall_s(case, cycle)), case.dialect);
    }
    match case.dialect {
        Dialect::Monit => {
            // At most once in a minute, and only in a cycle that begins in a minute that fits.
            let mut ran: Option<i64> = None;
            for one in 1..=cycle {
                let second = wall_s(case, one);
                let pauses = ran.is_some_and(|ran| second >= ran && second < ran + 59);
                let runs = !pauses && fits(fields, shown(second), case.dialect);
                if one == cycle {
                    return runs;
                }
                if runs {
                    ran = Some(second);
                }
            }
            false
        }
        Dialect::Rules => {
            let hourly = fields.split(' ').nth(1) == Some("*");
            // Whoever names hours means those that the clock shows; it shows some never and some twice. Whoever names
            // only minutes means each that passes.
            let minute = |cycle: u64| {
                let second = wall_s(case, cycle);
                let second = if hourly { second } else { calendar_s(shown(second)) };
                second.div_euclid(60)
            };
            let at = |minute: i64| if hourly { shown(minute * 60) } else { utc(minute * 60) };
            // Up to which minute was looked before this cycle.
            let mut looked = minute(1) - 1;
            for one in 1..cycle {
                let now = minute(one);
                looked = if looked - now > WRONG_MINUTES { now } else { looked.max(now) };
            }
            let now = minute(cycle);
            let from = if looked - now > WRONG_MINUTES { now } else { (looked + 1).max(now - WEEK_MINUTES + 1) };
            (from..=now).any(|minute| fits(fields, at(minute), case.dialect))
        }
    }
}

/// The seconds since 1970 if all days were as long.
fn calendar_s(at: DateTime) -> i64 {
    TimeZone::UTC.to_timestamp(at).expect("a time").as_second()
}

fn utc(second: i64) -> DateTime {
    TimeZone::UTC.to_datetime(Timestamp::from_second(second).expect("a time"))
}

/// Whether five fields name this minute.
fn fits(fields: &str, at: DateTime, dialect: Dialect) -> bool {
    let all: Vec<&str> = fields.split(' ').collect();
    let [minutes, hours, days, months, weekdays] = all[..] else { panic!("{fields}") };
    let named = |field: &str, number: i8, most: i64| names(field, i64::from(number), most, dialect);
    let weekday = at.weekday().to_sunday_zero_offset();
    let sunday = dialect == Dialect::Rules && weekday == 0 && named(weekdays, 7, 7);
    let (day, weekday) = (named(days, at.day(), 31), named(weekdays, weekday, 7) || sunday);
    let either = dialect == Dialect::Rules && !days.starts_with('*') && !weekdays.starts_with('*');
    let on_the_day = if either { day || weekday } else { day && weekday };
    named(minutes, at.minute(), 59) && named(hours, at.hour(), 23) && named(months, at.month(), 12) && on_the_day
}

/// Whether a field names a number. What is named twice Monit leaves out.
fn names(field: &str, number: i64, most: i64, dialect: Dialect) -> bool {
    let read = |word: &str| -> i64 {
        match word {
            "jan" => 1,
            "nov" => 11,
            "sun" => 0,
            "mon" => 1,
            word => word.parse().expect("a number"),
        }
    };
    let times = field.split(',').filter(|item| {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (read(from), read(to)),
            // Months and days begin with 1, but no number below the first is ever asked for.
            None if range == "*" => (if most == 12 || most == 31 { 1 } else { 0 }, most),
            None => (read(range), read(range)),
        };
        (from..=to).contains(&number) && (number - from) % read(step) == 0
    });
    match (dialect, times.count()) {
        (Dialect::Rules, times) => times > 0,
        (Dialect::Monit, times) => times % 2 == 1,
    }
}
