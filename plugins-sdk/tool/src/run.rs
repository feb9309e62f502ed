//! `ruled-plugin run`: one check by a plugin that was not added, with the words of a rule.

use std::path::PathBuf;

use clap::Args;
use ruled_manifest::Kind;

use crate::pack::Plugin;
use crate::{Refusal, UNUSABLE, host};

pub(crate) const TEACHING: &str = "\
A probe is given an address, as `ruled probe` is. A check is given the words
that stand behind `using` in a rule:

  ruled-plugin run greeting.wasm tcp://localhost:7777
  ruled-plugin run tcp://localhost:7777 'with { expected: \"world\" }'
  ruled-plugin run queue.wasm 'grant read \"/var/spool/postfix\"'

What the plugin writes into its log is shown, too.";

/// Runs a plugin once, in the sandbox that it will run in, and says what it found. Nothing is added.
#[derive(Args)]
#[command(override_usage = "ruled-plugin run [--json] [FILE] [WORDS]...", after_help = TEACHING)]
pub(crate) struct Run {
    /// Prints one JSON object; readers ignore fields that they do not know.
    #[arg(long)]
    json: bool,
    /// The component, or a module that can become one, and behind it words: the address of a service and options for a
    /// probe, options and grants for a check. Without a file that ends in .wasm, that of the project in this folder is run.
    #[arg(value_name = "WORDS", trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

impl Run {
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        let (file, words) = match self.words.split_first() {
            Some((first, words)) if first.ends_with(".wasm") => (Some(PathBuf::from(first)), words),
            _ => (None, self.words.as_slice()),
        };
        let plugin = Plugin::take(file)?;
        let store = host::tried()?;
        let manifest = host::store(&store, &plugin.path, &plugin.bytes, &plugin.outside)?;
        host::forget(&store, &manifest);
        let (mut arguments, mut words) = (Vec::new(), words);
        let protocol;
        match manifest.kind {
            Kind::Probe => {
                let Some((address, rest)) = words.split_first() else {
                    let port = manifest.description.default_port.unwrap_or(7777);
                    let sentence = format!("a probe needs an address to look at, such as tcp://localhost:{port}");
                    return Err(Refusal::unusable(sentence));
                };
                arguments.extend(["probe".to_owned(), address.clone()]);
                protocol = [&["protocol".to_owned(), manifest.description.name.to_string()][..], rest].concat();
                words = &protocol;
            }
            Kind::Check => {
                arguments.extend(["plugin".to_owned(), "run".into(), plugin.file().display().to_string()]);
            }
        }
        // With the second, what the plugin writes is shown.
        let shown = if self.json { "--json" } else { "--verbose" };
        let place = arguments.len() - 1;
        arguments.splice(place..place, [shown.to_owned(), host::WORDS_ON_STDIN.into()]);
        // A probe is called by its name, and others that were tried may have it, too.
        let alone = match manifest.kind {
            Kind::Probe => Some(host::Alone::of(&store, &manifest)?),
            Kind::Check => None,
        };
        let status = host::run(alone.as_ref().map_or(&store, |alone| &alone.store), &arguments, words)?;
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(UNUSABLE))
    }
}
