//! A thing in the simulated world: the process, file, host or machine that a service watches.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::{Fact, FactValue, Metric, Monotonic, Now, Reading, Resource, Share, Taker, Wall};
use crate::program::{PluginTest, Service, Target, Test};
use grammar::ast::ServiceKind;

/// What a program of a service does when it is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// When it has its effect, counted from its start; never when absent.
    pub effect_after: Option<Duration>,
    /// When it ends, counted from its start; it runs on when absent.
    pub ends_after: Option<Duration>,
    /// Its exit status.
    pub status: i32,
    /// What it prints.
    pub output: String,
    /// Why it cannot be run at all.
    pub refused: Option<String>,
    /// How long the process lives that it started; for ever when absent.
    pub lifetime: Option<Duration>,
}

impl Default for Script {
    fn default() -> Script {
        Script {
            effect_after: Some(Duration::from_millis(50)),
            ends_after: Some(Duration::from_millis(60)),
            status: 0,
            output: String::new(),
            refused: None,
            lifetime: None,
        }
    }
}

/// How long a look at all processes takes of which the script says nothing: two, with a pause between them.
const SWEEP_TIME: Duration = Duration::from_millis(200);

/// What a metric shows.
#[derive(Debug, Clone, PartialEq)]
pub enum SimValue {
    /// A value that stands for itself.
    Gauge(f64),
    /// An amount of a whole.
    Part(f64, f64),
    /// A counter of work that grows by this share of its capacity (percent, seconds of work in a second).
    Busy(f64, f64),
    /// Two counters, of which the first grows by this share (percent) of the second.
    Portion(f64),
    /// Two counters that grow by so many bytes and so many pieces in a second.
    Moves(f64, f64),
    /// Two counters, of which the first grows by this for each of the second, which is one in a second.
    Takes(f64),
    /// It cannot be read.
    Unreadable(String),
}

/// Whether a thing of this kind stands somewhere in a file system.
pub(super) fn is_on_disk(kind: ServiceKind) -> bool {
    matches!(kind, ServiceKind::File | ServiceKind::Directory | ServiceKind::Fifo | ServiceKind::Filesystem)
}

/// Where somebody can knock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// A port, of TCP or of UDP.
    Port(u16),
    /// A socket in the filesystem.
    Unix(String),
    /// Where echo requests are answered.
    Echo,
}

/// How a door is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// Well, after this time.
    Open(Duration),
    /// At once and badly: the reason.
    Refused(String),
    /// Not at all, until the time-out.
    Hanging,
    /// Nobody can tell, because ruled cannot make the connection: the reason.
    Unknown(String),
}

/// What becomes of the checks of a plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PluginMood {
    /// They pass.
    #[default]
    Passes,
    /// They fail: the reason.
    Fails(String),
    /// The plugin itself is at fault: the reason.
    Faults(String),
    /// They take as long as they may, and find nothing out.
    Hangs,
}

/// A process in the simulated world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: u32,
    pub(super) born: Monotonic,
    pub(super) zombie: bool,
}

/// A file in the simulated world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct File {
    pub(super) inode: u64,
    pub(super) size_bytes: u64,
    pub(super) mode: u32,
    pub(super) changed: Wall,
}

/// What shows that a file was touched.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Trace {
    file: Option<File>,
    lines: usize,
    facts: BTreeMap<Fact, Result<FactValue, String>>,
}

/// A value with the counters that it drives.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counter {
    pub(super) value: SimValue,
    pub(super) part: f64,
    pub(super) whole: f64,
    pub(super) since: Monotonic,
}

impl Counter {
    /// Both counters at this time.
    pub(super) fn at(&self, now: Monotonic) -> (f64, f64) {
        let elapsed = now.since(self.since).as_secs_f64();
        match self.value {
            SimValue::Busy(percent, capacity) => (self.part + elapsed * capacity * percent / 100.0, 0.0),
            SimValue::Portion(percent) => (self.part + elapsed * percent, self.whole + elapsed * 100.0),
            SimValue::Moves(bytes, pieces) => (self.part + elapsed * bytes, self.whole + elapsed * pieces),
            SimValue::Takes(each) => (self.part + elapsed * each, self.whole + elapsed),
            _ => (self.part, self.whole),
        }
    }
}

/// A thing in the simulated world. It is well unless the script says otherwise: a process runs and its pid file
/// names it, a file is there (1 kB, mode 0644), ports are open, checks of plugins pass, values are 0.
#[derive(Debug, Clone)]
pub struct Thing {
    /// What the start program does.
    pub start: Script,
    /// What the stop program does.
    pub stop: Script,
    /// What the restart program does.
    pub restart: Script,
    /// What a rule's program does.
    pub exec: Script,
    /// Whether the process goes on after SIGTERM.
    pub ignores_terminate: bool,
    /// Whether the process goes on after SIGKILL, as one that waits for a dead disk does.
    pub ignores_kill: bool,
    /// How many other processes belong to it. They outlive it, and end only when they are killed.
    pub workers: u32,
    /// How long an observation takes, beside its connections.
    pub latency: Duration,
    /// Whether observations never end.
    pub silent: bool,
    /// How long it takes to find out which processes have most of something; for ever when absent.
    pub sweep_time: Option<Duration>,
    /// Why nobody can tell whether it is there.
    pub unreadable: Option<String>,
    /// What else is in its place.
    pub invalid: Option<String>,
    /// What becomes of its checks, where a plugin makes them.
    pub plugin: PluginMood,
    /// How often it was started while it ran.
    pub second_copies: u32,
    /// What its plugin measures: a value and what it grows by in a second, since when.
    pub(super) metrics: BTreeMap<String, (f64, f64, Monotonic)>,
    pub(super) kind: ServiceKind,
    pub(super) by_pidfile: bool,
    pub(super) process: Option<Process>,
    pub(super) pidfile: Option<u32>,
    pub(super) file: Option<File>,
    pub(super) counters: BTreeMap<Metric, Counter>,
    pub(super) doors: BTreeMap<Door, Port>,
    pub(super) facts: BTreeMap<Fact, Result<FactValue, String>>,
    pub(super) takers: BTreeMap<Resource, Reading<Vec<Taker>>>,
    /// What was written to the file so far.
    pub(super) lines: Vec<String>,
    /// The process that the driver watches for its exit.
    pub(super) watched: Option<Process>,
    pub(super) now: Now,
    next_pid: u32,
    next_inode: u64,
}

/// The metrics that rules ask a plugin for.
fn measured(service: &Service) -> impl Iterator<Item = &str> {
    let tests = service.rules.iter().flat_map(|rule| rule.test.parts());
    tests.filter_map(|test| match test {
        Test::Plugin(asked) => match &**asked {
            PluginTest::Limit(limit) | PluginTest::Rate(limit) => Some(limit.label.as_str()),
            PluginTest::Changed(name) => Some(name),
            PluginTest::Outcome(_) => None,
        },
        _ => None,
    })
}

impl Thing {
    pub(super) fn new(service: &Service, index: u32, now: Now) -> Thing {
        let mut thing = Thing {
            start: Script::default(),
            stop: Script::default(),
            restart: Script::default(),
            exec: Script::default(),
            ignores_terminate: false,
            ignores_kill: false,
            workers: 0,
            latency: Duration::from_millis(1),
            silent: false,
            sweep_time: Some(SWEEP_TIME),
            unreadable: None,
            invalid: None,
            plugin: PluginMood::Passes,
            second_copies: 0,
            metrics: measured(service).map(|name| (name.to_owned(), (0.0, 0.0, now.monotonic))).collect(),
            kind: service.kind(),
            by_pidfile: matches!(service.target, Target::Pidfile(_)),
            process: None,
            pidfile: None,
            file: None,
            counters: BTreeMap::new(),
            doors: BTreeMap::new(),
            facts: BTreeMap::new(),
            takers: BTreeMap::new(),
            lines: Vec::new(),
            watched: None,
            now,
            // Every service has numbers of its own, so that timelines are easy to read.
            next_pid: index.saturating_mul(10_000).saturating_add(101),
            next_inode: u64::from(index).saturating_mul(10_000).saturating_add(1),
        };
        thing.comes_up();
        thing
    }

    /// A thing of which nobody has seen anything yet.
    pub(super) fn plain(service: &Service) -> Thing {
        Thing::new(service, 0, Now { monotonic: Monotonic(0), wall: Wall(0) })
    }

    /// Whether it is there, whatever it is.
    pub(super) fn is_there(&self) -> bool {
        match self.kind {
            ServiceKind::Process => self.is_running(),
            kind if is_on_disk(kind) => self.file.is_some(),
            _ => true,
        }
    }

    /// What shows of a file, directory or pipe that it was touched; nothing where it is something else.
    pub(super) fn trace(&self) -> Option<Trace> {
        let is_named = matches!(self.kind, ServiceKind::File | ServiceKind::Directory | ServiceKind::Fifo);
        is_named.then(|| Trace { file: self.file, lines: self.lines.len(), facts: self.facts.clone() })
    }

    /// It comes up: a new process with its pid file, or a new file.
    pub fn comes_up(&mut self) {
        match self.kind {
            ServiceKind::Process => {
                if self.process.is_some_and(|process| !process.zombie) {
                    self.second_copies += 1;
                }
                let process = Process { pid: self.next_pid, born: self.now.monotonic, zombie: false };
                self.next_pid += 1;
                self.process = Some(process);
                self.pidfile = Some(process.pid);
                for counter in self.counters.values_mut() {
                    *counter =
                        Counter { value: counter.value.clone(), part: 0.0, whole: 0.0, since: self.now.monotonic };
                }
            }
            kind if is_on_disk(kind) => {
                let inode = self.next_inode;
                self.next_inode += 1;
                self.lines.clear();
                self.file = Some(File { inode, size_bytes: 1024, mode: 0o644, changed: self.now.wall });
            }
            _ => {}
        }
    }

    /// The process dies and its pid file stays, as after a crash; a file is removed.
    pub fn dies(&mut self) {
        self.process = None;
        self.file = None;
    }

    /// The process dies as after a crash, and two others that belong to it live on.
    pub fn dies_alone(&mut self) {
        self.workers = self.workers.max(2);
        self.dies();
    }

    /// The process ends in good order and removes its pid file.
    pub fn leaves(&mut self) {
        self.dies();
        self.pidfile = None;
    }

    /// The process ends and its parent does not notice.
    pub fn becomes_zombie(&mut self) {
        if let Some(process) = &mut self.process {
            process.zombie = true;
        }
    }

    /// Somebody else restarts it within this instant: another process, another number in the pid file.
    pub fn is_replaced(&mut self) {
        self.leaves();
        self.comes_up();
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.process.is_some_and(|process| !process.zombie)
    }

    /// From now on the metric shows this value. Its counters run on.
    pub fn shows(&mut self, metric: Metric, value: SimValue) {
        let (part, whole) = self.counters.get(&metric).map_or((0.0, 0.0), |counter| counter.at(self.now.monotonic));
        self.counters.insert(metric, Counter { value, part, whole, since: self.now.monotonic });
    }

    /// From now on its plugin measures this value, in the unit of its kind: lengths of time in milliseconds.
    pub fn measures(&mut self, metric: &str, value: f64) {
        self.metrics.insert(metric.to_owned(), (value, 0.0, self.now.monotonic));
    }

    /// From now on what its plugin counts grows by so much in a second.
    pub fn counts(&mut self, metric: &str, per_second: f64) {
        let value = self.metric(metric).unwrap_or_default();
        self.metrics.insert(metric.to_owned(), (value, per_second, self.now.monotonic));
    }

    /// What its plugin measures grows at once by so much.
    pub fn steps(&mut self, metric: &str, by: f64) {
        let value = self.metric(metric).unwrap_or_default();
        let per_second = self.metrics.get(metric).map_or(0.0, |(_, per_second, _)| *per_second);
        self.metrics.insert(metric.to_owned(), (value + by, per_second, self.now.monotonic));
    }

    /// What its plugin measures at this moment.
    pub(super) fn metric(&self, metric: &str) -> Option<f64> {
        let (value, per_second, since) = self.metrics.get(metric)?;
        Some(value + per_second * self.now.monotonic.since(*since).as_secs_f64())
    }

    /// From now on this is seen of it.
    pub fn has(&mut self, fact: Fact, value: FactValue) {
        self.facts.insert(fact, Ok(value));
    }

    /// From now on this cannot be seen of it: the reason.
    pub fn hides(&mut self, fact: Fact, reason: &str) {
        self.facts.insert(fact, Err(reason.to_owned()));
    }

    /// From now on these processes have most of it: number, name and share, the greatest first. All are the superuser's.
    pub fn is_taken(&mut self, resource: Resource, by: &[(u32, &str, Share)]) {
        let taker = |(pid, name, share): &(u32, &str, Share)| Taker {
            pid: *pid,
            name: (*name).to_owned(),
            user: "root".to_owned(),
            share: *share,
        };
        self.takers.insert(resource, Reading::Known(by.iter().map(taker).collect()));
    }

    /// From now on nobody can tell who has most of it: the reason.
    pub fn hides_takers(&mut self, resource: Resource, reason: &str) {
        self.takers.insert(resource, Reading::Unknown(reason.to_owned()));
    }

    /// A line is written to the end of the file.
    pub fn is_told(&mut self, line: &str) {
        self.lines.push(line.to_owned());
    }

    /// From now on the port answers like this.
    pub fn answers(&mut self, port: u16, how: Port) {
        self.answers_at(Door::Port(port), how);
    }

    /// From now on this door is answered like this.
    pub fn answers_at(&mut self, door: Door, how: Port) {
        self.doors.insert(door, how);
    }

    /// The file gets this size, and its time stamp.
    pub fn is_written(&mut self, size_bytes: u64) {
        let now = self.now.wall;
        if let Some(file) = &mut self.file {
            file.size_bytes = size_bytes;
            file.changed = now;
        }
    }

    /// The file grows by so many bytes, and gets its time stamp.
    pub fn grows(&mut self, bytes: u64) {
        let size = self.file.map_or(0, |file| file.size_bytes);
        self.is_written(size.saturating_add(bytes));
    }

    /// The file gets these mode bits.
    pub fn is_given_mode(&mut self, mode: u32) {
        if let Some(file) = &mut self.file {
            file.mode = mode;
        }
    }
}
