//! `ruled man`: the manual page, made from what `--help` says.

use clap::{Args, CommandFactory};

use super::{Cli, FINE, UNUSABLE, print};

/// Prints the manual page of ruled, or of one of its commands, for man(1).
#[derive(Args)]
#[command(after_help = "Examples:\n  ruled man | man -l -\n  ruled man check | man -l -")]
pub(super) struct Man {
    /// The command that the page is about; ruled itself when absent.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Man {
    pub(super) fn run(self) -> u8 {
        let mut all = Cli::command();
        all.build();
        let page = match &self.command {
            None => Some(all),
            // With a dash it would be another program.
            Some(name) => all.find_subcommand(name).cloned().map(|page| page.display_name(format!("ruled {name}"))),
        };
        let Some(page) = page else {
            eprintln!("ruled: there is no command `{}`", self.command.unwrap_or_default().escape_debug());
            return UNUSABLE;
        };
        let mut text = Vec::new();
        if let Err(error) =
            clap_mangen::Man::new(page).source(concat!("ruled ", env!("CARGO_PKG_VERSION"))).render(&mut text)
        {
            eprintln!("ruled: cannot make the page: {error}");
            return UNUSABLE;
        }
        print(&String::from_utf8_lossy(&text));
        FINE
    }
}
