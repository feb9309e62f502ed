//! Programs in a few words.

use std::time::Duration;

use grammar::ast::ServiceKind;
use interpreter::engine::{Metric, ServiceId};
use interpreter::program::{
    Action, Behaviour, Command, Connection, Endpoint, Exec, Family, Limit, Mode, OnReboot, Origin, Program,
    ProtocolCall, Rate, Recovery, Relation, Rule, Service, Settings, Target, Test, Wanted,
};

/// Seconds.
pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Milliseconds.
pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A program in the `rules` dialect, with a cycle of 5 seconds.
pub(crate) fn program(services: Vec<Service>) -> Program {
    let settings = Settings { cycle: s(5), cycle_written: true, ..Settings::default() };
    Program { settings, services }
}

/// The same in the `monit` dialect.
pub(crate) fn monit(services: Vec<Service>) -> Program {
    let mut program = program(services);
    program.settings.behaviour = Behaviour::MONIT;
    program
}

fn service(name: &str, target: Target, rules: Vec<Rule>) -> Service {
    Service {
        name: name.to_owned(),
        target,
        groups: Vec::new(),
        depends: Vec::new(),
        start: None,
        stop: None,
        restart: None,
        rules,
        asleep: Vec::new(),
        ignored_content: Vec::new(),
        restart_limits: Vec::new(),
        mode: Mode::Active,
        on_reboot: OnReboot::Start,
        every: None,
        alerts: Vec::new(),
        origin: Origin::default(),
        implicit: false,
    }
}

/// A process with a pid file, start and stop programs and the rule that nobody writes.
pub(crate) fn process(name: &str) -> Service {
    let mut service = service(name, Target::Pidfile(format!("/run/{name}.pid")), vec![missing(Action::Restart)]);
    service.start = Some(Box::new(command(&format!("/start/{name}"))));
    service.stop = Some(Box::new(command(&format!("/stop/{name}"))));
    service
}

/// A process found by pattern.
pub(crate) fn matching(name: &str) -> Service {
    Service { target: Target::Matching(name.to_owned()), ..process(name) }
}

/// A file with the rule that nobody writes.
pub(crate) fn file(name: &str) -> Service {
    service(name, Target::File(format!("/data/{name}")), vec![missing(Action::Restart)])
}

/// A host without rules.
pub(crate) fn host(name: &str) -> Service {
    service(name, Target::Host("localhost".to_owned()), Vec::new())
}

/// The system.
pub(crate) fn system() -> Service {
    service("system", Target::System, Vec::new())
}

/// A program with a time-out of 30 seconds.
pub(crate) fn command(path: &str) -> Command {
    Command { argv: vec![path.to_owned()], uid: None, gid: None, timeout: s(30) }
}

/// A rule that alerts at once and when it is over.
pub(crate) fn rule(test: Test) -> Rule {
    let recovery = Recovery { rate: Rate::ONCE, action: Action::Alert };
    Rule { test, rate: Rate::ONCE, action: Action::Alert, recovery, origin: Origin::default(), implicit: false }
}

/// `if does not exist then …`.
pub(crate) fn missing(action: Action) -> Rule {
    Rule { action, implicit: true, ..rule(Test::Missing) }
}

/// A limit in the metric's unit.
pub(crate) fn limit(metric: Metric, relation: Relation, value: f64) -> Rule {
    rule(Test::Limit(Limit { metric, relation, value, percent: false, pieces: false, window_s: None }))
}

/// A limit in percent.
pub(crate) fn share(metric: Metric, relation: Relation, value: f64) -> Rule {
    rule(Test::Limit(Limit { metric, relation, value, percent: true, pieces: false, window_s: None }))
}

/// `if failed port …` with a time-out of 5 seconds.
pub(crate) fn port(port: u16, protocol: Option<&str>) -> Rule {
    let protocol = protocol.map(|name| ProtocolCall { name: name.to_owned(), settings: Vec::new() });
    rule(Test::Connection(Box::new(Connection {
        wanted: Wanted::Failed,
        endpoint: Endpoint::Port { host: "localhost".to_owned(), port },
        family: Family::Any,
        datagrams: false,
        tls: None,
        certificate_min_days: None,
        protocol,
        steps: Vec::new(),
        content: None,
        timeout: s(5),
        attempts: 1,
        response_time: None,
        source_address: None,
    })))
}

/// A rule's program.
pub(crate) fn exec(path: &str, repeat_cycles: u32) -> Action {
    Action::Exec(Box::new(Exec { command: command(path), repeat_cycles }))
}

/// What can be said of a rule behind its test.
pub(crate) trait RuleWords {
    /// `for N cycles`.
    fn cycles(self, cycles: u32) -> Self;
    /// `N times within M cycles`.
    fn within(self, count: u32, cycles: u32) -> Self;
    /// `then …`.
    fn then(self, action: Action) -> Self;
    /// `else if succeeded for N cycles then …`.
    fn recovery(self, cycles: u32, action: Action) -> Self;
}

impl RuleWords for Rule {
    fn cycles(self, cycles: u32) -> Rule {
        Rule { rate: Rate::of(cycles, cycles), ..self }
    }

    fn within(self, count: u32, cycles: u32) -> Rule {
        Rule { rate: Rate::of(count, cycles), ..self }
    }

    fn then(self, action: Action) -> Rule {
        Rule { action, ..self }
    }

    fn recovery(self, cycles: u32, action: Action) -> Rule {
        Rule { recovery: Recovery { rate: Rate::of(cycles, cycles), action }, ..self }
    }
}

/// What can be said of a service.
pub(crate) trait ServiceWords {
    /// With this rule too.
    fn rule(self, rule: Rule) -> Self;
    /// With these rules only.
    fn only(self, rules: Vec<Rule>) -> Self;
    /// `depends on …`, by the places of the services in the program.
    fn needs(self, services: &[u32]) -> Self;
}

impl ServiceWords for Service {
    fn rule(mut self, rule: Rule) -> Service {
        self.rules.push(rule);
        self
    }

    fn only(self, rules: Vec<Rule>) -> Service {
        Service { rules, ..self }
    }

    fn needs(self, services: &[u32]) -> Service {
        assert_ne!(self.kind(), ServiceKind::System);
        Service { depends: services.iter().copied().map(ServiceId).collect(), ..self }
    }
}
