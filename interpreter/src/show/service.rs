//! Services as data.

use grammar::ast::ServiceKind;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::settings::{ShownAlert, alert, on_reboot};
use super::{number, plugin, test};
use crate::program::{
    Command, ContentTest, Every, Identity, Mode, Origin, Program, RestartLimit, Rule, Service, Target,
};

#[derive(Serialize)]
pub(super) struct ShownService<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    target: Option<Value>,
    groups: &'a [String],
    depends: Vec<&'a str>,
    mode: &'static str,
    on_reboot: &'static str,
    every: Option<Value>,
    start: Option<Value>,
    stop: Option<Value>,
    restart: Option<Value>,
    tests: Tests<'a>,
    ignored_content: Vec<Value>,
    restart_limits: Vec<Value>,
    alerts: Vec<ShownAlert>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<ShownOrigin<'a>>,
    implicit: bool,
}

/// The rules of a service. Each is made data when it is written.
struct Tests<'a>(Vec<&'a Rule>);

impl Serialize for Tests<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|rule| test::shown(rule)))
    }
}

#[derive(Serialize)]
pub(super) struct ShownOrigin<'a> {
    file: &'a str,
    line: u32,
}

pub(super) fn shown<'a>(program: &'a Program, service: &'a Service) -> ShownService<'a> {
    let depends = service.depends.iter().filter_map(|id| program.service(*id)).map(|one| one.name.as_str());
    // Rules are judged in an order of their own; here they stand as they were written.
    let mut rules: Vec<_> = service.rules.iter().chain(&service.asleep).collect();
    rules.sort_by_key(|rule| rule.origin.offset);
    ShownService {
        name: &service.name,
        kind: service.kind().word(),
        target: target(&service.target),
        groups: &service.groups,
        depends: depends.collect(),
        mode: match service.mode {
            Mode::Passive => "passive",
            Mode::Active | Mode::Manual => "active",
        },
        on_reboot: on_reboot(service.on_reboot),
        every: service.every.as_ref().map(every),
        start: service.start.as_deref().map(command),
        stop: service.stop.as_deref().map(command),
        restart: service.restart.as_deref().map(command),
        tests: Tests(rules),
        ignored_content: service.ignored_content.iter().map(content).collect(),
        restart_limits: service.restart_limits.iter().map(restart_limit).collect(),
        alerts: service.alerts.iter().map(alert).collect(),
        origin: (service.kind() != ServiceKind::System || !service.implicit).then(|| origin(&service.origin)),
        implicit: service.implicit,
    }
}

pub(super) fn origin(origin: &Origin) -> ShownOrigin<'_> {
    ShownOrigin { file: &origin.file, line: origin.line }
}

fn target(target: &Target) -> Option<Value> {
    Some(match target {
        Target::Pidfile(path) => json!({ "pidfile": path }),
        Target::Matching(pattern) => json!({ "match": pattern }),
        Target::File(path) | Target::Directory(path) | Target::Fifo(path) | Target::Filesystem(path) => {
            json!({ "path": path })
        }
        Target::Host(address) | Target::Address(address) => json!({ "address": address }),
        Target::Interface(name) => json!({ "interface": name }),
        Target::Program(program) => command(program),
        Target::Plugin(check) => plugin::check(check),
        Target::System => return None,
    })
}

fn every(every: &Every) -> Value {
    match every {
        Every::Cycles(cycles) => json!({ "cycles": cycles }),
        Every::Cron { fields, excluded: false } => json!({ "cron": fields }),
        Every::Cron { fields, excluded: true } => json!({ "not_cron": fields }),
    }
}

/// A pattern with the outcome that is asked for.
pub(super) fn content(content: &ContentTest) -> Value {
    json!({ "if": matched(content), "pattern": content.pattern })
}

/// Which outcome of a pattern is asked for.
pub(super) fn matched(content: &ContentTest) -> &'static str {
    if content.negated { "no_match" } else { "match" }
}

fn restart_limit(limit: &RestartLimit) -> Value {
    json!({ "restarts": limit.restarts, "cycles": limit.cycles, "action": test::action(&limit.action) })
}

fn command(command: &Command) -> Value {
    json!({
        "argv": command.argv,
        "uid": command.uid.as_ref().map(identity),
        "gid": command.gid.as_ref().map(identity),
        "timeout_s": number(command.timeout.as_secs_f64()),
    })
}

/// The number where this machine knows it, and the name otherwise.
pub(super) fn identity(identity: &Identity) -> Value {
    identity.number.map_or_else(|| json!(identity.written), |number| json!(number))
}
