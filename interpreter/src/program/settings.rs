//! What holds for all services.

use std::time::Duration;

use super::{Http, Tls};
use crate::engine::EventClass;
use crate::pattern::Syntax;

pub use grammar::ast::OnReboot;

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
    /// Where the number of the daemon's process is written.
    pub pid_file: Option<String>,
    /// Where Monit keeps its own identity.
    pub id_file: Option<String>,
    /// Where the state is kept.
    pub state_file: Option<String>,
    /// What services do after the machine has started, as it is in force at the end of the text.
    pub on_reboot: OnReboot,
    /// The limits that are in force at the end of the text.
    pub limits: Limits,
    /// Where events wait that could not be delivered.
    pub event_queue: Option<EventQueue>,
    /// What holds for all connections with TLS: each field that a connection leaves out is taken from here.
    pub tls: Option<Tls>,
    /// M/Monit servers.
    pub mmonit: Vec<Mmonit>,
    /// Where mail is handed in and how.
    pub mail: MailSettings,
    /// The page and the door for commands.
    pub http: Option<Http>,
    /// Recipients of all services' events.
    pub alerts: Vec<AlertTarget>,
    /// Whether commands print neither colours nor tables.
    pub terminal_batch: bool,
    /// Whether the daemon stays in the foreground.
    pub foreground: bool,
    /// Whether only approved cryptography is used.
    pub fips: bool,
    /// Where the two dialects differ at run time.
    pub behaviour: Behaviour,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            cycle: Settings::CYCLE,
            cycle_written: false,
            start_delay: Duration::ZERO,
            log: None,
            pid_file: None,
            id_file: None,
            state_file: None,
            on_reboot: OnReboot::Start,
            limits: Limits::DEFAULT,
            event_queue: None,
            tls: None,
            mmonit: Vec::new(),
            mail: MailSettings::default(),
            http: None,
            alerts: Vec::new(),
            terminal_batch: false,
            foreground: false,
            fips: false,
            behaviour: Behaviour::RULES,
        }
    }
}

impl Settings {
    /// The length of a cycle when nothing is said. Monit would not run as a daemon then; ruled always does.
    pub const CYCLE: Duration = Duration::from_secs(30);
}

/// How much is kept and how long is waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How much output of a program is kept.
    pub program_output_bytes: u64,
    /// How much of an answer a pattern is held against.
    pub send_expect_buffer_bytes: u64,
    /// How much of a line of a file is looked at.
    pub file_content_buffer_bytes: u64,
    /// How much of a page is looked at.
    pub http_content_buffer_bytes: u64,
    /// How long a connection may take.
    pub network_timeout: Duration,
    /// How long a `check program` may take.
    pub program_timeout: Duration,
    /// How long a stop may take.
    pub stop_timeout: Duration,
    /// How long a start may take.
    pub start_timeout: Duration,
    /// How long a restart may take.
    pub restart_timeout: Duration,
}

impl Limits {
    /// What holds when nothing is said (Monit's manual, section Limits).
    pub const DEFAULT: Limits = Limits {
        program_output_bytes: 512,
        send_expect_buffer_bytes: 256,
        file_content_buffer_bytes: 512,
        http_content_buffer_bytes: 1_048_576,
        network_timeout: Duration::from_secs(5),
        program_timeout: Duration::from_secs(300),
        stop_timeout: Duration::from_secs(30),
        start_timeout: Duration::from_secs(30),
        restart_timeout: Duration::from_secs(30),
    };
}

/// Where events wait that could not be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventQueue {
    /// The directory.
    pub directory: String,
    /// How many wait at most; without a limit when absent.
    pub slots: Option<u32>,
}

impl EventQueue {
    /// The directory when nothing is said.
    pub const DIRECTORY: &str = "/var/monit";
}

/// An M/Monit server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mmonit {
    /// `http` or `https`.
    pub scheme: String,
    /// The host.
    pub host: String,
    /// The port, filled in.
    pub port: u16,
    /// The path, filled in.
    pub path: String,
    /// The query, percent-encoded.
    pub query: Option<String>,
    /// User and password of the address.
    pub login: Option<(String, String)>,
    /// Whether the door's credentials are sent along.
    pub register_credentials: bool,
    /// How long it may take to answer.
    pub timeout: Duration,
    /// How the connection is encrypted.
    pub tls: Option<Tls>,
}

/// Where the log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogTarget {
    /// Appended to this file.
    File(String),
    /// Sent to the system's log, with this facility.
    Syslog(Option<String>),
}

/// Where mail is handed in and how it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// The servers, tried in this order.
    pub servers: Vec<MailServer>,
    /// How long a server may take to answer.
    pub timeout: Duration,
    /// The name by which ruled greets the server; the host's name when absent.
    pub hostname: Option<String>,
    /// How it looks.
    pub format: MailFormat,
}

impl Default for MailSettings {
    fn default() -> MailSettings {
        MailSettings {
            servers: Vec::new(),
            timeout: MailSettings::TIMEOUT,
            hostname: None,
            format: MailFormat::default(),
        }
    }
}

impl MailSettings {
    /// How long a server may take when nothing is said.
    pub const TIMEOUT: Duration = Duration::from_secs(30);
}

/// A server that takes mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The user to log in as.
    pub username: Option<String>,
    /// The password to log in with.
    pub password: Option<String>,
    /// How the connection is encrypted.
    pub tls: Option<Tls>,
}

/// How mail looks; what is absent is as it always is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailFormat {
    /// Who sends it.
    pub from: Option<MailAddress>,
    /// Who gets the answers.
    pub reply_to: Option<MailAddress>,
    /// Its subject, with variables such as `$EVENT`.
    pub subject: Option<String>,
    /// Its text, with the same variables.
    pub message: Option<String>,
}

/// A mail address with the name of its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailAddress {
    /// The name.
    pub name: Option<String>,
    /// The address.
    pub address: String,
}

/// A recipient of mail and the classes of events that he gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertTarget {
    /// The mail address.
    pub address: String,
    /// The classes of events that are sent; none for `noalert`.
    pub events: EventMask,
    /// Told again after so many cycles, while it lasts; never when 0.
    pub reminder_cycles: u32,
    /// How the mail looks.
    pub format: Option<MailFormat>,
}

/// A set of classes of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMask {
    classes: Vec<EventClass>,
}

impl EventMask {
    /// Every class.
    pub fn all() -> EventMask {
        EventMask { classes: EventClass::ALL.to_vec() }
    }

    /// These classes.
    pub fn of(classes: impl IntoIterator<Item = EventClass>) -> EventMask {
        let mut classes: Vec<EventClass> = classes.into_iter().collect();
        classes.sort();
        classes.dedup();
        EventMask { classes }
    }

    /// Every class but these.
    #[must_use]
    pub fn complement(&self) -> EventMask {
        EventMask::of(EventClass::ALL.into_iter().filter(|class| !self.contains(*class)))
    }

    /// Whether the class is in the set.
    pub fn contains(&self, class: EventClass) -> bool {
        self.classes.contains(&class)
    }

    /// Whether it is the set of every class.
    pub fn is_all(&self) -> bool {
        self.classes.len() == EventClass::ALL.len()
    }

    /// The classes in their order.
    pub fn classes(&self) -> &[EventClass] {
        &self.classes
    }

    /// The words of all classes, sorted.
    pub fn words(&self) -> Vec<&'static str> {
        let mut words: Vec<&'static str> = self.classes.iter().map(|class| class.word()).collect();
        words.sort_unstable();
        words
    }
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
    /// Programs find a clean environment (search path, home, language), begin in the root folder and make files that only
    /// their user may write to (umask 022); otherwise they find what ruled has itself.
    pub clean_environment: bool,
    /// Patterns are written in POSIX's syntax; otherwise in that of ruled.
    pub posix_patterns: bool,
    /// Certificates are verified where nothing is said about it.
    pub verify_tls: bool,
    /// What a program said is judged in the cycle after the one in which it ended; otherwise when it ends.
    pub programs_wait: bool,
    /// A service that is not well masks those that need it, and not those that need these; otherwise all.
    pub masks_the_next_only: bool,
    /// Of the limits of restarts the last of the file is judged first.
    pub last_limit_first: bool,
    /// A restart behind the last cycle in which the ones before it count is forgotten together with them; otherwise it is the
    /// first of those that are counted next.
    pub late_restart_is_lost: bool,
    /// What is unmonitored is forgotten within the cycle, so that rules that are judged later in it fail anew.
    pub unmonitor_forgets_at_once: bool,
    /// A process that lives is believed whatever its pid file says by now; otherwise the pid file is.
    pub process_is_kept: bool,
    /// Results are counted in the 64 bits that Monit keeps of a rule: a failure leaves every eighth of them set, what nobody
    /// can tell is left out, and a restart forgets none. Otherwise they are counted as the words say.
    pub counts_in_bits: bool,
    /// What is gone, or was ended by ruled, is not followed by another process whose number or parent is compared with
    /// its own; otherwise it is.
    pub absence_ends_comparison: bool,
    /// What was missing when it was first looked for had no permissions at all, so that it changes them when it appears.
    pub missing_has_no_mode: bool,
    /// What is of the wrong type is told in Monit's words, which say what it is not; otherwise it is told what it is.
    pub tells_what_it_is_not: bool,
    /// Of a file that is followed, only the one that has the name is read, from its beginning when it is another or became
    /// shorter; otherwise what was written to the one before is read too.
    pub rotated_lines_are_lost: bool,
    /// Before a service is started for the sake of another, what it needs and failed is looked at once more, and must be
    /// well; otherwise it is enough that it was started.
    pub needs_are_checked: bool,
    /// After a restart of ruled, what failed before and fails still is told again, and of what rules about changes compare
    /// only size, mode, times and the speed of a link are known; otherwise all of it goes on.
    pub faults_are_forgotten: bool,
    /// A pid file is scanned for a number as scanf(3) does it, one that cannot be read names nobody, and why it names nobody
    /// is not told; otherwise what is odd about it makes it name nobody, and is told.
    pub pid_file_is_scanned: bool,
    /// A schedule is Monit's: a minute without a cycle is lost, and both days must fit. Otherwise it is cron's.
    pub minutes_get_lost: bool,
    /// A file that changes makes its service due at once, out of turn; otherwise the next cycle finds the change.
    pub changes_wake: bool,
    /// Variables of a mail's format are filled in one after the other, so that what a service said is searched for those that
    /// follow; otherwise each once, and what was filled in is text.
    pub variables_are_searched_again: bool,
    /// Somebody is told when echo requests may not be sent, so that rules about them cannot be judged; otherwise it is logged.
    pub echoes_are_needed: bool,
}

impl Behaviour {
    /// What Monit does.
    pub const MONIT: Behaviour = Behaviour {
        act_every_cycle: true,
        zombie_exists: true,
        exit_status_counts: false,
        stop_by_signal: false,
        clean_environment: false,
        posix_patterns: true,
        verify_tls: false,
        programs_wait: true,
        masks_the_next_only: true,
        last_limit_first: true,
        late_restart_is_lost: true,
        unmonitor_forgets_at_once: true,
        process_is_kept: true,
        counts_in_bits: true,
        absence_ends_comparison: true,
        missing_has_no_mode: true,
        tells_what_it_is_not: true,
        rotated_lines_are_lost: true,
        needs_are_checked: true,
        faults_are_forgotten: true,
        pid_file_is_scanned: true,
        minutes_get_lost: true,
        changes_wake: false,
        variables_are_searched_again: true,
        echoes_are_needed: false,
    };
    /// What the words say.
    pub const RULES: Behaviour = Behaviour {
        act_every_cycle: false,
        zombie_exists: false,
        exit_status_counts: true,
        stop_by_signal: true,
        clean_environment: true,
        posix_patterns: false,
        verify_tls: true,
        programs_wait: false,
        masks_the_next_only: false,
        last_limit_first: false,
        late_restart_is_lost: false,
        unmonitor_forgets_at_once: false,
        process_is_kept: false,
        counts_in_bits: false,
        absence_ends_comparison: false,
        missing_has_no_mode: false,
        tells_what_it_is_not: false,
        rotated_lines_are_lost: false,
        needs_are_checked: false,
        faults_are_forgotten: false,
        pid_file_is_scanned: false,
        minutes_get_lost: false,
        changes_wake: true,
        variables_are_searched_again: false,
        echoes_are_needed: true,
    };

    /// The syntax of patterns.
    pub fn syntax(&self) -> Syntax {
        if self.posix_patterns { Syntax::Posix } else { Syntax::Regex }
    }
}
