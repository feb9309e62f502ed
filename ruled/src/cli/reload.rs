//! `ruled reload`: the rules are read again, and put into force when they are good.

use clap::Args;
use grammar::english::count;

use super::door::{Door, Patience, odd};
use super::{FINE, Global, print};
use crate::control::protocol::{Ask, Reloaded, Says};
use crate::words::one_line;

/// How many names are shown of each kind of change.
const NAMES_MAX: usize = 20;

/// Reads the rules again; an error keeps the old ones and says where.
#[derive(Args)]
#[command(after_help = "\
Example:
  ruled check web.rules && ruled reload --config web.rules

What is under way is finished under the rules with which it was begun. What was counted towards a rule that is as it was
counts on; everything is looked at at once, which is a cycle like any other.

Exit status: 0, 1 errors in the rules, 2 no ruled runs for the rules.")]
pub(super) struct Reload {
    #[command(flatten)]
    door: Door,
    #[command(flatten)]
    patience: Patience,
}

impl Reload {
    pub(super) fn run(self, global: &Global) -> u8 {
        match self.door.answer(Ask::Reload(self.patience.waiting()), self.patience.patience()) {
            Ok(Says::Reloaded(_)) if self.door.json || global.quiet => FINE,
            Ok(Says::Reloaded(reloaded)) => {
                print(&tell(&reloaded));
                FINE
            }
            Ok(_) => odd(),
            Err(status) => status,
        }
    }
}

fn tell(reloaded: &Reloaded) -> String {
    let mut text = format!(
        "{} is reloaded: {} unchanged\n",
        one_line(&reloaded.rules),
        count(reloaded.unchanged as u64, "service")
    );
    for (names, word) in [(&reloaded.added, "new"), (&reloaded.changed, "changed"), (&reloaded.removed, "gone")] {
        let shown: Vec<String> = names.iter().take(NAMES_MAX).map(|name| one_line(name)).collect();
        let more = names.len().saturating_sub(NAMES_MAX);
        match (shown.is_empty(), more) {
            (true, _) => {}
            (false, 0) => text.push_str(&format!("  {word}: {}\n", shown.join(", "))),
            (false, more) => text.push_str(&format!("  {word}: {} and {more} more\n", shown.join(", "))),
        }
    }
    if reloaded.settings {
        text.push_str("  the settings are others\n");
    }
    text
}
