//! What the fixes of findings do: to every example of every page, and to control files of strangers where they are.

use std::collections::BTreeMap;

use grammar::{Dialect, Finding, Help, Severity};
use interpreter::catalog::Protocols;
use interpreter::check::{self, Imaginary, Loaded, check};
use interpreter::fix::{Changed, Fixed, Unfixed, fix};
use interpreter::lint;

const PATH: &str = "/etc/example";

fn machine(text: &[u8]) -> Imaginary {
    Imaginary::new().with_file(PATH, text)
}

fn made(text: &[u8], dialect: Dialect, all: bool) -> Result<Fixed, Unfixed> {
    let load = |machine: &Changed<'_>| -> Loaded { check::load(PATH, dialect, machine) };
    fix(&load, dialect, &Protocols::default(), &machine(text), all)
}

fn findings(text: &[u8], dialect: Dialect) -> Vec<Finding> {
    let machine = machine(text);
    let loaded = check::load(PATH, dialect, &machine);
    let checked = check(&loaded.source, dialect, &Protocols::default(), &machine);
    loaded.findings.into_iter().chain(checked.findings).collect()
}

fn safe(finding: &Finding) -> bool {
    matches!(&finding.help, Some(Help::Fix(fix)) if fix.safe)
}

/// The examples of all pages, with the name of the page.
fn examples() -> Vec<(&'static str, Dialect, String)> {
    let mut examples = Vec::new();
    for entry in lint::list() {
        let mut blocks = entry.page.split("\n```");
        blocks.next();
        for block in blocks {
            let (word, text) = block.split_once('\n').unwrap_or((block, ""));
            let dialect = match word {
                "rules" => Dialect::Rules,
                "monit" => Dialect::Monit,
                _ => continue,
            };
            // What is said about a line in a comment would be one more comment of the example.
            let lines = text.lines().map(|line| line.split("   # ").next().unwrap_or(line));
            examples.push((entry.name, dialect, lines.collect::<Vec<_>>().join("\n") + "\n"));
        }
    }
    examples
}

#[test]
fn safe_fixes_of_the_pages_change_no_meaning_and_leave_none_behind() {
    let examples = examples();
    assert!(examples.len() > 150, "{} examples", examples.len());
    let (mut changed, mut wrong) = (0, Vec::new());
    for (name, dialect, text) in &examples {
        match made(text.as_bytes(), *dialect, false) {
            Ok(fixed) => {
                let after = fixed.files.get(PATH).map_or(text.as_bytes(), Vec::as_slice);
                changed += usize::from(!fixed.files.is_empty());
                if let Some(left) = findings(after, *dialect).iter().find(|finding| safe(finding)) {
                    wrong.push(format!("{name}: {} is still there in\n{}", left.name, String::from_utf8_lossy(after)));
                }
            }
            Err(error) => wrong.push(format!("{name}: {error:?} in\n{text}")),
        }
    }
    assert!(changed >= 8, "only {changed} examples have a safe fix");
    assert!(wrong.is_empty(), "{} of {changed}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn unsafe_fixes_of_the_pages_bring_no_errors() {
    let mut wrong = Vec::new();
    for (name, dialect, text) in examples() {
        if let Err(error) = made(text.as_bytes(), dialect, true) {
            wrong.push(format!("{name}: {error:?} in\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fix_in_an_included_file_changes_that_file() {
    let machine = Imaginary::new()
        .with_file(PATH, "set daemon 30\ninclude /etc/more\n")
        .with_file("/etc/more", "check system box\n    if cpu usage => 90% then exec \"/bin/true\"\n");
    let load = |machine: &Changed<'_>| -> Loaded { check::load(PATH, Dialect::Rules, machine) };
    let fixed = fix(&load, Dialect::Rules, &Protocols::default(), &machine, false).expect("a fix");
    assert_eq!(fixed.files.keys().collect::<Vec<_>>(), ["/etc/more"]);
    let after = String::from_utf8_lossy(&fixed.files["/etc/more"]).into_owned();
    assert_eq!(after, "check system box\n    if cpu usage >= 90% then exec \"/bin/true\"\n");
    assert_eq!(fixed.made.values().sum::<usize>(), 1);
}

#[test]
fn signs_of_a_web_page_that_load_keep_no_other_fix_from_being_made() {
    let text = "check process a with pidfile /run/“x”.pid\n    group shop–web\n    if cpu usage => 90% then exec \"/bin/true\"\n";
    let fixed = made(text.as_bytes(), Dialect::Rules, false).expect("a fix");
    assert_eq!(String::from_utf8_lossy(&fixed.files[PATH]), text.replace("=>", ">="));
}

#[test]
fn bytes_that_are_no_text_survive() {
    let text = b"# caf\xe9\ncheck system box\n    if cpu usage => 90% then exec \"/bin/true\"\n";
    let fixed = made(text, Dialect::Rules, false).expect("a fix");
    assert!(fixed.files[PATH].starts_with(b"# caf\xe9\n"));
}

/// Control files of strangers. They are not part of the repository; without them there is nothing to try.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/files");

#[test]
#[expect(clippy::disallowed_methods, reason = "the corpus is files")]
fn after_safe_fixes_a_file_of_the_corpus_means_the_same() {
    let Ok(folder) = std::fs::read_dir(CORPUS) else {
        eprintln!("SKIPPED: {CORPUS} is not there, so no control file of a stranger was fixed");
        return;
    };
    let (mut files, mut changed, mut cured, mut wrong) = (0, 0, 0, Vec::new());
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for path in folder.flatten().map(|entry| entry.path()) {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        files += 1;
        match made(&bytes, Dialect::Monit, false) {
            Ok(fixed) => {
                for ((name, _), times) in &fixed.made {
                    *kinds.entry(name).or_default() += times;
                }
                if let Some(after) = fixed.files.get(PATH) {
                    changed += 1;
                    let errors = |bytes: &[u8]| {
                        findings(bytes, Dialect::Monit).iter().any(|one| one.severity == Severity::Error)
                    };
                    cured += usize::from(errors(&bytes) && !errors(after));
                }
            }
            Err(error) => wrong.push(format!("{}: {error:?}", path.display())),
        }
    }
    eprintln!("{files} files, {changed} changed, {cured} load only since then: {kinds:?}");
    assert!(files > 500, "{files} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
