//! What could not be read: pest is asked again about it, for the furthest place that it can read and
//! for what it expected there.

use super::expected::{self, GRANT, SETTINGS, STATEMENTS};
use super::grammar::{Entry, Rule, read};
use super::usual::{self, Place};
use super::{Builder, FINDINGS_MAX, mark};
use crate::finding::Edit;
use crate::{Dialect, Finding, Fix, Help, Span, english, suggest};
use pest::error::{Error, ErrorVariant, InputLocation};

/// More than so many things that could stand in a place are not listed.
const MOST_PHRASES: usize = 6;

/// So far back a line is looked at.
const LINE_BYTES_MAX: usize = 4096;

/// Fewer words are no sentence.
const PROSE_WORDS_MIN: usize = 6;

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
            if at > start && self.begins_misspelt(line) {
                self.mistake(part(junk, start, at), before.take(), in_check);
                start = at;
            }
            at += line.len();
        }
        self.mistake(part(junk, start, text.len()), before, in_check);
    }

    /// The rest of the text, when not even junk could be read; `at` is the furthest place that pest came to.
    pub(super) fn unreadable(&mut self, at: usize) {
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
        if self.was_behind_program(junk) || self.follows_next_line(junk) || self.is_prose(junk) {
            return;
        }
        if self.is_habit(word) || self.is_second_action(word) {
            return;
        }
        // These two begin something new, whatever stands before them.
        let before = before.filter(|_| !is_one_of(written, &["set", "check"]));
        let asked = before.map_or(junk, |before| before.to(junk));
        let entry = if self.in_plugin { Entry::AskPlugin } else { Entry::Ask };
        let Err(error) = read(entry, self.dialect, &mark::mark(self.slice(asked))) else {
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
        self.findings.retain(|finding| {
            let place = finding.span();
            let about_it = match finding.name {
                "stray-argument" => place.end == word.end,
                "swallowed-statement" => place.start <= word.start && word.end <= place.end,
                _ => false,
            };
            !about_it
        });
        let headline = format!("`{}` behind a program is no word that goes on with it", shorten(written));
        let finding = Finding::error("syntax-error", word, headline);
        self.report(finding.fix(format!("did you mean `{near}`?"), word, *near, false));
        true
    }

    /// Whether it stands on the line of a text that was the next statement; that is said already.
    fn follows_next_line(&self, junk: Span) -> bool {
        self.next_line.is_some_and(|text| {
            let between = self.text.get(text.end as usize..junk.start as usize);
            between.is_some_and(|between| !between.contains('\n'))
        })
    }

    /// Sentences that somebody forgot to make a comment.
    fn is_prose(&mut self, junk: Span) -> bool {
        // None of these is a word of the language.
        const TELLING: [&str; 12] =
            ["a", "an", "that", "this", "you", "we", "it", "be", "will", "can", "should", "please"];
        let text = self.slice(junk);
        let words: Vec<&str> = text.split_whitespace().collect();
        let letters = |word: &&str| word.chars().all(|c| c.is_alphabetic() || ",.;:()'!?-".contains(c));
        let telling = words.iter().filter(|word| is_one_of(word.trim_matches([',', '.']), &TELLING)).count();
        if words.len() < PROSE_WORDS_MIN || telling == 0 || !words.iter().all(letters) {
            return false;
        }
        let mut edits = Vec::new();
        let mut at = junk.start as usize;
        for line in text.split_inclusive('\n') {
            let blanks = line.len() - line.trim_start().len();
            if blanks < line.len() {
                let place = Span::new(at + blanks, at + blanks);
                edits.push(Edit { span: place, text: "# ".to_owned() });
            }
            at += line.len();
        }
        let mut finding = Finding::error("syntax-error", junk, "these are words for people, not rules")
            .here("nothing says that this is a comment");
        let sentence = "put a `#` before it".to_owned();
        finding.help = Some(Help::Fix(Fix { sentence, edits, safe: false }));
        self.report(finding);
        true
    }

    /// A statement that begins with a word that begins none.
    fn unknown(&mut self, word: Span, continued: &[&'static str], in_check: bool) {
        let written = self.slice(word);
        // An `include` is read before anything else; here it stands where a text ran over it.
        if written.eq_ignore_ascii_case("include") && self.findings.iter().any(|one| one.name == "unclosed-quote") {
            return;
        }
        let near = suggest::nearest(written, self.heads().chain(continued.iter().copied()));
        let headline = match written {
            "" => "something is missing here".to_owned(),
            _ => format!("no statement begins with `{}`", shorten(written)),
        };
        if self.heads().any(|head| head.eq_ignore_ascii_case(written)) {
            let finding = Finding::error("syntax-error", word, format!("this `{written}` statement is not finished"));
            return self.report(finding.help(example(written)));
        }
        let finding = Finding::error("unknown-statement", word, headline);
        if let Some(sentence) = usual::instead(written, Place::Statement) {
            return self.report(finding.help(sentence));
        }
        let finding = match near.first() {
            Some(near) => finding.fix(format!("did you mean `{near}`?"), word, *near, false),
            None if in_check && is_one_of(written, &["user", "uid", "as"]) => {
                finding.help("who runs a program stands behind it: `start program = \"/PATH\" as uid \"NAME\"`")
            }
            None if self.in_plugin => finding.help(
                "in a check of a plugin stand `grant`, `if`, `timeout`, `start`, `stop`, `restart`, `depends on`, `group`, `mode`, `every`, `onreboot`, `alert` and `noalert`",
            ),
            None if in_check => finding.help(
                "in a check stand `if`, `start`, `stop`, `restart`, `depends on`, `group`, `mode`, `every`, `onreboot`, `ignore`, `alert` and `noalert`",
            ),
            None => finding.help("a file is made of `set …` and `check …`"),
        };
        self.report(finding);
    }

    /// The words that begin a statement.
    fn heads(&self) -> impl Iterator<Item = &'static str> + use<> {
        let grant = (self.dialect == Dialect::Rules).then_some(GRANT);
        let timeout = self.in_plugin.then_some("timeout");
        STATEMENTS.iter().copied().chain(grant).chain(timeout)
    }

    fn begins_misspelt(&self, line: &str) -> bool {
        let word = line.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        word.len() > 2 && !suggest::nearest(word, self.heads()).is_empty()
    }

    /// A word in a place where another was expected.
    fn unexpected(&mut self, rest: Span, rules: &[Rule]) {
        let skipped = self.slice(rest).len() - self.slice(rest).trim_start().len();
        let start = rest.start as usize + skipped;
        let word = self.token(start, rest.end as usize);
        let written = self.slice(word);
        if self.is_about_metric(word, written, rules) || self.is_behind_grant(word, written) {
            return;
        }
        if self.is_unknown_setting(word, written, rules) || self.is_remark(word) || self.is_password(word) {
            return;
        }
        if written.is_empty() && self.is_commented_out(word) {
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
        if let Some(sentence) = usual::instead_of(written, rules) {
            return self.report(finding.here("this cannot be read here").help(sentence));
        }
        let finding = match (near.first(), written) {
            (Some(near), _) => finding.fix(format!("did you mean `{near}`?"), word, *near, false),
            (None, "") if rules.contains(&Rule::kw_then) && !rules.contains(&Rule::kw_else) => {
                let end = Span { start: place.end, end: place.end };
                let finding = finding.here("nothing says what is to be done");
                finding.fix("say what is to be done", end, " then alert", false)
            }
            (None, "") => finding.here("something is missing behind this"),
            (None, _) => finding.here("this cannot be read here"),
        };
        self.report(finding);
    }

    /// A remark in parentheses behind a statement. To Monit parentheses are blanks.
    fn is_remark(&mut self, word: Span) -> bool {
        let line = self.line_before(word);
        let Some(open) = line.rfind('(').filter(|open| !line.get(*open..).unwrap_or_default().contains(')')) else {
            return false;
        };
        let before = line.get(..open).unwrap_or_default();
        if !before.ends_with([' ', '\t']) || before.trim().is_empty() {
            return false;
        }
        let start = word.start as usize - line.len() + open;
        let rest = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim_end();
        // A remark ends its line.
        if !rest.ends_with(')') || rest.matches(')').count() != 1 || self.dialect == Dialect::Rules {
            return false;
        }
        let place = Span::new(start, start + rest.len());
        let finding = Finding::error("syntax-error", place, "a remark in parentheses is no comment")
            .here("this is read as a part of the statement");
        self.report(finding.fix("put a `#` before it", Span::new(start, start), "# ", false));
        true
    }

    /// `allow USER:PASSWORD` with a blank in the password.
    fn is_password(&mut self, word: Span) -> bool {
        let line = self.line_before(word);
        let Some((allow, colon)) = line.split_once(':') else { return false };
        let mut words = allow.split_ascii_whitespace();
        let allow = words.next().is_some_and(|word| word.eq_ignore_ascii_case("allow"));
        if !allow
            || words.count() != 1
            || colon.contains(['"', '\'', '#', '/'])
            || colon.split_whitespace().count() != 1
        {
            return false;
        }
        let start = word.start as usize - colon.len() + (colon.len() - colon.trim_start().len());
        let end = self
            .text
            .get(start..)
            .and_then(|rest| rest.lines().next())
            .map_or(start, |line| start + line.split('#').next().unwrap_or_default().trim_end().len());
        let place = Span::new(start, end);
        let password = self.slice(place);
        if password.contains(['"', ':']) {
            return false;
        }
        let finding = Finding::error("syntax-error", place, "a password with a blank needs quotes")
            .here("it ends at its first blank")
            .fix("put it in quotes", place, format!("\"{password}\""), false);
        self.report(finding);
        true
    }

    /// A word that is missing because a `#` stands before it.
    fn is_commented_out(&mut self, word: Span) -> bool {
        let last = self.last_character(word);
        let line = self.line_before(Span { start: last.end, end: last.end });
        let start = last.end as usize - line.len();
        let rest = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim_end();
        let Some(at) = rest.find(" #").or(rest.find("\t#")).map(|at| at + 1) else { return false };
        let (said, comment) = rest.split_at_checked(at).unwrap_or_default();
        // A remark begins with a blank; a text that somebody took out does not.
        if said.trim().is_empty() || !comment.get(1..2).is_some_and(|sign| sign.trim() == sign && sign != "#") {
            return false;
        }
        let place = Span::new(start + at, start + rest.len());
        let first = comment.split_whitespace().next().unwrap_or_default();
        let headline = format!("`{}` is a comment, and something must stand here", shorten(first));
        let finding = Finding::error("syntax-error", place, headline).here("from the `#` on nothing is read");
        self.report(finding.help("write what belongs here, without a `#`"));
        true
    }

    /// What stands before a place on its line.
    pub(super) fn line_before(&self, place: Span) -> &str {
        let end = place.start as usize;
        let mut start = end.saturating_sub(LINE_BYTES_MAX);
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        self.text.get(start..end).and_then(|before| before.rsplit('\n').next()).unwrap_or_default()
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
        let part = match written.to_ascii_lowercase().as_str() {
            "mailfrom" => "from",
            "mailsubject" => "subject",
            "mailreply-to" => "reply-to",
            _ => "",
        };
        let rest = self.text.get(word.end as usize..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let said = rest.split('#').next().unwrap_or_default().trim();
        if !part.is_empty() && !said.is_empty() && !said.contains('}') {
            let indent = rest.len() - rest.trim_start().len();
            let place = Span::new(word.start as usize, word.end as usize + indent + said.len());
            let format = format!("mail-format {{ {part}: {} }}", said.trim_matches(['"', '\'']));
            let finding = finding.note("a later `set mail-format` takes the place of an earlier one");
            self.report(finding.fix("say it in the format of the mails", place, format, false));
            return true;
        }
        let near = suggest::nearest(written, SETTINGS.iter().copied());
        if let Some(sentence) = usual::instead(written, Place::Setting) {
            self.report(finding.help(sentence));
            return true;
        }
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
pub(super) fn furthest(error: &Error<Rule>) -> (usize, Vec<Rule>) {
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
        "grant" => "write `grant connect \"HOST:PORT\"`, `grant read \"/PATH\"` or `grant fetch \"https://HOST\"`",
        "timeout" => "write a time with its unit, as in `timeout 10 seconds`",
        "group" => "write a name on the same line, as in `group web`",
        "alert" | "noalert" => "write a mail address behind it",
        _ => "write a program in quotes, as in `start program = \"/usr/bin/systemctl start nginx\"`",
    }
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
