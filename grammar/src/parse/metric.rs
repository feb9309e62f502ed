//! What cannot be read in a check of a plugin. The names of its metrics are its own, so that a slip behind one is read as
//! another.

use super::Builder;
use super::grammar::Rule;
use crate::{Finding, Span, suggest};

/// The units that metrics of plugins have.
const UNITS: &[&str] = &[
    "%",
    "percent",
    "B",
    "kB",
    "MB",
    "GB",
    "TB",
    "bytes",
    "ms",
    "milliseconds",
    "seconds",
    "minutes",
    "hours",
    "days",
    "second",
    "minute",
    "hour",
    "day",
];

/// Words in which people ask how a check ended.
const PASSED: &[&str] = &["passed", "passes", "pass", "ok", "up", "succeeds", "success", "successful", "healthy"];
const FAILED: &[&str] = &["fails", "fail", "failing", "failure", "error", "errors", "down", "critical", "unhealthy"];

impl Builder<'_> {
    /// Whether a word that cannot be read is about a metric of a plugin, and what to write was said.
    pub(super) fn is_about_metric(&mut self, word: Span, written: &str, rules: &[Rule]) -> bool {
        if !self.in_plugin {
            return false;
        }
        let Some((before, earlier)) = self.words_before(word) else { return false };
        let last = self.slice(before);
        let asks_comparison = rules.contains(&Rule::operator);
        let of_tests =
            [Rule::plugin_condition, Rule::plugin_limit, Rule::plugin_changed, Rule::plugin_outcome, Rule::metric_word];
        let asks_test = rules.iter().any(|asked_for| of_tests.contains(asked_for));
        let finding = match (last, earlier) {
            _ if asks_comparison && last.eq_ignore_ascii_case("per") && is_second(written) => {
                let finding = Finding::error("syntax-error", before.to(word), "`per second` stands behind the limit");
                finding
                    .here("this stands before it")
                    .help("write it like this: `if published > 100 per second then alert`")
            }
            (unit, Some(number)) if asks_comparison && is_number(self.slice(number)) => {
                let finding = Finding::error("syntax-error", before, format!("there is no unit `{unit}`"));
                match suggest::nearest(unit, UNITS.iter().copied()).first() {
                    Some(near) => finding.fix(format!("did you mean `{near}`?"), before, *near, false),
                    None => finding
                        .here("this stands behind the limit")
                        .help("units are `%`, sizes as `MB`, and times as `ms`, `seconds` or `days`"),
                }
            }
            (metric, _) if asks_comparison && is_one_of(written, &["changed", "changes"]) => {
                let finding = Finding::error("syntax-error", word, "`changed` stands before what changes");
                finding.fix("write it before", before.to(word), format!("changed {metric}"), false)
            }
            (asked, Some(_)) if asks_comparison && written.eq_ignore_ascii_case("then") => {
                let finding = Finding::error("syntax-error", before, format!("`{asked}` is compared with nothing"));
                match (is_one_of(asked, PASSED), is_one_of(asked, FAILED)) {
                    (true, _) => finding.fix("ask how the check ended", before, "succeeded", false),
                    (_, true) => finding.fix("ask how the check ended", before, "failed", false),
                    _ => finding
                        .here("a metric has a limit behind it")
                        .help(format!("write its limit, as in `{asked} > 10`, or `failed` for how the check ended")),
                }
            }
            (number, _) if is_number(number) && is_per_second(written) => {
                let finding = Finding::error("syntax-error", word, "what a counter grows by is asked for per second");
                finding.fix("write `per second`", Span { start: before.end, end: word.end }, " per second", false)
            }
            (metric, Some(_)) if asks_test && written.starts_with(['<', '>', '=', '!']) && is_metric(metric) => {
                let finding = Finding::error("syntax-error", before, format!("`{metric}` is a word of the language"))
                    .here("so it names no metric here");
                finding.fix("put the name of the metric in quotes", before, format!("\"{metric}\""), false)
            }
            _ => return false,
        };
        self.report(finding);
        true
    }

    /// Whether a word that cannot be read stands behind what is granted, and what to write was said.
    pub(super) fn is_behind_grant(&mut self, word: Span, written: &str) -> bool {
        let line = self.line_before(word);
        let words: Vec<&str> = line.split_whitespace().take(3).collect();
        let [grant, kind, _] = words.as_slice() else { return false };
        if !grant.eq_ignore_ascii_case("grant") || line.contains('{') || written.is_empty() {
            return false;
        }
        let help = match kind.to_ascii_lowercase().as_str() {
            "connect" => {
                "behind it stand `with ssl` and a name in quotes: `grant connect \"HOST:PORT\" with ssl as \"NAME\"`"
            }
            "read" => "write `grant read \"/PATH\"`, once for each path",
            "fetch" => "write `grant fetch \"https://HOST\"`, once for each server; `https` is encrypted and verified",
            _ => return false,
        };
        let headline = format!("`{written}` cannot stand behind what is granted");
        self.report(Finding::error("syntax-error", word, headline).help(help));
        true
    }

    /// The word before a place on its line, and the one before that.
    fn words_before(&self, place: Span) -> Option<(Span, Option<Span>)> {
        let line = self.line_before(place);
        let start = place.start as usize - line.len();
        let last = |text: &str| {
            let text = text.trim_end();
            let from = text
                .rfind(char::is_whitespace)
                .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
            (from < text.len()).then(|| Span::new(start + from, start + text.len()))
        };
        let before = last(line)?;
        Some((before, line.get(..before.start as usize - start).and_then(last)))
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && word.chars().skip(1).all(|c| c.is_ascii_digit() || c == '.')
}

/// Whether a word could be the name of a metric, and is not one that holds tests together.
fn is_metric(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        && !is_one_of(word, &["if", "and", "or", "not"])
}

fn is_second(word: &str) -> bool {
    is_one_of(word, &["second", "sec", "s"])
}

/// `/s`, as it stands behind other numbers.
fn is_per_second(word: &str) -> bool {
    is_one_of(word, &["/s", "/sec", "/second"])
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|one| one.eq_ignore_ascii_case(word))
}
