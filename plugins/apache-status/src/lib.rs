//! The stock probe for Apache's scoreboard: the page that `mod_status` makes for programs, and the share of slots in each
//! state (https://httpd.apache.org/docs/2.4/mod/mod_status.html).
//!
//! What does not live here: how requests and answers are written, which is `http-message`.

use http_message::{Answer, Request};
use ruled_plugin::*;

/// A line of the scoreboard has a letter for each slot, and Apache allows 20,000 processes with as many threads as one
/// likes; no server that is in use has more slots than this.
const PAGE_BYTES_MAX: u64 = 512 << 10;

const USER_AGENT: &str = concat!("ruled/", env!("CARGO_PKG_VERSION"));

/// A state of a slot.
struct State {
    letter: u8,
    /// The name of the share as a metric.
    metric: &'static str,
    /// The option that limits it, where there is one.
    limit: Option<&'static str>,
    help: &'static str,
}

/// The states, and the words of Monit for their limits.
const STATES: &[State] = &[
    State { letter: b'L', metric: "logging", limit: Some("loglimit"), help: "write their log" },
    State { letter: b'C', metric: "closing", limit: Some("closelimit"), help: "close a connection" },
    State { letter: b'D', metric: "resolving", limit: Some("dnslimit"), help: "look up a name" },
    State { letter: b'K', metric: "keeping_alive", limit: Some("keepalivelimit"), help: "keep a connection open" },
    State { letter: b'W', metric: "replying", limit: Some("replylimit"), help: "send an answer" },
    State { letter: b'R', metric: "reading", limit: Some("requestlimit"), help: "read a request" },
    State { letter: b'S', metric: "starting", limit: Some("startlimit"), help: "start" },
    State { letter: b'_', metric: "waiting", limit: Some("waitlimit"), help: "wait for a connection" },
    State { letter: b'G', metric: "finishing", limit: Some("gracefullimit"), help: "finish their last request" },
    State { letter: b'I', metric: "cleaning_up", limit: Some("cleanuplimit"), help: "are idle and being ended" },
    State { letter: b'.', metric: "open", limit: None, help: "are open, without a process" },
];

struct ApacheStatus;

impl Probe for ApacheStatus {
    fn describe() -> Describe {
        let mut describe = Describe::new("apache-status", "An Apache whose scoreboard is within limits")
            .version(env!("CARGO_PKG_VERSION"))
            .port(80)
            .tls_port(443)
            .page(
                "Asks for the page of `mod_status` in its form for programs (`?auto`) and counts the slots of the \
                 scoreboard by what they do.\n\n\
                 The check fails when the server does not answer with status 200 and a scoreboard, and when a limit \
                 that the rule sets is reached: `replylimit > 80%` fails while more than 80 % of all slots send an \
                 answer. A limit of 0 is none.\n\n\
                 Apache counts slots that have no process yet among all of them.\n\n\
                 Specified in the documentation of `mod_status`, Apache HTTP Server 2.4.",
            )
            .option("path", OptionType::Text, "The path of the page that shows the scoreboard")
            .default_value(Value::Text("/server-status".into()))
            .option("username", OptionType::Text, "The user to log in as, with the scheme Basic")
            .option("password", OptionType::Secret, "The password to log in with");
        for state in STATES {
            if let Some(limit) = state.limit {
                let help = format!("The share of slots that {}; the check fails while it holds", state.help);
                describe = describe.option(limit, OptionType::Share, &help);
            }
            describe =
                describe.metric(state.metric, MetricKind::Percent, &format!("The share of slots that {}", state.help));
        }
        describe
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let path = options.text("path").filter(|path| !path.is_empty()).unwrap_or("/server-status");
        let mut request = Request::new("GET", &format!("{path}?auto"), &conn.peer(), USER_AGENT)?;
        request.login(options.text("username"), options.secret("password"))?;
        request.send(conn)?;
        let answer = Answer::read(conn)?;
        if answer.status != 200 {
            let (what, expected) = ("status".into(), "200".into());
            return Err(Failure::Mismatch { what, expected, found: answer.line() });
        }
        let mut page = Vec::new();
        let whole = answer.content(conn, PAGE_BYTES_MAX, &mut |piece| page.extend_from_slice(piece))?;
        ensure!(whole, "the page has more than {} KiB, which no scoreboard has", PAGE_BYTES_MAX >> 10);
        let Some(board) = page.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"Scoreboard: ")) else {
            fail!("the page has no scoreboard; is {path} the page of mod_status?")
        };
        judge(&answer, board.trim_ascii_end(), options)
    }
}
probe!(ApacheStatus);

/// Counts the slots, and holds their shares against the limits.
fn judge(answer: &Answer, board: &[u8], options: &Options) -> Check {
    ensure!(!board.is_empty(), "the scoreboard is empty");
    let stranger = board.iter().find(|slot| STATES.iter().all(|state| state.letter != **slot));
    if let Some(stranger) = stranger {
        fail!("the scoreboard has a slot in the unknown state {:?}", char::from(*stranger))
    }
    let count = |letter: u8| board.iter().filter(|slot| **slot == letter).count();
    for state in STATES {
        let Some((name, limit)) = state.limit.and_then(|name| Some((name, options.comparison(name)?))) else {
            continue;
        };
        // A share of 50.5 % is above 50 %: compared are hundredths of a slot, which are whole numbers.
        let number = limit.number.saturating_mul(board.len() as i64);
        let hundredths = 100 * count(state.letter) as i64;
        if limit.number != 0 && (Comparison { number, ..limit }).holds(hundredths) {
            return Err(Failure::Mismatch {
                what: format!("share of slots that {}", state.help),
                expected: format!("not {limit} % ({name})"),
                found: format!("{} %", percent(count(state.letter), board.len())),
            });
        }
    }
    let busy = board.len() - count(b'_') - count(b'.') - count(b'I');
    let mut outcome = answer.outcome(format!("{busy} of {} slots are busy", board.len()));
    for state in STATES {
        outcome = outcome.metric(state.metric, 100.0 * count(state.letter) as f64 / board.len() as f64);
    }
    outcome.into()
}

/// A share with one decimal place, where that is not 0.
fn percent(count: usize, all: usize) -> String {
    let tenths = (1_000 * count + all / 2) / all;
    let (whole, rest) = (tenths / 10, tenths % 10);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest}") }
}

#[cfg(test)]
mod tests;
