//! What nobody uses takes no memory: the code of components that no rule names is not in that of a running ruled.

use std::fs::File;
use std::os::unix::fs::FileExt;

use ruled_embedded::STOCK;

use crate::rig::{Daemon, until, write};

const PAGE: u64 = 4 << 10;

/// Where the code of all components stands in the program's file, which has it in one piece.
fn place(program: &[u8]) -> (u64, u64) {
    let first = STOCK.first().expect("a stock plugin").precompiled;
    let head = first.get(..64).expect("it is longer than that");
    let begins = program.windows(head.len()).position(|window| window == head).expect("it is embedded");
    let length: usize = STOCK.iter().map(|stock| stock.precompiled.len()).sum();
    for stock in STOCK {
        let offset = stock.precompiled.as_ptr() as usize - first.as_ptr() as usize;
        assert!(program[begins + offset..].starts_with(stock.precompiled), "{} lies elsewhere", stock.name);
    }
    (begins as u64, length as u64)
}

/// How many bytes of a part of its program's file a process has in memory (Documentation/admin-guide/mm/pagemap.rst of Linux).
fn resident(pid: u32, program: &str, (begins, length): (u64, u64)) -> u64 {
    const PRESENT: u64 = 1 << 63;
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).expect("the mappings of a process of ours");
    let pages = File::open(format!("/proc/{pid}/pagemap")).expect("the pages of a process of ours");
    let number = |text: &str| u64::from_str_radix(text, 16).expect("a hexadecimal number");
    let (mut mapped, mut present) = (0, 0);
    for line in maps.lines().filter(|line| line.ends_with(program)) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (from, to) = fields[0].split_once('-').expect("two addresses");
        let (from, to, offset) = (number(from), number(to), number(fields[2]));
        let (first, last) = (begins.max(offset), (begins + length).min(offset + (to - from)));
        for byte in (first..last).step_by(PAGE as usize) {
            let mut entry = [0; 8];
            pages.read_exact_at(&mut entry, (from + byte - offset) / PAGE * 8).expect("an entry");
            mapped += PAGE;
            present += if u64::from_ne_bytes(entry) & PRESENT != 0 { PAGE } else { 0 };
        }
    }
    assert!(mapped + 2 * PAGE >= length, "only {mapped} of {length} bytes are mapped");
    present
}

#[test]
fn components_that_no_rule_names_are_not_in_memory() {
    let program = env!("CARGO_BIN_EXE_ruled");
    let place = place(&std::fs::read(program).expect("the program"));
    let folder = tempfile::tempdir().expect("a folder");
    let rules = write(folder.path(), "quiet.rules", "check system box\n  if memory > 99% then alert\n");
    let daemon = Daemon::start(&["-v", &rules], &folder.path().join("log"));
    until(|| daemon.said().contains("cycle 1 is over").then_some(())).expect("a cycle");
    let there = resident(daemon.pid(), program, place);
    // The kernel maps what lies around what is read, at both ends: 64 kB at once, and more where the file lies in memory in larger
    // pieces. Where the code of the components does not lie in one piece, it is megabytes.
    assert!(there <= 512 << 10, "{there} of {} bytes are in memory", place.1);
    daemon.end();
}
