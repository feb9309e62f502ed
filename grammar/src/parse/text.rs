//! Texts where one is wanted: quoted or not, and what Monit would say about their kind.

use super::grammar::Rule;
use super::{Builder, Pair, leaf, unquote};
use crate::{Finding, Span, Spanned};

/// What kind of text a place takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Any text.
    Text,
    /// A text that is no path: a host, a password.
    Word,
    /// A path, which begins with `/`.
    Path,
    /// A mail address.
    Mail,
    /// A word, a quoted text or a mail address: the user of a mail server.
    User,
    /// A user or a group: a name or a number.
    Identity,
    /// A choice among words, which may be words that are reserved elsewhere.
    Choice,
}

impl Builder<'_> {
    /// A text, as it is meant.
    pub(super) fn text(&mut self, pair: &Pair<'_>, wanted: Wanted) -> Spanned<String> {
        let place = leaf(pair);
        let written = self.written(pair);
        let quoted = pair.as_rule() == Rule::quoted;
        let said = if quoted { self.unquoted(written) } else { written.to_owned() };
        self.judge(pair.as_rule(), place, written, &said, wanted);
        place.with(said)
    }

    /// What a quoted text says in this dialect.
    pub(super) fn unquoted(&self, written: &str) -> String {
        if self.is_monit() { unquote::monit(written) } else { unquote::rules(written) }
    }

    /// The name of a service or a group, where every word is free.
    pub(super) fn plain_name(&mut self, pair: &Pair<'_>) -> Spanned<String> {
        let place = leaf(pair);
        let written = self.written(pair);
        if !matches!(pair.as_rule(), Rule::quoted | Rule::greedy_name) {
            return place.with(written.to_owned());
        }
        let said = self.unquoted(written);
        if self.is_monit() && written.starts_with('\'') && self.rest_of_line(place).contains('\'') {
            let headline = "Monit reads this name up to the last `'` of its line";
            let finding = Finding::warning("not-portable", place, headline).fix(
                "use double quotes",
                place,
                format!("\"{said}\""),
                true,
            );
            self.report(finding);
        }
        place.with(said)
    }

    fn rest_of_line(&self, place: Span) -> &str {
        self.text.get(place.end as usize..).and_then(|rest| rest.lines().next()).unwrap_or_default()
    }

    fn judge(&mut self, written_as: Rule, place: Span, written: &str, said: &str, wanted: Wanted) {
        match wanted {
            Wanted::Path if !is_path(said, written) && (self.is_monit() || !said.contains('{')) => {
                let finding = Finding::error("syntax-error", place, format!("`{said}` is not a path"))
                    .here("a path begins with `/`")
                    .help("write the whole path, from `/` on");
                return self.report(finding);
            }
            Wanted::Mail if !said.contains('@') => {
                let finding = Finding::error("syntax-error", place, format!("`{said}` is not a mail address"))
                    .here("a mail address is wanted here")
                    .help("write it with its host: `somebody@example.com`");
                return self.report(finding);
            }
            _ => {}
        }
        if !self.is_monit() {
            return;
        }
        let digits = written_as == Rule::bare && is_number(written);
        let mail = written_as == Rule::bare && written.contains('@') && !matches!(wanted, Wanted::Mail | Wanted::User);
        match wanted {
            Wanted::Choice => {}
            Wanted::Mail if written_as == Rule::quoted => {
                let finding = Finding::warning("not-portable", place, "Monit refuses a mail address in quotes").fix(
                    "leave the quotes out",
                    place,
                    said,
                    true,
                );
                self.report(finding);
            }
            // Monit has this word only where a name follows it on its line.
            _ if written_as == Rule::taken && written.eq_ignore_ascii_case("group") => {}
            _ if written_as == Rule::taken && self.is_next_line(place) => {}
            _ if written_as == Rule::taken => {
                self.quote_it(place, written, format!("`{written}` is a keyword to Monit, everywhere"))
            }
            _ if digits && wanted != Wanted::Identity => {
                self.quote_it(place, written, format!("`{written}` is a number, and a text is wanted here"));
            }
            _ if mail => self.quote_it(place, written, format!("`{written}` is a mail address to Monit")),
            Wanted::Word if is_path(said, written) => {
                let headline = format!("`{said}` is a path, and none is wanted here");
                self.report(
                    Finding::error("syntax-error", place, headline).here("to Monit what begins with `/` is a path"),
                );
            }
            _ if written_as == Rule::url => {
                let headline = "Monit refuses a whole address without quotes here";
                let quoted = format!("\"{written}\"");
                self.report(Finding::warning("not-portable", place, headline).fix(
                    "put it in quotes",
                    place,
                    quoted,
                    true,
                ));
            }
            _ => {}
        }
    }

    /// Says so when a text is a keyword at the beginning of a line because a `#` hides the text that was meant.
    fn is_next_line(&mut self, place: Span) -> bool {
        let before = self.text.get(..place.start as usize).unwrap_or_default();
        let Some((lines, indent)) = before.rsplit_once('\n') else { return false };
        let line = lines.rsplit('\n').next().unwrap_or_default();
        let Some((said, comment)) = line.split_once('#') else { return false };
        if !indent.trim().is_empty() || said.trim().is_empty() {
            return false;
        }
        let word = said.split_whitespace().next_back().unwrap_or_default();
        let start = lines.len() - comment.len() - 1;
        let finding = Finding::error(
            "syntax-error",
            Span::new(start, start + 1 + comment.trim_end().len()),
            format!("`{word}` has nothing behind it but a comment"),
        );
        self.report(
            finding
                .here("from the `#` on nothing is read")
                .also(place, "so this would be taken for it")
                .help(format!("write what belongs behind `{word}`, without a `#`, or leave `{word}` out")),
        );
        self.next_line = Some(place);
        true
    }

    /// Says that a text must be put in quotes for Monit.
    pub(super) fn quote_it(&mut self, place: Span, written: &str, headline: String) {
        let finding = Finding::error("reserved-word", place, headline).here("a text is wanted here").fix(
            "put it in quotes",
            place,
            format!("\"{written}\""),
            true,
        );
        self.report(finding);
    }
}

fn is_path(said: &str, written: &str) -> bool {
    said.starts_with('/') && (written.starts_with('/') || !written.contains('\n'))
}

fn is_number(written: &str) -> bool {
    let mut parts = written.splitn(2, '.');
    parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
