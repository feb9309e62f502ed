//! `ruled events`: what was told last, and what is told from here on.

use clap::Args;
use grammar::english::count;

use super::door::{Door, PATIENCE, explain, odd};
use super::{FINE, print};
use crate::control::protocol::{Ask, Event, Says, Telling};
use crate::words::one_line;

/// Shows the last events that a running ruled told, and with -f those that come.
#[derive(Args)]
#[command(after_help = "\
Examples:
  ruled events                       those that are kept: the last 1,000 at most
  ruled events -n 20 -f              the last 20, and those that come, until Ctrl-C
  ruled events --json -f             as data, with all keys of `ruled run --events`

Exit status: 0, 1 refused, 2 no ruled runs for the rules.")]
pub(super) struct Events {
    #[command(flatten)]
    door: Door,
    /// Goes on with the events that come.
    #[arg(short, long)]
    follow: bool,
    /// Shows this many of the last events.
    #[arg(short = 'n', long, value_name = "COUNT")]
    last: Option<usize>,
}

impl Events {
    pub(super) fn run(self) -> u8 {
        let telling = Telling { last: self.last, follow: self.follow };
        let patience = (!self.follow).then_some(PATIENCE);
        let mut client = match self.door.ask(Ask::Events(telling), patience) {
            Ok(client) => client,
            Err(status) => return status,
        };
        loop {
            match self.door.next(&mut client) {
                Ok(Some(Says::Event { event })) if !self.door.json => print(&line(&event)),
                Ok(Some(Says::Missed { events })) if !self.door.json => {
                    print(&format!("({} left out: this reader does not keep up)\n", count(events, "event")));
                }
                Ok(Some(Says::Event { .. } | Says::Missed { .. })) => {}
                Ok(Some(Says::End(_))) => return FINE,
                Ok(Some(_)) => return odd(),
                // The daemon has ended.
                Ok(None) if self.follow => return FINE,
                Ok(None) => return explain(&client.closed()),
                Err(status) => return status,
            }
        }
    }
}

fn line(event: &Event) -> String {
    let Event { time, service, event, state, action, message, .. } = event;
    let what = [time, service, event, state, action].map(|word| one_line(word));
    let [time, service, event, state, action] = what;
    format!("{time} '{service}' {event} {state}, {action}: {}\n", one_line(message))
}
