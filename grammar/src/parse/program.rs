//! Programs with their arguments, and who runs them for how long.

use super::expected::STATEMENTS;
use super::grammar::Rule;
use super::text::Wanted;
use super::{Builder, Pair, span, unquote};
use crate::ast::{Length, Method, MethodKind, Program};
use crate::{Finding, Span, Spanned, suggest};

impl Builder<'_> {
    /// `start`, `stop` or `restart` with its program.
    pub(super) fn method(&mut self, pair: Pair<'_>) -> Option<Method> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let word = parts.next()?;
        let kind = match word.as_rule() {
            Rule::kw_start => MethodKind::Start,
            Rule::kw_stop => MethodKind::Stop,
            _ => MethodKind::Restart,
        };
        let program = self.program(parts.next()?, false)?;
        let mut method =
            Method { span: place, kind: span(&word).with(kind), program, uid: None, gid: None, timeout: None };
        for part in parts {
            let here = span(&part);
            match part.as_rule() {
                Rule::uid => method.uid = self.identity(part),
                Rule::gid => method.gid = self.identity(part),
                _ => {
                    method.timeout = self.timeout(part);
                    continue;
                }
            }
            if let Some(timeout) = &method.timeout {
                self.need_before_timeout(here, timeout.span);
            }
        }
        Some(method)
    }

    /// Monit takes a user or a group before the time-out only.
    pub(super) fn need_before_timeout(&mut self, place: Span, timeout: Span) {
        if self.is_monit() {
            let headline = format!("`{}` must stand before the timeout", self.slice(place));
            let finding = Finding::error("option-order", place, headline)
                .also(timeout, "after this nothing else may follow")
                .help("write `as uid … and gid … with timeout … seconds`, in this order");
            self.report(finding);
        }
    }

    /// `uid NAME` or `gid NAME`.
    pub(super) fn identity(&mut self, pair: Pair<'_>) -> Option<Spanned<String>> {
        pair.into_inner().nth(1).map(|name| self.text(&name, Wanted::Identity))
    }

    /// `timeout N seconds`.
    pub(super) fn timeout(&mut self, pair: Pair<'_>) -> Option<Length> {
        pair.into_inner().nth(1).map(|length| self.length(length))
    }

    /// A program; nothing when there is no word in it.
    pub(super) fn program(&mut self, pair: Pair<'_>, exec: bool) -> Option<Program> {
        let (mut words, mut stray) = (Vec::new(), Vec::new());
        let (mut quoted, mut place, mut equals) = (None::<Span>, None::<Span>, None);
        for part in pair.into_inner() {
            let here = span(&part);
            match part.as_rule() {
                Rule::equals => equals = Some(here),
                Rule::program_text => {
                    quoted = Some(here);
                    words = self.split(here);
                }
                Rule::argument | Rule::line_argument if quoted.is_some() && !self.is_monit() => {
                    self.behind_program = Some(here);
                    stray.push(here);
                    continue;
                }
                Rule::stray_argument => {
                    self.behind_program = Some(here);
                    stray.push(here);
                    continue;
                }
                Rule::argument | Rule::line_argument => {
                    self.behind_program = quoted.map(|_| here);
                    let written = self.written(&part);
                    let said =
                        if written.starts_with(['"', '\'']) { self.unquoted(written) } else { written.to_owned() };
                    words.push(here.with(said));
                }
                _ => continue,
            }
            if part.as_rule() != Rule::equals {
                place = Some(place.map_or(here, |place| place.to(here)));
            }
        }
        if let (Some(equals), true) = (equals, self.is_monit() && (exec || quoted.is_none())) {
            self.not_with_equals(equals);
        }
        if let (Some(first), Some(last), Some(run)) = (stray.first(), stray.last(), quoted.or(place)) {
            let reason = match quoted {
                Some(_) => "it stands behind the closing quote and is left out",
                None => "it stands behind the end of the line and is left out",
            };
            let finding = Finding::warning("stray-argument", first.to(*last), "this is not part of the program")
                .here(reason)
                .also(run, "this is run")
                .help(match &*super::small(self.slice(*first)) {
                    "user" | "username" => "say who runs the program by `as uid \"NAME\"`",
                    "group" => "say as which group the program runs by `as gid \"NAME\"`",
                    _ => "put all arguments inside the quotes",
                });
            self.report(finding);
        }
        let place = place?;
        if self.is_monit() {
            self.judge_swallowed(&words);
        }
        if words.is_empty() {
            let finding = Finding::error("syntax-error", place, "there is no program between these quotes");
            self.report(finding.help("write the path of the program and its arguments"));
            return None;
        }
        Some(Program { span: place, words })
    }

    /// Lines behind a program that look like statements and are arguments to Monit.
    fn judge_swallowed(&mut self, words: &[Spanned<String>]) {
        // The program itself and what stands in its quotes are never statements.
        let mut before = match words.first() {
            Some(first) => first.span,
            None => return,
        };
        for (at, word) in words.iter().enumerate().skip(1) {
            let between = self.text.get(before.end as usize..word.span.start as usize).unwrap_or_default();
            let quoted = !between.contains('\n') || !self.begins_line(word.span);
            before = word.span;
            if quoted || !self.is_like_statement(word.span) {
                continue;
            }
            let line = self.slice(word.span.to(words.last().map_or(word.span, |last| last.span)));
            let end = word.span.start as usize + line.lines().next().unwrap_or_default().trim_end().len();
            let headline = format!("`{}` is an argument of the program above", word.node);
            let finding = Finding::warning("swallowed-statement", Span::new(word.span.start as usize, end), headline)
                .here("no statement begins with this word, so the program goes on over the end of its line");
            let near = suggest::nearest(&word.node, STATEMENTS.iter().copied());
            let finding = match near.first() {
                Some(near) => finding.fix(format!("did you mean `{near}`?"), word.span, *near, false),
                None => {
                    let start = word.span.start as usize;
                    finding.note("where it is an argument, all arguments can be put in the quotes").fix(
                        "make a comment of this line",
                        Span::new(start, start),
                        "# ",
                        false,
                    )
                }
            };
            self.report(
                finding.also(words.get(at - 1).map_or(word.span, |word| word.span), "the program goes on behind this"),
            );
            return;
        }
    }

    fn begins_line(&self, place: Span) -> bool {
        let before = self.text.get(..place.start as usize).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default().trim().is_empty()
    }

    /// Whether a word at the beginning of a line was meant to begin a statement: it is nearly one that does, or a plain
    /// word, with others behind it, as no option and no path is.
    fn is_like_statement(&self, word: Span) -> bool {
        let written = self.slice(word);
        let plain =
            written.len() > 2 && written.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'));
        let rest = self.text.get(word.end as usize..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let more = rest.split('#').next().is_some_and(|rest| !rest.trim().is_empty());
        plain
            && !written.starts_with('-')
            && (more || !suggest::nearest(written, STATEMENTS.iter().copied()).is_empty())
    }

    fn not_with_equals(&mut self, equals: Span) {
        let finding = Finding::warning(
            "not-portable",
            equals,
            "Monit takes `=` only before a program in double quotes",
        )
        .fix("leave it out", equals, "", true);
        self.report(finding);
    }

    /// Splits what stands in double quotes at its blanks. A word that is exactly `'…'` is one argument.
    fn split(&self, quoted: Span) -> Vec<Spanned<String>> {
        let text = unquote::inner(self.slice(quoted));
        let first = quoted.start as usize + 1;
        let quote = (!self.is_monit()).then_some('"');
        let monit = self.is_monit();
        // To Monit a carriage return belongs to the word.
        let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n') || c == '\r' && !monit;
        let mut words = Vec::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..) {
            let begin = at + self.blanks(rest);
            let Some(rest) = text.get(begin..).filter(|rest| !rest.is_empty()) else {
                break;
            };
            let single = unquote::argument(rest.as_bytes()).and_then(|length| Some((rest.get(1..length - 1)?, length)));
            let (said, length) = match single {
                // Monit takes quotes and blanks off both ends here, too.
                Some((_, length)) if self.is_monit() => {
                    (unquote::monit(rest.get(..length).unwrap_or_default()), length)
                }
                Some((inside, length)) => (unquote::decode(inside, quote).into_owned(), length),
                None => {
                    let length = rest.find(is_blank).unwrap_or(rest.len());
                    let word = rest.get(..length).unwrap_or_default();
                    // A plain word has no escapes; only the protected quote must be told from the closing one.
                    (if quote.is_some() { word.replace("\\\"", "\"") } else { word.to_owned() }, length)
                }
            };
            words.push(Span::new(first + begin, first + begin + length).with(said));
            at = begin + length;
        }
        words
    }

    /// How many bytes of blanks stand between two words of a program. To Monit a carriage return is a blank only where
    /// no word begins with it.
    fn blanks(&self, text: &str) -> usize {
        let blanks = text.len() - text.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let Some(at) = text.get(..blanks).and_then(|blanks| blanks.rfind('\r')).filter(|_| self.is_monit()) else {
            return blanks;
        };
        let word = text.get(at..).unwrap_or_default();
        let length = word.find([' ', '\t', '\n', '"']).unwrap_or(word.len());
        if length > 1 && at + 1 == blanks && at == 0 { at } else { blanks }
    }
}
