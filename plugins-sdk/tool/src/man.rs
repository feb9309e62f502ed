//! `ruled-plugin man`: the manual page, made from what `--help` says.

use clap::{Args, CommandFactory};

use crate::{Cli, FINE, Refusal, shown};

/// Prints the manual page of ruled-plugin, or of one of its commands, for man(1).
#[derive(Args)]
#[command(after_help = "Examples:\n  ruled-plugin man | man -l -\n  ruled-plugin man test | man -l -")]
pub(crate) struct Man {
    /// The command that the page is about; ruled-plugin itself when absent.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Man {
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        let mut all = Cli::command();
        all.build();
        let page = match &self.command {
            None => all,
            Some(name) => {
                let found = all.find_subcommand(name).cloned();
                let found = found.ok_or_else(|| Refusal::unusable(format!("there is no command `{name}`")))?;
                found.display_name(format!("ruled-plugin {name}"))
            }
        };
        let mut text = Vec::new();
        clap_mangen::Man::new(page)
            .source(concat!("ruled-plugin ", env!("CARGO_PKG_VERSION")))
            .render(&mut text)
            .map_err(|error| Refusal::unusable(format!("cannot make the page: {error}")))?;
        shown::say(String::from_utf8_lossy(&text).trim_end());
        Ok(FINE)
    }
}
