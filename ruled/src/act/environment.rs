//! What a program finds in its environment: Monit's variables, and the same under ruled's name.

use std::ffi::OsString;

use interpreter::engine::{EventClass, EventState, Reason};

use crate::words::{clean, event_words};

/// The search path in a clean environment: Debian's for the superuser.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a clean environment takes over: who, where, and in which language and time zone.
const KEPT: [&str; 8] = ["HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TERM"];

/// What speaks to ruled alone and is taken from every environment: a program that answered systemd in ruled's name,
/// or took ruled's sockets, would confuse both.
const OWN: [&str; 7] =
    ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "INVOCATION_ID"];

/// The part of the environment that is the same for all programs.
#[derive(Debug, Clone)]
pub struct Environment {
    base: Vec<(OsString, OsString)>,
    host: String,
}

/// What is known of a service when a program runs for it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LastSeen {
    /// The process's number.
    pub pid: Option<u32>,
    /// Its resident set in bytes.
    pub memory_bytes: Option<f64>,
    /// Its share of the processors in percent.
    pub cpu_percent: Option<f64>,
    /// How many descendants it has.
    pub children: Option<usize>,
}

/// What else a program finds of its service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Facts {
    /// Nothing.
    None,
    /// The service is a process.
    Process(LastSeen),
    /// The service is a program, which ended with this status last; 0 before it was run.
    Program(i32),
}

impl Environment {
    /// Takes over ruled's own environment, or only what a clean one holds.
    pub fn new(clean: bool, host: String) -> Environment {
        let mut base: Vec<(OsString, OsString)> = std::env::vars_os()
            .filter(|(name, _)| !OWN.iter().any(|own| name == own))
            .filter(|(name, _)| !clean || KEPT.iter().any(|kept| name == kept))
            .collect();
        if clean {
            base.push(("PATH".into(), PATH.into()));
        }
        Environment { base, host }
    }

    /// The environment of a program that says how a service is.
    pub fn of_check(&self, service: &str) -> Vec<(OsString, OsString)> {
        let mut variables = self.base.clone();
        add(&mut variables, "SERVICE", service);
        variables
    }

    /// The environment of a program that does something. `date` is written as Monit does, in local time. A program that
    /// brings a service up or down `is_method`: it finds figures for what is not known, as with Monit; a rule's program finds
    /// nothing there.
    pub fn of(
        &self,
        service: &str,
        reason: &Reason,
        date: &str,
        facts: Facts,
        is_method: bool,
    ) -> Vec<(OsString, OsString)> {
        let mut variables = self.of_check(service);
        let mut add = |name: &str, value: &str| add(&mut variables, name, value);
        let class = EventClass::ALL.into_iter().find(|class| class.word() == reason.event);
        add("EVENT", class.map_or(reason.event, |class| event_words(class, EventState::Failed)));
        // Lines of a log may stand in it.
        add("DESCRIPTION", &clean(&reason.message));
        add("DATE", date);
        add("HOST", &self.host);
        match facts {
            Facts::None => {}
            Facts::Program(status) => add("PROGRAM_STATUS", &status.to_string()),
            Facts::Process(seen) => {
                let figures = [
                    ("PID", seen.pid.map(|pid| pid.to_string()), "-1"),
                    ("MEMORY", Some(format!("{:.0}", seen.memory_bytes.unwrap_or(0.0) / 1024.0)), "0"),
                    ("CHILDREN", seen.children.map(|children| children.to_string()), "-1"),
                    ("CPU_PERCENT", seen.cpu_percent.map(|percent| format!("{percent:.1}")), "-1.0"),
                ];
                for (name, known, unknown) in figures {
                    if let Some(value) = known.or_else(|| is_method.then(|| unknown.to_owned())) {
                        add(&format!("PROCESS_{name}"), &value);
                    }
                }
            }
        }
        variables
    }
}

/// Adds a variable under both names.
fn add(variables: &mut Vec<(OsString, OsString)>, name: &str, value: &str) {
    // A variable cannot hold a NUL, and a program that failed for it would be worse than a letter less.
    let value: OsString = value.replace('\0', "\u{fffd}").into();
    for prefix in ["MONIT", "RULED"] {
        variables.push((format!("{prefix}_{name}").into(), value.clone()));
    }
}
