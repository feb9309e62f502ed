//! `ruled-plugin`: what authors of plugins need beside a compiler of their language, and what an administrator needs to
//! let ruled run a plugin. It packs and compiles; whatever must run a plugin is left to `ruled`, which this program calls, so
//! that a plugin is tried by the same host that will run it.

mod add;
mod build;
mod compile;
mod component;
mod files;
mod host;
mod inspect;
mod list;
mod man;
mod new;
mod pack;
mod play;
mod project;
mod run;
mod script;
mod shown;
mod test;

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Exit status: what was asked for is done.
const FINE: u8 = 0;
/// Exit status: the plugin is at fault, or what it looked at is.
const FAILED: u8 = 1;
/// Exit status: wrong usage, or something cannot be read, written or run.
const UNUSABLE: u8 = 2;

const TEACHING: &str = "\
From nothing to a plugin; in its folder, commands find its files themselves:
  ruled-plugin new greeting --language rust    or c, python, javascript
  cd greeting
  ruled-plugin build                           makes greeting.wasm
  ruled-plugin test                            tries it, as greeting.script says
  ruled-plugin run tcp://localhost:7777        a probe, against a service
  ruled-plugin add                             lets ruled run it

Plugins of others:
  ruled-plugin inspect queue.wasm              what it is, and what it wants
  ruled-plugin run queue.wasm 'grant read \"/var/spool/postfix\"'
  ruled-plugin add queue.wasm                  compiled, stored by its SHA-256
  ruled-plugin list

What was added lies in /var/lib/ruled/plugins, for users other than root in
~/.local/state/ruled/plugins, and in the folder that RULED_PLUGINS names where
it is set. ruled runs nothing that does not lie there.

Exit status: 0 done, 1 the plugin or what it looked at is at fault, 2 wrong
usage, or something cannot be read, written or run.";

/// Makes, packs, tries and adds plugins for ruled.
///
/// A plugin is a WebAssembly component: it sees what a rule grants it, and nothing else of the machine.
#[derive(Parser)]
#[command(name = "ruled-plugin", version, about, after_help = TEACHING)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(new::New),
    Build(build::Build),
    Pack(pack::Pack),
    Inspect(inspect::Inspect),
    Run(run::Run),
    Test(test::Test),
    Add(add::Add),
    List(list::List),
    Remove(list::Remove),
    Man(man::Man),
    Compile(compile::Compile),
}

/// Why something was not done.
struct Refusal {
    /// A sentence without its full stop.
    sentence: String,
    status: u8,
}

impl Refusal {
    /// The plugin is at fault.
    fn failed(sentence: impl AsRef<str>) -> Refusal {
        Refusal { sentence: shown::line(sentence.as_ref()), status: FAILED }
    }

    /// The plugin is at fault, as a compiler says in lines of its own.
    fn failed_in_lines(sentence: &str) -> Refusal {
        Refusal { sentence: shown::text(sentence), status: FAILED }
    }

    /// Something cannot be used.
    fn unusable(sentence: impl AsRef<str>) -> Refusal {
        Refusal { sentence: shown::line(sentence.as_ref()), status: UNUSABLE }
    }

    /// The same, with what it is about in front.
    fn of(self, what: &str) -> Refusal {
        Refusal { sentence: format!("{}{}", shown::line(what), self.sentence), ..self }
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are not errors; clap says which stream each belongs to.
            let status = if error.use_stderr() { UNUSABLE } else { FINE };
            error.print().ok();
            return ExitCode::from(status);
        }
    };
    let done = match cli.command {
        Command::New(command) => command.run(),
        Command::Build(command) => command.run(),
        Command::Pack(command) => command.run(),
        Command::Inspect(command) => command.run(),
        Command::Run(command) => command.run(),
        Command::Test(command) => command.run(),
        Command::Add(command) => command.run(),
        Command::List(command) => command.run(),
        Command::Remove(command) => command.run(),
        Command::Man(command) => command.run(),
        Command::Compile(command) => command.run(),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(refusal) => {
            eprintln!("ruled-plugin: {}", shown::text(&refusal.sentence));
            ExitCode::from(refusal.status)
        }
    }
}

/// The largest component that is read. One in Python has 18 MiB.
const COMPONENT_BYTES_MAX: u64 = 32 << 20;

/// The bytes of a component or a module.
fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    files::read(path, COMPONENT_BYTES_MAX).map_err(|error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => Refusal::failed(format!("{} {error}", path.display())),
        _ => Refusal::unusable(format!("cannot read {}: {error}", path.display())),
    })
}

/// Whether a plugin can be called that.
fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_not_wrapped_on_a_narrow_terminal() {
        for text in [TEACHING, run::TEACHING, test::TEACHING] {
            assert_eq!(text.lines().find(|line| line.chars().count() > 80), None);
        }
    }
}
