//! `ruled show`: the checked program as data.

use clap::{Args, ValueEnum};

use super::rules::{Reading, Rules};
use super::{Global, print};

/// Prints the checked program: what the rules mean, with units converted and defaults filled in.
#[derive(Args)]
#[command(after_help = "Example:\n  ruled show --format json web.rules\n\nExit status: as of `ruled check`.")]
pub(super) struct Show {
    #[command(flatten)]
    reading: Reading,
    /// The form of the output.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
    /// A file, or a folder of *.rules files.
    #[arg(value_name = "PATH")]
    path: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One JSON object; readers ignore fields that they do not know.
    Json,
}

impl Show {
    pub(super) fn run(self, global: &Global) -> u8 {
        let Format::Json = self.format;
        let rules = match Rules::open(self.path, &self.reading, global) {
            Ok(rules) => rules,
            Err(status) => return status,
        };
        if let Some(program) = &rules.program {
            print(&interpreter::show::program(program));
        }
        let status = rules.status();
        // The process ends here; giving back what was read piece by piece would only delay it.
        std::mem::forget(rules);
        status
    }
}
