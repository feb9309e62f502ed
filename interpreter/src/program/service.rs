//! A service and its rules.

use grammar::ast::ServiceKind;

use super::{Action, AlertTarget, Command, ContentTest, OnReboot, Origin, PluginCheck, Rate, Recovery, Test};

pub use grammar::ast::Mode;

/// The number of a service within one generation of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u32);

impl ServiceId {
    /// The number of the service that stands at this place of the program's list.
    pub fn new(index: usize) -> ServiceId {
        // A program is limited to 64 MB of text, so the number of services fits.
        ServiceId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The place in the program's list.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Something that is watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// The name as written; unique without regard to case.
    pub name: String,
    /// What it is and how it is found.
    pub target: Target,
    /// The groups it belongs to.
    pub groups: Vec<String>,
    /// The services that it needs.
    pub depends: Vec<ServiceId>,
    /// The program that brings it up.
    pub start: Option<Box<Command>>,
    /// The program that takes it down.
    pub stop: Option<Box<Command>>,
    /// The program that does both.
    pub restart: Option<Box<Command>>,
    /// The rules in the order in which they are judged.
    pub rules: Vec<Rule>,
    /// Rules that are read and never judged: by Monit's own doing, or because this version has no eyes for them. They
    /// are part of what the file says, so `show` has them.
    pub asleep: Vec<Rule>,
    /// Lines that content rules leave out.
    pub ignored_content: Vec<ContentTest>,
    /// What is done when it was restarted too often.
    pub restart_limits: Vec<RestartLimit>,
    /// What rules may do to it: `active` or `passive`.
    pub mode: Mode,
    /// Whether it is watched after the machine has started.
    pub on_reboot: OnReboot,
    /// In which cycles it is checked.
    pub every: Option<Every>,
    /// Recipients of this service's events only.
    pub alerts: Vec<AlertTarget>,
    /// Where the `check` statement stands.
    pub origin: Origin,
    /// Whether nobody wrote it: the system service that is always there.
    pub implicit: bool,
}

impl Service {
    /// What kind of thing it is.
    pub fn kind(&self) -> ServiceKind {
        match self.target {
            Target::Pidfile(_) | Target::Matching(_) => ServiceKind::Process,
            Target::File(_) => ServiceKind::File,
            Target::Directory(_) => ServiceKind::Directory,
            Target::Fifo(_) => ServiceKind::Fifo,
            Target::Filesystem(_) => ServiceKind::Filesystem,
            Target::Host(_) => ServiceKind::Host,
            Target::System => ServiceKind::System,
            Target::Program(_) => ServiceKind::Program,
            Target::Interface(_) | Target::Address(_) => ServiceKind::Network,
            Target::Plugin(_) => ServiceKind::Plugin,
        }
    }
}

/// What a service is and how it is found.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// The process that the first number of this file names.
    Pidfile(String),
    /// The oldest process whose command line this pattern matches.
    Matching(String),
    /// The file of this path.
    File(String),
    /// The directory of this path.
    Directory(String),
    /// The named pipe of this path.
    Fifo(String),
    /// The filesystem of this device or mount point.
    Filesystem(String),
    /// The host of this name or address.
    Host(String),
    /// This machine.
    System,
    /// What this program says; its time-out is that of the command.
    Program(Box<Command>),
    /// The network interface of this name.
    Interface(String),
    /// The network interface of this address.
    Address(String),
    /// What this plugin checks.
    Plugin(Box<PluginCheck>),
}

/// In which cycles a service is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Every {
    /// Every so many.
    Cycles(u32),
    /// Those that fall into the minutes that these five fields name, or all but those.
    Cron {
        /// The five fields.
        fields: String,
        /// Whether it is all but those.
        excluded: bool,
    },
}

/// What is done when a service was restarted too often.
#[derive(Debug, Clone, PartialEq)]
pub struct RestartLimit {
    /// So many restarts.
    pub restarts: u32,
    /// Within so many cycles.
    pub cycles: u32,
    /// What is done.
    pub action: Action,
    /// Where it stands.
    pub origin: Origin,
}

/// One rule of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What is asked.
    pub test: Test,
    /// How often the test must hold.
    pub rate: Rate,
    /// What is done then.
    pub action: Action,
    /// What is done when it ends.
    pub recovery: Recovery,
    /// Where the rule stands.
    pub origin: Origin,
    /// Whether nobody wrote it: the existence rule that every process and file has.
    pub implicit: bool,
}
