//! `unit-mismatch`: a unit that does not fit what is measured.

use grammar::Finding;
use grammar::ast::{Limit, Quantity, Unit};

use super::Entry;
use super::wording::{behind, written_unit};
use crate::catalog::{Dimension, MetricEntry};

const NAME: &str = "unit-mismatch";
pub(super) const ENTRY: Entry = Entry::reported(NAME, "a unit that does not fit", include_str!("unit_mismatch.md"));

/// The finding about a limit: what was written, and its unit if it has one.
pub(crate) fn finding(limit: &Limit, entry: &MetricEntry, written: &str, unit: Option<&str>) -> Finding {
    let words = entry.words;
    let span = limit.value.span;
    let written = written_unit(written);
    let Some(unit) = unit else {
        return Finding::error(NAME, span, format!("`{written}` needs a unit: {words} is a share"))
            .here("per cent of the processor time?")
            .fix("say that it is per cent", behind(span), "%", false);
    };
    Finding::error(NAME, span, format!("`{written}` cannot be compared with {words}"))
        .here(format!("{words} is {}, and `{}` is a unit of {}", wanted(entry.dimension), unit, family(limit)))
        .help(format!("write it like this: `{}`", entry.example))
}

/// The finding about a part of a time-out that is no time.
pub(crate) fn no_time(part: &Quantity, written: &str, unit: Option<&str>) -> Finding {
    let written = written_unit(written);
    match unit {
        None => Finding::error(NAME, part.span, format!("`{written}` needs a unit")).here("seconds?").fix(
            "say which unit you mean",
            behind(part.span),
            " seconds",
            false,
        ),
        Some(_) => Finding::error(NAME, part.span, format!("`{written}` is no length of time"))
            .here("a time-out is a length of time")
            .help("write a number of seconds, such as `10 seconds`"),
    }
}

fn wanted(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Share => "a share in per cent",
        Dimension::SizeOrShare => "a size, or a share in per cent",
        Dimension::Size => "a size",
        Dimension::Duration => "a length of time",
        Dimension::Count => "a bare number",
    }
}

fn family(limit: &Limit) -> &'static str {
    match limit.value.unit.as_ref().map(|unit| unit.node) {
        Some(Unit::Percent) => "shares",
        Some(Unit::Byte | Unit::Kilobyte | Unit::Megabyte | Unit::Gigabyte | Unit::Terabyte) => "sizes",
        Some(Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour | Unit::Day | Unit::Month) => "time",
        None => "nothing",
    }
}
