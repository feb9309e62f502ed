//! Texts whose verdict Monit itself confirmed: what it accepts leads to no error in either dialect.
//!
//! The table is not part of the repository; without it there is nothing to run. Only lines made of
//! statements that this language has are taken, by the words in them.

use grammar::{Dialect, Severity, Source, parse};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/monit/vectors.tsv");

/// Words of statements, tests and options that the language does not have yet.
const FOREIGN: &[&str] = &[
    "include",
    "every",
    "mode",
    "onreboot",
    "content",
    "if match",
    "not match",
    "checksum",
    "changed",
    "ssl",
    "tls",
    "certificate",
    "certmd5",
    "send",
    "expect",
    "url",
    "unix",
    "ping",
    "icmp",
    "responsetime",
    "restarts",
    "restart 5",
    "uptime",
    "threads",
    "child",
    "filedescriptors",
    "space",
    "inode",
    "fsflag",
    "read",
    "write",
    "link",
    "saturation",
    "upload",
    "download",
    "via address",
    "80 address",
    "check program",
    "directory",
    "fifo",
    "filesystem",
    "check network",
    "device",
    "httpd",
    "set limits",
    "eventqueue",
    "mmonit",
    "mail-format",
    "reminder",
    "terminal",
    "set pidfile",
    "set idfile",
    "set statefile",
    "set init",
    "fips",
    "ipv4",
    "ipv6",
    "type ",
    "apache-status",
    "websocket",
    "security",
    "failed uid",
    "failed gid",
    "euid",
    "changed pid",
    "ppid",
    "atime",
    "ctime",
    "mtime",
    "access time",
    "change time",
    "modif",
    "ignore",
    "nice",
    "irq",
    "steal",
    "guest",
    "service time",
    "headers",
    "rsakey",
    "restart limit",
    "sslauto",
    "fstype",
    "restart 1",
    "restart 2",
    "restart 3",
];

#[test]
#[expect(clippy::disallowed_methods, reason = "the table is a file")]
fn what_monit_accepts_is_read() {
    let Ok(table) = std::fs::read_to_string(TABLE) else {
        eprintln!("SKIPPED: {TABLE} is not there, so no vector of Monit was tried");
        return;
    };
    let (mut tried, mut all, mut wrong) = (0, 0, Vec::new());
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.splitn(4, '\t');
        let (Some(id), Some(verdict), Some(_), Some(text)) =
            (columns.next(), columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        if verdict != "accept" {
            continue;
        }
        all += 1;
        let text = unescape(text);
        if is_foreign(&text) {
            continue;
        }
        tried += 1;
        // A text that is never closed is what `rules` repairs; Monit closes a program at the end of the file.
        let open = !text.matches('"').count().is_multiple_of(2);
        let dialects = [Dialect::Monit, Dialect::Rules];
        for dialect in dialects.into_iter().filter(|dialect| !open || *dialect == Dialect::Monit) {
            let source = Source::new("vector", text.clone());
            for finding in parse(&source, dialect).findings {
                if finding.severity == Severity::Error {
                    wrong.push(format!("{id} {}: {}[{}]\n{text}\n", dialect.word(), finding.headline, finding.name));
                }
            }
        }
    }
    eprintln!("{tried} of {all} accepted vectors are made of known statements; {} errors", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_foreign(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    FOREIGN.iter().any(|word| text.contains(word))
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}
