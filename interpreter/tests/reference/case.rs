//! A case: a control file, and what happens to what it watches. Both are readable text.

use std::fmt;

use grammar::Dialect;
use grammar::ast::ServiceKind;
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check, load_text};
use interpreter::program::Program;

use super::dials::{Dial, Question};

/// A control file and a history.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) dialect: Dialect,
    pub(crate) cycle_s: u64,
    pub(crate) cycles: u64,
    /// Where the machine stands, as POSIX writes it, and when the first cycle begins, in seconds since 1970.
    pub(crate) zone: &'static str,
    pub(crate) begins_s: i64,
    /// By how many seconds the clock on the wall is put forward or back, after which cycle.
    pub(crate) jumps: Vec<(u64, i64)>,
    pub(crate) services: Vec<Watched>,
    pub(crate) happenings: Vec<Happening>,
}

/// A service of the control file.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    pub(crate) kind: ServiceKind,
    /// A process is found by a pattern instead of by its pid file.
    pub(crate) by_pattern: bool,
    pub(crate) programs: Programs,
    pub(crate) start_timeout_s: u64,
    /// The start program does nothing.
    pub(crate) lame: bool,
    pub(crate) passive: bool,
    pub(crate) unwatched: bool,
    pub(crate) every: String,
    pub(crate) limits: Vec<(u32, u32, &'static str)>,
    /// The services that it needs, by their places.
    pub(crate) needs: Vec<usize>,
    pub(crate) rules: Vec<RuleText>,
}

/// Which programs a service has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Programs {
    None,
    Start,
    StartAndStop,
    All,
}

/// One rule.
#[derive(Debug, Clone)]
pub(crate) struct RuleText {
    pub(crate) asks: Asks,
    pub(crate) rate: RateText,
    pub(crate) action: &'static str,
    pub(crate) recovery: Option<(RateText, &'static str)>,
}

/// What a rule asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asks {
    One(Question),
    Not(Question),
    Both(Question, Question),
    Either(Question, Question),
}

impl Asks {
    /// The questions of which it is made.
    pub(crate) fn questions(&self) -> Vec<Question> {
        match *self {
            Asks::One(one) | Asks::Not(one) => vec![one],
            Asks::Both(one, other) | Asks::Either(one, other) => vec![one, other],
        }
    }

    /// The class of its events.
    pub(crate) fn class(&self) -> &'static str {
        self.questions()[0].1
    }
}

/// How often something must be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RateText {
    /// In so many of so many cycles.
    Cycles(u32, u32),
    /// For so many seconds.
    Lasting(u32),
}

impl RateText {
    pub(crate) const ONCE: RateText = RateText::Cycles(1, 1);
}

/// Something that happens to a thing half a cycle after the cycle of this number has begun; before the first when 0.
#[derive(Debug, Clone)]
pub(crate) struct Happening {
    pub(crate) after: u64,
    pub(crate) service: usize,
    pub(crate) change: Change,
}

/// What happens.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    /// A process crashes, a file is removed.
    Dies,
    /// A process ends in good order.
    Leaves,
    ComesBack,
    IsReplaced,
    BecomesZombie,
    /// Nobody can tell whether it is there.
    Hides(bool),
    /// Something else is in its place.
    IsWrong(bool),
    Written(u64),
    Mode(u32),
    Line(&'static str),
    Turned(&'static Dial, usize),
}

impl Change {
    /// Whether it is about being there.
    pub(crate) fn moves(&self) -> bool {
        use Change::{BecomesZombie, ComesBack, Dies, IsReplaced, Leaves};
        matches!(self, Dies | Leaves | ComesBack | IsReplaced | BecomesZombie)
    }
}

impl Case {
    /// The program of the control file.
    pub(crate) fn program(&self) -> Program {
        checked(&self.text(), self.dialect)
    }

    /// How long a cycle is, in milliseconds.
    pub(crate) fn cycle_ms(&self) -> u64 {
        self.cycle_s * 1_000
    }

    fn text(&self) -> String {
        let services: Vec<String> = self.services.iter().enumerate().map(|(place, one)| one.text(place)).collect();
        format!("set daemon {}\nset alert a@example.com\n{}", self.cycle_s, services.concat())
    }
}

impl Watched {
    fn text(&self, place: usize) -> String {
        let name = name(place);
        let target = match self.kind {
            ServiceKind::Process if self.by_pattern => format!("process {name} matching \"{name}\""),
            ServiceKind::Process => format!("process {name} with pidfile /run/{name}.pid"),
            ServiceKind::System => format!("system {name}"),
            ServiceKind::Host => format!("host {name} with address localhost"),
            ServiceKind::Program => format!("program {name} with path /bin/{name}"),
            ServiceKind::Plugin => format!("plugin {name} using \"{name}.wasm\""),
            ServiceKind::Network => format!("network {name} with interface eth{place}"),
            other => format!("{} {name} with path /data/{name}", other.word()),
        };
        let mut lines = vec![format!("check {target}")];
        let timeout = self.start_timeout_s;
        let programs: &[&str] = match self.programs {
            Programs::None => &[],
            Programs::Start => &["start"],
            Programs::StartAndStop => &["start", "stop"],
            Programs::All => &["start", "stop", "restart"],
        };
        for program in programs {
            lines.push(format!("{program} program = \"/bin/{program}\" with timeout {timeout} seconds"));
        }
        if self.passive {
            lines.push("mode passive".to_owned());
        }
        if self.unwatched {
            lines.push("onreboot nostart".to_owned());
        }
        if !self.every.is_empty() {
            lines.push(self.every.clone());
        }
        for need in &self.needs {
            lines.push(format!("depends on {}", self::name(*need)));
        }
        for (restarts, cycles, action) in &self.limits {
            lines.push(format!("if {restarts} restarts within {cycles} cycles then {action}"));
        }
        lines.extend(self.rules.iter().map(RuleText::to_string));
        lines.join("\n    ") + "\n"
    }
}

/// A program as the checker reads it.
pub(crate) fn checked(text: &str, dialect: Dialect) -> Program {
    let machine = Imaginary::new();
    let loaded = load_text("/etc/ruled/main", text.as_bytes(), dialect, &machine);
    let checked = check(&loaded.source, dialect, &Protocols { entries: Vec::new() }, &machine);
    checked.program.unwrap_or_else(|| panic!("it is not loaded:\n{text}\n{:#?}", checked.findings))
}

/// The name of the service at this place.
pub(crate) fn name(place: usize) -> String {
    format!("s{place}")
}

impl fmt::Display for Case {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dialect = match self.dialect {
            Dialect::Monit => "monit",
            Dialect::Rules => "rules",
        };
        writeln!(to, "# in the dialect {dialect}, {} cycles", self.cycles)?;
        write!(to, "{}", self.text())?;
        for (place, one) in self.services.iter().enumerate().filter(|(_, one)| one.lame) {
            writeln!(to, "# the start program of {} ({}) does nothing", name(place), one.kind.word())?;
        }
        if !self.zone.is_empty() {
            writeln!(to, "# the clock shows the time of {}, at first {} s after 1970", self.zone, self.begins_s)?;
        }
        for (after, seconds) in &self.jumps {
            writeln!(to, "# after cycle {after}: the clock is put forward by {seconds} s")?;
        }
        self.happenings.iter().try_for_each(|one| writeln!(to, "# {one}"))
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "after cycle {}: {} ", self.after, name(self.service))?;
        match self.change {
            Change::Dies => write!(to, "dies"),
            Change::Leaves => write!(to, "leaves in good order"),
            Change::ComesBack => write!(to, "comes back"),
            Change::IsReplaced => write!(to, "is replaced"),
            Change::BecomesZombie => write!(to, "becomes a zombie"),
            Change::Hides(true) => write!(to, "cannot be seen"),
            Change::Hides(false) => write!(to, "can be seen"),
            Change::IsWrong(true) => write!(to, "is of the wrong type"),
            Change::IsWrong(false) => write!(to, "is of the right type"),
            Change::Written(bytes) => write!(to, "is written: {bytes} B"),
            Change::Mode(mode) => write!(to, "gets the mode {mode:o}"),
            Change::Line(line) => write!(to, "gets the line {line:?}"),
            Change::Turned(dial, setting) => write!(to, "shows {} {:?}", dial.name, dial.settings[setting]),
        }
    }
}

impl fmt::Display for RuleText {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "if {}{} then {}", self.asks, self.rate, self.action)?;
        match &self.recovery {
            Some((RateText::ONCE, action)) => write!(to, " else {action}"),
            Some((rate, action)) => write!(to, " else if succeeded{rate} then {action}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Asks {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asks::One((one, ..)) => write!(to, "{one}"),
            Asks::Not((one, ..)) => write!(to, "not ({one})"),
            Asks::Both((one, ..), (other, ..)) => write!(to, "({one} and {other})"),
            Asks::Either((one, ..), (other, ..)) => write!(to, "({one} or {other})"),
        }
    }
}

impl fmt::Display for RateText {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            RateText::ONCE => Ok(()),
            RateText::Cycles(count, cycles) if count == cycles => write!(to, " for {count} cycles"),
            RateText::Cycles(count, cycles) => write!(to, " {count} times within {cycles} cycles"),
            RateText::Lasting(seconds) => write!(to, " for {seconds} seconds"),
        }
    }
}
