//! Texts whose verdict Monit itself confirmed: what it accepts loads in both dialects, and little of what it refuses is
//! taken in its own.
//!
//! The table is not part of the repository; without it there is nothing to run, and the test says so.

use grammar::{Dialect, Severity};
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, PathState, ProgramState, check, load_text};
use interpreter::lint::ABOUT_THIS_MACHINE;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/monit/vectors.tsv");
/// The folder of the files that the texts name.
const FOLDER: &str = "/vectors";
/// Of a hundred texts that Monit refuses, so many may be taken.
const TAKEN_PERCENT_MAX: usize = 5;

struct Verdict {
    errors: Vec<String>,
    /// Whether the text is right but for what this machine does not have.
    machine: bool,
}

fn judge(text: &str, dialect: Dialect, machine: &Imaginary) -> Verdict {
    let loaded = load_text("vector", text.as_bytes(), dialect, machine);
    let checked = check(&loaded.source, dialect, &Protocols::default(), machine);
    let findings: Vec<_> = loaded.findings.into_iter().chain(checked.findings).collect();
    let errors = findings.iter().filter(|one| one.severity == Severity::Error);
    Verdict {
        errors: errors.map(|one| format!("{}[{}]", one.headline, one.name)).collect(),
        machine: findings.iter().any(|one| ABOUT_THIS_MACHINE.contains(&one.name)),
    }
}

fn machine(table: &str) -> Imaginary {
    let files = table.lines().filter_map(|line| line.strip_prefix("#file\t"));
    let machine = files.fold(Imaginary::new(), |machine, file| {
        let columns: Vec<&str> = file.splitn(3, '\t').collect();
        let (name, content) = (columns[0], columns.get(2).copied().unwrap_or_default());
        machine.with_file(format!("{FOLDER}/{name}"), unescape(content))
    });
    let machine = ["nosuchuser", "nosuchgroup", "4000000"].into_iter().fold(machine, Imaginary::without_user);
    let missing = ["/nonexistent", "/nonexistent/file", "/nonexistent/htpasswd"];
    let machine = missing.into_iter().fold(machine, |machine, path| machine.with_path(path, PathState::Missing));
    machine
        .with_path("/tmp", PathState::Directory)
        .with_path("/etc/passwd", PathState::File)
        .with_program("/nonexistent/x", ProgramState::Missing)
        .with_program("ls", ProgramState::Missing)
        .with_program(format!("{FOLDER}/plain"), ProgramState::NotExecutable)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the table is a file")]
fn the_verdicts_of_monit_are_ours() {
    let Ok(table) = std::fs::read_to_string(TABLE) else {
        eprintln!("SKIPPED: {TABLE} is not there, so no vector of Monit was tried");
        return;
    };
    let machine = machine(&table);
    let (mut accepted, mut refused, mut wrong, mut taken) = (0, 0, Vec::new(), Vec::new());
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.splitn(4, '\t').collect();
        let [id, verdict, _, text] = columns.as_slice() else { panic!("{line} has other columns") };
        let text = unescape(text);
        if text.contains('\0') {
            continue;
        }
        if *verdict == "accept" {
            accepted += 1;
            for dialect in [Dialect::Monit, Dialect::Rules] {
                let errors = judge(&text, dialect, &machine).errors;
                if !errors.is_empty() {
                    wrong.push(format!("{id} {}: {}\n{text}\n", dialect.word(), errors.join(", ")));
                }
            }
        } else {
            refused += 1;
            let verdict = judge(&text, Dialect::Monit, &machine);
            if verdict.errors.is_empty() && !verdict.machine {
                taken.push((*id).to_owned());
            }
        }
    }
    eprintln!("{accepted} accepted vectors load; of {refused} refused ones {} are taken", taken.len());
    assert!(accepted > 900 && refused > 900, "the table is another one");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(taken.len() * 100 <= refused * TAKEN_PERCENT_MAX, "{} of {refused}: {}", taken.len(), taken.join(" "));
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
    out.replace("@DIR@", FOLDER)
}
