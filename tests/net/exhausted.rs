//! A process that has no descriptors left: what it could not look at is not known, and nobody else is to blame.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use serde_json::Value;

use crate::rig::{finish, write};

/// More than ruled has beside its connections, and fewer than with them.
const DESCRIPTORS: usize = 80;
const HOSTS: usize = 200;

#[test]
fn a_process_without_descriptors_blames_no_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    // It takes everybody and says nothing, so that connections stay.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    rustix::net::listen(&listener, 4_096).expect("a longer queue");
    let port = listener.local_addr().expect("its number").port();
    let rules: String = (0..HOSTS)
        .map(|host| {
            let rule = format!("if failed port {port} protocol ssh with timeout 3 seconds then alert");
            format!("check host peer-{host} with address 127.0.0.1\n    {rule}\n")
        })
        .collect();
    let rules = write(folder, "net.rules", format!("set daemon 30\n{rules}"));
    let events = folder.join("events");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &format!("ulimit -n {DESCRIPTORS} && exec \"$@\""), "sh", env!("CARGO_BIN_EXE_ruled")]);
    command.args(["run", "--once", "--events"]).arg(&events).arg(&rules);
    command.env("STATE_DIRECTORY", folder).env("RUNTIME_DIRECTORY", folder).env("NO_COLOR", "1");
    let run = finish(command);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    let lines = fs::read_to_string(&events).expect("events");
    let events = lines.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let failed: Vec<Value> = events.filter(|event: &Value| event["event"] == "connection").collect();
    // Those that had a descriptor were silent for all their time.
    assert!(!failed.is_empty() && failed.len() < HOSTS, "{}", failed.len());
    for event in failed {
        let message = event["message"].as_str().expect("a message");
        assert!(message.contains("no complete answer within 3 s"), "{message}");
    }
}
