//! `check …` statements: a service and what stands in it.

use super::{AlertTarget, Length, Rule};
use crate::{Span, Spanned};

/// One `check` statement with everything that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// From `check` to the last word of the last statement in it.
    pub span: Span,
    /// From `check` to the end of the target.
    pub head: Span,
    /// What kind of thing is watched.
    pub kind: Spanned<ServiceKind>,
    /// The name that the author gave it.
    pub name: Spanned<String>,
    /// How the thing is found; absent for a system.
    pub target: Option<Target>,
    /// The statements in the order written.
    pub statements: Vec<CheckStatement>,
}

/// What kind of thing a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceKind {
    /// A process, found by pid file or by pattern.
    Process,
    /// A regular file.
    File,
    /// Another machine, or this one, seen from the network.
    Host,
    /// This machine as a whole.
    System,
}

impl ServiceKind {
    /// All kinds, in the order in which they are listed to users.
    pub const ALL: [ServiceKind; 4] = [ServiceKind::Process, ServiceKind::File, ServiceKind::Host, ServiceKind::System];

    /// The word behind `check`.
    pub fn word(self) -> &'static str {
        match self {
            ServiceKind::Process => "process",
            ServiceKind::File => "file",
            ServiceKind::Host => "host",
            ServiceKind::System => "system",
        }
    }
}

/// How the thing that is watched is found.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// `with pidfile PATH`, for a process.
    Pidfile(Spanned<String>),
    /// `matching PATTERN`, for a process.
    Matching(Spanned<String>),
    /// `with path PATH`, for a file. For a process it is another word for `pidfile`.
    Path(Spanned<String>),
    /// `with address ADDRESS`, for a host.
    Address(Spanned<String>),
}

/// A statement inside a `check`.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckStatement {
    /// `start|stop|restart program …`.
    Method(Method),
    /// `if … then …`.
    Rule(Box<Rule>),
    /// `depends on …`.
    DependsOn {
        /// The whole of it.
        span: Span,
        /// The names of the services that this one needs.
        names: Vec<Spanned<String>>,
    },
    /// `group NAME`.
    Group {
        /// The whole of it.
        span: Span,
        /// The name of the group.
        name: Spanned<String>,
    },
    /// `alert ADDRESS …`: a recipient for the events of this service.
    Alert(AlertTarget),
    /// `noalert ADDRESS`: a recipient who gets no events of this service.
    NoAlert {
        /// The whole of it.
        span: Span,
        /// The mail address.
        address: Spanned<String>,
    },
}

/// `start`, `stop` or `restart` with the program that does it.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    /// The whole of it.
    pub span: Span,
    /// Which of the three.
    pub kind: Spanned<MethodKind>,
    /// The program and its arguments.
    pub program: Program,
    /// The user to run it as: a name or a number.
    pub uid: Option<Spanned<String>>,
    /// The group to run it as: a name or a number.
    pub gid: Option<Spanned<String>>,
    /// How long it may take.
    pub timeout: Option<Length>,
}

/// Which of the three programs of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MethodKind {
    /// Brings the service up.
    Start,
    /// Takes the service down.
    Stop,
    /// Does both.
    Restart,
}

/// A program with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// The whole of it, with its quotes.
    pub span: Span,
    /// Path and arguments, at least one word. No shell reads them.
    pub words: Vec<Spanned<String>>,
}
