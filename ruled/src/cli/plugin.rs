//! `ruled plugin`: the plugins that were added to the stock ones, and one check by one of them.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use clap::{Args, Subcommand};
use grammar::Severity;
use interpreter::program::{Program, Target};
use ruled_manifest::{Kind, Manifest};
use serde_json::json;

use super::given::{self, Words};
use super::probe::shown::{self, Looked};
use super::rules::{Output, Reading, Rules, Text};
use super::{ERRORS, FINE, Global, UNUSABLE, print};
use crate::added::{Found, Plugins as AddedPlugins};
use crate::observe;
use crate::plugin::{self, ProbeOutcome};
use crate::protocols;

/// What the check is called, for which there is no rule.
const NAME: &str = "this_run";

const TEACHING: &str = "\
Examples:
  ruled plugin list
  ruled plugin run queue.wasm 'grant read \"/var/spool/postfix\"'
  ruled plugin run api.wasm 'with { path: \"/status\", pointer: \"/depth\" }' 'grant fetch \"https://api.example.org\"'

A plugin is added by `ruled-plugin add FILE`; ruled runs no other. Those that were added lie in /var/lib/ruled/plugins, those
of a user in ~/.local/state/ruled/plugins, and where RULED_PLUGINS is set in the folder that it names.";

/// The plugins that were added, and one check by one of them.
#[derive(Args)]
#[command(after_help = TEACHING)]
pub(super) struct Plugin {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    List(List),
    Run(Run),
    Describe(Describe),
    Name(Name),
}

/// Lists what was added: name, version, the beginning of its SHA-256, what it wants to be granted, and its file.
#[derive(Args)]
struct List {
    /// Prints one JSON object; readers ignore fields that they do not know.
    #[arg(long)]
    json: bool,
}

/// Makes one check, without rules and without a daemon.
///
/// The words behind the plugin are those that stand behind `using "FILE"` in a rule: `with { … }`, `timeout …`, `grant …`.
///
/// Exit status: 0 the check passed, 1 it failed, 2 nothing is known: wrong usage, or a fault of the plugin's.
#[derive(Args)]
struct Run {
    /// Prints one JSON object; readers ignore fields that they do not know.
    #[arg(long)]
    json: bool,
    /// The file of the plugin.
    file: String,
    /// The folder of the script that says the words; they grant nothing beyond it and the loopback.
    #[arg(long, hide = true, value_name = "FOLDER")]
    within: Option<PathBuf>,
    #[command(flatten)]
    words: Words,
}

/// Asks a plugin that was stored what it is, and prints that as JSON. `ruled-plugin` asks with it.
#[derive(Args)]
#[command(hide = true)]
struct Describe {
    /// Its SHA-256.
    sha256: String,
}

/// Says why a probe cannot be called this, if it cannot. `ruled-plugin` asks with it.
#[derive(Args)]
#[command(hide = true)]
struct Name {
    /// The name.
    name: String,
}

impl Plugin {
    pub(super) fn run(self, global: &Global) -> u8 {
        let done = match self.what {
            What::List(list) => list.run(),
            What::Run(run) => run.run(global),
            What::Describe(describe) => describe.run(),
            What::Name(name) => Ok(name.run()),
        };
        done.unwrap_or_else(|sentence| {
            if !sentence.is_empty() {
                eprintln!("ruled: {}", grammar::finding::clean(&sentence));
            }
            UNUSABLE
        })
    }
}

impl List {
    fn run(self) -> Result<u8, String> {
        let added = AddedPlugins::own();
        let (found, bad) = added.newest();
        let outdated = added.outdated();
        for sentence in &bad {
            eprintln!("ruled: {}", grammar::finding::clean(sentence));
        }
        let text = if self.json {
            let objects = |all: &[Manifest]| all.iter().map(object).collect::<Vec<serde_json::Value>>();
            let (plugins, outdated) = (objects(&found), objects(&outdated));
            format!("{}\n", json!({ "schema": "ruled.plugins/1", "plugins": plugins, "outdated": outdated }))
        } else {
            match (found.is_empty() && outdated.is_empty(), bad.is_empty(), added.folder()) {
                (false, ..) => rows(&found, &outdated),
                // What is there is of no use, as was said.
                (true, false, _) => String::new(),
                (true, true, Some(folder)) => {
                    let folder = grammar::finding::clean(&folder.display().to_string());
                    format!("no plugin was added to {folder}; `ruled-plugin add FILE` adds one\n")
                }
                (true, true, None) => "no plugin was added; `ruled-plugin add FILE` adds one\n".to_owned(),
            }
        };
        print(&text);
        Ok(if bad.is_empty() { FINE } else { ERRORS })
    }
}

fn object(manifest: &Manifest) -> serde_json::Value {
    json!({
        "name": manifest.description.name,
        "version": manifest.description.version,
        "summary": manifest.description.summary,
        "kind": manifest.kind,
        "wants": manifest.wants,
        "sha256": manifest.wasm_sha256,
        "bytes": manifest.wasm_bytes,
        "from": manifest.from,
        "added": manifest.added,
    })
}

fn rows(found: &[Manifest], outdated: &[Manifest]) -> String {
    let mut text = String::new();
    for manifest in found {
        let wants: Vec<&str> = manifest.wants.iter().map(|want| want.word()).collect();
        let wants = match (manifest.kind, wants.as_slice()) {
            (Kind::Probe, _) => "the connection of its rule".to_owned(),
            (Kind::Check, []) => "nothing".to_owned(),
            (Kind::Check, wants) => wants.join(", "),
        };
        let (about, sha256) = (&manifest.description, manifest.wasm_sha256.get(..12).unwrap_or_default());
        let from = grammar::finding::clean(&manifest.from);
        // A text grows without fail.
        writeln!(text, "{} {} ({sha256}): {}", about.name, about.version, about.summary).unwrap_or(());
        writeln!(text, "  wants {wants}; from {from}").unwrap_or(());
    }
    for manifest in outdated {
        let (about, from) = (&manifest.description, grammar::finding::clean(&manifest.from));
        writeln!(text, "{} {}: was added for another version of ruled, and does not run", about.name, about.version)
            .unwrap_or(());
        writeln!(text, "  `ruled-plugin add {from}` adds it again").unwrap_or(());
    }
    text
}

impl Run {
    fn run(self, global: &Global) -> Result<u8, String> {
        let check = self.check(global)?;
        let name = check.plugin.manifest().description.name.to_string();
        let (sender, receiver) = mpsc::channel();
        // Its thread ends with the last handle of it.
        let plugins = crate::added::plugins();
        plugins.check(check, Box::new(move |report| drop(sender.send(report))));
        let report = receiver.recv().map_err(|_| "the plugin was given up".to_owned())?;
        let look = super::probe::Look::of(report);
        let looked = Looked::Plugin(&self.file, &name);
        let text =
            if self.json { shown::json(&looked, &look) } else { shown::text(&looked, &look, global.verbose > 0) };
        print(&text);
        Ok(match look.outcome {
            ProbeOutcome::Passed { .. } => FINE,
            ProbeOutcome::Failed(_) => ERRORS,
            ProbeOutcome::Faulted(_) => UNUSABLE,
        })
    }

    /// What the words mean. Findings about them go to standard error; the error is a sentence, or empty where they said it.
    fn check(&self, global: &Global) -> Result<plugin::CustomCheck, String> {
        let path = std::path::absolute(&self.file).map_err(|error| format!("cannot read {}: {error}", self.file))?;
        let plugin = match AddedPlugins::own().find(&path) {
            Found::Added(plugin) => plugin,
            Found::NotAdded(why) | Found::Missing(why) | Found::Unreadable(why) | Found::Refused(why) => {
                return Err(why);
            }
        };
        let program = self.program(&path, global)?;
        let check = program.services.iter().find_map(|service| match &service.target {
            Target::Plugin(check) => Some(check),
            _ => None,
        });
        let check = check.ok_or("the words of the command line make no check of it")?;
        if let Some(why) = self.within.as_deref().and_then(|folder| given::beyond(&check.grants, folder)) {
            return Err(why);
        }
        observe::plugin::custom(NAME, check, plugin, &observe::connection::manner(&program))
    }

    /// What the words mean, as those of a rule.
    fn program(&self, path: &Path, global: &Global) -> Result<Program, String> {
        let path = path
            .to_str()
            .filter(|path| !path.contains(['"', '\\', '\n']))
            .ok_or("the path has odd characters in it")?;
        let text = format!("check plugin {NAME} using \"{path}\" {}\n", self.words.written()?);
        let reading = Reading::of(Some(super::rules::DialectWord::Rules));
        let text = Text::given("(the words of the command line)", text.into_bytes());
        let mut rules = Rules::of(&text, &reading)?;
        rules.findings.retain(|finding| finding.severity == Severity::Error);
        eprint!("{}", rules.show(Output::Full, global, std::io::stderr().is_terminal()));
        rules.into_program().1.ok_or_else(String::new)
    }
}

impl Describe {
    fn run(self) -> Result<u8, String> {
        let plugin = match AddedPlugins::own().by_sha256(&self.sha256, &self.sha256) {
            Found::Added(plugin) => plugin,
            Found::NotAdded(why) | Found::Missing(why) | Found::Unreadable(why) | Found::Refused(why) => {
                return Err(why);
            }
        };
        let (described, wants) = plugin::describe_added(plugin)?;
        let taken = || protocols::taken(&described.description.name);
        if let Some(why) = (described.kind == Kind::Probe).then(taken).flatten() {
            return Err(why);
        }
        let text = json!({
            "kind": described.kind,
            "wants": wants,
            "needs": described.needs,
            "description": described.description,
        });
        print(&format!("{text}\n"));
        Ok(FINE)
    }
}

impl Name {
    fn run(self) -> u8 {
        match protocols::taken(&self.name) {
            Some(why) => {
                print(&format!("{why}\n"));
                ERRORS
            }
            None => FINE,
        }
    }
}
