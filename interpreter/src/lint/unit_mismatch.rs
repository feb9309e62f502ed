//! `unit-mismatch`: a unit that does not fit what is measured.

use grammar::ast::{Limit, Quantity, Unit};
use grammar::{Finding, Span, english};

use super::Entry;
use super::wording::{behind, written_unit};
use crate::catalog::{Dimension, MetricEntry, PluginEntry, PluginMetric, PluginMetricKind};

const NAME: &str = "unit-mismatch";
pub(super) const ENTRY: Entry = Entry::reported(NAME, "a unit that does not fit", include_str!("unit_mismatch.md"));

/// The finding about a limit: what was written, and its unit if it has one.
pub(crate) fn finding(limit: &Limit, entry: &MetricEntry, written: &str, unit: Option<&str>) -> Finding {
    let words = entry.words;
    let span = limit.value.span;
    let written = written_unit(written);
    let Some(unit) = unit else {
        if entry.dimension == Dimension::Latency {
            return Finding::error(NAME, span, format!("`{written}` needs a unit: {words} is a length of time"))
                .here("milliseconds?")
                .fix("say that it is milliseconds", behind(span), " ms", false);
        }
        return Finding::error(NAME, span, format!("`{written}` needs a unit: {words} is a share"))
            .here("per cent of the processor time?")
            .fix("say that it is per cent", behind(span), "%", false);
    };
    Finding::error(NAME, span, format!("`{written}` cannot be compared with {words}"))
        .here(format!("{words} is {}, and `{}` is a unit of {}", wanted(entry.dimension), unit, family(limit)))
        .help(format!("write it like this: `{}`", entry.example))
}

/// The finding about the time over which a total is taken.
pub(crate) fn no_window(window: &Quantity, written: &str, unit: Option<&str>) -> Finding {
    let written = written_unit(written);
    let headline = match unit {
        Some(unit) => format!("`{written}` cannot be the time of a total: `{unit}` is not taken here"),
        None => format!("`{written}` needs a unit"),
    };
    Finding::error(NAME, window.span, headline)
        .here("minutes, hours or a day are wanted here")
        .help("write it like this: `in last 2 hours`")
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

/// The finding about a length of a certificate's life that is not counted in days.
pub(crate) fn no_days(days: &Quantity, written: &str) -> Finding {
    let written = written_unit(written);
    let finding = Finding::error(NAME, days.span, format!("`{written}` is no number of days"));
    let finding = finding.here("how long a certificate is valid is counted in days");
    match days.unit {
        None => finding.fix("say that it is days", behind(days.span), " days", false),
        Some(_) => finding.help("write a number of days, such as `30 days`"),
    }
}

/// The finding about a limit of performance data in a unit that plugins do not have.
pub(crate) fn no_performance(limit: &Quantity, written: &str, unit: &str) -> Finding {
    Finding::error(NAME, limit.span, format!("`{}` cannot be compared with performance data", written_unit(written)))
        .here(format!("a plugin reports numbers, shares, sizes and times, and nothing in `{unit}`"))
        .help("leave the unit out to compare the bare number, as in `if performance \"requests\" > 100 then alert`")
}

/// A limit of a plugin's metric, as it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MetricLimit<'a> {
    /// The metric and its comparison, as in `depth >`.
    pub(crate) asked: &'a str,
    /// The limit.
    pub(crate) value: &'a Quantity,
    /// Its number, as in `5`.
    pub(crate) number: &'a str,
    /// The number and its unit, as in `5 MB`.
    pub(crate) written: &'a str,
    /// Whether `per second` stands behind it.
    pub(crate) is_rate: bool,
}

/// The finding about a limit of a plugin's metric.
pub(crate) fn of_metric(limit: MetricLimit<'_>, metric: &PluginMetric) -> Finding {
    let (name, kind, place) = (&metric.name, metric.kind, limit.value.span);
    let (written, asked, number) = (written_unit(limit.written), written_unit(limit.asked), written_unit(limit.number));
    let has_unit = limit.value.unit.is_some();
    let finding = if has_unit {
        Finding::error(NAME, place, format!("`{written}` cannot be compared with {name}"))
            .here(format!("{name} is {}", kind.counts()))
    } else {
        let label = match kind {
            PluginMetricKind::DurationMs => "milliseconds?",
            PluginMetricKind::Percent => "per cent?",
            _ => "bytes, or megabytes?",
        };
        Finding::error(NAME, place, format!("`{written}` needs a unit: {name} is {}", kind.counts())).here(label)
    };
    let finding = finding.note(format!("{name}: {}", metric.help));
    match (has_unit, kind) {
        (false, PluginMetricKind::Percent) => finding.fix("say that it is per cent", behind(place), "%", false),
        (false, PluginMetricKind::DurationMs) => {
            finding.fix("say that it is milliseconds", behind(place), " ms", false)
        }
        (_, PluginMetricKind::Percent) => finding.help(format!("write it like this: `{asked} {number}%`")),
        (_, PluginMetricKind::DurationMs) => finding.help(format!("write it like this: `{asked} {number} ms`")),
        (_, PluginMetricKind::Bytes) if is_per_second(limit.written) && !limit.is_rate => {
            let size = limit.written.trim_end_matches(['/', 's', 'S']);
            finding.fix("ask for what it grows by in a second", place, format!("{size} per second"), false)
        }
        (_, PluginMetricKind::Bytes) => finding.help(format!("write it like this: `{asked} {number} MB`")),
        (_, PluginMetricKind::Counter) if is_per_second(limit.written) && !limit.is_rate => {
            finding.fix("ask for what it grows by in a second", place, format!("{number} per second"), false)
        }
        (_, PluginMetricKind::Gauge | PluginMetricKind::Counter) => {
            finding.fix("leave the unit out", place, number, false)
        }
    }
}

/// Whether a unit is of what comes in a second, as in `5 MB/s`.
fn is_per_second(written: &str) -> bool {
    written.ends_with("/s") || written.ends_with("/S")
}

/// The finding about a limit in a unit that no metric of plugins has.
pub(crate) fn no_metric(limit: MetricLimit<'_>, name: &str) -> Finding {
    let (written, asked, number) = (written_unit(limit.written), written_unit(limit.asked), written_unit(limit.number));
    let instead = if is_per_second(limit.written) && !limit.is_rate {
        format!("write `{asked} {number} per second` for what is counted")
    } else {
        format!("write it like this: `{asked} {number}`")
    };
    Finding::error(NAME, limit.value.span, format!("`{written}` cannot be compared with {name}"))
        .here("a plugin measures numbers, shares, sizes and times")
        .help(instead)
}

/// The finding about what grows by nothing in a second.
pub(crate) fn no_rate(place: Span, limit: &Quantity, metric: &PluginMetric, plugin: &PluginEntry) -> Finding {
    let name = &metric.name;
    let finding =
        Finding::error(NAME, place, format!("{name} is neither a counter nor a size, so it has no value per second"))
            .here(format!("{name} is {}", metric.kind.counts()))
            .note(format!("{name}: {}", metric.help));
    let counted: Vec<&str> =
        plugin.metrics.iter().filter(|one| one.kind.may_grow()).map(|one| one.name.as_str()).collect();
    let finding = match counted.is_empty() {
        true => finding,
        false => finding.note(format!("what may grow of what {} measures: {}", plugin.name, english::and(&counted))),
    };
    finding.fix("leave `per second` out", Span { start: limit.span.end, end: place.end }, "", false)
}

/// The finding about something that is no size.
pub(crate) fn no_size(size: &Quantity, written: &str) -> Finding {
    Finding::error(NAME, size.span, format!("`{}` is no size", written_unit(written)))
        .here("a number of bytes is wanted here")
        .help("write a size, such as `512 B` or `1 MB`")
}

fn wanted(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Share => "a share in per cent",
        Dimension::SizeOrShare => "a size, or a share in per cent",
        Dimension::Size => "a size",
        Dimension::Duration => "a length of time",
        Dimension::Latency => "a length of time with its unit",
        Dimension::Count => "a bare number",
        Dimension::CountOrShare => "a bare number, or a share in per cent",
        Dimension::SizeOrOperations => "an amount of bytes or operations",
        Dimension::SizeOrPackets => "an amount of bytes or packets",
    }
}

fn family(limit: &Limit) -> &'static str {
    match limit.value.unit.as_ref().map(|unit| unit.node) {
        Some(Unit::Percent) => "shares",
        Some(Unit::Byte | Unit::Kilobyte | Unit::Megabyte | Unit::Gigabyte | Unit::Terabyte) => "sizes",
        Some(Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour | Unit::Day | Unit::Month) => "time",
        Some(Unit::Operations) => "operations of disks",
        Some(Unit::Packets) => "packets of networks",
        None => "nothing",
    }
}
