//! What people write by habit, from other languages and from speech, where one word tells nothing yet: a unit behind the
//! length of a cycle, several actions in one rule, comments of other languages.

use super::Builder;
use crate::{Finding, Span};

/// What a rule can do.
const ACTIONS: [&str; 6] = ["alert", "restart", "start", "stop", "unmonitor", "exec"];

/// What begins a comment elsewhere.
const COMMENTS: [&str; 4] = ["//", "--", "/*", "<!--"];

impl Builder<'_> {
    /// Whether what cannot be read is such a habit; then it is said.
    pub(super) fn is_habit(&mut self, word: Span) -> bool {
        self.is_comment_of_another_language(word) || self.is_unit_of_cycle(word)
    }

    /// A line that is a comment in another language.
    fn is_comment_of_another_language(&mut self, word: Span) -> bool {
        let written = self.slice(word);
        let Some(sign) = COMMENTS.iter().find(|sign| written.starts_with(**sign)) else { return false };
        if !self.line_before(word).trim().is_empty() {
            return false;
        }
        let place = Span { end: word.start, ..word };
        let finding = Finding::error("syntax-error", word, format!("`{sign}` begins no comment"));
        self.report(finding.fix("begin the comment with `#`", place, "# ", false));
        true
    }

    /// `set daemon 5 minutes`.
    fn is_unit_of_cycle(&mut self, word: Span) -> bool {
        let line = self.line_before(word);
        let mut words = line.split_ascii_whitespace();
        let begins = |word: Option<&str>, wanted: &str| word.is_some_and(|word| word.eq_ignore_ascii_case(wanted));
        if !begins(words.next(), "set") || !begins(words.next(), "daemon") {
            return false;
        }
        let (Some(number), None) = (words.next(), words.next()) else { return false };
        let factor = match self.slice(word).to_ascii_lowercase().as_str() {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
            "d" | "day" | "days" => 86_400,
            _ => return false,
        };
        let Some(seconds) = number.parse::<u32>().ok().and_then(|number| number.checked_mul(factor)) else {
            return false;
        };
        let blanks = line.len() - line.trim_end().len();
        let start = word.start as usize - blanks - number.len();
        let written = Span::new(start, word.end as usize);
        let finding = Finding::error("syntax-error", word, "the length of a cycle has no unit")
            .here("it is a number of seconds")
            .fix("say it in seconds", written, seconds.to_string(), true);
        self.report(finding);
        true
    }

    /// `then restart and alert`: what cannot be read begins with a second action.
    pub(super) fn is_second_action(&mut self, word: Span) -> bool {
        let written = self.slice(word);
        let is_action = |word: &str| ACTIONS.iter().any(|action| word.eq_ignore_ascii_case(action));
        if !is_action(written) {
            return false;
        }
        let line = self.line_before(word).to_ascii_lowercase();
        let Some((_, done)) = line.rsplit_once(" then ") else { return false };
        let mut words = done.split([' ', '\t', ',', ';']).filter(|word| !word.is_empty());
        let is_one = words.next().is_some_and(|first| {
            is_action(first) && (first == "exec" || words.all(|word| matches!(word, "and" | "or" | "then")))
        });
        if !is_one {
            return false;
        }
        let headline = format!("a rule does one thing, and `{written}` is another");
        let finding = Finding::error("syntax-error", word, headline);
        let help = match written.eq_ignore_ascii_case("alert") {
            true => "leave it out: whatever a rule does is told, too",
            false => "write a second rule with the same test",
        };
        self.report(finding.help(help));
        true
    }
}
