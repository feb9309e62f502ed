//! Events for programs: one JSON object per line, schema version 1.
//!
//! | key | value |
//! |---|---|
//! | `time` | when, RFC 3339 in UTC |
//! | `cycle` | the daemon's cycle, from 1, running on through a reload |
//! | `early` | `true` when it was judged out of turn, because a process exited; absent otherwise |
//! | `service` | the service's name |
//! | `event` | the class word: `nonexist`, `resource`, `connection`, … |
//! | `state` | `failed`, `succeeded` or `changed` |
//! | `action` | what follows: `alert`, `restart`, `start`, `stop`, `exec`, `unmonitor`, … |
//! | `message` | one sentence |
//!
//! Within a version keys and words are only added. Readers ignore keys that they do not know.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use interpreter::engine::Event;
use serde::Serialize;

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
            EventsTarget::File(path) => EventsWriter::File(OpenOptions::new().append(true).create(true).open(path)?),
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
    };
    Ok(serde_json::to_string(&line)? + "\n")
}
