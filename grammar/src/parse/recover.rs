//! What could not be read: asked about again, alone, so that each mistake is reported at its own place.

use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::Pair;

use super::expected::words_for;
use super::grammar::Grammar;
use super::{Builder, Rule, span};
use crate::{Dialect, Finding, Span, english, suggest};

/// The words that begin a statement, where one is missing its `set` or `check` or is misspelt.
const TOP_HEADS: &[&str] = &["set", "check", "include"];
const PART_HEADS: &[&str] = &["if", "start", "stop", "restart", "depends", "group", "alert", "noalert"];
const SETTINGS: &[&str] = &["daemon", "alert", "mailserver", "logfile"];
const SERVICES: &[&str] = &["process", "file", "host", "system"];

/// What Monit has beside and ruled has not yet, so that nobody looks for a spelling mistake.
const LATER_SETTINGS: &[&str] = &[
    "eventqueue",
    "expectbuffer",
    "fips",
    "httpd",
    "idfile",
    "init",
    "limits",
    "mail-format",
    "mmonit",
    "onreboot",
    "pidfile",
    "ssl",
    "statefile",
    "terminal",
    "tls",
];
const LATER_SERVICES: &[&str] = &["device", "directory", "fifo", "filesystem", "network", "program"];
const LATER_PARTS: &[&str] = &["every", "mode", "onreboot", "ignore"];

impl Builder {
    /// A stretch that could not be read.
    pub(super) fn junk(&mut self, pair: &Pair<'_, Rule>, top: bool) {
        let written = pair.as_str();
        let start = pair.as_span().start() + (written.len() - written.trim_start().len());
        let written = written.trim();
        if written.is_empty() {
            return;
        }
        let mut words = written.split_ascii_whitespace();
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let head = Span::new(start, start + first.len());
        let finding = match first.to_ascii_lowercase().as_str() {
            "set" => self.unknown_second(written, start, second, SETTINGS, LATER_SETTINGS, "set"),
            "check" => self.unknown_second(written, start, second, SERVICES, LATER_SERVICES, "check"),
            word if PART_HEADS.contains(&word) => self.ask_again(written, start),
            word if LATER_PARTS.contains(&word) => later(head, first),
            _ => unknown(head, first, top),
        };
        self.findings.push(finding);
    }

    /// A statement of a service that stands before any `check`.
    pub(super) fn loose(&mut self, pair: &Pair<'_, Rule>) {
        let first = pair.as_str().split_ascii_whitespace().next().unwrap_or_default();
        let finding = Finding::error("syntax-error", span(pair), format!("this `{first}` belongs to no service"));
        self.findings
            .push(finding.here("no `check` stands before it").help("put it below the `check` that it is about"));
    }

    /// The whole text could not be read: pest has reached a limit of its own.
    pub(super) fn unreadable(&mut self, error: &Error<Rule>) {
        let at = position(error);
        let finding = Finding::error("syntax-error", Span::new(at, at + 1), "the file cannot be read from here on");
        self.findings.push(finding);
    }

    fn unknown_second(
        &self,
        written: &str,
        start: usize,
        second: &str,
        known: &[&str],
        later_words: &[&str],
        head: &str,
    ) -> Finding {
        let word = second.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric()).to_ascii_lowercase();
        let at = written.find(second).unwrap_or_default() + start;
        let place = Span::new(at, at + second.len());
        if later_words.contains(&word.as_str()) {
            return later(Span::new(start, at + second.len()), &format!("{head} {word}"));
        }
        // `log` is a short form that is known too.
        if known.contains(&word.as_str()) || word == "log" || second.is_empty() {
            return self.ask_again(written, start);
        }
        let finding = Finding::error("unknown-statement", place, format!("there is no `{head} {second}`"));
        let near = suggest::nearest(&word, known.iter().copied());
        match near.as_slice() {
            [one] => finding.fix(format!("did you mean `{head} {one}`?"), place, one.to_string(), false),
            [] => finding.help(format!("behind `{head}` stands {}", english::or(known))),
            near => finding.help(format!("did you mean {}?", english::or(near))),
        }
    }

    /// Reads the stretch alone; pest says how far it came and what could have stood there.
    fn ask_again(&self, written: &str, start: usize) -> Finding {
        let entry = match self.dialect {
            Dialect::Monit => Rule::monit_statement,
            Dialect::Rules => Rule::rules_statement,
        };
        match Grammar::parse(entry, written) {
            Ok(_) => Finding::error("syntax-error", Span::new(start, start + written.len()), "this cannot stand here"),
            Err(error) => {
                let at = position(&error);
                let rest = written.get(at..).unwrap_or_default();
                let rest = rest.trim_start();
                let from = start + written.len() - rest.len();
                let found = token(rest);
                let place = Span::new(from, from + found.len());
                explain(place, found, &words_for(&error), self.dialect, rest)
            }
        }
    }
}

/// What is said about a place where something else should stand.
fn explain(place: Span, found: &str, wanted: &[&'static str], dialect: Dialect, rest: &str) -> Finding {
    if found.is_empty() {
        let end = Span::new(place.start.saturating_sub(1) as usize, place.start as usize);
        let finding = Finding::error("syntax-error", end, "the statement ends too soon");
        return if wanted.is_empty() {
            finding
        } else {
            finding.here(format!("{} is missing here", english::or(wanted)))
        };
    }
    if matches!(found, "\"" | "'") {
        let finding = Finding::error("unclosed-quote", place, "this quote is never closed");
        return finding
            .here("everything behind it is part of the text")
            .help(format!("write {found} where the text ends"));
    }
    if dialect == Dialect::Monit
        && let Some((number, unit)) = joined(found)
    {
        let finding = Finding::error("joined-operator", place, format!("Monit reads `{found}` as one word"));
        return finding.fix("put blanks between", place, format!("{number} {unit}"), true);
    }
    let shown: String = found.chars().take(40).collect();
    if wanted.contains(&"`then`") && ["alert", "restart", "exec", "stop", "start", "unmonitor"].contains(&found) {
        let finding = Finding::error("missing-then", place, format!("`then` is missing before `{found}`"));
        return finding.fix("say what follows", Span { start: place.start, end: place.start }, "then ", true);
    }
    let finding = Finding::error("syntax-error", place, format!("`{shown}` cannot stand here"));
    let words: Vec<&str> = wanted.iter().map(|word| word.trim_matches('`')).collect();
    match suggest::nearest(&found.to_ascii_lowercase(), words.iter().copied()).as_slice() {
        [one] => finding.fix(format!("did you mean `{one}`?"), place, one.to_string(), false),
        _ if wanted.is_empty() => finding,
        _ if rest.is_empty() => finding,
        _ => finding.here(format!("here stands {}", english::or(wanted))),
    }
}

/// A number and what is glued to it, such as `100MB`.
fn joined(word: &str) -> Option<(&str, &str)> {
    let end = word.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, unit) = word.split_at_checked(end).filter(|(number, _)| !number.is_empty())?;
    unit.bytes().all(|byte| byte.is_ascii_alphabetic()).then_some((number, unit))
}

/// The word or sign that stands first.
fn token(rest: &str) -> &str {
    let end =
        rest.find(|letter: char| letter.is_ascii_whitespace() || matches!(letter, '"' | '\'' | ',' | ';' | '{' | '}'));
    match end {
        Some(0) => rest.get(..1).unwrap_or_default(),
        Some(end) => rest.get(..end).unwrap_or_default(),
        None => rest,
    }
}

fn unknown(place: Span, word: &str, top: bool) -> Finding {
    let shown: String = word.chars().take(40).collect();
    let finding = Finding::error("unknown-statement", place, format!("no statement begins with `{shown}`"));
    let lower = word.to_ascii_lowercase();
    if SETTINGS.contains(&lower.as_str()) || LATER_SETTINGS.contains(&lower.as_str()) && top {
        let before = Span { start: place.start, end: place.start };
        return Finding { name: "missing-set", ..finding }.fix("say that it is a setting", before, "set ", true);
    }
    let known: Vec<&str> = if top { TOP_HEADS.to_vec() } else { PART_HEADS.iter().chain(TOP_HEADS).copied().collect() };
    match suggest::nearest(&lower, known.iter().copied()).as_slice() {
        [one] => finding.fix(format!("did you mean `{one}`?"), place, one.to_string(), false),
        [] => finding.help(format!("a statement begins with {}", english::or(&known))),
        near => finding.help(format!("did you mean {}?", english::or(near))),
    }
}

fn later(place: Span, words: &str) -> Finding {
    Finding::error("unknown-statement", place, format!("ruled does not know `{words}` yet"))
        .here("this is a statement of Monit's")
        .help("leave it out, or keep Monit for this part")
}

fn position(error: &Error<Rule>) -> usize {
    match (&error.variant, &error.location) {
        (ErrorVariant::ParsingError { .. } | ErrorVariant::CustomError { .. }, InputLocation::Pos(at)) => *at,
        (_, InputLocation::Span((at, _))) => *at,
    }
}
