//! `ruled probe` and `ruled docs protocol`.

use serde_json::Value;

use super::peer;
use crate::rig::{finish, ruled, write};

#[test]
fn a_look_tells_what_was_found_and_how_long_it_took() {
    let address = format!("tcp://127.0.0.1:{}", peer::greets("SSH-2.0-OpenSSH_9.2p1\r\n"));
    let found = finish(ruled(&["probe", &address, "protocol", "ssh"]));
    assert_eq!(found.status, 0, "{}", found.err);
    assert!(found.out.starts_with(&format!("{address} protocol ssh: passed: OpenSSH_9.2p1\n")), "{}", found.out);
    assert!(found.out.contains("software") && found.out.contains("connect ") && found.out.contains("speak "));
    let json = finish(ruled(&["probe", "--json", &address, "protocol", "ssh"]));
    let value: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(value["schema"], "ruled.probe/1");
    assert_eq!(value["outcome"], "passed");
    assert_eq!(value["facts"]["software"], "OpenSSH_9.2p1");
    assert!(value["phases_us"]["total"].as_u64() >= value["phases_us"]["connect"].as_u64(), "{value}");
}

#[test]
fn a_look_without_a_protocol_tells_its_phases_too() {
    let address = format!("tcp://127.0.0.1:{}", peer::greets("220 ready\r\n"));
    let found = finish(ruled(&["probe", &address]));
    assert_eq!(found.status, 0, "{}", found.err);
    assert!(found.out.contains("passed: accepts a connection") && found.out.contains("connect "), "{}", found.out);
    let found = finish(ruled(&["probe", "--json", &address, "expect \"220.*\""]));
    let value: Value = serde_json::from_str(&found.out).expect("JSON");
    assert_eq!((&value["outcome"], &value["message"]), (&"passed".into(), &"answers as expected".into()), "{value}");
    assert!(value["phases_us"]["connect"].is_u64(), "{value}");
    let found = finish(ruled(&["probe", &address, "expect \"nothing of the kind\"", "retry", "2"]));
    assert_eq!(found.status, 1, "{}{}", found.out, found.err);
}

#[test]
fn the_words_are_those_of_rules() {
    let port = peer::answers(|request| {
        let asked = request.starts_with("GET /a%20b HTTP/1.1\r\n");
        format!("HTTP/1.1 {} x\r\n\r\n", if asked { 204 } else { 500 })
    });
    let address = format!("tcp://127.0.0.1:{port}");
    let words = "protocol http with { request: \"/a b\" }";
    let found = finish(ruled(&["probe", &address, words]));
    assert_eq!(found.status, 0, "{}{}", found.out, found.err);
    let found = finish(ruled(&["probe", &address, "protocol", "http", "status", "=", "404"]));
    assert_eq!(found.status, 1, "{}{}", found.out, found.err);
    assert!(found.out.contains("failed: the status is 500 x, expected 404"), "{}", found.out);
}

#[test]
fn what_cannot_be_looked_at_is_said() {
    let closed = format!("tcp://127.0.0.1:{}", peer::nobody());
    let found = finish(ruled(&["probe", &closed, "protocol", "ssh"]));
    assert_eq!(found.status, 1, "{}{}", found.out, found.err);
    assert!(found.out.contains("onnection refused"), "{}", found.out);
    let found = finish(ruled(&["probe", &closed]));
    assert_eq!(found.status, 1, "{}{}", found.out, found.err);
    for words in
        [&["localhost:22"][..], &["tcp://localhost:22", "protocol", "shh"], &["tcp://localhost:22", "protocol"]]
    {
        let found = finish(ruled(&[&["probe"], words].concat()));
        assert!(found.status == 2 && !found.err.is_empty(), "{words:?}: {}{}", found.out, found.err);
    }
}

#[test]
fn protocols_have_pages_made_of_what_their_plugins_say() {
    let list = finish(ruled(&["docs", "protocol"])).out;
    let mut rules = String::from("set daemon 30\n");
    for stock in ruled_embedded::STOCK {
        assert!(list.contains(&format!("  {}", stock.name)), "{list}");
        let page = finish(ruled(&["docs", "protocol", stock.name]));
        assert_eq!(page.status, 0, "{}", stock.name);
        assert!(page.out.contains(stock.description.summary.as_ref()), "{}", page.out);
        for option in stock.description.options.iter() {
            assert!(page.out.contains(&format!("- `{}`", option.name)), "{}: {}", option.name, page.out);
        }
        let example = page.out.lines().find(|line| line.starts_with("    if failed")).expect("an example");
        // Only processes have sockets in the file system.
        let is_process = example.contains("unixsocket");
        let (kind, which) =
            if is_process { ("process", "matching \"^x$\"") } else { ("host", "with address 127.0.0.1") };
        rules.push_str(&format!("check {kind} {} {which}\n{example}\n", stock.name));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let checked = finish(ruled(&["check", &write(folder.path(), "examples.rules", rules)]));
    assert_eq!(checked.status, 0, "{}{}", checked.out, checked.err);
    let page = finish(ruled(&["docs", "protocol", "https"])).out;
    assert!(page.contains("### `https`") && page.contains("tls://localhost:443 protocol https"), "{page}");
    let wrong = finish(ruled(&["docs", "protocol", "htpt"]));
    assert!(wrong.status == 2 && wrong.err.contains("did you mean"), "{}", wrong.err);
}

#[test]
fn little_room_for_addresses_is_enough() {
    let address = format!("tcp://127.0.0.1:{}", peer::greets("SSH-2.0-OpenSSH_9.2p1\r\n"));
    let mut command = std::process::Command::new("prlimit");
    // Thousands of places for guests do not fit in there.
    command.arg("--as=4294967296").arg(env!("CARGO_BIN_EXE_ruled")).args(["probe", &address, "protocol", "ssh"]);
    let found = finish(command);
    assert_eq!(found.status, 0, "{}{}", found.out, found.err);
}
