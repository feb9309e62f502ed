//! What could not be read: pest is asked again about it, for the furthest place that it can read and
//! for what it expected there.

use super::expected::{self, SETTINGS, STATEMENTS};
use super::grammar::{Entry, Rule, read};
use super::{Builder, FINDINGS_MAX, noise};
use crate::{Finding, Span, english, suggest};
use pest::error::{Error, ErrorVariant, InputLocation};

/// More than so many things that could stand in a place are not listed.
const MOST_PHRASES: usize = 6;

/// A longer word is cut off in messages.
const LONGEST_CHARS: usize = 40;

impl Builder<'_> {
    /// Text that no statement reads, with the statement before it, whose continuation it may have been meant for.
    ///
    /// Junk ends at the next line that begins a statement, so a line that begins with a misspelt one
    /// is still inside; each such line is a mistake of its own.
    pub(super) fn junk(&mut self, junk: Span, before: Option<Span>, in_check: bool) {
        let text = self.slice(junk);
        let mut start = 0;
        let mut before = before;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if at > start && begins_misspelt(line) {
                self.mistake(part(junk, start, at), before.take(), in_check);
                start = at;
            }
            at += line.len();
        }
        self.mistake(part(junk, start, text.len()), before, in_check);
    }

    /// The whole text, when not even junk could be read.
    pub(super) fn unreadable(&mut self, error: &Error<Rule>) {
        let at = furthest(error).0;
        let finding = Finding::error("too-deep", Span::new(at, at + 1), "this text cannot be read")
            .here("here the parser gave up")
            .help("look for brackets that stand in each other many times");
        self.report(finding);
    }

    fn mistake(&mut self, junk: Span, before: Option<Span>, in_check: bool) {
        if self.findings.len() > FINDINGS_MAX {
            return;
        }
        let (text, start) = (self.slice(junk), junk.start as usize);
        let skipped = text.len() - text.trim_start().len();
        let junk = Span::new(start + skipped, start + text.trim_end().len().max(skipped));
        let word = self.token(junk.start as usize, junk.end as usize);
        let written = self.slice(word);
        if self.was_behind_program(junk) {
            return;
        }
        // These two begin something new, whatever stands before them.
        let before = before.filter(|_| !is_one_of(written, &["set", "check"]));
        let asked = before.map_or(junk, |before| before.to(junk));
        let Err(error) = read(Entry::Ask, self.dialect, &noise::mark(self.slice(asked))) else {
            return self.unknown(word, &[], in_check);
        };
        let (at, rules) = furthest(&error);
        let at = asked.start as usize + at;
        let alone = before.is_none_or(|before| self.slice(Span { start: before.end, end: junk.start }).contains('\n'));
        if at <= junk.start as usize && (alone || expected::phrases(&rules).is_empty()) {
            return self.unknown(word, &expected::words(&rules), in_check);
        }
        self.unexpected(Span::new(at, junk.end as usize), &rules);
    }

    /// Whether what cannot be read follows a misspelt word behind a program, which was taken for an argument.
    fn was_behind_program(&mut self, junk: Span) -> bool {
        let Some(word) = self.behind_program.filter(|word| word.end <= junk.start) else {
            return false;
        };
        let written = self.slice(word);
        let options = ["uid", "gid", "timeout", "repeat"].into_iter();
        let near = suggest::nearest(written, options.chain(STATEMENTS.iter().copied()));
        let between = self.slice(Span { start: word.end, end: junk.start });
        let (Some(near), true) = (near.first(), between.trim().is_empty()) else {
            return false;
        };
        self.findings.retain(|finding| finding.name != "stray-argument" || finding.span().end != word.end);
        let headline = format!("`{}` behind a program is no word that goes on with it", shorten(written));
        let finding = Finding::error("syntax-error", word, headline);
        self.report(finding.fix(format!("did you mean `{near}`?"), word, *near, false));
        true
    }

    /// A statement that begins with a word that begins none.
    fn unknown(&mut self, word: Span, continued: &[&str], in_check: bool) {
        let written = self.slice(word);
        // An `include` is read before anything else; here it stands where a text ran over it.
        if written.eq_ignore_ascii_case("include") && self.findings.iter().any(|one| one.name == "unclosed-quote") {
            return;
        }
        let heads = STATEMENTS.iter().copied();
        let near = suggest::nearest(written, heads.chain(continued.iter().copied()));
        let headline = match written {
            "" => "something is missing here".to_owned(),
            _ => format!("no statement begins with `{}`", shorten(written)),
        };
        if is_one_of(written, STATEMENTS) {
            let finding = Finding::error("syntax-error", word, format!("this `{written}` statement is not finished"));
            return self.report(finding.help(example(written)));
        }
        let finding = Finding::error("unknown-statement", word, headline);
        let finding = match near.first() {
            Some(near) => finding.fix(format!("did you mean `{near}`?"), word, *near, false),
            None if in_check => finding.help(
                "in a check stand `if`, `start`, `stop`, `restart`, `depends on`, `group`, `mode`, `every`, `onreboot`, `ignore`, `alert` and `noalert`",
            ),
            None => finding.help("a file is made of `set …` and `check …`"),
        };
        self.report(finding);
    }

    /// A word in a place where another was expected.
    fn unexpected(&mut self, rest: Span, rules: &[Rule]) {
        let skipped = self.slice(rest).len() - self.slice(rest).trim_start().len();
        let start = rest.start as usize + skipped;
        let word = self.token(start, rest.end as usize);
        let written = self.slice(word);
        if self.is_unknown_setting(word, written, rules) {
            return;
        }
        let mut phrases = expected::phrases(rules);
        phrases.truncate(MOST_PHRASES);
        let found = match written {
            "" => "the statement ends".to_owned(),
            _ => format!("found `{}`", shorten(written)),
        };
        let wanted = english::or(&phrases);
        let headline = match (phrases.is_empty(), written) {
            (true, "") => "this statement is not finished".to_owned(),
            (true, _) => format!("`{}` cannot stand here", shorten(written)),
            (false, _) => format!("expected {wanted}, {found}"),
        };
        let place = if word.start == word.end { self.last_character(word) } else { word };
        let finding = Finding::error("syntax-error", place, headline);
        let near = suggest::nearest(written, expected::words(rules));
        let finding = match (near.first(), written) {
            (Some(near), _) => finding.fix(format!("did you mean `{near}`?"), word, *near, false),
            (None, "") => finding.here("something is missing behind this"),
            (None, _) => finding.here("this cannot be read here"),
        };
        self.report(finding);
    }

    /// `set WORD …` with a word that cannot be set.
    fn is_unknown_setting(&mut self, word: Span, written: &str, rules: &[Rule]) -> bool {
        let setting = |asked_for: &Rule| {
            matches!(asked_for, Rule::set_alert | Rule::set_daemon | Rule::set_log | Rule::set_mail | Rule::kw_daemon)
        };
        if written.is_empty() || !rules.iter().any(setting) || rules.contains(&Rule::kw_if) {
            return false;
        }
        let headline = format!("`set {}` is not understood", shorten(written));
        let finding = Finding::error("unknown-statement", word, headline);
        let near = suggest::nearest(written, SETTINGS.iter().copied());
        let finding = match near.first() {
            Some(near) if is_one_of(near, SETTINGS) => {
                finding.fix(format!("did you mean `{near}`?"), word, *near, false)
            }
            _ => finding
                .help(format!("what can be set is {}", english::and(SETTINGS.iter().map(|word| format!("`{word}`"))))),
        };
        self.report(finding);
        true
    }

    /// The word, number, text or sign that begins at an offset.
    fn token(&self, start: usize, end: usize) -> Span {
        let rest = self.text.get(start..end).unwrap_or_default();
        let mut characters = rest.char_indices();
        let length = match characters.next() {
            None => 0,
            Some((_, quote @ ('"' | '\''))) => {
                let close = rest.get(1..).and_then(|inside| inside.find([quote, '\n']));
                close.map_or(rest.len(), |close| close + 2)
            }
            Some((_, sign)) if "{}:%!@".contains(sign) => 1,
            Some((_, first)) => {
                let ends = |(_, c): &(usize, char)| c.is_whitespace() || "\"'(){},;%!".contains(*c);
                characters.find(ends).map_or(rest.len(), |(at, _)| at).max(first.len_utf8())
            }
        };
        Span::new(start, start + rest.get(..length).unwrap_or(rest).trim_end().len())
    }

    /// The last character before a place, so that there is something to point at.
    fn last_character(&self, place: Span) -> Span {
        let before = self.text.get(..place.start as usize).unwrap_or_default().trim_end();
        let length = before.chars().next_back().map_or(0, char::len_utf8);
        Span::new(before.len() - length, before.len())
    }
}

/// How far pest came, and what it expected there.
fn furthest(error: &Error<Rule>) -> (usize, Vec<Rule>) {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => (at, positives.clone()),
        ErrorVariant::CustomError { .. } => (at, Vec::new()),
    }
}

/// What a statement looks like that begins with the word.
fn example(word: &str) -> &'static str {
    match word.to_ascii_lowercase().as_str() {
        "check" => "write what is watched, as in `check process NAME with pidfile /PATH`",
        "set" => "write what is set, as in `set daemon 30`",
        "if" => "write `if`, a test, `then` and an action, as in `if cpu usage > 80% then alert`",
        "depends" => "write the names of services, as in `depends on database, cache`",
        "mode" => "write `mode active`, `mode passive` or `mode manual`",
        "every" => "write `every 2 cycles`, or five fields as in `every \"0-5 3 * * *\"`",
        "onreboot" => "write `onreboot start`, `onreboot nostart` or `onreboot laststate`",
        "ignore" => "write what is left out, as in `ignore content = \"debug\"`",
        "group" => "write a name on the same line, as in `group web`",
        "alert" | "noalert" => "write a mail address behind it",
        _ => "write a program in quotes, as in `start program = \"/usr/bin/systemctl start nginx\"`",
    }
}

fn begins_misspelt(line: &str) -> bool {
    let word = line.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    word.len() > 2 && !suggest::nearest(word, STATEMENTS.iter().copied()).is_empty()
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|one| one.eq_ignore_ascii_case(word))
}

fn part(whole: Span, start: usize, end: usize) -> Span {
    Span::new(whole.start as usize + start, whole.start as usize + end)
}

fn shorten(word: &str) -> String {
    match word.char_indices().nth(LONGEST_CHARS) {
        Some((at, _)) => format!("{}…", word.get(..at).unwrap_or_default()),
        None => word.to_owned(),
    }
}
