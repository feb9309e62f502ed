//! Whether the mistakes of a file are reported where they were made, all in one run: files are broken in three places,
//! and each report is held against the lines that were broken.
//!
//! Of the breaks, so many of a hundred are reported at their own line; of the reports, so few of a hundred are the
//! consequence of a break elsewhere.

use grammar::{Dialect, Finding, Severity};
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check, load_text};

const FOUND_PERCENT_MIN: usize = 95;
const CONSEQUENCES_PERCENT_MAX: usize = 5;
/// How often each file is broken, in other places each time.
const ROUNDS: u64 = 4;
/// How many lines are between two breaks at least.
const APART_LINES: usize = 3;

/// Numbers that look random and are the same in every run: the generator of Knuth's MMIX.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit.max(1)
    }
}

/// A way to break a line; nothing where the line has nothing to break so.
type Break = fn(&str) -> Option<String>;

const BREAKS: &[(&str, Break)] = &[
    ("a misspelt head", |line| {
        let head = ["check", "if", "start", "stop", "depends", "set"].into_iter().find(|head| begins(line, head))?;
        let at = line.find(head)?;
        let wrong = match head {
            "check" => "chekc",
            "if" => "fi",
            "start" => "strat",
            "stop" => "sotp",
            "depends" => "depnds",
            _ => "ste",
        };
        Some(format!("{}{wrong}{}", line.get(..at)?, line.get(at + head.len()..)?))
    }),
    ("a misspelt `then`", |line| rule(line)?.contains(" then ").then(|| line.replacen(" then ", " tehn ", 1))),
    ("no `then`", |line| rule(line)?.contains(" then ").then(|| line.replacen(" then ", " ", 1))),
    ("a misspelt action", |line| {
        let (before, action) = rule(line)?.split_once(" then ")?;
        let wrong = match action.split_whitespace().next()? {
            "alert" => "alrt",
            "restart" => "retsart",
            "stop" => "sotp",
            "start" => "strat",
            _ => return None,
        };
        let rest = action.split_once(char::is_whitespace).map_or(String::new(), |(_, rest)| format!(" {rest}"));
        Some(format!("{before} then {wrong}{rest}"))
    }),
    ("a comparison that is none", |line| rule(line)?.contains(" > ").then(|| line.replacen(" > ", " >> ", 1))),
    ("a unit that is none", |line| rule(line)?.contains(" MB ").then(|| line.replacen(" MB ", " MX ", 1))),
    ("a number that is none", |line| {
        let line = rule(line)?;
        let at = line.find(" for ")? + " for ".len();
        line.get(at..)?.starts_with(|c: char| c.is_ascii_digit()).then_some(())?;
        Some(format!("{}many{}", line.get(..at)?, line.get(at..)?.trim_start_matches(|c: char| c.is_ascii_digit())))
    }),
    ("an unknown protocol", |line| {
        let at = rule(line)?.find(" protocol http ")?;
        Some(format!("{} protocol htttp {}", line.get(..at)?, line.get(at + " protocol http ".len()..)?))
    }),
    ("a quote that is never closed", |line| {
        let quotes = line.matches('"').count();
        (quotes == 2 && line.trim_end().ends_with('"') && !line.contains('\''))
            .then(|| line.trim_end().trim_end_matches('"').to_owned())
    }),
    ("a misspelt word", |line| {
        let words =
            [(" pidfile ", " pidflie "), (" port ", " prot "), (" timeout ", " tiemout "), (" usage > ", " usgae > ")];
        let (right, wrong) = words.into_iter().find(|(right, _)| line.contains(right))?;
        Some(line.replacen(right, wrong, 1))
    }),
    ("a misspelt `cycles`", |line| rule(line)?.contains(" cycles ").then(|| line.replacen(" cycles ", " cylces ", 1))),
    ("a kind that is none", |line| {
        let rest = line.strip_prefix("check ")?;
        let (kind, rest) = rest.trim_start().split_once(' ')?;
        matches!(kind, "process" | "file" | "host" | "system").then(|| format!("check {kind}x {rest}"))
    }),
];

fn begins(line: &str, head: &str) -> bool {
    line.trim_start().strip_prefix(head).is_some_and(|rest| rest.starts_with(' '))
}

fn rule(line: &str) -> Option<&str> {
    (begins(line, "if")).then_some(line)
}

#[derive(Default)]
struct Count {
    files: usize,
    breaks: usize,
    found: usize,
    reports: usize,
    consequences: usize,
    examples: Vec<String>,
}

impl Count {
    /// Breaks a text in three places, some times over, and counts what is reported where.
    fn add(&mut self, name: &str, text: &str, dialect: Dialect, numbers: &mut Numbers) {
        if !errors(text, dialect).is_empty() {
            return;
        }
        let lines: Vec<&str> = text.lines().collect();
        let known: Vec<String> = findings(text, dialect).into_iter().map(|(_, _, said)| said).collect();
        let mut counted = false;
        for _ in 0..ROUNDS {
            let Some(broken) = broken(&lines, numbers) else { continue };
            counted = true;
            let mut after: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            for (line, _, text) in &broken {
                after[*line].clone_from(text);
            }
            let text = after.join("\n") + "\n";
            let reported = errors(&text, dialect);
            let warned = findings(&text, dialect);
            self.breaks += broken.len();
            self.reports += reported.len();
            for (line, kind, text) in &broken {
                // What Monit takes, though it cannot be meant, is a warning.
                let found = warned.iter().any(|(at, _, said)| at == &(line + 1) && !known.contains(said));
                self.found += usize::from(found);
                if !found {
                    self.examples.push(format!("{name}:{}: {kind} is not found: {text}", line + 1));
                }
            }
            for (at, headline) in reported.iter().filter(|(at, _)| !broken.iter().any(|(line, ..)| line + 1 == *at)) {
                self.consequences += 1;
                self.examples.push(format!("{name}:{at}: a consequence: {headline} ({})", after[at - 1]));
            }
        }
        self.files += usize::from(counted);
    }

    fn judge(&self, what: &str) {
        eprintln!(
            "{what}: {} of {} breaks in {} files are found at their line, {} of {} reports are consequences",
            self.found, self.breaks, self.files, self.consequences, self.reports
        );
        let examples = self.examples.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
        assert!(self.found * 100 >= self.breaks * FOUND_PERCENT_MIN, "{examples}");
        assert!(self.consequences * 100 <= self.reports * CONSEQUENCES_PERCENT_MAX, "{examples}");
    }
}

/// Three lines, far apart, each broken in some way.
fn broken(lines: &[&str], numbers: &mut Numbers) -> Option<Vec<(usize, &'static str, String)>> {
    let mut broken: Vec<(usize, &'static str, String)> = Vec::new();
    for _ in 0..400 {
        let line = numbers.below(lines.len());
        if broken.iter().any(|(other, ..)| other.abs_diff(line) < APART_LINES) {
            continue;
        }
        let (kind, how) = BREAKS[numbers.below(BREAKS.len())];
        // What stands in a comment, or before one, is not broken.
        let whole = lines.get(line).filter(|text| !text.contains('#'));
        broken.extend(whole.and_then(|text| how(text)).map(|text| (line, kind, text)));
        if broken.len() == 3 {
            return Some(broken);
        }
    }
    None
}

/// The lines of all errors, with their headlines.
fn errors(text: &str, dialect: Dialect) -> Vec<(usize, String)> {
    let errors = findings(text, dialect).into_iter().filter(|(_, severity, _)| *severity == Severity::Error);
    errors.map(|(line, _, said)| (line, said)).collect()
}

/// The lines of all findings, with what they say.
fn findings(text: &str, dialect: Dialect) -> Vec<(usize, Severity, String)> {
    let machine = Imaginary::new();
    let loaded = load_text("broken", text.as_bytes(), dialect, &machine);
    let checked = check(&loaded.source, dialect, &Protocols::default(), &machine);
    let line = |one: &Finding| loaded.source.place(one.span().start).line as usize;
    let findings = loaded.findings.iter().chain(&checked.findings);
    findings.map(|one| (line(one), one.severity, format!("{}[{}]", one.headline, one.name))).collect()
}

#[test]
fn breaks_of_our_own_examples_are_found_where_they_were_made() {
    let mut count = Count::default();
    let mut numbers = Numbers(1);
    for seed in 0..40 {
        let text = example(seed);
        count.add(&format!("example {seed}"), &text, Dialect::Monit, &mut numbers);
        count.add(&format!("example {seed}"), &text, Dialect::Rules, &mut numbers);
    }
    assert!(count.breaks > 500, "{} breaks", count.breaks);
    count.judge("our own examples");
}

/// A file of services as people write them, in another order for each seed.
fn example(seed: u64) -> String {
    let mut numbers = Numbers(seed);
    let mut text = String::from("set daemon 30\nset mailserver localhost\nset alert ops@example.com\n\n");
    for service in 0..12 {
        let port = 1000 + service;
        text.push_str(&match numbers.below(6) {
            0 => format!(
                "check process web{service} with pidfile /run/web{service}.pid\n    start program = \"/usr/bin/systemctl start web{service}\"\n    stop program = \"/usr/bin/systemctl stop web{service}\"\n    if cpu usage > 80% for 3 cycles then alert\n    if memory usage > 500 MB for 5 cycles then restart\n    if failed port {port} protocol http with timeout 5 seconds then restart\n    if 3 restarts within 5 cycles then stop\n    group web\n"
            ),
            1 => format!(
                "check file log{service} with path /var/log/app{service}.log\n    if size > 100 MB then alert\n    if match \"error [0-9]+\" then alert\n    if timestamp > 15 minutes for 2 cycles then alert\n    if failed permission 640 then alert\n"
            ),
            2 => format!(
                "check filesystem disk{service} with path /srv/disk{service}\n    if space usage > 90% for 5 times within 15 cycles then alert\n    if inode usage > 95% then alert\n"
            ),
            3 => format!(
                "check host shop{service} with address 127.0.0.1\n    if failed ping count 3 with timeout 5 seconds then alert\n    if failed port 443 protocol http request \"/health\" with timeout 15 seconds for 3 cycles then alert\n"
            ),
            4 => format!(
                "check program raid{service} with path \"/usr/local/bin/raid --verify {service}\"\n    every \"30 2 * * 1-5\"\n    if status != 0 for 2 cycles then alert\n    alert keeper{service}@example.com only on {{ status }}\n"
            ),
            _ => format!(
                "check directory spool{service} with path /var/spool/app{service}\n    if failed permission 755 then alert\n    if failed uid root then alert\n    if changed timestamp then alert\n    every 2 cycles\n"
            ),
        });
        text.push('\n');
    }
    text
}

/// Control files of strangers. They are not part of the repository; without them there is nothing to try.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/files");
/// How many of them are broken.
const CORPUS_FILES: usize = 200;

#[test]
#[expect(clippy::disallowed_methods, reason = "the corpus is files")]
fn breaks_of_the_corpus_are_found_where_they_were_made() {
    let Ok(folder) = std::fs::read_dir(CORPUS) else {
        eprintln!("SKIPPED: {CORPUS} is not there, so no control file of a stranger was broken");
        return;
    };
    let mut paths: Vec<_> = folder.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut count = Count::default();
    let mut numbers = Numbers(7);
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if count.files < CORPUS_FILES {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            count.add(&name, &text, Dialect::Monit, &mut numbers);
        }
    }
    assert!(count.files >= CORPUS_FILES, "{} files", count.files);
    count.judge("control files of strangers");
}
