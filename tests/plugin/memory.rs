//! How much memory a guest can make this process take, at most. Each deed is done in a process of its own, which is this
//! test again, told by an environment variable what to do; the kernel says how much memory it had at most.

use std::process::Command;

use ruled::plugin::{Plugins, ProbeOutcome, Value};

use super::{outcome, peer, probe, with};

/// Names the deed for the process that does it.
const DEED: &str = "RULED_TEST_DEED";

/// What a guest may have (16 MiB), and what the host may need to end it.
const GROWTH_KB_MAX: u64 = (16 + 8) << 10;

const DEEDS: [&str; 10] = [
    "loop",
    "grow",
    "grow_at_once",
    "send_much",
    "send_on",
    "recurse",
    "log",
    "return_much",
    "receive_all",
    "match_on",
];

/// The most memory that this process has had, in kB.
pub(super) fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("procfs");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a line about the peak");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// The deed that this process is to do, if it was started for one.
pub(super) fn told() -> Option<String> {
    std::env::var(DEED).ok()
}

/// Says by how much this process has grown, and what came of it.
pub(super) fn says(deed: &str, before: u64, ended: &ProbeOutcome) {
    println!("{deed}: grew by {} kB: {ended:?}", peak().saturating_sub(before));
}

/// By how many kB a process grows in which this test does the deed, and what it said.
pub(super) fn grown(test: &str, deed: &str) -> (u64, String) {
    let itself = std::env::current_exe().expect("this test");
    let mut command = Command::new(&itself);
    command.args([test, "--exact", "--nocapture"]);
    let run = command.env(DEED, deed).output().expect("this test again");
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    let grew = said.split(&format!("{deed}: grew by ")).nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    let grew = grew.unwrap_or_else(|| panic!("{deed}: {said}{}", String::from_utf8_lossy(&run.stderr)));
    (grew, said)
}

fn does(deed: &str) {
    let plugins = Plugins::with(ruled_test_guests::HOSTILE);
    let good = outcome(&plugins, probe("hostile", peer::silent()));
    assert!(matches!(good, ProbeOutcome::Passed { .. }), "{good:?}");
    let before = peak();
    let port = if deed == "receive_all" { peer::endless() } else { peer::silent() };
    let ended = outcome(&plugins, with(probe("hostile", port), "deed", Value::Text(deed.to_owned().into())));
    says(deed, before, &ended);
}

#[test]
fn no_guest_makes_its_host_grow_beyond_its_limit() {
    if let Some(deed) = told() {
        return does(&deed);
    }
    for deed in DEEDS {
        let (grew, said) = grown("plugin::memory::no_guest_makes_its_host_grow_beyond_its_limit", deed);
        assert!(grew <= GROWTH_KB_MAX, "{said}");
    }
}
