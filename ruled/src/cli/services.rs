//! `ruled start`, `stop`, `restart`, `monitor` and `unmonitor`: something is done to services, and how it ended is said.

use clap::Args;

use super::door::{Door, Patience, explain, odd};
use super::{ERRORS, FINE, Global, UNUSABLE, print};
use crate::control::protocol::{Action, Ask, Doing, Says, Waiting, Which};
use crate::words::one_line;

const TEACHING: &str = "\
Examples:
  ruled restart nginx                one service
  ruled stop 'worker-[0-9]*'         all whose whole name fits a pattern
  ruled start all                    all services
  ruled monitor -g web               the services of a group

What needs a service is stopped before it and started after it; what it needs is started before it.

Exit status: 0 all is done, 1 something was not, 2 no ruled runs for the rules.";

/// All services, as Monit calls them.
const ALL: &str = "all";

/// What all five commands understand.
#[derive(Args)]
struct Words {
    #[command(flatten)]
    door: Door,
    #[command(flatten)]
    patience: Patience,
    /// Does not wait for the outcome.
    #[arg(long, conflicts_with = "timeout")]
    no_wait: bool,
    /// The services of this group.
    #[arg(short, long, value_name = "GROUP")]
    group: Option<String>,
    /// Services, patterns that fit a whole name, or `all`.
    #[arg(value_name = "NAME", required_unless_present = "group")]
    names: Vec<String>,
}

macro_rules! command {
    ($name:ident, $action:expr, $about:literal) => {
        #[doc = $about]
        #[derive(Args)]
        #[command(after_help = TEACHING)]
        pub(super) struct $name {
            #[command(flatten)]
            words: Words,
        }

        impl $name {
            pub(super) fn run(self, global: &Global) -> u8 {
                self.words.run($action, global)
            }
        }
    };
}

command!(Start, Action::Start, "Starts services and what they need, watches them, and says how that ended.");
command!(Stop, Action::Stop, "Stops services and what needs them, watches them no longer, and says how that ended.");
command!(Restart, Action::Restart, "Restarts services and what needs them, and says how that ended.");
command!(Monitor, Action::Monitor, "Watches services, and what they need.");
command!(Unmonitor, Action::Unmonitor, "Watches services no longer, nor what needs them; they go on.");

impl Words {
    fn run(self, action: Action, global: &Global) -> u8 {
        let (named, services): (Vec<String>, Vec<String>) =
            self.names.into_iter().partition(|name| name.eq_ignore_ascii_case(ALL));
        let all = !named.is_empty();
        if all && (!services.is_empty() || self.group.is_some()) {
            eprintln!("ruled: `all` stands alone: it means every service already");
            return UNUSABLE;
        }
        let waiting = if self.no_wait { Waiting { wait_ms: Some(0) } } else { self.patience.waiting() };
        let which = Which { services, group: self.group };
        let ask = Ask::Do(Doing { action, which, all, waiting });
        let mut client = match self.door.ask(ask, Some(self.patience.patience())) {
            Ok(client) => client,
            Err(status) => return status,
        };
        loop {
            match self.door.next(&mut client) {
                Ok(Some(Says::Outcome(outcome))) => {
                    let is_well = matches!(outcome.how.as_str(), "done" | "asked" | "with");
                    let line = match outcome.how.as_str() {
                        "late" => format!(
                            "'{}' {} did not end in time: {}\n",
                            outcome.service, outcome.action, outcome.message
                        ),
                        "dropped" => {
                            format!("'{}' {} was not begun: {}\n", outcome.service, outcome.action, outcome.message)
                        }
                        _ => format!("'{}' {}\n", outcome.service, outcome.message),
                    };
                    let line = one_line(&line) + "\n";
                    match (self.door.json, is_well) {
                        (true, _) => {}
                        (false, true) if global.quiet => {}
                        (false, true) => print(&line),
                        (false, false) => eprint!("ruled: {line}"),
                    }
                }
                Ok(Some(Says::End(end))) => return if end.well { FINE } else { ERRORS },
                Ok(Some(_)) => return odd(),
                Ok(None) => return explain(&client.closed()),
                Err(status) => return status,
            }
        }
    }
}
