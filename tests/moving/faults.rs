//! `ruled import --state` on a disk that fails, and killed in the middle: what Monit kept is taken over whole, or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use super::state::Place;
use super::{command_in, run_in};
use crate::rig::{Finished, finish};
use crate::world::crash::can_trace;

/// With what SQLite changes files and makes them last, and what goes wrong.
const FAULTS: [(&str, &str); 10] = [
    ("openat", "error=EROFS"),
    ("pwrite64", "error=ENOSPC"),
    ("fdatasync", "error=EIO"),
    ("fsync", "error=EIO"),
    ("ftruncate", "error=ENOSPC"),
    ("openat", "signal=KILL"),
    ("pwrite64", "signal=KILL"),
    ("fdatasync", "signal=KILL"),
    ("ftruncate", "signal=KILL"),
    ("unlink", "signal=KILL"),
];

/// At how many points something must have gone wrong. Fewer would mean that this does not see what it is for.
const POINTS_MIN: usize = 30;
/// No import makes a call so often.
const TIMES_MAX: usize = 100;

/// Takes the state over into `own`, where this goes wrong; what it said, and whether anything went wrong.
fn import_with(place: &Place, fault: &str) -> (Finished, bool) {
    let (trace, own) = (place.at("trace"), place.at("own"));
    let import = command_in(place.path(), &words(place).iter().map(String::as_str).collect::<Vec<_>>());
    let mut command = std::process::Command::new("strace");
    command.args(["-f", "-q", "-I", "1", "-o", &trace]);
    for suffix in ["", "-wal", "-journal", "-shm"] {
        command.args(["-P", &format!("{own}{suffix}")]);
    }
    command.args(["-e", &format!("inject={fault}")]).arg(import.get_program()).args(import.get_args());
    command.envs(import.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let done = finish(command);
    let trace = fs::read_to_string(&trace).unwrap_or_default();
    // A call in which ruled is killed has no end that could be marked.
    (done, trace.contains("(INJECTED)") || trace.contains("killed by SIGKILL"))
}

fn words(place: &Place) -> Vec<String> {
    let words = ["import", "--state", &place.at("monit.state"), &place.rules, "-o", &place.at("own")];
    words.map(str::to_owned).to_vec()
}

#[test]
fn all_of_it_is_taken_over_or_nothing() {
    if !can_trace() {
        return;
    }
    let mut points = 0;
    for (call, fault) in FAULTS {
        let mut times = 0;
        loop {
            times += 1;
            assert!(times < TIMES_MAX, "{call} is made without end");
            let place = Place::new("main.rules");
            let (done, was_hit) = import_with(&place, &format!("{call}:{fault}:when={times}"));
            let at = format!("{call}:{fault} number {times}: {}{}", done.out, done.err);
            let files: Vec<PathBuf> = ["own", "own-wal", "own-shm", "own-journal"]
                .map(|name| PathBuf::from(place.at(name)))
                .into_iter()
                .filter(|path| path.exists())
                .collect();
            if !was_hit {
                assert_eq!(done.status, 0, "{at}");
                break;
            }
            points += 1;
            let again = words(&place);
            let again = || run_in(place.path(), &again.iter().map(String::as_str).collect::<Vec<_>>());
            match done.status {
                0 => assert!(Path::new(&place.at("own")).exists(), "{at}"),
                2 => {
                    assert!(done.err.contains("nothing is taken over") && done.out.is_empty(), "{at}");
                    assert_eq!(files, Vec::<PathBuf>::new(), "{at}");
                }
                // Killed: it can be done again, or was done whole.
                _ => assert!(fault.starts_with("signal"), "{at}"),
            }
            let later = again();
            let is_known = later.status == 2 && later.err.contains("file 'beta' and process 'eps' already");
            assert!(later.status == 0 || is_known, "{at}\n{}{}", later.out, later.err);
            assert!(is_known || done.status != 0, "{at}: it was taken over, and is not known");
        }
    }
    println!("an import failed or was killed at {points} points");
    assert!(points >= POINTS_MIN, "only {points} points");
}
