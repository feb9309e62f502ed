//! A line of the log, as Monit writes it: `[2026-11-21T04:26:00+0000] error    : 'nginx' process is not running`.

use interpreter::engine::{Event, Wall};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::level::Level;
use crate::words::one_line;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Wall,
    /// How much it matters.
    pub level: Level,
    /// What is said, on one line.
    pub text: String,
}

impl Line {
    /// A line about ruled itself.
    pub fn new(at: Wall, level: Level, text: &str) -> Line {
        Line { at, level, text: one_line(text) }
    }

    /// The line of an event.
    pub fn of(event: &Event, service: &str) -> Line {
        let text = format!("'{service}' {}", event.message);
        Line::new(event.at, Level::of(event.class, event.state), &text)
    }

    /// The line with its time and level, without a line break.
    pub fn render(&self, zone: &TimeZone) -> String {
        format!("[{}] {:<8} : {}", time(self.at, zone, "%Y-%m-%dT%H:%M:%S%z"), self.level.word(), self.text)
    }
}

/// A time in the zone; a time that no calendar holds is shown as the first of 1970.
pub fn time(at: Wall, zone: &TimeZone, format: &str) -> String {
    timestamp(at).to_zoned(zone.clone()).strftime(format).to_string()
}

/// The time as jiff has it; a time that no calendar holds becomes the first of 1970.
pub fn timestamp(at: Wall) -> Timestamp {
    Timestamp::from_microsecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH)
}
