//! The command line: one file for each command, its arguments and what it does side by side.

mod check;
mod docs;
mod door;
mod events;
mod explain;
mod fmt;
mod given;
mod import;
mod last_deed;
mod man;
mod plugin;
mod probe;
mod quit;
mod reload;
mod replace;
mod rights;
mod rules;
mod run;
mod services;
mod show;
mod simulate;
mod status;
mod summary;
mod validate;
mod why;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Exit status: nothing worse than warnings.
const FINE: u8 = 0;
/// Exit status: the rules have errors.
const ERRORS: u8 = 1;
/// Exit status: the command line is wrong, or something cannot be read or written.
const UNUSABLE: u8 = 2;

const TEACHING: &str = "\
Examples:
  ruled check web.rules                       say what is wrong, before anything happens
  ruled explain bare-byte-threshold           why that is worth a warning, with an example
  ruled docs memory usage                     what a word of the language means, with an example
  ruled probe tcp://localhost:22 protocol ssh look at one service once
  ruled import /etc/monit/monitrc             the same rules in our own dialect
  ruled simulate --days 365 web.rules         a year of faults that never was: what would have been done and mailed
  ruled run web.rules                         watch, in the foreground
  ruled run --once --dry web.rules            one cycle of everything, without doing anything
  ruled status                                how everything stands that a running ruled watches
  ruled restart nginx                         and say how that ended
  ruled why nginx                             why it is in the state it is in

Exit status: 0 nothing worse than warnings, 1 errors in the rules, 2 wrong usage or unreadable files.";

/// Says what must be true of this machine, and sees to it.
///
/// Rules are written in plain words: what is watched, what must hold, and what is done when it does not. Files that end
/// in `.rules` are read in the `rules` dialect, all others as Monit reads them.
#[derive(Parser)]
#[command(name = "ruled", version, about, after_help = TEACHING, disable_help_subcommand = false)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Args)]
struct Global {
    /// Says more; twice, every reading.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
    /// Says errors only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    color: Color,
}

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Check),
    Show(show::Show),
    Explain(explain::Explain),
    Docs(docs::Docs),
    Fmt(fmt::Fmt),
    Import(import::Import),
    Simulate(simulate::Simulate),
    Probe(probe::Probe),
    Plugin(plugin::Plugin),
    Run(run::Run),
    Status(status::Status),
    Summary(summary::Summary),
    Why(why::Why),
    Events(events::Events),
    Start(services::Start),
    Stop(services::Stop),
    Restart(services::Restart),
    Monitor(services::Monitor),
    Unmonitor(services::Unmonitor),
    Validate(validate::Validate),
    Reload(reload::Reload),
    Quit(quit::Quit),
    Man(man::Man),
}

/// Reads the command line, does what it says, and returns the exit status.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are not errors; clap says which stream each belongs to.
            let status = if error.use_stderr() { UNUSABLE } else { FINE };
            error.print().ok();
            return ExitCode::from(status);
        }
    };
    let status = match cli.command {
        Command::Check(command) => command.run(&cli.global),
        Command::Show(command) => command.run(&cli.global),
        Command::Explain(command) => command.run(),
        Command::Docs(command) => command.run(),
        Command::Fmt(command) => command.run(&cli.global),
        Command::Import(command) => command.run(&cli.global),
        Command::Simulate(command) => command.run(&cli.global),
        Command::Probe(command) => command.run(&cli.global),
        Command::Plugin(command) => command.run(&cli.global),
        Command::Run(command) => command.run(&cli.global),
        Command::Status(command) => command.run(&cli.global),
        Command::Summary(command) => command.run(&cli.global),
        Command::Why(command) => command.run(),
        Command::Events(command) => command.run(),
        Command::Start(command) => command.run(&cli.global),
        Command::Stop(command) => command.run(&cli.global),
        Command::Restart(command) => command.run(&cli.global),
        Command::Monitor(command) => command.run(&cli.global),
        Command::Unmonitor(command) => command.run(&cli.global),
        Command::Validate(command) => command.run(&cli.global),
        Command::Reload(command) => command.run(&cli.global),
        Command::Quit(command) => command.run(&cli.global),
        Command::Man(command) => command.run(),
    };
    ExitCode::from(status)
}

/// Standard input as a whole; the error is a sentence.
fn stdin() -> Result<Vec<u8>, String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    // One byte more than is read at all, so that the reader sees that it is too much.
    let limit = grammar::parse::TEXT_BYTES_MAX as u64 + 1;
    let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
    read.map_err(|error| format!("cannot read standard input: {}", crate::words::reason(&error)))?;
    Ok(bytes)
}

/// Writes to standard output. A reader that has gone away is no error of ours; a disk that is full is.
fn to_stdout(bytes: &[u8]) -> Result<(), String> {
    use std::io::Write;
    let mut output = std::io::stdout().lock();
    match output.write_all(bytes).and_then(|()| output.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {}", crate::words::reason(&error)))
        }
        _ => Ok(()),
    }
}

/// Writes to standard output. A reader that has gone away is no error of ours.
fn print(text: &str) {
    use std::io::Write;
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).ok();
}
