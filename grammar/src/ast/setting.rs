//! `set …` statements.

use super::value::{Length, Quantity, Value};
use super::{Httpd, MailFormat, OnReboot, TlsBlock, TlsOption};
use crate::{Span, Spanned};

/// One `set` statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// From `set` to the last word.
    pub span: Span,
    /// Whether `set` is missing. Inside a check such a setting does not end the check; it stands behind it in the tree.
    pub without_set: bool,
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
    /// `set mail-format { … }`.
    MailFormat(MailFormat),
    /// `set logfile …`.
    Log(LogTarget),
    /// `set ssl { … }`: what holds for all connections with TLS.
    Tls(TlsBlock),
    /// `set terminal batch`: no colours and no tables.
    Terminal,
    /// `set eventqueue …`: where mail waits that could not be handed in.
    EventQueue {
        /// The directory.
        directory: Option<Spanned<String>>,
        /// How many events wait at most.
        slots: Option<Spanned<Value<f64>>>,
    },
    /// `set mmonit …`: M/Monit servers.
    Mmonit(Vec<MmonitServer>),
    /// `set httpd …`: the page and the door for commands.
    Httpd(Httpd),
    /// `set pidfile PATH`.
    PidFile(Spanned<String>),
    /// `set idfile PATH`.
    IdFile(Spanned<String>),
    /// `set statefile PATH`.
    StateFile(Spanned<String>),
    /// `set expectbuffer N`: an old word for one of the limits.
    ExpectBuffer(Quantity),
    /// `set init`: stay in the foreground.
    Init,
    /// `set limits { … }`.
    Limits(Vec<LimitSetting>),
    /// `set onreboot …`, for the services behind it.
    OnReboot(Spanned<OnReboot>),
    /// `set fips`.
    Fips,
}

/// One of `set limits`.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitSetting {
    /// The whole of it.
    pub span: Span,
    /// Which limit.
    pub name: Spanned<LimitName>,
    /// How much.
    pub value: Quantity,
}

/// The limits that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LimitName {
    /// How much output of a program is kept.
    ProgramOutput,
    /// How much of an answer a pattern is held against.
    SendExpectBuffer,
    /// How much of a line of a file is looked at.
    FileContentBuffer,
    /// How much of a page is looked at.
    HttpContentBuffer,
    /// How long a connection may take.
    NetworkTimeout,
    /// How long a `check program` may take.
    ProgramTimeout,
    /// How long a stop may take.
    StopTimeout,
    /// How long a start may take.
    StartTimeout,
    /// How long a restart may take.
    RestartTimeout,
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
    /// How the mail looks.
    pub format: Option<MailFormat>,
    /// `reminder on N cycles`: told again while it lasts.
    pub reminder_cycles: Option<Spanned<Value<f64>>>,
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
    /// What is said about TLS, in the order written.
    pub tls: Vec<TlsOption>,
}

/// One server of `set mmonit`.
#[derive(Debug, Clone, PartialEq)]
pub struct MmonitServer {
    /// The whole of it.
    pub span: Span,
    /// Its address.
    pub url: Spanned<String>,
    /// How long it may take to answer.
    pub timeout: Option<Length>,
    /// What is said about TLS, in the order written.
    pub tls: Vec<TlsOption>,
    /// `register without credentials`: the words `register credentials`.
    pub without_credentials: Option<Span>,
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
