//! Rules as they are written, in a world that does not exist: text in, timeline out.

mod dialects;
mod shop;

use std::time::Duration;

use grammar::{Dialect, Severity};
use interpreter::check::{self, Imaginary};
use interpreter::simulate::{Scenario, Timeline};

/// A scenario of these rules on a machine where everything that they name is there.
fn scenario(dialect: Dialect, text: &str) -> Scenario {
    let machine = Imaginary::new().with_host_name("box");
    let loaded = check::load_text("rules", text.as_bytes(), dialect, &machine);
    let checked = check::check(&loaded.source, dialect, &ruled::protocols::stock(), &machine);
    let errors: Vec<_> = checked.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    Scenario::new(checked.program.unwrap_or_else(|| panic!("{errors:?}")))
}

fn rules(text: &str) -> Scenario {
    scenario(Dialect::Rules, text)
}

fn monit(text: &str) -> Scenario {
    scenario(Dialect::Monit, text)
}

/// Seconds.
const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What happened, without the start of ruled.
fn lines(timeline: &Timeline) -> String {
    let entries = timeline.entries.iter().filter(|entry| !entry.to_string().contains(" instance "));
    entries.map(|entry| format!("{entry}\n")).collect()
}
