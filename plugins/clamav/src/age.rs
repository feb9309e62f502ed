//! What the daemon says of its version: `ClamAV 1.4.6/27400/Sun Sep 15 10:00:00 2024`, the program, and the number and
//! the time of the daily signatures where there are some.

/// How long a day is.
pub(crate) const DAY_SECONDS: u64 = 86_400;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A version, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct About<'a> {
    /// The version of the program.
    pub(crate) program: &'a str,
    /// The number of the daily signatures, and when they were made, as the daemon writes it.
    pub(crate) signatures: Option<&'a str>,
    /// When they were made, in seconds since 1970.
    pub(crate) made: Option<u64>,
}

impl About<'_> {
    pub(crate) fn read(version: &str) -> About<'_> {
        let (program, signatures) = match version.split_once('/') {
            Some((program, signatures)) => (program, Some(signatures)),
            None => (version, None),
        };
        let program = program.strip_prefix("ClamAV ").unwrap_or(program);
        let made = signatures.and_then(|signatures| seconds(signatures.split_once('/')?.1));
        About { program, signatures, made }
    }
}

/// The seconds since 1970 of a time as ctime(3) writes it, taken for UTC.
fn seconds(written: &str) -> Option<u64> {
    let mut words = written.split_whitespace();
    let (_weekday, month, day, time, year) =
        (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? as u64;
    let day: u64 = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    let year: u64 = year.parse().ok().filter(|year| (1970..=9999).contains(year))?;
    let mut parts = time.split(':').map(|part| part.parse::<u64>().ok().filter(|part| *part < 61));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    // Years begin in March here, so that the leap day is the last.
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    /// Days from the first of March of year 0 to 1970.
    const DAYS_TO_1970: u64 = 719_468;
    Some(days.checked_sub(DAYS_TO_1970)? * DAY_SECONDS + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_date() {
        // What `date -u -d … +%s` says.
        for (written, expected) in [
            ("Thu Jan  1 00:00:00 1970", Some(0)),
            ("Sun Sep 15 10:00:00 2024", Some(1_726_394_400)),
            ("Thu Feb 29 23:59:59 2024", Some(1_709_251_199)),
            ("Fri Mar  1 00:00:00 2024", Some(1_709_251_200)),
            ("Sun Feb 28 12:00:00 2100", Some(4_107_499_200)),
            ("Sun Sep 15 10:00:00", None),
            ("Sun Sep 15 10:00 2024", None),
            ("Sun Sep 99 10:00:00 2024", None),
            ("Sun Xxx 15 10:00:00 2024", None),
            ("Sun Sep 15 10:00:00 18446744073709551615", None),
            ("", None),
        ] {
            assert_eq!(seconds(written), expected, "{written}");
        }
    }

    #[test]
    fn a_version_is_taken_apart() {
        let about = About::read("ClamAV 1.4.6/27400/Sun Sep 15 10:00:00 2024");
        assert_eq!((about.program, about.signatures), ("1.4.6", Some("27400/Sun Sep 15 10:00:00 2024")));
        assert_eq!(about.made, Some(1_726_394_400));
        assert_eq!(About::read("ClamAV 1.4.6"), About { program: "1.4.6", signatures: None, made: None });
        assert_eq!(About::read("x/1/2").made, None);
    }
}
