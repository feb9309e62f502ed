//! Words that several findings share.

use grammar::ast::ServiceKind;
use grammar::{Dialect, Finding, Span, english, suggest};

use crate::catalog::{METRICS, Metric, MetricEntry, TESTS};
use crate::program::{Action, Rate, Relation};

/// How much of what somebody wrote stands in a message, in characters.
const QUOTED_MAX: usize = 60;

/// What somebody wrote, on one line and not too long.
pub(crate) fn written_unit(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<&str>>().join(" ");
    if line.chars().count() <= QUOTED_MAX {
        return line;
    }
    line.chars().take(QUOTED_MAX).chain("…".chars()).collect()
}

/// What a service is, with its article: "a file", "the system".
pub(crate) fn a_kind(kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::Process => "a process",
        ServiceKind::File => "a file",
        ServiceKind::Directory => "a directory",
        ServiceKind::Fifo => "a fifo",
        ServiceKind::Filesystem => "a filesystem",
        ServiceKind::Host => "a host",
        ServiceKind::Program => "a program",
        ServiceKind::Network => "a network",
        ServiceKind::Plugin => "a plugin",
        ServiceKind::System => "the system",
    }
}

/// Everything that services of a kind can be asked for in a dialect.
pub(crate) fn askable(kind: ServiceKind, dialect: Dialect) -> String {
    if kind == ServiceKind::Plugin {
        let asked = [
            "how its check ended, as in `failed`",
            "what it measures, as in `depth > 1000`",
            "what changed of that, as in `changed depth`",
        ];
        return english::and(asked);
    }
    let tests = TESTS.iter().filter(|entry| entry.services.contains(&kind) && entry.is_in(dialect));
    let tests = tests.map(|entry| entry.words);
    let metrics = METRICS.iter().filter(|entry| entry.services.contains(&kind)).map(|entry| entry.words);
    english::and(tests.chain(metrics))
}

/// The end of the span, where something can be inserted.
pub(crate) fn behind(span: Span) -> Span {
    Span { start: span.end, end: span.end }
}

/// Offers the nearest of the known words in place of a misspelt one.
pub(crate) fn did_you_mean(finding: Finding, span: Span, written: &str, known: &[&str]) -> Finding {
    let near = suggest::nearest(written, known.iter().copied());
    match near.as_slice() {
        [] => finding,
        [one] => finding.fix(format!("did you mean `{one}`?"), span, one.to_string(), false),
        several => {
            let quoted = several.iter().map(|one| format!("`{one}`"));
            finding.help(format!("did you mean {}?", english::or(quoted)))
        }
    }
}

/// What will happen when a rule always holds.
pub(crate) fn forever(action: &Action, name: &str, rate: Rate) -> String {
    let again = if rate.count > 1 && rate.count == rate.cycles {
        format!("every {} cycle, forever", ordinal(rate.count))
    } else {
        "again and again, forever".to_owned()
    };
    match action {
        Action::Alert => "so this alert would come and never go".to_owned(),
        Action::Start => format!("so {name} would be started {again}"),
        Action::Restart => format!("so {name} would restart {again}"),
        Action::Stop => format!("so {name} would be stopped and stay down"),
        Action::Unmonitor => format!("so {name} would not be watched any more"),
        Action::Ignore => "so nothing would ever come of it".to_owned(),
        Action::Exec(exec) if exec.repeat_cycles > 0 => "so this would run again and again, forever".to_owned(),
        Action::Exec(_) => format!("so this would run once, however {name} is"),
    }
}

/// What will never happen when a rule never holds.
pub(crate) fn never(action: &Action, name: &str) -> String {
    match action {
        Action::Alert => "so this alert would never come".to_owned(),
        Action::Start => format!("so {name} would never be started by it"),
        Action::Restart => format!("so {name} would never restart because of it"),
        Action::Stop => format!("so {name} would never be stopped by it"),
        Action::Unmonitor => format!("so {name} would be watched on and on"),
        Action::Ignore => "so nothing would ever come of it".to_owned(),
        Action::Exec(_) => "so this would never run".to_owned(),
    }
}

/// The words for a metric.
pub(crate) fn words(metric: Metric) -> &'static str {
    MetricEntry::of(metric).map_or("this", |entry| entry.words)
}

/// A comparison in words.
pub(crate) fn side(relation: Relation) -> &'static str {
    match relation {
        Relation::Greater => "more than",
        Relation::GreaterOrEqual => "at least",
        Relation::Less => "less than",
        Relation::LessOrEqual => "at most",
        Relation::Equal => "exactly",
        Relation::NotEqual | Relation::Changed => "other than",
    }
}

/// `1st`, `2nd`, `3rd`, `4th`, …
fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// A size as people write it: `200 B`, `1.5 MB`.
pub(crate) fn size(bytes: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes;
    let mut unit = "B";
    for next in units {
        unit = next;
        if value.abs() < 1_024.0 {
            break;
        }
        if next != "TB" {
            value /= 1_024.0;
        }
    }
    if value.fract() == 0.0 { format!("{value} {unit}") } else { format!("{value:.1} {unit}") }
}
