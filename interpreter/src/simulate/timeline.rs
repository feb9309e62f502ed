//! What happened in a simulated world, in the order of time.

use std::fmt;
use std::time::Duration;

use crate::engine::{DeedKind, Event, EventClass, EventState};

/// What happened, in the order of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Timeline {
    /// What was told and done.
    pub entries: Vec<Entry>,
    /// How many observations were ordered.
    pub observations: u64,
    /// How often a start, stop or restart program was ordered while another of the same service still ran that had
    /// not had its effect. Always 0.
    pub overlaps: u64,
    /// How often ruled ended without a word.
    pub crashes: u64,
    /// How many inputs the engine was handed.
    pub inputs: u64,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When, counted from the start of the scenario.
    pub at: Duration,
    /// The name of the service.
    pub service: String,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Somebody was told.
    Told(Event),
    /// Something was done.
    Did(DeedKind),
    /// Something happened to the thing: a sentence.
    Befell(String),
    /// A server got a letter.
    Mailed(Mailed),
}

/// A letter that a server got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailed {
    /// The recipient's address.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// By what servers and readers know that it is the same one.
    pub message_id: String,
    /// The name of the server.
    pub server: String,
    /// Whether a server got it before, and ruled did not hear of that.
    pub is_repeated: bool,
}

impl Timeline {
    /// The events, in the order of time.
    pub fn events(&self) -> impl Iterator<Item = (Duration, &str, &Event)> {
        self.entries.iter().filter_map(|entry| match &entry.what {
            What::Told(event) => Some((entry.at, entry.service.as_str(), event)),
            What::Did(_) | What::Befell(_) | What::Mailed(_) => None,
        })
    }

    /// The deeds, in the order of time.
    pub fn deeds(&self) -> impl Iterator<Item = (Duration, &str, &DeedKind)> {
        self.entries.iter().filter_map(|entry| match &entry.what {
            What::Did(deed) => Some((entry.at, entry.service.as_str(), deed)),
            What::Told(_) | What::Befell(_) | What::Mailed(_) => None,
        })
    }

    /// The letters, in the order of time.
    pub fn letters(&self) -> impl Iterator<Item = (Duration, &Mailed)> {
        self.entries.iter().filter_map(|entry| match &entry.what {
            What::Mailed(mailed) => Some((entry.at, mailed)),
            What::Told(_) | What::Did(_) | What::Befell(_) => None,
        })
    }

    /// How many events of this kind there were.
    pub fn count(&self, service: &str, class: EventClass, state: EventState) -> usize {
        let wanted = |(_, name, event): &(Duration, &str, &Event)| {
            *name == service && event.class == class && event.state == state
        };
        self.events().filter(wanted).count()
    }

    /// How many deeds with this word (`start`, `stop`, `restart`, `exec`, `terminate`, `kill`) there were.
    pub fn done(&self, service: &str, word: &str) -> usize {
        self.deeds().filter(|(_, name, deed)| *name == service && deed.word() == word).count()
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.iter().try_for_each(|entry| writeln!(to, "{entry}"))
    }
}

impl fmt::Display for Entry {
    /// `12.001s #3 nginx nonexist failed, restart: process is not running`, or `12.001s nginx: start /bin/nginx`.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.at.as_secs(), self.at.subsec_millis());
        write!(to, "{seconds}.{millis:03}s ")?;
        match &self.what {
            What::Told(event) => {
                let early = if event.early { " early" } else { "" };
                let (cycle, class, state) = (event.cycle, event.class.word(), event.state.word());
                let (service, action, message) = (&self.service, event.action, &event.message);
                write!(to, "#{cycle}{early} {service} {class} {state}, {action}: {message}")?;
                event.takers.iter().try_for_each(|taking| write!(to, "; {}", taking.sentence()))
            }
            What::Befell(what) => write!(to, "{}: {what}", self.service),
            What::Mailed(mailed) => {
                let again = if mailed.is_repeated { "once more " } else { "" };
                write!(to, "{}: {again}to {} by {}: {}", self.service, mailed.to, mailed.server, mailed.subject)
            }
            What::Did(deed) => {
                write!(to, "{}: {}", self.service, deed.word())?;
                match deed {
                    DeedKind::Start(command)
                    | DeedKind::Stop(command)
                    | DeedKind::Restart(command)
                    | DeedKind::Exec(command) => write!(to, " {}", command.argv.join(" ")),
                    DeedKind::Terminate(_) | DeedKind::Kill(_) => Ok(()),
                }
            }
        }
    }
}
