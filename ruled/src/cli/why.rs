//! `ruled why`: why a service is in the state it is in.

use std::fmt::Write;

use clap::Args;
use grammar::english::{count, duration};
use jiff::tz::TimeZone;

use super::door::{Door, PATIENCE, odd};
use super::last_deed;
use super::status::moment;
use super::{FINE, print};
use crate::control::protocol::{Ask, Reasons, Rule, Says};
use crate::words::one_line;

/// How many deeds are shown: `--json` says more of them.
const DEEDS_SHOWN: usize = 3;

/// Says why a service is in the state it is in: rules that are not green, what is being done, what it waits for, what was
/// last done and what that printed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  ruled why nginx
  ruled why --json nginx

Exit status: 0, 1 there is no such service, 2 no ruled runs for the rules.")]
pub(super) struct Why {
    #[command(flatten)]
    door: Door,
    /// The service.
    #[arg(value_name = "NAME")]
    name: String,
}

impl Why {
    pub(super) fn run(self) -> u8 {
        match self.door.answer(Ask::Why { service: self.name }, PATIENCE) {
            Ok(_) if self.door.json => FINE,
            Ok(Says::Why(reasons)) => {
                print(&tell(&reasons, &TimeZone::system()));
                FINE
            }
            Ok(_) => odd(),
            Err(status) => status,
        }
    }
}

/// What is said, a line for each part.
fn tell(reasons: &Reasons, zone: &TimeZone) -> String {
    let service = &reasons.service;
    let since = service.since_us.map_or(String::new(), |since| format!(", since {}", moment(since, zone)));
    let mut text = format!("{} '{}': {}{since}\n", service.title, one_line(&service.name), one_line(&service.shown));
    let mut say = |line: String| writeln!(text, "{line}").unwrap_or(());
    for cause in &reasons.causes {
        say(format!("  because: {}", one_line(cause)));
    }
    for need in &reasons.needs {
        say(format!("  needs '{}': {}", one_line(&need.name), one_line(&need.why)));
    }
    if let Some(doing) = &reasons.undertaken {
        let whose =
            if doing.service == service.name { String::new() } else { format!(" of '{}'", one_line(&doing.service)) };
        say(format!("  under way: {}{whose} ({})", one_line(&doing.what), one_line(&doing.reason)));
        say(format!(
            "    waits for {}, for {} at most",
            one_line(&doing.waits_for),
            duration(doing.left_ms / 1000 * 1000)
        ));
        if doing.steps_left > 0 {
            say(format!("    {} after that", count(doing.steps_left as u64, "step")));
        }
    }
    if let Some(wish) = &reasons.wish {
        say(format!("  waits for its turn: {}", one_line(wish)));
    }
    for rule in &reasons.rules {
        describe(&mut say, rule, zone);
    }
    let green = reasons.rules_total.saturating_sub(reasons.rules.len()) as u64;
    say(format!("  green: {} of {}", green, count(reasons.rules_total as u64, "rule")));
    if let Some(deed) = &reasons.last_deed {
        let ago = deed.started_ago_ms.map_or(String::new(), |ago| {
            format!("; its start or restart program was run {} ago", duration(ago / 1000 * 1000))
        });
        let since = deed.since_us.map_or(String::new(), |since| format!(", {}", moment(since, zone)));
        say(format!("  last deed: {}{since}{ago}", one_line(&deed.message)));
    }
    for done in reasons.deeds.iter().take(DEEDS_SHOWN) {
        say(format!("  done: {}", last_deed::what(done, zone)));
        say(format!("    because: {}", last_deed::why(done)));
        say(format!("    {}", last_deed::how(done)));
        for line in last_deed::printed(done) {
            say(format!("    | {line}"));
        }
    }
    text
}

fn describe(say: &mut impl FnMut(String), rule: &Rule, zone: &TimeZone) {
    let place = match (&rule.file, rule.line) {
        (Some(file), Some(line)) => format!("  ({}:{line})", one_line(file)),
        _ => "  (nobody writes this rule)".to_owned(),
    };
    let state = if rule.failed { "fails" } else { "counts" };
    say(format!(
        "  rule {state}: if {} {} then {}{place}",
        one_line(&rule.asks),
        one_line(&rule.rate),
        one_line(&rule.action)
    ));
    if let Some(last) = &rule.last {
        say(format!("    last seen: {}", one_line(last)));
    }
    let among = if rule.cycles == rule.needed { String::new() } else { format!(" within {}", rule.cycles) };
    let towards = if rule.failed { "its end" } else { "its failure" };
    say(format!("    {} of {} cycles{among} count towards {towards}", rule.hits, rule.needed));
    if rule.failed
        && let Some(since) = rule.since_us
    {
        say(format!("    since {}", moment(since, zone)));
    }
    if rule.attempts > 0 {
        let next =
            rule.retry_in_cycles.map_or(String::new(), |cycles| format!("; the next in {}", count(cycles, "cycle")));
        say(format!("    {} to mend it{next}", count(u64::from(rule.attempts), "attempt")));
    }
}
