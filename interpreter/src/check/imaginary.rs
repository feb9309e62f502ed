//! A machine that exists in memory only, for tests and examples.

use std::collections::BTreeMap;

use super::{Day, Namesake, PathState, PluginState, ProgramState, ReadError, Surroundings};
use crate::program::Family;

/// A machine in memory: it has these files, this name, every program that is not listed, and every user but those
/// listed as strangers.
#[derive(Debug, Clone, Default)]
pub struct Imaginary {
    /// The files by their paths. A file of [`None`] is there and cannot be read.
    pub files: BTreeMap<String, Option<Vec<u8>>>,
    /// The name of the machine; `localhost` when absent.
    pub host_name: Option<String>,
    /// Users and groups that do not exist.
    pub strangers: Vec<String>,
    /// Files that nobody but their owner may read.
    pub private: Vec<String>,
    /// Programs that are not as they should be.
    pub programs: BTreeMap<String, ProgramState>,
    /// What there is of paths, beside the files.
    pub paths: BTreeMap<String, PathState>,
    /// Plain folders, with the mount points of the filesystems that they lie on.
    pub plain_folders: BTreeMap<String, String>,
    /// What there is of plugins, by the paths of their files.
    pub plugins: BTreeMap<String, PluginState>,
    /// The day of today; nothing expires when absent.
    pub today: Option<Day>,
    /// Whether no echo requests of IPv6 may be sent.
    pub no_ping6: bool,
}

impl Imaginary {
    /// A machine without files.
    pub fn new() -> Imaginary {
        Imaginary::default()
    }

    /// Adds a file.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Imaginary {
        self.files.insert(path.into(), Some(bytes.into()));
        self
    }

    /// Adds a file that cannot be read.
    #[must_use]
    pub fn with_locked_file(mut self, path: impl Into<String>) -> Imaginary {
        self.files.insert(path.into(), None);
        self
    }

    /// Names the machine.
    #[must_use]
    pub fn with_host_name(mut self, name: impl Into<String>) -> Imaginary {
        self.host_name = Some(name.into());
        self
    }

    /// Says that there is no user and no group of this name or number.
    #[must_use]
    pub fn without_user(mut self, name: impl Into<String>) -> Imaginary {
        self.strangers.push(name.into());
        self
    }

    /// Says that nobody but its owner may read this file.
    #[must_use]
    pub fn with_private(mut self, path: impl Into<String>) -> Imaginary {
        self.private.push(path.into());
        self
    }

    /// Says what there is of a program.
    #[must_use]
    pub fn with_program(mut self, path: impl Into<String>, state: ProgramState) -> Imaginary {
        self.programs.insert(path.into(), state);
        self
    }

    /// Says what there is of a path.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>, state: PathState) -> Imaginary {
        self.paths.insert(path.into(), state);
        self
    }

    /// Says that a path is a plain folder, and where the filesystem is mounted that it lies on.
    #[must_use]
    pub fn with_plain_folder(mut self, path: impl Into<String>, mounted_on: impl Into<String>) -> Imaginary {
        self.plain_folders.insert(path.into(), mounted_on.into());
        self
    }

    /// Says what there is of a plugin.
    #[must_use]
    pub fn with_plugin(mut self, path: impl Into<String>, state: PluginState) -> Imaginary {
        self.plugins.insert(path.into(), state);
        self
    }

    /// Says which day it is.
    #[must_use]
    pub fn with_today(mut self, day: Day) -> Imaginary {
        self.today = Some(day);
        self
    }

    /// Says that no echo requests of IPv6 may be sent.
    #[must_use]
    pub fn without_ping6(mut self) -> Imaginary {
        self.no_ping6 = true;
        self
    }

    fn number(&self, name: &str) -> Option<u32> {
        match name {
            "root" => Some(0),
            name if self.strangers.iter().any(|stranger| stranger == name) => None,
            name => Some(1000 + u32::try_from(name.len()).unwrap_or_default()),
        }
    }
}

impl Surroundings for Imaginary {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let reason = match self.files.get(path) {
            Some(Some(bytes)) => return Ok(bytes.clone()),
            Some(None) => "permission denied",
            None => "no such file",
        };
        Err(ReadError { sentence: format!("cannot read {path}: {reason}") })
    }

    /// Knows `*` and `?` only, which is enough for a machine in memory.
    fn glob(&self, pattern: &str) -> Vec<String> {
        let pattern: Vec<char> = pattern.chars().collect();
        self.files.keys().filter(|path| matches(&pattern, &path.chars().collect::<Vec<char>>())).cloned().collect()
    }

    fn user(&self, name: &str) -> Option<u32> {
        self.number(name)
    }

    fn group(&self, name: &str) -> Option<u32> {
        self.number(name)
    }

    fn is_private(&self, path: &str) -> bool {
        self.private.iter().any(|private| private == path)
    }

    fn has_user(&self, number: u32) -> bool {
        !self.strangers.contains(&number.to_string())
    }

    fn has_group(&self, number: u32) -> bool {
        !self.strangers.contains(&number.to_string())
    }

    fn host_name(&self) -> Option<String> {
        Some(self.host_name.clone().unwrap_or_else(|| "localhost".to_owned()))
    }

    fn program(&self, path: &str) -> ProgramState {
        self.programs.get(path).copied().unwrap_or(ProgramState::Executable)
    }

    fn path(&self, path: &str) -> PathState {
        match self.files.get(path) {
            Some(Some(_)) => PathState::File,
            Some(None) => PathState::Unreadable,
            None => self.paths.get(path).copied().unwrap_or(PathState::Unknown),
        }
    }

    fn lies_on(&self, path: &str) -> Option<String> {
        self.plain_folders.get(path).cloned()
    }

    fn plugin(&self, path: &str) -> PluginState {
        self.plugins.get(path).cloned().unwrap_or(PluginState::Unknown)
    }

    /// What lies in `/etc/ruled`: there every plugin that can run checks by itself, and what was not added was added for
    /// another version.
    fn namesake(&self, name: &str) -> Option<Namesake> {
        let path = format!("/etc/ruled/{name}.wasm");
        match self.plugins.get(&path)? {
            PluginState::NotAdded(_) => Some(Namesake::Outdated(path)),
            PluginState::Added(_) => Some(Namesake::Check(path)),
            _ => None,
        }
    }

    fn may_ping(&self, family: Family) -> bool {
        !(self.no_ping6 && family == Family::Ipv6)
    }

    fn today(&self) -> Option<Day> {
        self.today
    }
}

fn matches(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => {
            let tails = (0..=text.len()).take_while(|end| !text.iter().take(*end).any(|char| *char == '/'));
            tails.into_iter().any(|end| matches(rest, text.get(end..).unwrap_or_default()))
        }
        (Some(('?', rest)), Some((char, tail))) => *char != '/' && matches(rest, tail),
        (Some((wanted, rest)), Some((char, tail))) => wanted == char && matches(rest, tail),
        _ => false,
    }
}
