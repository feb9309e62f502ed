//! `set …` statements.

use super::value::{Length, Value};
use crate::{Span, Spanned};

/// One `set` statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// From `set` to the last word.
    pub span: Span,
    /// What is set.
    pub kind: SettingKind,
}

/// What a `set` statement sets.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingKind {
    /// `set daemon N [with start delay N]`, both in seconds.
    Daemon {
        /// The length of a cycle.
        cycle: Spanned<Value<f64>>,
        /// How long to wait before the first cycle after the machine has started.
        start_delay: Option<Spanned<Value<f64>>>,
    },
    /// `set alert ADDRESS …`: a recipient for the events of all services.
    Alert(AlertTarget),
    /// `set mailserver …`: where mail is handed in; the first that answers is used.
    MailServers {
        /// The servers in the order written, at least one.
        servers: Vec<MailServer>,
        /// How long a server may take to answer.
        timeout: Option<Length>,
        /// The name by which ruled greets the server.
        hostname: Option<Spanned<String>>,
    },
    /// `set logfile …`.
    Log(LogTarget),
}

/// A recipient of mail and the events that he wants.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertTarget {
    /// The whole of it.
    pub span: Span,
    /// The mail address.
    pub address: Spanned<String>,
    /// Which events are sent; all when absent.
    pub events: Option<EventFilter>,
}

/// `only on { … }` or `but not on { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct EventFilter {
    /// The whole of it.
    pub span: Span,
    /// Whether the named events are left out instead of chosen.
    pub excluded: bool,
    /// The words for events as written.
    pub events: Vec<Spanned<String>>,
}

/// One server of `set mailserver`.
#[derive(Debug, Clone, PartialEq)]
pub struct MailServer {
    /// The whole of it.
    pub span: Span,
    /// Name or address.
    pub host: Spanned<String>,
    /// TCP port; 25 when absent.
    pub port: Option<Spanned<Value<f64>>>,
    /// The user to log in as.
    pub username: Option<Spanned<String>>,
    /// The password to log in with.
    pub password: Option<Spanned<String>>,
}

/// Where the log goes.
#[derive(Debug, Clone, PartialEq)]
pub enum LogTarget {
    /// A file.
    Path(Spanned<String>),
    /// The system's log.
    Syslog {
        /// The word `syslog`.
        span: Span,
        /// The facility as written.
        facility: Option<Spanned<String>>,
    },
}
