//! `ruled explain`: the page of a finding.

use clap::Args;
use grammar::english;
use interpreter::lint;

use super::{FINE, UNUSABLE, print};

/// Explains a finding: why it matters, an example, and what to write instead.
#[derive(Args)]
#[command(after_help = "Examples:\n  ruled explain bare-byte-threshold\n  ruled explain --list")]
pub(super) struct Explain {
    /// The name in brackets behind `error` or `warning`.
    #[arg(required_unless_present = "list")]
    name: Option<String>,
    /// Lists all findings, a line each.
    #[arg(long)]
    list: bool,
}

impl Explain {
    pub(super) fn run(self) -> u8 {
        let Some(name) = self.name.filter(|_| !self.list) else {
            let width = lint::list().iter().map(|entry| entry.name.len()).max().unwrap_or_default();
            let line = |entry: &lint::Entry| format!("{:width$}  {}\n", entry.name, entry.title);
            print(&lint::list().iter().map(line).collect::<String>());
            return FINE;
        };
        if let Some(page) = lint::explain(&name) {
            print(page);
            return FINE;
        }
        let names: Vec<&str> = lint::list().iter().map(|entry| entry.name).collect();
        let near = grammar::suggest::nearest(&name, names.iter().copied());
        let hint = match near.as_slice() {
            [] => "`ruled explain --list` lists all".to_string(),
            near => format!("did you mean {}?", english::or(near)),
        };
        eprintln!("ruled: there is no finding named `{}`; {hint}", name.escape_debug());
        UNUSABLE
    }
}
