//! `ruled summary`: how services stand, a line each.

use clap::Args;
use jiff::tz::TimeZone;

use super::door::{PATIENCE, odd};
use super::status::{Status, colored, header, moment};
use super::{FINE, Global, print};
use crate::control::protocol::{Ask, Says, Service, Which};
use crate::words::one_line;

/// In which order kinds of services are shown: Monit's.
const ORDER: [&str; 9] = ["system", "process", "file", "fifo", "directory", "filesystem", "host", "network", "program"];

/// The widest that the column of names becomes, in characters.
const NAME_MAX: usize = 60;

/// Shows how services stand, a line each.
#[derive(Args)]
#[command(after_help = "\
Examples:
  ruled summary                      everything, by kind
  ruled summary -g web               the services of a group

Exit status: 0, 1 there is no such service, 2 no ruled runs for the rules.")]
pub(super) struct Summary {
    #[command(flatten)]
    asked: Status,
}

impl Summary {
    pub(super) fn run(self, global: &Global) -> u8 {
        let Status { door, group, names } = self.asked;
        match door.answer(Ask::Status(Which { services: names, group }), PATIENCE) {
            Ok(_) if door.json => FINE,
            Ok(Says::Status(status)) => {
                let color = global.in_color(std::io::IsTerminal::is_terminal(&std::io::stdout()));
                print(&(header(&status.daemon) + "\n" + &table(status.services, color)));
                FINE
            }
            Ok(_) => odd(),
            Err(status) => status,
        }
    }
}

/// A line for each service: its name, its state, its kind.
pub(super) fn table(mut services: Vec<Service>, color: bool) -> String {
    services.sort_by_key(|service| ORDER.iter().position(|kind| *kind == service.kind));
    let width =
        |texts: &mut dyn Iterator<Item = usize>, least: usize| texts.max().unwrap_or(0).max(least).min(NAME_MAX);
    let names = width(&mut services.iter().map(|service| service.name.chars().count()), "Service Name".len());
    let states = width(&mut services.iter().map(|service| service.shown.chars().count()), "Status".len());
    let zone = TimeZone::system();
    let mut text = format!("{:<names$}  {:<states$}  {:<11}  {}\n", "Service Name", "Status", "Type", "Since");
    for service in &services {
        let shown = format!("{:<states$}", one_line(&service.shown));
        let since = service.since_us.map_or(String::new(), |since| moment(since, &zone));
        let line = format!(
            "{:<names$}  {}  {:<11}  {since}",
            one_line(&service.name),
            colored(service, &shown, color),
            one_line(&service.title)
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
