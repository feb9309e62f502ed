//! Figures in messages, as Monit writes them: `402.9 MB`, `0.6%`, `Sat, 21 Nov 2026 04:50:32 UTC`.

use super::Wall;

const DAY_S: i64 = 86_400;

/// An amount of bytes in the largest unit of which there is at least one; whole numbers without a fraction.
pub(super) fn bytes(amount: f64) -> String {
    let mut amount = amount;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB", "PB"] {
        if amount.abs() < 1024.0 {
            break;
        }
        amount /= 1024.0;
        unit = larger;
    }
    if (amount - amount.round()).abs() < 0.05 { format!("{amount:.0} {unit}") } else { format!("{amount:.1} {unit}") }
}

/// A share.
pub(super) fn percent(value: f64) -> String {
    format!("{value:.1}%")
}

/// A point in time, in UTC: the engine knows no time zone.
pub(super) fn date(at: Wall) -> String {
    let seconds = at.0.div_euclid(1_000_000);
    let (days, second) = (seconds.div_euclid(DAY_S), seconds.rem_euclid(DAY_S));
    let (year, month, day) = civil(days);
    // 1970-01-01 was a Thursday.
    let weekday =
        ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"].get(usize::try_from(days.rem_euclid(7)).unwrap_or(0));
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months.get(usize::try_from(month - 1).unwrap_or(0));
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} UTC",
        weekday.unwrap_or(&""),
        month.unwrap_or(&""),
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Year, month and day of a day counted from 1970-01-01 (H. Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_as_monit_writes_them() {
        let written: Vec<String> = [0.0, 6.0, 1024.0, 3000.0, 10.0 * 1_048_576.0, 422_475_000.0].map(bytes).into();
        assert_eq!(written, ["0 B", "6 B", "1 kB", "2.9 kB", "10 MB", "402.9 MB"]);
    }

    #[test]
    fn dates_follow_the_calendar() {
        let written = |seconds: i64| date(Wall(seconds * 1_000_000));
        assert_eq!(written(1_795_236_632), "Sat, 21 Nov 2026 04:50:32 UTC");
        assert_eq!(written(951_782_400), "Tue, 29 Feb 2000 00:00:00 UTC");
        assert_eq!(written(-1), "Wed, 31 Dec 1969 23:59:59 UTC");
    }
}
