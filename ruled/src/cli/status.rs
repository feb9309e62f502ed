//! `ruled status`: how services stand, with all that is known of them.

use std::fmt::Write;

use clap::Args;
use grammar::english::duration;
use interpreter::engine::Wall;
use jiff::tz::TimeZone;

use super::door::{Door, PATIENCE, odd};
use super::{FINE, Global, last_deed, print};
use crate::control::protocol::{Ask, Daemon, Mail, Plugin, Says, Service, Which};
use crate::report::line::time;
use crate::words::{clean, one_line};

const TEACHING: &str = "\
Examples:
  ruled status                       everything
  ruled status nginx 'db-.*'         one service, and all whose whole name fits a pattern
  ruled status -g web                the services of a group
  ruled status --json | head -c 300  as data

What is shown was last seen in a cycle; nothing is looked at for it.

Exit status: 0, 1 there is no such service, 2 no ruled runs for the rules.";

/// How wide the first column is.
const LABEL: usize = 28;

/// Shows how services stand, with what was last seen of them.
#[derive(Args)]
#[command(after_help = TEACHING)]
pub(super) struct Status {
    #[command(flatten)]
    pub(super) door: Door,
    /// The services of this group.
    #[arg(short, long, value_name = "GROUP")]
    pub(super) group: Option<String>,
    /// Services, or patterns that fit a whole name; all when absent.
    #[arg(value_name = "NAME")]
    pub(super) names: Vec<String>,
}

impl Status {
    pub(super) fn run(self, global: &Global) -> u8 {
        let which = Which { services: self.names, group: self.group };
        match self.door.answer(Ask::Status(which), PATIENCE) {
            Ok(_) if self.door.json => FINE,
            Ok(Says::Status(status)) => {
                let color = global.in_color(std::io::IsTerminal::is_terminal(&std::io::stdout()));
                let mut text = header(&status.daemon);
                let zone = TimeZone::system();
                for service in &status.services {
                    text.push('\n');
                    describe(&mut text, service, &zone, color);
                }
                for plugin in status.plugins.iter().filter(|plugin| plugin.sha256.is_some() || plugin.faults > 0) {
                    text.push('\n');
                    describe_plugin(&mut text, plugin);
                }
                print(&text);
                FINE
            }
            Ok(_) => odd(),
            Err(status) => status,
        }
    }
}

/// The line about the daemon, and one about mail, where that waits.
pub(super) fn header(daemon: &Daemon) -> String {
    let mail = daemon.mail.as_ref().map(|mail| waiting(mail, &TimeZone::system())).unwrap_or_default();
    let dry = if daemon.dry { ", dry run" } else { "" };
    let line = format!(
        "ruled {} on {} (pid {}) uptime: {}, cycle {}, every {}, rules: {}{dry}\n",
        one_line(&daemon.version),
        one_line(&daemon.host),
        daemon.pid,
        seconds(daemon.uptime_s),
        daemon.cycle,
        duration((daemon.cycle_s * 1000.0) as u64),
        one_line(&daemon.rules),
    );
    line + &mail
}

/// `mail: 12 events wait since …: connection refused`.
fn waiting(mail: &Mail, zone: &TimeZone) -> String {
    let events = |count| grammar::english::count(count, "event");
    let mut parts = Vec::new();
    if mail.events > 0 {
        let since = mail.since_us.map(|since| format!(" since {}", moment(since, zone))).unwrap_or_default();
        parts.push(format!("about {} waits{since}", events(mail.events)));
    }
    if mail.given_up > 0 {
        parts.push(format!("about {} was given up", events(mail.given_up)));
    }
    let error = mail.last_error.as_ref().map(|error| format!(": {}", one_line(error))).unwrap_or_default();
    format!("mail {}{error}\n", parts.join(", "))
}

/// A length of time in seconds.
pub(super) fn seconds(seconds: u64) -> String {
    duration(seconds.saturating_mul(1000))
}

/// A moment, and how long ago it was.
pub(super) fn moment(microseconds: i64, zone: &TimeZone) -> String {
    let ago = crate::report::wall_now().0.saturating_sub(microseconds) / 1_000_000;
    let shown = time(Wall(microseconds), zone, "%a, %d %b %Y %H:%M:%S");
    format!("{shown} ({} ago)", seconds(u64::try_from(ago).unwrap_or_default()))
}

/// The state with its colour: green, yellow, red.
pub(super) fn colored(service: &Service, text: &str, color: bool) -> String {
    let code = match service.state.as_str() {
        "ok" => "32",
        "failed" => "31",
        _ => "33",
    };
    if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// A plugin of somebody's own, or one that was at fault.
fn describe_plugin(text: &mut String, plugin: &Plugin) {
    // A text grows without fail.
    writeln!(text, "Component '{}'", one_line(&plugin.name)).unwrap_or(());
    let mut row = |label: &str, value: &str| {
        writeln!(text, "  {label:<LABEL$} {value}").unwrap_or(());
    };
    row("version", &one_line(&plugin.version));
    row("sha256", &plugin.sha256.as_deref().map_or_else(|| "a part of ruled".to_owned(), one_line));
    let faults = if plugin.faults == 0 { "none".to_owned() } else { plugin.faults.to_string() };
    row("checks", &format!("{}, faults: {faults}, CPU: {:.1} ms", plugin.checks, plugin.cpu_ms));
    if let Some(fault) = &plugin.last_fault {
        row("last fault", &one_line(fault));
    }
    for barred in &plugin.quarantine {
        let with = barred.with.as_deref().map_or_else(|| "all".to_owned(), one_line);
        row("quarantine", &format!("with {with} for another {}", seconds(barred.left_s)));
    }
}

fn describe(text: &mut String, service: &Service, zone: &TimeZone, color: bool) {
    // A text grows without fail.
    writeln!(text, "{} '{}'", clean(&service.title), one_line(&service.name)).unwrap_or(());
    let mut row = |label: &str, value: &str| {
        writeln!(text, "  {label:<LABEL$} {value}").unwrap_or(());
    };
    row("status", &colored(service, &one_line(&service.shown), color));
    if let Some(since) = service.since_us {
        row("since", &moment(since, zone));
    }
    for fault in &service.faults {
        row("fault", &one_line(&fault.message));
    }
    row("monitoring status", if service.monitored { "Monitored" } else { "Not monitored" });
    row("monitoring mode", &one_line(&service.mode));
    row("on reboot", &one_line(&service.on_reboot));
    for (label, value) in [
        ("checked", service.every.clone()),
        ("groups", (!service.groups.is_empty()).then(|| service.groups.join(", "))),
        ("depends on", (!service.depends.is_empty()).then(|| service.depends.join(", "))),
        ("pid", service.pid.map(|pid| pid.to_string())),
        ("uptime", service.uptime_s.map(seconds)),
        ("permission", service.permission.clone()),
        ("restarts", (service.restarts > 0).then(|| service.restarts.to_string())),
        ("late cycles", (service.late_cycles > 0).then(|| service.late_cycles.to_string())),
    ] {
        if let Some(value) = value {
            row(label, &one_line(&value));
        }
    }
    for reading in service.readings.iter().filter(|reading| service.uptime_s.is_none() || reading.name != "uptime") {
        row(&one_line(&reading.name), &one_line(&reading.shown));
    }
    for connection in &service.connections {
        let protocol = connection.protocol.as_deref().unwrap_or("default");
        let place = one_line(&connection.place);
        match (connection.response_ms, &connection.trouble) {
            (Some(response), _) => row("response time", &format!("{response:.3} ms to {place} protocol {protocol}")),
            (None, trouble) => {
                let trouble = trouble.as_deref().map_or_else(String::new, one_line);
                row("response time", &format!("none from {place} protocol {protocol}: {trouble}"));
            }
        }
    }
    if let Some(done) = &service.last_deed {
        row("last deed", &last_deed::what(done, zone));
        row("", &format!("because: {}", last_deed::why(done)));
        row("", &last_deed::how(done));
        for line in last_deed::printed(done) {
            row("", &format!("| {line}"));
        }
    }
    if let Some(seen) = service.seen_us {
        row("data collected", &time(Wall(seen), zone, "%a, %d %b %Y %H:%M:%S"));
    }
}
