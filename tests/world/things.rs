//! Files, directories, pipes, file systems, interfaces, and what processes hold: readings of this very machine.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Command, Stdio};

use grammar::ast::{HashKind, TimestampKind};
use interpreter::engine::{Fact, FactValue, Identity, Lines, Metric, Plan, Position, Presence, Raw, Reading};
use interpreter::program::{Behaviour, Target};
use ruled::observe::apart::Reader;
use ruled::observe::snapshot::Snapshot;
use ruled::observe::{Seen, Sight};
use tempfile::TempDir;

fn look(target: &Target, metrics: &[Metric], facts: &[Fact]) -> Seen {
    let plan = Plan { metrics: metrics.to_vec(), facts: facts.to_vec(), ..Plan::default() };
    Sight::new(target, &Behaviour::RULES).look(&plan, None, &Snapshot::default())
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn path_in(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

fn known<T: Clone + std::fmt::Debug>(reading: Option<&Reading<T>>) -> T {
    match reading {
        Some(Reading::Known(value)) => value.clone(),
        other => panic!("{other:?}"),
    }
}

fn fact(seen: &Seen, fact: Fact) -> FactValue {
    known(seen.figures.facts.get(&fact))
}

fn raw(seen: &Seen, metric: Metric) -> Raw {
    known(seen.figures.values.get(&metric))
}

fn reason<T: std::fmt::Debug>(reading: Option<&Reading<T>>) -> String {
    match reading {
        Some(Reading::Unknown(reason)) => reason.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn things_of_another_kind_are_in_the_wrong_place() {
    let folder = folder();
    let (file, pipe) = (path_in(&folder, "file"), path_in(&folder, "pipe"));
    fs::write(&file, "x").expect("a file");
    rustix::fs::mkfifoat(rustix::fs::CWD, pipe.as_str(), 0o640.into()).expect("a pipe");
    let place = folder.path().display().to_string();
    let right = [Target::File(file.clone()), Target::Fifo(pipe.clone()), Target::Directory(place.clone())];
    for target in right {
        assert!(matches!(look(&target, &[], &[]).presence, Presence::Present(Identity::File { .. })), "{target:?}");
    }
    for (target, words) in [
        (Target::File(pipe.clone()), "a named pipe"),
        (Target::File(place), "a directory"),
        (Target::Fifo(file.clone()), "a file"),
        (Target::Directory(pipe), "a named pipe"),
        (Target::File("/dev/null".to_owned()), "a device"),
    ] {
        match look(&target, &[Metric::Size], &[Fact::Checksum(HashKind::Md5), Fact::Lines]).presence {
            Presence::Invalid(reason) => assert!(reason.contains(words), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(look(&Target::Directory("/nowhere".to_owned()), &[], &[]).presence, Presence::Absent(_)));
}

#[test]
fn owners_and_ages_of_a_directory() {
    let folder = folder();
    let target = Target::Directory(folder.path().display().to_string());
    let seen = look(&target, &[Metric::Timestamp(TimestampKind::Modify)], &[Fact::Uid, Fact::Gid, Fact::Lines]);
    let metadata = fs::metadata(folder.path()).expect("there");
    assert_eq!(fact(&seen, Fact::Uid), FactValue::Number(u64::from(metadata.uid())));
    assert_eq!(fact(&seen, Fact::Gid), FactValue::Number(u64::from(metadata.gid())));
    assert!(
        matches!(raw(&seen, Metric::Timestamp(TimestampKind::Modify)), Raw::Stamp(at) if at.0 / 1_000_000 == metadata.mtime())
    );
    assert!(reason(seen.figures.facts.get(&Fact::Lines)).contains("has no lines"));
}

#[test]
fn checksums_are_those_of_the_standard_tools() {
    let folder = folder();
    let path = path_in(&folder, "file");
    fs::write(&path, "hello world").expect("a file");
    let sight = Sight::new(&Target::File(path.clone()), &Behaviour::RULES);
    let digits = |hash| {
        let plan = Plan { facts: vec![Fact::Checksum(hash)], ..Plan::default() };
        fact(&sight.look(&plan, None, &Snapshot::default()), Fact::Checksum(hash)).text().expect("digits").to_owned()
    };
    assert_eq!(digits(HashKind::Md5), "5eb63bbbe01eeed093cb22bb8f5acdc3");
    assert_eq!(digits(HashKind::Sha1), "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed");
    assert_eq!(digits(HashKind::Sha256), "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9");
    // The same size, and within the same moment.
    fs::write(&path, "hello earth").expect("a file");
    assert_ne!(digits(HashKind::Md5), "5eb63bbbe01eeed093cb22bb8f5acdc3");
    // An old file is believed as long as nothing about it changes, and not a moment longer.
    let old = File::options().write(true).open(&path).expect("the file");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    old.set_modified(long_ago).expect("an older time");
    let first = digits(HashKind::Md5);
    assert_eq!(digits(HashKind::Md5), first);
    fs::write(&path, "hello venus").expect("a file");
    File::options().write(true).open(&path).expect("the file").set_modified(long_ago).expect("an older time");
    assert_ne!(digits(HashKind::Md5), first, "its status change tells, though size and time are the same");
    fs::remove_file(&path).expect("gone");
    assert!(matches!(look(&Target::File(path), &[], &[Fact::Checksum(HashKind::Md5)]).presence, Presence::Absent(_)));
}

struct Log {
    path: String,
    sight: Sight,
    position: Option<Position>,
    folder: TempDir,
}

impl Log {
    fn new(text: &str) -> Log {
        Log::followed(text, &Behaviour::RULES)
    }

    fn followed(text: &str, behaviour: &Behaviour) -> Log {
        let folder = folder();
        let path = path_in(&folder, "log");
        fs::write(&path, text).expect("a log");
        let sight = Sight::new(&Target::File(path.clone()), behaviour);
        Log { path, sight, position: None, folder }
    }

    fn add(&self, text: &str) {
        OpenOptions::new()
            .append(true)
            .open(&self.path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .expect("written");
    }

    /// ruled is started again: it knows nothing but the position.
    fn again(&mut self) {
        self.sight = Sight::new(&Target::File(self.path.clone()), &Behaviour::RULES);
    }

    fn aside(&self, name: &str) -> String {
        path_in(&self.folder, name)
    }

    fn read(&mut self) -> Vec<String> {
        let plan = Plan { facts: vec![Fact::Lines], follow: self.position, ..Plan::default() };
        let seen = self.sight.look(&plan, None, &Snapshot::default());
        let FactValue::Lines(Lines { lines, until }) = fact(&seen, Fact::Lines) else { panic!("no lines") };
        self.position = Some(until);
        lines
    }
}

#[test]
fn every_line_is_read_once() {
    let mut log = Log::new("old\n");
    assert_eq!(log.read(), [""; 0], "what was there before is not news");
    log.add("one\ntwo\r\nthr");
    assert_eq!(log.read(), ["one", "two"]);
    assert_eq!(log.read(), [""; 0], "a line without its end waits");
    log.add("ee\n\n");
    assert_eq!(log.read(), ["three", ""]);
    // Rotated by renaming: the new file is read from its beginning.
    fs::rename(&log.path, format!("{}.1", log.path)).expect("renamed");
    fs::write(&log.path, "four\n").expect("a new log");
    assert_eq!(log.read(), ["four"]);
    // Rotated by truncation.
    fs::write(&log.path, "5\n").expect("a shorter log");
    assert_eq!(log.read(), ["5"]);
    log.add("bad \u{fffd}");
    OpenOptions::new()
        .append(true)
        .open(&log.path)
        .and_then(|mut file| file.write_all(b"\xff\x00x\n"))
        .expect("written");
    assert_eq!(log.read(), ["bad \u{fffd}\u{fffd}\0x"]);
}

fn add(path: &str, text: &str) {
    let file = OpenOptions::new().append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

fn is_old(path: &str) {
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    File::options().write(true).open(path).and_then(|file| file.set_modified(long_ago)).expect("an older time");
}

#[test]
fn lines_written_round_a_rotation_are_read() {
    for is_started_again in [false, true] {
        let mut log = Log::new("old\n");
        log.read();
        log.add("one\n");
        assert_eq!(log.read(), ["one"]);
        log.add("two\n");
        let rotated = log.aside("log.1");
        fs::rename(&log.path, &rotated).expect("renamed");
        add(&rotated, "three\n");
        fs::write(&log.path, "A\n").expect("a new log");
        if is_started_again {
            log.again();
        }
        assert_eq!(log.read(), ["two", "three", "A"]);
        // Its writer opens the new one later.
        add(&rotated, "four\nfi");
        log.add("B\n");
        if is_started_again {
            log.again();
        }
        assert_eq!(log.read(), ["four", "B"]);
        add(&rotated, "ve");
        is_old(&rotated);
        assert_eq!(log.read(), ["five"], "nobody writes to it any more");
        add(&rotated, "\nnobody reads this\n");
        assert_eq!(log.read(), [""; 0]);
    }
}

#[test]
fn a_file_that_was_removed_is_read_to_its_end() {
    let mut log = Log::new("old\n");
    log.read();
    log.add("one\n");
    fs::remove_file(&log.path).expect("compressed and removed");
    fs::write(&log.path, "A\n").expect("a new log");
    assert_eq!(log.read(), ["one", "A"]);
}

#[test]
fn a_look_that_nobody_waits_for_any_more_loses_nothing() {
    let mut log = Log::new("old\n");
    log.read();
    log.add("one\n");
    fs::remove_file(&log.path).expect("compressed and removed");
    fs::write(&log.path, "A\n").expect("a new log");
    let before = log.position;
    assert_eq!(log.read(), ["one", "A"]);
    log.position = before;
    assert_eq!(log.read(), ["one", "A"]);
}

#[test]
fn a_file_that_was_copied_and_cut_is_read_to_its_end() {
    let long = "a line that is long enough to be known again\n".repeat(10);
    let mut log = Log::new(&long);
    log.read();
    log.add("one\n");
    assert_eq!(log.read(), ["one"]);
    log.add("two\n");
    fs::copy(&log.path, log.aside("log.1")).expect("a copy");
    fs::write(log.aside("log.2"), long.clone() + "uno\ndos\n").expect("a stranger");
    File::options().write(true).open(&log.path).and_then(|file| file.set_len(0)).expect("cut");
    log.add("three\n");
    assert_eq!(log.read(), ["two", "three"]);
    // Cut and grown beyond the place by the next look: its text tells.
    let place = log.position.expect("a position").offset_bytes;
    fs::write(&log.path, "x".repeat(usize::try_from(place).expect("small")) + "\nlast\n").expect("written anew");
    assert_eq!(log.read().last().map(String::as_str), Some("last"));
    assert_eq!(log.read(), [""; 0]);
}

#[test]
fn monit_reads_the_file_that_has_the_name() {
    let mut log = Log::followed("old\n", &Behaviour::MONIT);
    log.read();
    log.add("one\n");
    fs::rename(&log.path, log.aside("log.1")).expect("renamed");
    fs::write(&log.path, "A\n").expect("a new log");
    assert_eq!(log.read(), ["A"]);
}

#[test]
fn a_flood_across_a_rotation_keeps_its_order() {
    let mut log = Log::new("");
    log.read();
    let line = |number: usize| format!("{number:099}\n");
    log.add(&(0..60_000).map(line).collect::<String>());
    fs::rename(&log.path, log.aside("log.1")).expect("renamed");
    fs::write(&log.path, (60_000..90_000).map(line).collect::<String>()).expect("a new log");
    let mut numbers = Vec::new();
    for _ in 0..6 {
        numbers.extend(log.read().iter().map(|line| line.parse::<usize>().expect("a number")));
    }
    assert!(numbers.iter().copied().eq(0..90_000), "{} lines", numbers.len());
}

#[test]
fn a_flood_of_lines_is_read_in_portions_and_whole() {
    let mut log = Log::new("");
    log.read();
    let line = format!("{}\n", "x".repeat(99));
    log.add(&line.repeat(100_000));
    let (mut lines, mut looks) = (0, 0);
    while looks < 10 {
        let read = log.read();
        looks += 1;
        lines += read.len();
        assert!(read.iter().all(|one| one.len() == 99));
        if read.is_empty() {
            break;
        }
    }
    assert_eq!((lines, looks), (100_000, 4), "10 MB are three portions");
    // A line that never ends is cut, and holds nobody up.
    log.add(&"y".repeat(5 << 20));
    assert!(log.read().first().is_some_and(|line| line.len() == 64 * 1024));
}

#[test]
fn a_pipe_in_the_place_of_a_log_holds_nobody_up() {
    let folder = folder();
    let path = path_in(&folder, "log");
    rustix::fs::mkfifoat(rustix::fs::CWD, path.as_str(), 0o640.into()).expect("a pipe");
    assert!(ruled::observe::lines::since(&path, Some(Position::default())).is_err());
    let metadata = fs::metadata(&path).expect("there");
    assert!(ruled::observe::checksum::Checksums::default().of(Reader::Here, &path, HashKind::Md5, &metadata).is_err());
}

#[test]
fn a_file_system_has_room_and_options() {
    let metrics = [Metric::Space, Metric::SpaceFree, Metric::Inodes, Metric::InodesFree];
    for written in ["/", "/proc/../"] {
        let seen = look(&Target::Filesystem(written.to_owned()), &metrics, &[Fact::MountFlags, Fact::Uid]);
        assert!(matches!(seen.presence, Presence::Present(Identity::File { .. })), "{written}: {:?}", seen.presence);
        let (Raw::Part { amount: used, whole }, Raw::Part { amount: free, .. }) =
            (raw(&seen, Metric::Space), raw(&seen, Metric::SpaceFree))
        else {
            panic!("{seen:?}")
        };
        assert!(used > 0.0 && used + free == whole, "{used} + {free} of {whole}");
        let flags = fact(&seen, Fact::MountFlags);
        assert!(flags.text().expect("words").split(',').any(|word| word == "rw" || word == "ro"), "{flags:?}");
    }
    let seen = look(&Target::Filesystem("server:/export".to_owned()), &metrics, &[]);
    assert!(
        matches!(&seen.presence, Presence::Absent(reason) if reason.contains("not mounted")),
        "{:?}",
        seen.presence
    );
    let folder = folder();
    let plain = folder.path().display().to_string();
    let seen = look(&Target::Filesystem(plain.clone()), &metrics, &[]);
    let wanted = format!("nothing is mounted on {plain}");
    assert!(matches!(&seen.presence, Presence::Absent(reason) if *reason == wanted), "{:?}", seen.presence);
    let seen = look(&Target::Filesystem("/proc".to_owned()), &[Metric::Read], &[]);
    assert!(reason(seen.figures.values.get(&Metric::Read)).contains("no disk"), "{seen:?}");
}

#[test]
fn the_loopback_interface_is_up_and_counts() {
    let metrics = [Metric::Download, Metric::Upload, Metric::Saturation];
    let facts = [Fact::Link, Fact::LinkErrors, Fact::LinkCapacity];
    for target in [Target::Interface("lo".to_owned()), Target::Address("127.0.0.1".to_owned())] {
        let seen = look(&target, &metrics, &facts);
        assert_eq!(fact(&seen, Fact::Link), FactValue::Number(1));
        assert!(fact(&seen, Fact::LinkErrors).number().is_some());
        assert!(matches!(raw(&seen, Metric::Download), Raw::Growth { bytes, pieces } if bytes >= pieces));
        // It is no wire, so it has no speed.
        assert!(reason(seen.figures.values.get(&Metric::Saturation)).contains("speed"));
        assert!(reason(seen.figures.facts.get(&Fact::LinkCapacity)).contains("speed"));
    }
    let seen = look(&Target::Interface("nosuch0".to_owned()), &[Metric::Download], &[Fact::Link, Fact::LinkErrors]);
    assert_eq!(fact(&seen, Fact::Link), FactValue::Number(0), "what is not there is down");
    assert!(reason(seen.figures.values.get(&Metric::Download)).contains("no network interface `nosuch0`"));
    for odd in ["../lo", "", "."] {
        let seen = look(&Target::Interface(odd.to_owned()), &[Metric::Upload], &[]);
        assert!(reason(seen.figures.values.get(&Metric::Upload)).contains("no network interface"));
    }
    let seen = look(&Target::Address("192.0.2.1".to_owned()), &[], &[]);
    assert!(matches!(&seen.presence, Presence::Unknown(reason) if reason.contains("192.0.2.1")), "{:?}", seen.presence);
}

#[test]
fn what_this_process_holds_is_counted() {
    let folder = folder();
    let pidfile = path_in(&folder, "pid");
    fs::write(&pidfile, std::process::id().to_string()).expect("a pid file");
    fs::set_permissions(&pidfile, fs::Permissions::from_mode(0o644)).expect("a mode");
    let metrics = [Metric::Threads, Metric::Children, Metric::FileDescriptors, Metric::TotalFileDescriptors];
    let moved = [Metric::Uptime, Metric::Read, Metric::Write, Metric::DiskRead, Metric::DiskWrite];
    let facts = [Fact::Ppid, Fact::Uid, Fact::Euid, Fact::Gid];
    let metrics: Vec<Metric> = metrics.into_iter().chain(moved).collect();
    let seen = look(&Target::Pidfile(pidfile), &metrics, &facts);
    assert!(matches!(raw(&seen, Metric::Threads), Raw::Gauge(threads) if threads >= 1.0));
    let Raw::Part { amount: open, whole: most } = raw(&seen, Metric::FileDescriptors) else { panic!("{seen:?}") };
    assert!(open >= 3.0 && open <= most, "{open} of {most}");
    assert!(matches!(raw(&seen, Metric::TotalFileDescriptors), Raw::Gauge(all) if all >= 3.0));
    assert!(matches!(raw(&seen, Metric::Read), Raw::Growth { bytes, pieces } if bytes > 0.0 && pieces > 0.0));
    assert!(matches!(raw(&seen, Metric::Uptime), Raw::Gauge(_)));
    assert_eq!(fact(&seen, Fact::Uid), FactValue::Number(u64::from(rustix::process::getuid().as_raw())));
    assert_eq!(fact(&seen, Fact::Euid), FactValue::Number(u64::from(rustix::process::geteuid().as_raw())));
    let parent = rustix::process::getppid().expect("a parent").as_raw_pid();
    assert_eq!(fact(&seen, Fact::Ppid), FactValue::Number(u64::try_from(parent).expect("positive")));
}

#[test]
fn children_that_end_all_the_time_hide_no_figure() {
    let mut main = Command::new("sh")
        .args(["-c", "n=0; while [ $n -lt 30000 ]; do n=$((n + 1)); /bin/true & /bin/true & /bin/true; done"])
        .stderr(Stdio::null())
        .spawn()
        .expect("sh starts");
    let folder = folder();
    let pidfile = path_in(&folder, "pid");
    fs::write(&pidfile, main.id().to_string()).expect("a pid file");
    fs::set_permissions(&pidfile, fs::Permissions::from_mode(0o644)).expect("a mode");
    let target = Target::Pidfile(pidfile);
    let metrics = [Metric::TotalFileDescriptors, Metric::TotalMemory, Metric::TotalCpu, Metric::Children];
    let seen: Vec<Seen> = (0..300).map(|_| look(&target, &metrics, &[])).collect();
    main.kill().expect("it is ours");
    main.wait().expect("it ends");
    for (seen, metric) in seen.iter().flat_map(|seen| metrics.map(|metric| (seen, metric))) {
        assert!(matches!(seen.figures.values.get(&metric), Some(Reading::Known(_))), "{seen:?}");
    }
}

#[test]
fn this_machine_counts_its_descriptors() {
    let seen =
        look(&Target::System, &[Metric::FileDescriptors, Metric::Uptime, Metric::CpuSteal, Metric::CpuNice], &[]);
    assert!(
        matches!(raw(&seen, Metric::FileDescriptors), Raw::Part { amount, whole } if amount > 0.0 && amount < whole)
    );
    assert!(matches!(raw(&seen, Metric::Uptime), Raw::Gauge(seconds) if seconds > 0.0));
    assert!(matches!(raw(&seen, Metric::CpuSteal), Raw::Share { part, whole } if part <= whole));
}
