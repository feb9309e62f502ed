//! What a folder with a plugin says about it: `Cargo.toml` makes it one in Rust; for the other languages there is
//! `plugin.json`.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use ruled_manifest::Want;
use serde_json::Value;

use crate::{Refusal, files, is_name, shown};

/// The file that says what is built.
pub(crate) const FILE: &str = "plugin.json";

/// The longest such file that is read.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// A language that there is a template for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// With cargo and the target wasm32-unknown-unknown.
    Rust,
    /// With clang and wasi-libc.
    C,
    /// With componentize-py, from PyPI.
    Python,
    /// With componentize-qjs, from npm.
    Javascript,
}

impl Language {
    /// The word for it, in `plugin.json` and on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::C => "c",
            Language::Python => "python",
            Language::Javascript => "javascript",
        }
    }

    /// The endings of the files of which components are made in it.
    fn sources(self) -> &'static [&'static str] {
        match self {
            Language::Rust => &["rs", "toml"],
            Language::C => &["c", "h"],
            Language::Python => &["py"],
            Language::Javascript => &["js", "mjs"],
        }
    }
}

/// What a plugin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Speaks a protocol over the connection that a rule names: `if failed port 7777 protocol NAME`.
    Probe,
    /// Looks at what a rule grants it: `check plugin NAME using "file.wasm"`.
    Check,
}

impl Kind {
    /// The word for it, likewise.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Probe => "probe",
            Kind::Check => "check",
        }
    }
}

/// A plugin that is not in Rust, as `plugin.json` says it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Project {
    /// What it is called; so is its component.
    pub(crate) name: String,
    pub(crate) language: Language,
    pub(crate) kind: Kind,
    /// What it asks for.
    pub(crate) grants: Vec<Want>,
}

impl Project {
    /// Reads the file in a folder; nothing where there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Project>, Refusal> {
        let path = folder.join(FILE);
        let text = match files::read_text(&path, FILE_BYTES_MAX) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Refusal::unusable(format!("cannot read {}: {error}", path.display()))),
        };
        Project::parse(&text).map(Some).map_err(|what| Refusal::unusable(format!("{}: {what}", path.display())))
    }

    /// Understands the text of the file. The error is a sentence.
    fn parse(text: &str) -> Result<Project, String> {
        let json: Value = serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))?;
        let object = json.as_object().ok_or("it must be one object, in braces")?;
        const FIELDS: [&str; 4] = ["name", "language", "kind", "grants"];
        if let Some(other) = object.keys().find(|key| !FIELDS.contains(&key.as_str())) {
            return Err(format!("there is no {other:?} here; there are {}", FIELDS.join(", ")));
        }
        let word = |field: &str| {
            object.get(field).and_then(Value::as_str).ok_or_else(|| format!("{field:?} must be there, as a text"))
        };
        let name = word("name")?.to_owned();
        if !is_name(&name) {
            return Err(format!("{name:?} is no name: it has small letters, digits and _, and begins with a letter"));
        }
        let language = match word("language")? {
            "c" => Language::C,
            "python" => Language::Python,
            "javascript" => Language::Javascript,
            other => return Err(format!("{other:?} is no language here; there are c, python and javascript")),
        };
        let kind = match word("kind")? {
            "probe" => Kind::Probe,
            "check" => Kind::Check,
            other => return Err(format!("a plugin is a probe or a check, not a {other:?}")),
        };
        let mut grants = Vec::new();
        for grant in object.get("grants").map_or(Ok(&[][..]), |grants| {
            grants.as_array().map(Vec::as_slice).ok_or("\"grants\" must be a list: [\"read\"]")
        })? {
            let want = Want::ALL.into_iter().find(|want| grant.as_str() == Some(want.word()));
            grants.push(
                want.ok_or_else(|| {
                    format!("{grant} cannot be granted; there are \"connect\", \"read\" and \"fetch\"")
                })?,
            );
        }
        if kind == Kind::Probe && !grants.is_empty() {
            return Err("a probe has its connection and asks for nothing else; take \"grants\" out".into());
        }
        grants.sort_unstable();
        grants.dedup();
        Ok(Project { name, language, kind, grants })
    }
}

/// The component of the plugin in this folder.
pub(crate) fn built() -> Result<PathBuf, Refusal> {
    let here = Path::new(".");
    let (name, language) = match Project::read(here)? {
        Some(project) => (project.name, project.language),
        None => {
            let library = library(here).ok_or_else(|| {
                Refusal::unusable(format!(
                    "there is no plugin in this folder, neither a Cargo.toml with a package nor a {FILE}; go to the folder of \
                     one, or say which file is meant"
                ))
            })?;
            (library, Language::Rust)
        }
    };
    let file = PathBuf::from(format!("{name}.wasm"));
    if file.is_file() {
        if let Some(newer) = newer(here, &file, language) {
            let (newer, file) = (shown::path(&newer), shown::path(&file));
            eprintln!("ruled-plugin: {newer} was changed after {file} was built; `ruled-plugin build` builds it again");
        }
        return Ok(file);
    }
    Err(Refusal::unusable(format!("{} is not there yet; `ruled-plugin build` makes it", file.display())))
}

/// How deep below the folder of a project its sources are looked for, and at how many files at most.
const DEPTH_MAX: usize = 6;
const FILES_MAX: usize = 2_000;

/// A source that was changed after the component was written. What compilers and package managers keep is none.
fn newer(folder: &Path, component: &Path, language: Language) -> Option<PathBuf> {
    let built = component.metadata().and_then(|component| component.modified()).ok()?;
    let (mut folders, mut seen) = (vec![(folder.to_path_buf(), 0)], 0);
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            seen += 1;
            if seen > FILES_MAX {
                return None;
            }
            let (path, name) = (entry.path(), entry.file_name());
            let (name, kind) = (name.to_string_lossy(), entry.file_type());
            if name.starts_with('.') || ["target", "node_modules", "__pycache__"].contains(&&*name) {
                continue;
            }
            match kind {
                Ok(kind) if kind.is_dir() && depth < DEPTH_MAX => folders.push((path, depth + 1)),
                Ok(kind) if kind.is_file() => {
                    let is_source = path
                        .extension()
                        .is_some_and(|ending| language.sources().iter().any(|source| ending == *source));
                    let changed = entry.metadata().and_then(|source| source.modified());
                    if is_source && changed.is_ok_and(|changed| changed > built) {
                        return Some(path.strip_prefix(".").map(Path::to_path_buf).unwrap_or(path));
                    }
                }
                _ => {}
            }
        }
    }
    None
}

/// What cargo calls the library of the package in a folder.
fn library(folder: &Path) -> Option<String> {
    library_in(&files::read_text(&folder.join("Cargo.toml"), FILE_BYTES_MAX).ok()?)
}

/// The same, from the text of its file. That is read by the line, as it is written; whoever writes it in another way names
/// the file of the component.
fn library_in(text: &str) -> Option<String> {
    let (mut section, mut package, mut library) = ("", None, None);
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if let Some((key, value)) = line.split_once('=')
            && key.trim() == "name"
            && let Some(name) = value.trim().strip_prefix('"').and_then(|rest| rest.split('"').next())
        {
            match section {
                "[package]" => package = Some(name.replace('-', "_")),
                "[lib]" => library = Some(name.to_owned()),
                _ => {}
            }
        }
    }
    library.or(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_is_read() {
        let text = r#"{"name": "queue", "language": "c", "kind": "check", "grants": ["read", "connect", "read"]}"#;
        let grants = vec![Want::Connect, Want::Read];
        let queue = Project { name: "queue".into(), language: Language::C, kind: Kind::Check, grants };
        assert_eq!(Project::parse(text), Ok(queue));
    }

    #[test]
    fn the_library_of_a_crate_is_found() {
        let package = "[package]\nname = \"mail-queue\" # as rules say it\nversion = \"0.1.0\"\n";
        assert_eq!(library_in(package), Some("mail_queue".into()));
        let other = format!("{package}[[bin]]\nname = \"no\"\n[lib]\nname = \"queue\"\n");
        assert_eq!(library_in(&other), Some("queue".into()));
        assert_eq!(library_in("[workspace]\nmembers = []\n[dependencies]\nname = \"x\"\n"), None);
    }

    #[test]
    fn a_source_that_is_newer_than_the_component_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let begin = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        let write = |name: &str, second: u64| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
            let file = std::fs::File::create(&path).expect("a file");
            file.set_modified(begin + std::time::Duration::from_secs(second)).expect("its time");
            path
        };
        let component = write("it.wasm", 5);
        // Neither what is older, nor what is no source, nor what a compiler keeps.
        for (name, second) in [("src/lib.rs", 4), ("Cargo.lock", 9), ("target/x/out.rs", 9), ("server.py", 9)] {
            write(name, second);
        }
        assert_eq!(newer(folder.path(), &component, Language::Rust), None);
        let changed = write("src/deep/more.rs", 6);
        assert_eq!(newer(folder.path(), &component, Language::Rust), Some(changed));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |text: &str| Project::parse(text).expect_err("it is wrong");
        assert!(wrong("{").contains("no JSON"));
        assert!(wrong("[]").contains("one object"));
        assert!(wrong(r#"{"name": "x"}"#).contains("\"language\" must be there"));
        assert!(wrong(r#"{"nam": "x"}"#).contains("there is no \"nam\" here"));
        assert!(wrong(r#"{"name": "../x"}"#).contains("is no name"));
        let with = |more: &str| wrong(&format!(r#"{{"name": "x", {more}}}"#));
        assert!(with(r#""language": "perl""#).contains("is no language"));
        assert!(with(r#""language": "c", "kind": "thing""#).contains("a probe or a check"));
        assert!(with(r#""language": "c", "kind": "check", "grants": "read""#).contains("must be a list"));
        assert!(with(r#""language": "c", "kind": "check", "grants": ["write"]"#).contains("cannot be granted"));
        assert!(with(r#""language": "c", "kind": "probe", "grants": ["read"]"#).contains("a probe has its connection"));
    }
}
