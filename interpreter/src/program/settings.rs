//! What holds for all services.

use std::time::Duration;

use crate::catalog::EVENTS;
use crate::engine::EventClass;

/// What holds for all services.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The length of a cycle.
    pub cycle: Duration,
    /// Whether a file said so with `set daemon`.
    pub cycle_written: bool,
    /// How long to wait before the first cycle.
    pub start_delay: Duration,
    /// Where the log goes; standard error only when absent.
    pub log: Option<LogTarget>,
    /// Where mail is handed in and how.
    pub mail: MailSettings,
    /// Recipients of all services' events.
    pub alerts: Vec<AlertTarget>,
    /// Where the two dialects differ at run time.
    pub behaviour: Behaviour,
}

/// Where the log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogTarget {
    /// Appended to this file.
    File(String),
    /// Sent to the system's log, with this facility.
    Syslog(Option<String>),
}

/// Where mail is handed in and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// The servers, tried in this order.
    pub servers: Vec<MailServer>,
    /// How long a server may take to answer.
    pub timeout: Duration,
    /// The name by which ruled greets the server; the host's name when absent.
    pub hostname: Option<String>,
}

/// A server that takes mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// User and password to log in with.
    pub login: Option<(String, String)>,
}

/// A recipient of mail and the classes of events that he gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertTarget {
    /// The mail address.
    pub address: String,
    /// The classes of events that are sent; none for `noalert`.
    pub events: EventMask,
}

/// A set of classes of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMask {
    classes: Vec<EventClass>,
    /// The words of classes that Monit has and that nothing in ruled raises; kept so that `show` can name them.
    silent: Vec<&'static str>,
}

impl EventMask {
    /// Every class.
    pub fn all() -> EventMask {
        EventMask { classes: EventClass::ALL.to_vec(), silent: silent_words().collect() }
    }

    /// These classes.
    pub fn of(classes: impl IntoIterator<Item = EventClass>) -> EventMask {
        let mut classes: Vec<EventClass> = classes.into_iter().collect();
        classes.sort();
        classes.dedup();
        EventMask { classes, silent: Vec::new() }
    }

    /// Adds classes that nothing raises, by their words in the catalog.
    #[must_use]
    pub fn with_silent(mut self, words: impl IntoIterator<Item = &'static str>) -> EventMask {
        self.silent.extend(words);
        self.silent.sort_unstable();
        self.silent.dedup();
        self
    }

    /// Every class but these.
    #[must_use]
    pub fn complement(&self) -> EventMask {
        let others = EventClass::ALL.into_iter().filter(|class| !self.contains(*class));
        EventMask::of(others).with_silent(silent_words().filter(|word| !self.silent.contains(word)))
    }

    /// Whether the class is in the set.
    pub fn contains(&self, class: EventClass) -> bool {
        self.classes.contains(&class)
    }

    /// Whether it is the set of every class.
    pub fn is_all(&self) -> bool {
        self.classes.len() == EventClass::ALL.len() && silent_words().all(|word| self.silent.contains(&word))
    }

    /// The classes in their order.
    pub fn classes(&self) -> &[EventClass] {
        &self.classes
    }

    /// The words of all classes, those that nothing raises among them, sorted.
    pub fn words(&self) -> Vec<&'static str> {
        let mut words: Vec<&'static str> = self.classes.iter().map(|class| class.word()).collect();
        words.extend(&self.silent);
        words.sort_unstable();
        words
    }
}

fn silent_words() -> impl Iterator<Item = &'static str> {
    EVENTS.iter().filter(|entry| entry.class.is_none()).filter_map(|entry| entry.words.first().copied())
}

/// Where the dialects differ at run time: one named switch for each behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behaviour {
    /// A start, stop or restart is repeated in every cycle while its rule keeps failing; otherwise after
    /// attempt n it waits min(2^n cycles, 1 hour).
    pub act_every_cycle: bool,
    /// A zombie counts as a running process and is only reported; otherwise it does not exist.
    pub zombie_exists: bool,
    /// A start or stop program that exits with another status than 0 has failed.
    pub exit_status_counts: bool,
    /// Without a stop program, a stop ends the process by signals; otherwise it does nothing.
    pub stop_by_signal: bool,
    /// Programs find a clean environment (search path, home, language); otherwise ruled's own.
    pub clean_environment: bool,
}

impl Behaviour {
    /// What Monit does.
    pub const MONIT: Behaviour = Behaviour {
        act_every_cycle: true,
        zombie_exists: true,
        exit_status_counts: false,
        stop_by_signal: false,
        clean_environment: false,
    };
    /// What the words say.
    pub const RULES: Behaviour = Behaviour {
        act_every_cycle: false,
        zombie_exists: false,
        exit_status_counts: true,
        stop_by_signal: true,
        clean_environment: true,
    };
}
