//! Services as data.

use grammar::ast::ServiceKind;
use serde::Serialize;
use serde_json::{Value, json};

use super::{number, test};
use crate::program::{AlertTarget, Command, Identity, Origin, Program, Service, Target};

#[derive(Serialize)]
pub(super) struct ShownService {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    target: Option<Value>,
    groups: Vec<String>,
    depends: Vec<String>,
    mode: &'static str,
    on_reboot: &'static str,
    start: Option<Value>,
    stop: Option<Value>,
    restart: Option<Value>,
    tests: Vec<test::ShownTest>,
    alerts: Vec<ShownAlert>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<ShownOrigin>,
    implicit: bool,
}

#[derive(Serialize)]
pub(super) struct ShownOrigin {
    file: String,
    line: u32,
}

#[derive(Serialize)]
pub(super) struct ShownAlert {
    to: String,
    events: Value,
    reminder_cycles: Option<u32>,
}

pub(super) fn shown(program: &Program, service: &Service) -> ShownService {
    let depends = service.depends.iter().filter_map(|id| program.service(*id)).map(|one| one.name.clone());
    // Rules are judged in an order of their own; here they stand as they were written.
    let mut rules: Vec<_> = service.rules.iter().chain(&service.asleep).collect();
    rules.sort_by_key(|rule| rule.origin.offset);
    ShownService {
        name: service.name.clone(),
        kind: service.kind().word(),
        target: target(&service.target),
        groups: service.groups.clone(),
        depends: depends.collect(),
        mode: "active",
        on_reboot: "start",
        start: service.start.as_ref().map(command),
        stop: service.stop.as_ref().map(command),
        restart: service.restart.as_ref().map(command),
        tests: rules.into_iter().map(test::shown).collect(),
        alerts: service.alerts.iter().map(alert).collect(),
        origin: (service.kind() != ServiceKind::System || !service.implicit).then(|| origin(&service.origin)),
        implicit: service.implicit,
    }
}

pub(super) fn origin(origin: &Origin) -> ShownOrigin {
    ShownOrigin { file: origin.file.clone(), line: origin.line }
}

pub(super) fn alert(target: &AlertTarget) -> ShownAlert {
    let events = if target.events.is_all() { json!("all") } else { json!(target.events.words()) };
    ShownAlert { to: target.address.clone(), events, reminder_cycles: None }
}

fn target(target: &Target) -> Option<Value> {
    Some(match target {
        Target::Pidfile(path) => json!({ "pidfile": path }),
        Target::Matching(pattern) => json!({ "match": pattern }),
        Target::File(path) => json!({ "path": path }),
        Target::Host(address) => json!({ "address": address }),
        Target::System => return None,
    })
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
