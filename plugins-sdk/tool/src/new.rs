//! `ruled-plugin new`: a plugin that works, to begin with.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::project::{self, Kind, Language};
use crate::{FINE, Refusal, host, is_name, shown};

/// What is written into new projects: paths below the SDK, and texts.
static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Writes a plugin that works into a new folder: code, a script that tries it, and a rule that uses it.
#[derive(Args)]
pub(crate) struct New {
    /// What it is called: small letters, digits and _, beginning with a letter.
    name: String,
    /// The language that it is written in.
    #[arg(short, long, value_enum)]
    language: Language,
    /// What it is.
    #[arg(short, long, value_enum, default_value = "probe")]
    kind: Kind,
}

impl New {
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        let New { name, language, kind } = &self;
        if !is_name(name) {
            let sentence = format!(
                "`{name}` is no name for a plugin: it has small letters, digits and _, and begins with a letter"
            );
            return Err(Refusal::unusable(sentence));
        }
        if *language == Language::Python && (name == "ruled" || name == "wit_world") {
            return Err(Refusal::unusable(format!("a plugin in Python cannot be called {name}, as its library is")));
        }
        if let Some(why) = (*kind == Kind::Probe).then(|| host::taken(name)).flatten() {
            return Err(Refusal::unusable(why));
        }
        let folder = PathBuf::from(name);
        if folder.exists() {
            return Err(Refusal::unusable(format!(
                "{} is there already; choose another name, or remove it",
                folder.display()
            )));
        }
        for (path, text) in &written(name, *language, *kind) {
            write(&folder.join(path), text)?;
        }
        shown::say(&format!("{name}/ has a {} that works. Next:", kind.word()));
        let mut steps = vec![(format!("cd {name}"), String::new())];
        let mut step = |command: &str, what: &str| steps.push((command.to_owned(), what.to_owned()));
        match language {
            Language::Rust => step("cargo test", "its tests, without a sandbox"),
            Language::C => {}
            Language::Python => {
                step("python3 -m venv .venv", "a place for what it is built with:");
                step(".venv/bin/pip install -r requirements.txt", "componentize-py, from PyPI");
            }
            Language::Javascript => step("npm install", "what it is built with: componentize-qjs"),
        }
        step("ruled-plugin build", &format!("makes {name}.wasm"));
        step("ruled-plugin test", &format!("tries it in the sandbox, as {name}.script says"));
        step("ruled-plugin add", &format!("lets ruled run it; {name}.rules uses it"));
        let width = steps.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
        for (command, what) in steps {
            shown::say(format!("  {command:width$}   {what}").trim_end());
        }
        Ok(FINE)
    }
}

/// The files of a project, with their paths in it.
fn written(name: &str, language: Language, kind: Kind) -> Vec<(PathBuf, String)> {
    let own = format!("templates/{}/", language.word());
    let mut files = Vec::new();
    for (path, text) in FILES {
        let place = if let Some(file) = path.strip_prefix(&own) {
            template(file, name, kind)
        } else if let Some(file) = path.strip_prefix("templates/") {
            // The files of other languages have a folder of their own there.
            template(file, name, kind).filter(|_| !file.contains('/'))
        } else {
            belongs(path, language, kind).then(|| Path::new("sdk").join(path))
        };
        if let Some(place) = place {
            let filled = if path.ends_with(".in") { text.replace("NAME", name) } else { (*text).to_owned() };
            files.push((place, filled));
        }
    }
    if language != Language::Rust {
        let grants = if kind == Kind::Check { ",\n  \"grants\": [\"read\"]" } else { "" };
        let (language, kind) = (language.word(), kind.word());
        let text = format!(
            "{{\n  \"name\": \"{name}\",\n  \"language\": \"{language}\",\n  \"kind\": \"{kind}\"{grants}\n}}\n"
        );
        files.push((project::FILE.into(), text));
    }
    let ignored = match language {
        Language::Rust => "target/\n*.wasm\n",
        Language::C => "*.wasm\n",
        Language::Python => ".venv/\n__pycache__/\n*.wasm\n",
        Language::Javascript => "node_modules/\n*.wasm\n",
    };
    files.push((".gitignore".into(), ignored.to_owned()));
    files
}

/// Where a template goes: `probe.` and `check.` are of one kind only, and become the name of the plugin.
fn template(file: &str, name: &str, kind: Kind) -> Option<PathBuf> {
    let plain = file.strip_suffix(".in").unwrap_or(file);
    for each in [Kind::Probe, Kind::Check] {
        if let Some(ending) = plain.strip_prefix(each.word()).and_then(|rest| rest.strip_prefix('.')) {
            return (each == kind).then(|| match ending {
                // cargo wants it there.
                "rs" => "src/lib.rs".into(),
                _ => format!("{name}.{ending}").into(),
            });
        }
    }
    Some(match plain {
        "sdk.toml" => "sdk/rust/Cargo.toml".into(),
        "toolchain.toml" => "rust-toolchain.toml".into(),
        other => other.into(),
    })
}

/// Whether a plugin has this file of the SDK with it.
fn belongs(path: &str, language: Language, kind: Kind) -> bool {
    match path.split_once('/') {
        // The library for Rust makes its glue of it; of the others this program knows the contract.
        Some(("wit", _)) => language == Language::Rust,
        Some(("c", file)) => {
            let folder = file.split_once('/').map(|(folder, _)| folder);
            language == Language::C && folder.is_none_or(|folder| folder == kind.word())
        }
        Some((folder, _)) => folder == language.word(),
        None => false,
    }
}

fn write(path: &Path, text: &str) -> Result<(), Refusal> {
    let cannot = |error: std::io::Error| Refusal::unusable(format!("cannot write {}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    fs::write(path, text).map_err(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(language: Language, kind: Kind) -> Vec<String> {
        let mut paths: Vec<String> =
            written("queue", language, kind).iter().map(|(path, _)| path.display().to_string()).collect();
        paths.sort();
        paths
    }

    #[test]
    fn a_project_has_what_its_language_and_kind_need_and_nothing_else() {
        let library = ["connection.c", "probe/plugin.c", "probe/plugin.h", "probe/probe.c", "probe/probe.h"];
        let library = library.into_iter().chain(["ruled.c", "ruled.h", "wasi.c"]).map(|name| format!("sdk/c/{name}"));
        let own = [".gitignore", "plugin.json", "queue.c", "queue.rules", "queue.script"];
        let wanted: Vec<String> = own.into_iter().map(str::to_owned).chain(library).collect();
        assert_eq!(paths(Language::C, Kind::Probe), wanted);
        let python = paths(Language::Python, Kind::Check);
        for name in ["queue.log", "queue.py", "requirements.txt", "sdk/python/ruled/files.py"] {
            assert!(python.contains(&name.to_owned()), "{name} of {python:?}");
        }
        let rust = paths(Language::Rust, Kind::Check);
        for name in ["Cargo.toml", "src/lib.rs", "sdk/rust/Cargo.toml", "sdk/wit/since-0.1/ruled.wit"] {
            assert!(rust.contains(&name.to_owned()), "{name} of {rust:?}");
        }
        let javascript = paths(Language::Javascript, Kind::Probe);
        assert!(javascript.contains(&"package.json".to_owned()), "{javascript:?}");
        assert!(javascript.iter().all(|path| !path.ends_with(".py") && !path.ends_with(".in")), "{javascript:?}");
    }
}
