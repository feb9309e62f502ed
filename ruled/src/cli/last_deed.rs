//! What was last done to a service, for people: which program or signal, why, when, how it ended and what it printed.

use grammar::english::{count, duration, thousands};
use interpreter::engine::{OUTPUT_KEPT_BYTES, OUTPUT_KEPT_LINES};
use jiff::tz::TimeZone;
use nix::sys::signal::Signal;

use super::status::moment;
use crate::control::protocol::Done;
use crate::words::one_line;

/// How much of one line is shown, in characters; what follows it is not.
const LINE_MAX: usize = 200;

/// What was done, and when: `start '/etc/init.d/nginx start', Sat, 21 Nov 2026 02:33:49 (5 minutes ago)`.
pub(super) fn what(done: &Done, zone: &TimeZone) -> String {
    let whose = done.pid.map_or(String::new(), |pid| format!(" to pid {pid}"));
    let what = match done.what.as_str() {
        "terminate" => format!("signal TERM{whose}"),
        "kill" => format!("signal KILL{whose}"),
        word => format!("{} '{}'", one_line(word), one_line(&done.argv.join(" "))),
    };
    format!("{what}, {}", moment(done.began_us, zone))
}

/// The event that led to it.
pub(super) fn why(done: &Done) -> String {
    format!("{} ({})", one_line(&done.reason), one_line(&done.event))
}

/// How it ended, and after what time.
pub(super) fn how(done: &Done) -> String {
    let after = done.took_ms.map_or(String::new(), |took| match took {
        0 => " within a millisecond".to_owned(),
        took => format!(" after {}", duration(took)),
    });
    match (done.how.as_str(), done.status, done.signal) {
        ("running", ..) => "it is under way".to_owned(),
        ("exited", Some(status), _) => format!("exit status {status}{after}"),
        ("signalled", _, Some(signal)) => format!("ended by signal {}{after}", signal_name(signal)),
        ("sent", ..) => "sent".to_owned(),
        ("refused", ..) => format!("not done: {}", one_line(done.refused.as_deref().unwrap_or("no reason is known"))),
        ("timed_out", ..) => format!("killed{after}, because it did not end in time"),
        ("unknown", ..) => "nobody can tell: ruled ended before it did".to_owned(),
        (word, ..) => one_line(word),
    }
}

/// What the program printed: its first lines, and how much is not shown.
pub(super) fn printed(done: &Done) -> Vec<String> {
    if done.output.is_empty() {
        return Vec::new();
    }
    let mut shown: Vec<String> = Vec::new();
    let mut bytes = 0;
    for line in done.output.lines().take(OUTPUT_KEPT_LINES) {
        if bytes + line.len() > OUTPUT_KEPT_BYTES && bytes > 0 {
            break;
        }
        let short: String = line.chars().take(LINE_MAX).collect();
        let is_cut = short.len() < line.len();
        shown.push(one_line(&short));
        bytes += short.len() + usize::from(!is_cut);
        if is_cut {
            break;
        }
    }
    let left = done.output.len().saturating_sub(bytes) as u64 + done.output_left_out_bytes;
    if left > 0 {
        let lines = done.output.lines().count() - shown.len();
        let noun = if left == 1 { "byte" } else { "bytes" };
        let bytes = format!("{} more {noun}", thousands(left));
        // How many lines were left out before nobody knows.
        shown.push(match (done.output_left_out_bytes, lines) {
            (0, 1..) => format!("… {bytes} in {}", count(lines as u64, "line")),
            _ => format!("… {bytes}"),
        });
    }
    shown
}

/// `KILL`, or the number of a signal that has no name.
fn signal_name(number: i32) -> String {
    let named = Signal::try_from(number).map(Signal::as_str);
    named.map_or_else(|_| number.to_string(), |name| name.trim_start_matches("SIG").to_owned())
}
