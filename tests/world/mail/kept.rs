//! Mail that waits is kept through whatever ends ruled, and holds nothing up.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::liar::{Liar, Mail, Mood};
use crate::rig::{Daemon, finish, until, write};

/// How often ruled is killed while mail flows, unless `RULED_KILLS` says otherwise.
const KILLS: u64 = 24;

/// Within which time of its life.
const KILL_WITHIN_MS: u64 = 400;

/// How many services fail at once.
const BURST: usize = 2_000;

/// A daemon with its state and log in the folder.
fn start(folder: &Path, rules: &str) -> Daemon {
    Daemon::start(&["-v", "--state", folder.join("state").to_str().expect("UTF-8"), rules], &folder.join("log"))
}

fn rests(daemon: &Daemon, cycle: u32) {
    let over = until(|| daemon.said().contains(&format!("cycle {cycle} is over")).then_some(()));
    assert!(over.is_some(), "{}", daemon.said());
}

/// One Message-ID is one letter, however often it came.
fn is_consistent(mails: &[Mail]) {
    let mut seen: BTreeMap<&str, &Mail> = BTreeMap::new();
    for mail in mails {
        let first = seen.entry(mail.header("Message-ID")).or_insert(mail);
        assert_eq!((&first.headers, &first.text), (&mail.headers, &mail.text), "one Message-ID, two letters");
    }
}

/// Numbers that follow no order that anybody sees; the same in each run.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 17
}

#[test]
fn killed_at_any_moment_it_loses_no_incident() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let log = write(here, "app.log", "");
    let liar = Liar::new(Mood::Kind);
    let rules = write(
        here,
        "main.rules",
        format!(
            "set daemon 3600\nset mailserver localhost port {} with timeout 1 seconds\n\
             set alert eva@example.com but not on {{ instance }}\n\
             check file app with path {log}\n    if match \"bad\" then alert\n",
            liar.port
        ),
    );
    let daemon = start(here, &rules);
    rests(&daemon, 1);
    assert_eq!(daemon.end(), 0);
    let kills = std::env::var("RULED_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let (mut lines, mut killed) = (Vec::new(), 0);
    let mut append = |life: u64, number: u64| {
        let line = format!("bad {life:04}-{number}!");
        let mut file = OpenOptions::new().append(true).open(&log).expect("a log");
        writeln!(file, "{line}").expect("a line");
        lines.push(line);
    };
    for life in 0..kills {
        let moods =
            [Mood::Kind, Mood::HangsAfterData, Mood::Closed, Mood::Greylisting, Mood::Kind, Mood::Busy, Mood::Strict];
        liar.mood(moods[usize::try_from(life).expect("a few") % moods.len()]);
        let daemon = start(here, &rules);
        let pause = mixed(life) % KILL_WITHIN_MS;
        // Lines come while ruled begins, runs, and is killed: this is what is tried, so the time is chosen and not waited for.
        for number in 0..3 {
            std::thread::sleep(Duration::from_millis(pause / 3));
            append(life, number);
        }
        if mixed(life + 1_000).is_multiple_of(2) {
            std::thread::sleep(Duration::from_millis(mixed(life + 2_000) % 100));
        }
        daemon.signal(Signal::SIGKILL);
        drop(daemon);
        killed += 1;
    }
    liar.mood(Mood::Kind);
    let daemon = start(here, &rules);
    let arrived = |line: &str| liar.mails().iter().any(|mail| mail.text.contains(line));
    let all = until(|| lines.iter().all(|line| arrived(line)).then_some(()));
    let lost: Vec<&String> = lines.iter().filter(|line| !arrived(line)).collect();
    assert!(all.is_some(), "lost: {lost:?}\n{}", daemon.said());
    assert_eq!(daemon.end(), 0);
    let mails = liar.mails();
    is_consistent(&mails);
    // What was told and not known as told is no second letter: both are known or neither.
    for line in &lines {
        let ids: BTreeSet<&str> = mails
            .iter()
            .filter(|mail| mail.text.contains(line.as_str()))
            .map(|mail| mail.header("Message-ID"))
            .collect();
        assert_eq!(ids.len(), 1, "{line} is in {ids:?}");
    }
    let repeated = mails.len() - mails.iter().map(|mail| mail.header("Message-ID")).collect::<BTreeSet<_>>().len();
    println!(
        "ruled was killed {killed} times while it mailed; {} lines came in {} mails, {repeated} of them repeats",
        lines.len(),
        mails.len()
    );
}

#[test]
fn a_storm_at_a_server_that_is_silent_holds_nothing_up_and_comes_in_a_few_letters() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let liar = Liar::new(Mood::Silent);
    let mut rules = format!(
        "set daemon 1\nset mailserver localhost port {} with timeout 2 seconds\n\
         set alert eva@example.com but not on {{ instance }}\n",
        liar.port
    );
    let data = write(here, "data", "small");
    for number in 0..BURST {
        rules.push_str(&format!("check file s{number:04} with path {data}\n    if size > 100 B then alert\n"));
    }
    let rules = write(here, "main.rules", rules);
    let daemon = start(here, &rules);
    rests(&daemon, 2);
    fs::write(&data, "x".repeat(200)).expect("grown");
    let told = until(|| {
        (daemon.said().matches("size test failed").count() >= BURST
            || daemon.said().matches(" error ").count() >= BURST)
            .then_some(())
    });
    assert!(told.is_some(), "{}", daemon.said().lines().take(40).collect::<Vec<_>>().join("\n"));
    // Cycles go on, though nobody takes the mail.
    let cycle = || daemon.said().lines().filter(|line| line.contains("is over")).count();
    let before = cycle();
    assert!(until(|| (cycle() >= before + 3).then_some(())).is_some(), "{}", daemon.said());
    assert!(liar.mails().is_empty());
    let waits = until(|| daemon.said().contains("mail waits: localhost").then_some(()));
    assert!(waits.is_some(), "{}", daemon.said());
    let status = |words: &[&str]| {
        let mut command = crate::rig::ruled(&[words, &["--config", &rules]].concat());
        command.env("RUNTIME_DIRECTORY", here);
        let done = finish(command);
        assert_eq!(done.status, 0, "{}", done.err);
        done.out
    };
    let shown = status(&["summary"]);
    let line = shown.lines().find(|line| line.starts_with("mail ")).unwrap_or_else(|| panic!("{shown}"));
    assert!(line.starts_with("mail about 2,000 events waits since ") && line.contains(": localhost:"), "{line}");
    let data: serde_json::Value = serde_json::from_str(&status(&["status", "--json", "s0000"])).expect("JSON");
    assert_eq!(data["daemon"]["mail"]["events"], BURST, "{data}");
    assert!(data["daemon"]["mail"]["letters"].as_u64() >= Some(1) && data["daemon"]["mail"]["last_error"].is_string());
    // What waits is kept, so that the next run hands it in at once.
    daemon.signal(Signal::SIGKILL);
    drop(daemon);
    liar.mood(Mood::Kind);
    let daemon = start(here, &rules);
    let named = |text: &str, number: usize| text.contains(&format!("s{number:04}"));
    let all = until(|| {
        let texts: String = liar.mails().into_iter().map(|mail| mail.text).collect();
        (0..BURST).all(|number| named(&texts, number)).then_some(())
    });
    assert!(all.is_some(), "{}", daemon.said());
    let mails = liar.mails();
    assert!(mails.len() <= 8, "{} mails", mails.len());
    assert!(mails.iter().any(|mail| mail.text.contains(" more:\n")), "the rest has a line each");
    is_consistent(&mails);
    assert_eq!(daemon.end(), 0);
}

#[test]
fn what_waits_at_the_end_is_handed_in_by_the_next_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let liar = Liar::new(Mood::Closed);
    let rules = write(
        here,
        "main.rules",
        format!(
            "set daemon 3600\nset mailserver localhost port {} with timeout 1 seconds\nset alert eva@example.com\n\
             check file data with path {}/missing\n    if not exist then alert\n",
            liar.port,
            here.display()
        ),
    );
    let daemon = start(here, &rules);
    rests(&daemon, 1);
    let log = here.join("log");
    assert_eq!(daemon.end(), 0);
    let said = fs::read_to_string(&log).expect("a log");
    assert!(said.contains("and is handed in when ruled runs again"), "{said}");
    liar.mood(Mood::Kind);
    let daemon = start(here, &rules);
    let has = |part: &str| liar.mails().iter().any(|mail| mail.text.contains(part));
    let came = until(|| (has("Does not exist") && has("stopped")).then_some(()));
    assert!(came.is_some(), "{:?}\n{}", liar.mails(), daemon.said());
    assert_eq!(daemon.end(), 0);
    is_consistent(&liar.mails());
}

#[test]
fn without_a_place_for_the_state_it_is_mailed_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let liar = Liar::new(Mood::Kind);
    let rules = format!(
        "set daemon 3600\nset mailserver localhost port {}\nset alert eva@example.com\n\
         check file data with path {}/missing\n    if not exist then alert\n",
        liar.port,
        here.display()
    );
    let rules = write(here, "main.rules", rules);
    let file = write(here, "file", "");
    let daemon = Daemon::start(&["--state", &format!("{file}/below"), &rules], &here.join("log"));
    let has = |part: &str| liar.mails().iter().any(|mail| mail.text.contains(part));
    let came = until(|| (has("Does not exist") && has("state cannot be kept")).then_some(()));
    assert!(came.is_some(), "{:?}\n{}", liar.mails(), daemon.said());
    assert_eq!(daemon.end(), 0);
}

#[test]
fn one_server_that_hangs_does_not_hold_up_the_log_nor_another_recipient() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let (hanging, kind) = (Liar::new(Mood::Silent), Liar::new(Mood::Kind));
    let rules = format!(
        "set daemon 3600\nset mailserver localhost port {}, localhost port {} with timeout 2 seconds\n\
         set alert eva@example.com\nset alert bob@example.com\n\
         check file data with path {}/missing\n    if not exist then alert\n",
        hanging.port,
        kind.port,
        here.display()
    );
    let rules = write(here, "main.rules", rules);
    let daemon = start(here, &rules);
    rests(&daemon, 1);
    let came = until(|| {
        let mails = kind.mails();
        let to =
            |name: &str| mails.iter().any(|mail| mail.header("To") == name && mail.text.contains("Does not exist"));
        (to("eva@example.com") && to("bob@example.com")).then_some(())
    });
    assert!(came.is_some(), "{}", daemon.said());
    assert!(daemon.said().contains("mail waits: localhost:"), "{}", daemon.said());
    assert_eq!(daemon.end(), 0);
}
