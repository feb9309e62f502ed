//! `check …` statements: a service and what stands in it.

use super::value::Value;
use super::{AlertTarget, ContentTest, Grant, Length, PluginPart, PluginTarget, Rule};
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
    /// Whether a mistake stands right behind the head, so that the target may be in it.
    pub torn: bool,
    /// The statements in the order written.
    pub statements: Vec<CheckStatement>,
}

/// What kind of thing a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceKind {
    /// A process, found by pid file or by pattern.
    Process,
    /// A regular file, or a socket.
    File,
    /// A directory.
    Directory,
    /// A named pipe.
    Fifo,
    /// A filesystem, by its device, its mount point or `host:/export`.
    Filesystem,
    /// Another machine, or this one, seen from the network.
    Host,
    /// This machine as a whole.
    System,
    /// A program that is run, for its exit status and its output.
    Program,
    /// A network interface.
    Network,
    /// What a plugin of the author's checks, in the `rules` dialect.
    Plugin,
}

impl ServiceKind {
    /// All kinds, in the order in which they are listed to users.
    pub const ALL: [ServiceKind; 10] = [
        ServiceKind::Process,
        ServiceKind::File,
        ServiceKind::Directory,
        ServiceKind::Fifo,
        ServiceKind::Filesystem,
        ServiceKind::Host,
        ServiceKind::System,
        ServiceKind::Program,
        ServiceKind::Network,
        ServiceKind::Plugin,
    ];

    /// The word behind `check`.
    pub fn word(self) -> &'static str {
        match self {
            ServiceKind::Process => "process",
            ServiceKind::File => "file",
            ServiceKind::Directory => "directory",
            ServiceKind::Fifo => "fifo",
            ServiceKind::Filesystem => "filesystem",
            ServiceKind::Host => "host",
            ServiceKind::System => "system",
            ServiceKind::Program => "program",
            ServiceKind::Network => "network",
            ServiceKind::Plugin => "plugin",
        }
    }

    /// The kind that a word behind `check` means, in any case; `device` is the old word for a filesystem.
    pub fn of(word: &str) -> Option<ServiceKind> {
        if word.eq_ignore_ascii_case("device") {
            return Some(ServiceKind::Filesystem);
        }
        ServiceKind::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word))
    }
}

/// How the thing that is watched is found.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// `with pidfile PATH`, for a process.
    Pidfile(Spanned<String>),
    /// `matching PATTERN`, for a process.
    Matching(Spanned<String>),
    /// `with path PATH`. For a process it is another word for `pidfile`.
    Path(Spanned<String>),
    /// `with address ADDRESS`, for a host or a network.
    Address(Spanned<String>),
    /// `with interface NAME`, for a network.
    Interface(Spanned<String>),
    /// `with path "PROGRAM"`, for a program.
    Program(ProgramTarget),
    /// `using "FILE" with { … }`, for a plugin.
    Plugin(Box<PluginTarget>),
}

/// The program of a `check program`, and how it is run.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgramTarget {
    /// The program and its arguments.
    pub program: Program,
    /// The user to run it as: a name or a number.
    pub uid: Option<Spanned<String>>,
    /// The group to run it as: a name or a number.
    pub gid: Option<Spanned<String>>,
    /// How long it may take.
    pub timeout: Option<Length>,
}

/// A statement inside a `check`. What is large and not frequent is boxed: there are as many as rules, and each takes the
/// room of the largest.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckStatement {
    /// `start|stop|restart program …`.
    Method(Box<Method>),
    /// `if … then …`.
    Rule(Box<Rule>),
    /// `if N restarts within M cycles then …`.
    RestartLimit(Box<RestartLimit>),
    /// `ignore content = …` or `ignore match …`.
    Ignore {
        /// The whole of it.
        span: Span,
        /// The lines that are left out.
        content: ContentTest,
    },
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
    /// `mode …`.
    Mode {
        /// The whole of it.
        span: Span,
        /// Which mode.
        mode: Spanned<Mode>,
    },
    /// `onreboot …`.
    OnReboot {
        /// The whole of it.
        span: Span,
        /// What is done.
        start: Spanned<OnReboot>,
    },
    /// `every …` or `not every …`.
    Every(Every),
    /// `alert ADDRESS …`: a recipient for the events of this service.
    Alert(Box<AlertTarget>),
    /// `noalert ADDRESS`: a recipient who gets no events of this service.
    NoAlert {
        /// The whole of it.
        span: Span,
        /// The mail address.
        address: Spanned<String>,
    },
    /// `grant …`: what a plugin may do.
    Grant(Box<Grant>),
    /// What a plugin is told, or how long it may take, behind other statements.
    PluginPart(Box<PluginPart>),
}

impl CheckStatement {
    /// The whole statement, without what stands between it and the next one.
    pub fn span(&self) -> Span {
        match self {
            CheckStatement::Method(method) => method.span,
            CheckStatement::Rule(rule) => rule.span,
            CheckStatement::RestartLimit(limit) => limit.span,
            CheckStatement::Every(every) => every.span,
            CheckStatement::Alert(target) => target.span,
            CheckStatement::Grant(grant) => grant.span,
            CheckStatement::PluginPart(part) => part.span,
            CheckStatement::Ignore { span, .. }
            | CheckStatement::DependsOn { span, .. }
            | CheckStatement::Group { span, .. }
            | CheckStatement::Mode { span, .. }
            | CheckStatement::OnReboot { span, .. }
            | CheckStatement::NoAlert { span, .. } => *span,
        }
    }
}

/// What rules may do to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Everything.
    Active,
    /// Tell, and run programs; but not start, stop or restart it.
    Passive,
    /// Monit's old word for a service that is watched only when somebody asked for it.
    Manual,
}

/// Whether a service is watched after the machine has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnReboot {
    /// It is started and watched.
    Start,
    /// It is neither started nor watched.
    NoStart,
    /// It is watched when it was before.
    LastState,
}

/// `every …`: in which cycles a service is checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Every {
    /// The whole of it.
    pub span: Span,
    /// Which cycles.
    pub schedule: Schedule,
}

/// Which cycles.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// Every so many cycles.
    Cycles(Spanned<Value<f64>>),
    /// Those that fall into the minutes that five fields name.
    Cron {
        /// The five fields.
        fields: Spanned<String>,
        /// `not every`: all but those.
        excluded: bool,
    },
}

/// `if N restarts within M cycles then …`.
#[derive(Debug, Clone, PartialEq)]
pub struct RestartLimit {
    /// The whole of it.
    pub span: Span,
    /// How many restarts.
    pub restarts: Spanned<Value<f64>>,
    /// Within how many cycles.
    pub cycles: Spanned<Value<f64>>,
    /// What is done; `timeout` is read as `unmonitor`.
    pub action: super::Action,
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
