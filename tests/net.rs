//! Connections, as rules ask for them: TLS, datagrams, sockets in the filesystem, words of the rule's own, names, echo
//! requests. Everything stays on the loopback.

pub(crate) mod authority;
mod content;
mod datagrams;
mod dialogue;
mod exhausted;
mod names;
mod ping;
mod retry;
mod tls;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::rig::{finish, ruled, write};

/// Runs one cycle over these rules, and returns the events that it led to.
fn cycle(folder: &Path, dialect: &str, rules: &str) -> Vec<Value> {
    let rules = write(folder, "net.rules", format!("set daemon 30\n{rules}\n"));
    // Monit's dialect refuses a file that others may read.
    fs::set_permissions(&rules, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a file of ours");
    let events = folder.join("events");
    let events_path = events.to_str().expect("UTF-8");
    let run = finish(ruled(&["run", "--once", "--dialect", dialect, "--events", events_path, &rules]));
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    let lines = fs::read_to_string(&events).expect("events");
    fs::remove_file(&events).expect("events");
    let all = lines.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    all.filter(|event: &Value| event["service"] == "peer").collect()
}

/// Runs one cycle over one rule about the host `peer`.
fn rule(folder: &Path, dialect: &str, rule: &str) -> Vec<Value> {
    cycle(folder, dialect, &format!("check host peer with address 127.0.0.1\n    {rule}"))
}

/// Asserts that the rule is green.
fn passes(folder: &Path, text: &str) {
    assert_eq!(rule(folder, "rules", text), Vec::<Value>::new(), "{text}");
}

/// Asserts that the rule fails, as an event of this class with this in its message.
fn fails(folder: &Path, text: &str, class: &str, wanted: &str) {
    let events = rule(folder, "rules", text);
    assert_eq!(events.len(), 1, "{text}: {events:?}");
    assert_eq!((&events[0]["event"], &events[0]["state"]), (&class.into(), &"failed".into()), "{events:?}");
    let message = events[0]["message"].as_str().expect("a message");
    assert!(message.contains(wanted), "{text}: `{wanted}` is missing from `{message}`");
}
