//! `ruled simulate`: what rules would have told, done and mailed in a time that never was.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use clap::{Args, ValueEnum};
use grammar::english;
use grammar::finding::clean;
use interpreter::engine::{DeedKind, Event, EventState, ServiceId};
use interpreter::outbox;
use interpreter::program::Program;
use interpreter::simulate::{Climate, Entry, Scenario, WALL_AT_START, Weather, What};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::rules::{Reading, Rules};
use super::{ERRORS, FINE, Global};

const TEACHING: &str = "\
Examples:
  ruled simulate web.rules                          thirty days of usual weather
  ruled simulate --days 365 --seed 7 web.rules      a year; another seed is another year
  ruled simulate --weather rough web.rules          many faults, often at once
  ruled simulate --summary web.rules                only the sums: who was restarted how often, who got how many letters
  ruled simulate --output jsonl web.rules           one JSON object a line

The same engine judges here that watches in `ruled run`; only the world is made up: processes crash, hang or cannot be
started, ports close, values pass the limits that the rules name, looks come late or never, mail servers refuse letters or fall
silent, the machine sleeps, its clock is set, and ruled itself ends without a word. Each letter stands where a server has got it,
with its subject; one that comes twice, because the server did not say so or ruled ended, says that. Without `set mailserver`
letters go to one that is made up. Nothing of this machine is looked at, nothing is done to it, and nothing is sent.

The same file, seed and version of ruled give the same output, to the letter.

Exit status: 0 done, 1 errors in the rules, 2 unreadable, or wrong usage.";

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Runs the rules through a time that never was, and says what would have been told, done and mailed.
#[derive(Args)]
#[command(after_help = TEACHING)]
pub(super) struct Simulate {
    #[command(flatten)]
    reading: Reading,
    /// For how many days, 3,653 at most.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_653))]
    days: u32,
    /// From which all that happens is made.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How much goes wrong.
    #[arg(long, value_name = "KIND", default_value = "usual")]
    weather: Kind,
    /// How it is shown.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: Format,
    /// Shows the sums only.
    #[arg(long)]
    summary: bool,
    /// A file, or a folder of *.rules files.
    #[arg(value_name = "PATH")]
    path: Option<String>,
}

/// How much goes wrong.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// Something befalls each service every second month.
    Calm,
    /// Every tenth day.
    Usual,
    /// Every twelve hours, and ruled itself ends every day.
    Rough,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each thing that happens, and the sums.
    Text,
    /// A JSON object for each; readers ignore fields that they do not know.
    Jsonl,
}

impl Kind {
    fn climate(self) -> Climate {
        let (thing, mail, machine) = match self {
            Kind::Calm => (DAY * 60, DAY * 60, None),
            Kind::Usual => (DAY * 10, DAY * 20, Some(DAY * 60)),
            Kind::Rough => (DAY / 2, DAY, Some(DAY)),
        };
        Climate {
            thing,
            machine,
            mail: Some(mail),
            people: None,
            is_lossy: true,
            longest: Duration::from_secs(5 * 3600),
        }
    }
}

impl Simulate {
    pub(super) fn run(self, global: &Global) -> u8 {
        let rules = match Rules::open(self.path.clone(), &self.reading, global) {
            Ok(rules) => rules,
            Err(status) => return status,
        };
        let Some(program) = &rules.program else { return rules.status().max(ERRORS) };
        // Whoever reads the output has gone, which is no error.
        self.play(program, &mut io::stdout().lock()).unwrap_or(FINE)
    }

    fn play(&self, program: &Program, to: &mut impl io::Write) -> io::Result<u8> {
        let mut scenario = Scenario::new(program.clone()).promising().mailing();
        let mut weather = Weather::new(program, self.seed, self.weather.climate());
        weather.clears(&mut scenario);
        let mut sums = Sums::default();
        let mut shown = 0;
        for _ in 0..self.days {
            weather.comes(&mut scenario, DAY);
            scenario.run_for(DAY);
            let mut text = String::new();
            for entry in scenario.timeline().entries.iter().skip(shown) {
                let recipients = recipients(program, entry);
                sums.add(entry, &recipients);
                match self.output {
                    _ if self.summary => {}
                    Format::Text => show(&mut text, entry),
                    Format::Jsonl => writeln!(text, "{}", data(entry, &recipients)).unwrap_or(()),
                }
            }
            shown = scenario.timeline().entries.len();
            to.write_all(text.as_bytes())?;
        }
        let end = DAY * self.days;
        sums.end(end);
        match self.output {
            Format::Text => {
                to.write_all(sums.text(program, self.days, self.seed).as_bytes())?;
                for (id, service) in program.ids().zip(&program.services) {
                    if scenario.engine().service_view(id).is_some_and(|view| !view.monitored) {
                        writeln!(to, "{} is not watched any more, until somebody says so", clean(&service.name))?;
                    }
                }
            }
            Format::Jsonl => writeln!(to, "{}", sums.data(self.days, self.seed))?,
        }
        to.flush()?;
        for breach in scenario.breaches() {
            eprintln!(
                "ruled: a fault of ruled itself, please report it with these rules and the seed: {}",
                clean(breach)
            );
        }
        Ok(FINE)
    }
}

/// Whom an entry concerns, as far as they want mail.
fn recipients<'a>(program: &'a Program, entry: &Entry) -> Vec<&'a str> {
    let What::Told(event) = &entry.what else { return Vec::new() };
    let own = program.service(event.service).map_or(&[][..], |service| &service.alerts);
    let targets = outbox::recipients(&program.settings.alerts, own, event.class);
    targets.into_iter().map(|target| target.address.as_str()).collect()
}

fn time(at: Duration) -> Timestamp {
    let start = Timestamp::from_microsecond(WALL_AT_START.0).unwrap_or_default();
    SignedDuration::try_from(at).ok().and_then(|at| start.checked_add(at).ok()).unwrap_or_default()
}

fn show(text: &mut String, entry: &Entry) {
    let at = time(entry.at).strftime("%Y-%m-%d %H:%M:%S");
    let service = &entry.service;
    let what = match &entry.what {
        What::Befell(what) => format!("* {what}"),
        What::Told(event) => {
            let (class, state) = (event.class.word(), event.state.word());
            format!("{class} {state}, {}: {}", event.action, event.message)
        }
        What::Did(deed) => format!("> {}", deed_words(deed)),
        What::Mailed(mailed) => {
            let again = if mailed.is_repeated { " (the same letter once more)" } else { "" };
            format!("> letter to {} by {}: {}{again}", mailed.to, mailed.server, mailed.subject)
        }
    };
    writeln!(text, "{at} {service}: {}", clean(&what)).unwrap_or(());
}

fn deed_words(deed: &DeedKind) -> String {
    match deed {
        DeedKind::Start(command) | DeedKind::Stop(command) | DeedKind::Restart(command) | DeedKind::Exec(command) => {
            format!("{} {}", deed.word(), command.argv.join(" "))
        }
        DeedKind::Terminate(_) | DeedKind::Kill(_) => deed.word().to_owned(),
    }
}

fn data(entry: &Entry, recipients: &[&str]) -> serde_json::Value {
    let at = time(entry.at).to_string();
    let service = &entry.service;
    match &entry.what {
        What::Befell(what) => json!({ "at": at, "service": service, "kind": "befell", "message": what }),
        What::Told(event) => json!({
            "at": at, "service": service, "kind": "told", "event": event.class.word(), "state": event.state.word(),
            "action": event.action, "message": event.message, "mailed_to": recipients,
        }),
        What::Did(deed) => json!({ "at": at, "service": service, "kind": "did", "deed": deed.word() }),
        What::Mailed(mailed) => json!({
            "at": at, "service": service, "kind": "mailed", "to": mailed.to, "subject": mailed.subject,
            "server": mailed.server, "message_id": mailed.message_id, "repeated": mailed.is_repeated,
        }),
    }
}

/// What it comes to.
#[derive(Default)]
struct Sums {
    services: BTreeMap<String, Sum>,
    /// What fails at present, and since when something does.
    failing: BTreeMap<String, (BTreeSet<&'static str>, Duration)>,
    /// By recipient: how many events, and how many letters they stand in.
    mails: BTreeMap<String, (u64, u64)>,
}

#[derive(Default)]
struct Sum {
    befell: u64,
    failed: u64,
    starts: u64,
    stops: u64,
    programs: u64,
    ill: Duration,
}

impl Sums {
    fn add(&mut self, entry: &Entry, recipients: &[&str]) {
        for to in recipients {
            self.mails.entry((*to).to_owned()).or_default().0 += 1;
        }
        if let What::Mailed(mailed) = &entry.what {
            self.mails.entry(mailed.to.clone()).or_default().1 += u64::from(!mailed.is_repeated);
            return;
        }
        let sum = self.services.entry(entry.service.clone()).or_default();
        match &entry.what {
            What::Befell(what) if !what.starts_with("no longer") => sum.befell += 1,
            What::Befell(_) | What::Mailed(_) => {}
            What::Did(DeedKind::Start(_) | DeedKind::Restart(_)) => sum.starts += 1,
            What::Did(DeedKind::Stop(_) | DeedKind::Terminate(_) | DeedKind::Kill(_)) => sum.stops += 1,
            What::Did(DeedKind::Exec(_)) => sum.programs += 1,
            What::Told(event) => {
                sum.failed += u64::from(event.state == EventState::Failed);
                self.heed(entry, event);
            }
        }
    }

    fn heed(&mut self, entry: &Entry, event: &Event) {
        let (failing, since) = self.failing.entry(entry.service.clone()).or_default();
        match event.state {
            EventState::Failed => {
                if failing.is_empty() {
                    *since = entry.at;
                }
                failing.insert(event.class.word());
            }
            EventState::Succeeded if failing.remove(event.class.word()) && failing.is_empty() => {
                self.services.entry(entry.service.clone()).or_default().ill += entry.at.saturating_sub(*since);
            }
            EventState::Succeeded | EventState::Changed => {}
        }
    }

    fn end(&mut self, at: Duration) {
        for (service, (failing, since)) in &self.failing {
            if !failing.is_empty() {
                self.services.entry(service.clone()).or_default().ill += at.saturating_sub(*since);
            }
        }
    }

    fn text(&self, program: &Program, days: u32, seed: u64) -> String {
        let names = (0..program.services.len()).filter_map(|place| program.service(ServiceId::new(place)));
        let names: Vec<&str> = names.map(|service| service.name.as_str()).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(7);
        let mut text = format!("\n{} of seed {seed}\n\n", english::count(u64::from(days), "day"));
        let head = ["befell", "failed", "starts", "stops", "programs"].map(|word| format!("{word:>9}")).concat();
        writeln!(text, "{:width$}{head}  failing for", "service").unwrap_or(());
        let nothing = Sum::default();
        for name in names {
            let sum = self.services.get(name).unwrap_or(&nothing);
            let numbers = [sum.befell, sum.failed, sum.starts, sum.stops, sum.programs];
            let numbers = numbers.map(|number| format!("{number:>9}")).concat();
            let ill = u64::try_from(sum.ill.as_millis()).unwrap_or(u64::MAX);
            let ill = if ill == 0 { "-".to_owned() } else { english::duration(ill) };
            writeln!(text, "{}{numbers}  {ill}", clean(&format!("{name:width$}"))).unwrap_or(());
        }
        text.push('\n');
        for (to, (events, letters)) in &self.mails {
            let (events, letters) = (english::count(*events, "event"), english::count(*letters, "letter"));
            writeln!(text, "mail to {}: {events} in {letters}", clean(to)).unwrap_or(());
        }
        if self.mails.is_empty() {
            text.push_str("nobody is mailed: there is no `set alert`\n");
        }
        text
    }

    fn data(&self, days: u32, seed: u64) -> serde_json::Value {
        let services = self.services.iter().map(|(name, sum)| {
            let what = json!({
                "befell": sum.befell, "failed": sum.failed, "starts": sum.starts, "stops": sum.stops,
                "programs": sum.programs, "failing_s": sum.ill.as_secs(),
            });
            (name.clone(), what)
        });
        let services: serde_json::Map<String, serde_json::Value> = services.collect();
        let events: BTreeMap<_, _> = self.mails.iter().map(|(to, (events, _))| (to, events)).collect();
        let letters: BTreeMap<_, _> = self.mails.iter().map(|(to, (_, letters))| (to, letters)).collect();
        json!({
            "kind": "sums", "days": days, "seed": seed, "services": services, "mails": events, "letters": letters,
        })
    }
}
