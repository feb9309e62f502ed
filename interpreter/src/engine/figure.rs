//! Figures in messages, as Monit writes them: `402.9 MB`, `0.6%`, `Sat, 21 Nov 2026 04:50:32 UTC`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Wall;

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

/// A point in time, as the wall clock shows it where the machine stands.
pub(super) fn date(at: Wall, zone: &TimeZone) -> String {
    match Timestamp::from_microsecond(at.0) {
        Ok(at) => zone.to_datetime(at).strftime("%a, %d %b %Y %H:%M:%S").to_string(),
        // Beyond the year 9999.
        Err(_) => "a time that no calendar has".to_owned(),
    }
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
        let written = |seconds: i64| date(Wall(seconds * 1_000_000), &TimeZone::UTC);
        assert_eq!(written(1_795_236_632), "Sat, 21 Nov 2026 04:50:32");
        assert_eq!(written(951_782_400), "Tue, 29 Feb 2000 00:00:00");
        assert_eq!(written(-1), "Wed, 31 Dec 1969 23:59:59");
    }
}
