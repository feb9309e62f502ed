//! Monit's state file is read as Monit writes it, and nothing else is taken for one.

use grammar::Dialect;
use grammar::ast::ServiceKind;
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check, load_text};
use interpreter::durable::{KeptPosition, KeptValue};
use interpreter::import::state::{Entry, STATE_BYTES_MAX, State, StateError, read};
use interpreter::program::Service;
use proptest::prelude::*;

/// What Monit 5.33 wrote on a machine of 64 bits with little-endian numbers.
const MONITS: &[u8] = include_bytes!("../../tests/moving/monit-5.33.state");

/// How long its entries are.
const ENTRY: usize = 392;
const HEAD: usize = 16;

fn entry<'a>(state: &'a State, name: &str) -> &'a Entry {
    state.entries.iter().find(|entry| entry.name == name).expect("it is there")
}

fn service(text: &str) -> Service {
    let loaded = load_text("/etc/monitrc", text.as_bytes(), Dialect::Monit, &Imaginary::new());
    let checked = check(&loaded.source, Dialect::Monit, &Protocols::default(), &Imaginary::new());
    checked.program.expect("good rules").services.swap_remove(0)
}

#[cfg(target_endian = "little")]
#[test]
fn what_monit_wrote_is_read() {
    let state = read(MONITS).expect("a state file");
    assert_eq!((state.format, state.booted_s), (4, Some(1_795_235_120)));
    let names: Vec<&str> = state.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["Alpha", "beta", "gamma", "delta", "lo", "eps", "zeta", "eta", "theta", "sysname"]);
    let kinds: Vec<ServiceKind> = state.entries.iter().filter_map(|entry| entry.kind).collect();
    use ServiceKind::{Directory, Fifo, File, Filesystem, Host, Network, Process, Program, System};
    assert_eq!(kinds, [File, File, Directory, Fifo, Network, Process, Program, Host, Filesystem, System]);
    let unwatched: Vec<&str> =
        state.entries.iter().filter(|entry| !entry.monitored).map(|entry| entry.name.as_str()).collect();
    assert_eq!(unwatched, ["beta", "gamma"]);
    let eps = entry(&state, "eps");
    assert_eq!((eps.restarts, eps.restart_cycles), (3, 2));
    let alpha = entry(&state, "Alpha");
    assert_eq!(alpha.position, Some((10_010_935, 19)));
    assert_eq!((alpha.seen.size, alpha.seen.mode), (Some(19), Some(0o644)));
    assert_eq!(alpha.seen.checksum.as_deref(), Some("73d144e7df835fe1ddf0ddc2cdc1293c"));
    assert!(alpha.seen.times_s.contains(&("mtime", 1_795_307_189)), "{:?}", alpha.seen.times_s);
    let beta = entry(&state, "beta");
    assert_eq!((beta.position, beta.seen.size, beta.seen.mode), (None, None, None), "nobody ever looked at it");
    assert_eq!(entry(&state, "delta").seen.mode, Some(0o644));
}

#[cfg(target_endian = "little")]
#[test]
fn what_is_kept_of_it_is_what_differs_from_the_beginning() {
    let state = read(MONITS).expect("a state file");
    let file = service("check file ALPHA with path /f");
    let alpha = entry(&state, "Alpha");
    assert!(alpha.is_of(&file) && !alpha.is_of(&service("check fifo Alpha with path /f")));
    let kept = alpha.kept(&file);
    assert_eq!(kept.monitored, None, "it is watched, as the rules would have it");
    assert_eq!(kept.position, Some(KeptPosition { inode: 10_010_935, offset_bytes: 19, ..KeptPosition::default() }));
    assert_eq!(kept.marks.get("mtime"), Some(&KeptValue::Number(1_795_307_189_000_000)));
    assert_eq!(kept.marks.get("permission"), Some(&KeptValue::Number(0o644)));
    assert_eq!(entry(&state, "beta").kept(&service("check file beta with path /f")).monitored, Some(false));
    let silent = service("check file beta with path /f\n onreboot nostart");
    assert_eq!(entry(&state, "beta").kept(&silent).monitored, None, "so the rules would have it");
    let silent = service("check process eps with pidfile /p\n onreboot nostart");
    let kept = entry(&state, "eps").kept(&silent);
    assert_eq!((kept.monitored, kept.restarts, kept.restart_cycles), (Some(true), 3, 2));
}

/// An entry of an older format: the name, numbers of 32 bits, and what follows.
fn older(name: &str, numbers: [u32; 4], rest: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.resize(256, 0);
    numbers.iter().for_each(|number| bytes.extend(number.to_ne_bytes()));
    bytes.extend(rest);
    bytes.resize(length, 0);
    bytes
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
}

#[test]
fn older_formats_are_read() {
    let zero = [words(&[2]), older("a", [1, 3, 4, 0], &[], 280), older("b", [0, 0, 0, 1], &[], 280)].concat();
    let state = read(&zero).expect("format 0");
    assert_eq!((state.format, state.entries.len()), (0, 2));
    let a = entry(&state, "a");
    assert_eq!((a.kind, a.monitored, a.restarts, a.restart_cycles), (None, false, 3, 4));
    assert!(a.is_of(&service("check file a with path /f")) && entry(&state, "b").monitored);
    let place: Vec<u8> = [7u64, 100].iter().flat_map(|number| number.to_ne_bytes()).collect();
    let one = [words(&[0, 1]), older("a", [2, 0, 5, 6], &place, 288)].concat();
    let state = read(&one).expect("format 1");
    let a = entry(&state, "a");
    assert_eq!((a.kind, a.position, a.restarts), (Some(ServiceKind::File), Some((7, 100)), 5));
    let more: Vec<u8> = [7u64, 100, 120, 1_500_000_000].iter().flat_map(|number| number.to_ne_bytes()).collect();
    let more = [more, words(&[0o100_640]), b"2CEAEAF29BF63C67652B1438E968AE7AFBB3A31C".to_vec()].concat();
    let two = [words(&[0, 2]), older("a", [2, 1, 0, 0], &more, 376)].concat();
    let state = read(&two).expect("format 2");
    let seen = &entry(&state, "a").seen;
    assert_eq!((seen.size, seen.mode), (Some(120), Some(0o640)));
    assert_eq!(seen.times_s, [("timestamp", 1_500_000_000)]);
    let kept = entry(&state, "a").kept(&service("check file a with path /f"));
    let digits = "2ceaeaf29bf63c67652b1438e968ae7afbb3a31c".to_owned();
    assert_eq!(kept.marks.get("sha1"), Some(&KeptValue::Text(digits)));
}

#[test]
fn what_is_none_of_monits_is_refused_with_the_reason() {
    let fails = |bytes: &[u8]| read(bytes).expect_err("refused").to_string();
    let good = [words(&[0, 4, 1, 0]), older("a", [2, 1, 0, 0], &[], ENTRY)].concat();
    assert_eq!(read(&good).expect("good").entries.len(), 1);
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = good.clone();
        changed.splice(at..at + bytes.len(), bytes.iter().copied());
        changed
    };
    assert!(fails(&[]).contains("is empty"));
    assert!(fails(b"set daemon 30\n").contains("begins with \"set daemon 30\""));
    assert!(fails(b"SQLite format 3\0").contains("no state file of Monit"));
    assert!(fails(&[0, 0]).contains("begins with the bytes 00 00"));
    assert!(fails(&words(&[0, 5])).contains("format 5 of Monit's state, a later one"));
    assert!(fails(&words(&[0, 3])).contains("format 3 of Monit's state, and ruled reads formats 0, 1, 2 and 4"));
    assert!(fails(&words(&[0, 4u32.swap_bytes()])).contains("no state file of Monit"), "of another byte order");
    assert!(fails(&words(&[0, 4, 1])).contains("its head has 12 of 16 bytes"));
    assert!(fails(&good[..HEAD + 300]).contains("entry 1 has 300 of 392 bytes"));
    assert!(fails(&[&good[..], b"x"].concat()).contains("entry 2 has 1 of 392 bytes"));
    assert!(fails(&[&good[..], &good[HEAD..]].concat()).contains("entry 2 has the name of another"));
    assert!(fails(&with(HEAD, &[0])).contains("entry 1 has no name"));
    assert!(fails(&with(HEAD, &[b'n'; 256])).contains("a name without end"));
    assert!(fails(&with(HEAD + 256, &words(&[9]))).contains("of no kind that Monit has"));
    assert!(fails(&with(HEAD + 260, &words(&[8]))).contains("neither that it is watched"));
    assert!(fails(&with(HEAD + 264, &words(&[u32::MAX]))).contains("less than never"));
    let zero = [words(&[3]), older("a", [0; 4], &[], 280)].concat();
    assert!(fails(&zero).contains("says that it has 3 entries, and has 1"));
    assert_eq!(read(&vec![0; STATE_BYTES_MAX + 1]), Err(StateError::Long));
}

#[cfg(target_endian = "little")]
proptest! {
    #[test]
    fn whatever_stands_there_nothing_falls_over(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let begun = [words(&[0, 4, 1, 0]), bytes.clone()].concat();
        for bytes in [bytes, begun] {
            if let Err(error) = read(&bytes) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn one_that_is_cut_is_never_taken_for_a_whole_one(end in 1..MONITS.len()) {
        // Between two entries nothing shows that there were more.
        prop_assert_eq!(read(&MONITS[..end]).is_ok(), end >= HEAD && (end - HEAD).is_multiple_of(ENTRY));
    }
}
