//! `ruled validate`: everything is judged now.

use clap::Args;
use grammar::english::count;

use super::door::{Door, Patience, odd};
use super::summary::table;
use super::{ERRORS, FINE, Global, print};
use crate::control::protocol::{Ask, Says};
use crate::words::one_line;

/// Looks at everything now, and says what is not well.
#[derive(Args)]
#[command(after_help = "\
Example:
  ruled validate && echo all is well

It is a cycle like any other: `for 3 cycles` counts it, what fails is told and acted upon, and services whose schedule
leaves it out are not looked at.

Exit status: 0 all is well, 1 something is not, 2 no ruled runs for the rules.")]
pub(super) struct Validate {
    #[command(flatten)]
    door: Door,
    #[command(flatten)]
    patience: Patience,
}

impl Validate {
    pub(super) fn run(self, global: &Global) -> u8 {
        let status = match self.door.answer(Ask::Validate(self.patience.waiting()), self.patience.patience()) {
            Ok(Says::Status(status)) => status,
            Ok(_) => return odd(),
            Err(status) => return status,
        };
        let exit = if status.services.is_empty() { FINE } else { ERRORS };
        if self.door.json {
            return exit;
        }
        if exit == FINE {
            if !global.quiet {
                print(&format!("all is well in cycle {}\n", status.daemon.cycle));
            }
            return exit;
        }
        let color = global.in_color(std::io::IsTerminal::is_terminal(&std::io::stdout()));
        let mut text =
            format!("{} not well in cycle {}:\n\n", is_not(status.services.len() as u64), status.daemon.cycle);
        let faults: String = status
            .services
            .iter()
            .flat_map(|service| service.faults.iter().map(move |fault| (service, fault)))
            .map(|(service, fault)| format!("'{}' {}\n", one_line(&service.name), one_line(&fault.message)))
            .collect();
        text.push_str(&table(status.services, color));
        print(&(text + "\n" + &faults));
        exit
    }
}

fn is_not(services: u64) -> String {
    format!("{} {}", count(services, "service"), if services == 1 { "is" } else { "are" })
}
