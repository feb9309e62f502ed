//! Events for programs: one JSON object per line, schema version 1.
//!
//! | key | value |
//! |---|---|
//! | `time` | when, RFC 3339 in UTC |
//! | `cycle` | the daemon's cycle, from 1, running on through a reload |
//! | `early` | `true` when it was judged out of turn, because a process exited or a file changed; absent otherwise |
//! | `service` | the service's name |
//! | `event` | the class word: `nonexist`, `resource`, `connection`, … |
//! | `state` | `failed`, `succeeded` or `changed` |
//! | `action` | what follows: `alert`, `restart`, `start`, `stop`, `exec`, `unmonitor`, … |
//! | `message` | one sentence |
//! | `takers` | where a limit of the machine was passed, who takes most of it: a list of objects; absent otherwise |
//!
//! Each of the `takers` has `of` (`load`, `cpu`, `cpu_user`, `cpu_system`, `cpu_wait`, `memory`, `swap`) and either
//! `processes`, the greatest first, or `unknown` with the reason. A process has `pid`, `name`, `user`, and how much it
//! takes: `threads` of a load, `percent` of all processors, `bytes` and `percent` of memory and swap space.
//!
//! Within a version keys and words are only added. Readers ignore keys that they do not know.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use interpreter::engine::{Event, Reading, Share, Taker, Taking};
use serde::Serialize;

use super::appended;
use super::line::timestamp;

/// Where events are written for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventsTarget {
    /// To standard output.
    Output,
    /// To the end of this file.
    File(PathBuf),
}

/// The open target.
#[derive(Debug)]
pub enum EventsWriter {
    /// Standard output.
    Output,
    /// A file.
    File(File),
}

#[derive(Debug, Serialize)]
struct EventLine<'a> {
    time: String,
    cycle: u64,
    #[serde(skip_serializing_if = "is_false")]
    early: bool,
    service: &'a str,
    event: &'static str,
    state: &'static str,
    action: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    takers: Vec<TakersLine<'a>>,
}

#[derive(Debug, Serialize)]
struct TakersLine<'a> {
    of: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    processes: Option<Vec<TakerLine<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct TakerLine<'a> {
    pid: u32,
    name: &'a str,
    user: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    threads: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<f64>,
}

impl TakersLine<'_> {
    fn of(taking: &Taking) -> TakersLine<'_> {
        let (processes, unknown) = match &taking.takers {
            Reading::Known(takers) => (Some(takers.iter().map(TakerLine::of).collect()), None),
            Reading::Unknown(reason) => (None, Some(reason.as_str())),
        };
        TakersLine { of: taking.resource.word(), processes, unknown }
    }
}

impl TakerLine<'_> {
    fn of(taker: &Taker) -> TakerLine<'_> {
        let (threads, bytes, percent) = match taker.share {
            Share::Threads(threads) => (Some(threads), None, None),
            Share::Time(percent) => (None, None, Some(percent)),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "bytes are whole and not negative"
            )]
            Share::Bytes { bytes, percent } => (None, Some(bytes as u64), Some(percent)),
        };
        let percent = percent.map(|percent| (percent * 10.0).round() / 10.0);
        TakerLine { pid: taker.pid, name: &taker.name, user: &taker.user, threads, bytes, percent }
    }
}

/// serde hands a reference.
fn is_false(value: &bool) -> bool {
    !value
}

impl EventsWriter {
    /// Opens the target; a file is created when it is not there.
    pub fn open(target: &EventsTarget) -> io::Result<EventsWriter> {
        Ok(match target {
            EventsTarget::Output => EventsWriter::Output,
            EventsTarget::File(path) => EventsWriter::File(appended::open(path, 0o666)?),
        })
    }

    /// Writes the event as one line, at once.
    pub fn write(&mut self, event: &Event, service: &str) -> io::Result<()> {
        let line = render(event, service)?;
        match self {
            EventsWriter::Output => {
                let mut output = io::stdout().lock();
                output.write_all(line.as_bytes())?;
                output.flush()
            }
            EventsWriter::File(file) => file.write_all(line.as_bytes()),
        }
    }
}

/// The line with its line break.
pub fn render(event: &Event, service: &str) -> io::Result<String> {
    let line = EventLine {
        time: timestamp(event.at).to_string(),
        cycle: event.cycle,
        early: event.early,
        service,
        event: event.class.word(),
        state: event.state.word(),
        action: event.action,
        message: &event.message,
        takers: event.takers.iter().map(TakersLine::of).collect(),
    };
    Ok(serde_json::to_string(&line)? + "\n")
}
