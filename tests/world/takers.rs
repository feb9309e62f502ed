//! Who takes it: the processes that have most of what a machine has too little of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use interpreter::engine::{
    Event, EventClass, EventState, Plan, Reading, Resource, ServiceId, Share, TAKERS_MAX, Taker, Taking, Wall,
};
use interpreter::outbox::Surroundings;
use interpreter::program::{Behaviour, Target};
use jiff::tz::TimeZone;
use ruled::observe::Sight;
use ruled::observe::procfs::{self, Wanting};
use ruled::observe::snapshot::Snapshot;
use ruled::report::events::render;
use ruled::words::name;
use serde_json::{Value, json};

use super::mail::program;
use super::{Started, eventually};
use crate::rig::{finish, ruled, write};

const MEGABYTE: f64 = 1_048_576.0;

/// Takes 300 MB and keeps them.
const GREEDY: [&str; 2] = [
    "-c",
    "import time\nmine = bytearray(300 << 20)\nfor at in range(0, len(mine), 4096): mine[at] = 1\ntime.sleep(600)",
];

fn greatest(resource: Resource) -> Vec<Taker> {
    let plan = Plan { takers: vec![resource], ..Plan::default() };
    let seen = Sight::new(&Target::System, &Behaviour::RULES).look(&plan, None, &Snapshot::default());
    match seen.takers.get(&resource) {
        Some(Reading::Known(takers)) => takers.clone(),
        other => panic!("{other:?}"),
    }
}

fn amount(taker: &Taker) -> f64 {
    match taker.share {
        Share::Time(amount) | Share::Threads(amount) | Share::Bytes { bytes: amount, .. } => amount,
    }
}

/// Whether the process is named with at least so much. On a busy machine others may have more, and are named instead.
fn is_named(pid: u32, least: f64, takers: &[Taker]) -> bool {
    let named = takers.iter().any(|taker| taker.pid == pid && amount(taker) >= least);
    named || takers.len() == TAKERS_MAX && takers.iter().all(|taker| amount(taker) >= least)
}

fn has_300_megabytes(pid: u32) -> bool {
    let pages = procfs::process(pid).ok().flatten().map_or(0, |stat| stat.resident_pages);
    pages as f64 * rustix::param::page_size() as f64 >= 300.0 * MEGABYTE
}

#[test]
fn a_process_that_takes_memory_is_named() {
    let greedy = Started::new("python3", &GREEDY);
    assert!(eventually(|| has_300_megabytes(greedy.pid())));
    let takers = greatest(Resource::Memory);
    assert!(is_named(greedy.pid(), 300.0 * MEGABYTE, &takers), "{takers:?}");
    assert!(takers.is_sorted_by(|left, right| amount(left) >= amount(right)), "{takers:?}");
    let user =
        nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten().map_or("?".to_owned(), |user| user.name);
    for taker in takers.iter().filter(|taker| taker.pid == greedy.pid()) {
        assert!(taker.name.starts_with("python3") && taker.user == name(&user), "{taker:?}");
        assert!(matches!(taker.share, Share::Bytes { percent, .. } if percent > 0.0 && percent < 100.0), "{taker:?}");
    }
}

#[test]
fn a_process_that_works_is_named() {
    let busy = Started::new("sh", &["-c", "while :; do :; done"]);
    for resource in [Resource::Cpu, Resource::CpuUser] {
        assert!(eventually(|| is_named(busy.pid(), 1.0, &greatest(resource))), "{resource:?}");
    }
    assert!(eventually(|| is_named(busy.pid(), 1.0, &greatest(Resource::Load))));
    let sleeper = Started::new("sleep", &["600"]);
    // It works for a moment before it sleeps.
    assert!(eventually(|| greatest(Resource::Load).iter().all(|taker| taker.pid != sleeper.pid())));
}

#[test]
fn threads_are_counted_one_by_one() {
    let over = Arc::new(AtomicBool::new(false));
    let spin = |over: Arc<AtomicBool>| move || while !over.load(Ordering::Relaxed) {};
    let threads: Vec<_> = (0..3).map(|_| thread::spawn(spin(Arc::clone(&over)))).collect();
    let own = rustix::thread::gettid().as_raw_pid().unsigned_abs();
    let enough = || procfs::wanting_threads(std::process::id(), own).is_ok_and(|wanting| wanting.running >= 3);
    let seen = eventually(enough);
    over.store(true, Ordering::Relaxed);
    threads.into_iter().for_each(|thread| thread.join().expect("it ends"));
    assert!(seen);
    assert_eq!((Wanting::of('R').running, Wanting::of('D').waiting, Wanting::of('S')), (1, 1, Wanting::default()));
    assert_eq!(procfs::swapped_bytes(u32::MAX).ok(), None);
    assert!(procfs::swapped_bytes(std::process::id()).is_ok());
}

#[test]
fn the_event_names_them_and_its_message_stays_monits() {
    let greedy = Started::new("python3", &GREEDY);
    assert!(eventually(|| has_300_megabytes(greedy.pid())));
    let folder = tempfile::tempdir().expect("a folder");
    for dialect in ["rules", "monit"] {
        let events = folder.path().join(dialect);
        let text = "set daemon 30\ncheck system box\n  if memory usage > 0.1 % then alert\n";
        let rules = write(folder.path(), &format!("box.{dialect}"), text);
        let words = ["run", "--once", "--dialect", dialect, "--events", events.to_str().expect("UTF-8"), &rules];
        let done = finish(ruled(&words));
        assert_eq!(done.status, 0, "{}", done.err);
        let told = std::fs::read_to_string(&events).expect("events");
        let event: Value = told
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .find(|event: &Value| event["event"] == "resource")
            .unwrap_or_else(|| panic!("{told}"));
        let message = event["message"].as_str().expect("a message");
        let [used, end] = message.split("% matches").collect::<Vec<_>>()[..] else { panic!("{message}") };
        assert!(used.starts_with("mem usage of ") && end == " resource limit [mem usage > 0.1%]", "{message}");
        let processes = event["takers"][0]["processes"].as_array().unwrap_or_else(|| panic!("{event}"));
        assert_eq!(event["takers"][0]["of"], "memory");
        let bytes = |process: &Value| process["bytes"].as_f64().expect("bytes");
        let named = processes.iter().any(|process| process["pid"] == greedy.pid());
        let outdone = processes.len() == TAKERS_MAX && processes.iter().all(|one| bytes(one) >= 300.0 * MEGABYTE);
        assert!(named || outdone, "{event}");
        let line = done.err.lines().find(|line| line.contains("most memory: ")).expect("a line of the log");
        assert!(line.contains("] info     : 'box' most memory: "), "{line}");
    }
}

fn event() -> Event {
    let taker = |pid, name: &str, share| Taker { pid, name: name.to_owned(), user: "root".to_owned(), share };
    let taking = |resource, takers| Taking { resource, takers };
    let some = vec![
        taker(17, "java", Share::Bytes { bytes: 512.0 * MEGABYTE, percent: 50.04 }),
        taker(5, "sh", Share::Bytes { bytes: MEGABYTE, percent: 0.1 }),
    ];
    Event {
        at: Wall(1_795_235_160_250_000),
        cycle: 3,
        early: false,
        service: ServiceId(0),
        class: EventClass::Resource,
        rule: Some(0),
        state: EventState::Failed,
        action: "alert",
        message: "mem usage of 90.0% matches resource limit [mem usage > 80.0%]".to_owned(),
        takers: vec![
            taking(Resource::Memory, Reading::Known(some)),
            taking(Resource::Load, Reading::Known(vec![taker(9, "yes", Share::Threads(1.5))])),
            taking(Resource::CpuUser, Reading::Known(vec![taker(9, "yes", Share::Time(49.96))])),
            taking(Resource::Swap, Reading::Unknown("too many open files".to_owned())),
        ],
    }
}

#[test]
fn programs_read_them_beside_the_message() {
    let line: Value = serde_json::from_str(&render(&event(), "box").expect("text")).expect("JSON");
    assert_eq!(
        line["takers"],
        json!([
            { "of": "memory", "processes": [
                { "pid": 17, "name": "java", "user": "root", "bytes": 536_870_912, "percent": 50.0 },
                { "pid": 5, "name": "sh", "user": "root", "bytes": 1_048_576, "percent": 0.1 },
            ] },
            { "of": "load", "processes": [{ "pid": 9, "name": "yes", "user": "root", "threads": 1.5 }] },
            { "of": "cpu_user", "processes": [{ "pid": 9, "name": "yes", "user": "root", "percent": 50.0 }] },
            { "of": "swap", "unknown": "too many open files" },
        ])
    );
}

#[test]
fn people_read_them_below_the_message() {
    let program = program("set alert keeper@example.com\ncheck system box\n    if loadavg (1min) > 1 then alert\n");
    let news = Surroundings { program: &program, host: "box", zone: &TimeZone::UTC }.news(&event());
    let body = news[0].text.split("Description:").nth(1).expect("a body");
    assert_eq!(
        body.split("\n\nYour").next().expect("a body"),
        " mem usage of 90.0% matches resource limit [mem usage > 80.0%]\n\
         \n\tmost memory:\n\t\tjava (pid 17, user root) 512 MB 50.0%\n\t\tsh (pid 5, user root) 1 MB 0.1%\n\
         \n\tmost load:\n\t\tyes (pid 9, user root) 1.5 threads\n\
         \n\tmost cpu (user):\n\t\tyes (pid 9, user root) 50.0%\n\
         \n\tmost swap:\n\t\tunknown, too many open files"
    );
}

#[test]
fn names_that_others_chose_are_harmless() {
    for plain in ["java", "kworker/0:1", "postgres", "(sd-pam)".trim_matches(['(', ')']), "réseau"] {
        assert_eq!(name(plain), plain);
    }
    for (odd, shown) in [
        ("", "\"\""),
        ("Web Content", "\"Web Content\""),
        ("a (pid 1, user root) 9%", "\"a (pid 1, user root) 9%\""),
        ("a\"b", "\"a\\\"b\""),
        ("a\n[error]", "\"a\\n[error]\""),
        ("\u{1b}[31m", "\"\\u{1b}[31m\""),
        ("\u{202e}txt", "\"\\u{202e}txt\""),
    ] {
        assert_eq!(name(odd), shown);
    }
    assert_eq!(name(&"x".repeat(1000)).chars().count(), 65);
}
