//! What the checker may ask of the machine that the rules are for.

use super::Day;
use crate::catalog::PluginEntry;
use crate::program::Family;

/// What the checker may ask of the machine. Whoever has no machine answers as [`Nowhere`] does.
pub trait Surroundings {
    /// Other surroundings, which answer whatever these do not answer themselves.
    fn behind(&self) -> Option<&dyn Surroundings> {
        None
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// When the file cannot be read: the reason, in a sentence.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let nothing = || Err(ReadError { sentence: format!("cannot read {path}: there are no files here") });
        self.behind().map_or_else(nothing, |behind| behind.read(path))
    }

    /// The paths that a pattern of the shell's kind matches, in the order of their names. Directories are left out.
    fn glob(&self, pattern: &str) -> Vec<String> {
        self.behind().map(|behind| behind.glob(pattern)).unwrap_or_default()
    }

    /// The number of a user.
    fn user(&self, name: &str) -> Option<u32> {
        self.behind()?.user(name)
    }

    /// The number of a group.
    fn group(&self, name: &str) -> Option<u32> {
        self.behind()?.group(name)
    }

    /// Whether some user has that number. Whoever cannot tell says that one has.
    fn has_user(&self, number: u32) -> bool {
        self.behind().is_none_or(|behind| behind.has_user(number))
    }

    /// Whether some group has that number. Whoever cannot tell says that one has.
    fn has_group(&self, number: u32) -> bool {
        self.behind().is_none_or(|behind| behind.has_group(number))
    }

    /// The name of the machine, where it has one.
    fn host_name(&self) -> Option<String> {
        self.behind()?.host_name()
    }

    /// Whether there is a program of that path.
    fn program(&self, path: &str) -> ProgramState {
        self.behind().map_or(ProgramState::Unknown, |behind| behind.program(path))
    }

    /// What there is of that path.
    fn path(&self, path: &str) -> PathState {
        self.behind().map_or(PathState::Unknown, |behind| behind.path(path))
    }

    /// Where the filesystem is mounted that a folder or a file lies on which is neither a mount point nor a device; nothing
    /// where it is one, where nothing is there, or where nobody can tell.
    fn lies_on(&self, path: &str) -> Option<String> {
        self.behind()?.lies_on(path)
    }

    /// What there is of a plugin whose author's file has this path.
    fn plugin(&self, path: &str) -> PluginState {
        self.behind().map_or(PluginState::Unknown, |behind| behind.plugin(path))
    }

    /// A plugin of this name that was added and is no protocol of this ruled.
    fn namesake(&self, name: &str) -> Option<Namesake> {
        self.behind()?.namesake(name)
    }

    /// Whether nobody but its owner and the administrator may read the file. Whoever cannot tell says no.
    fn is_private(&self, path: &str) -> bool {
        self.behind().is_some_and(|behind| behind.is_private(path))
    }

    /// Who may write the file besides its owner and the administrator, in a few words; nothing when nobody may, or when
    /// nobody can tell.
    fn strangers_may_write(&self, path: &str) -> Option<String> {
        self.behind()?.strangers_may_write(path)
    }

    /// The folder in which everybody may put another file in the place of this one, or in the place of a folder that it lies
    /// in; nothing when nobody may, or when nobody can tell.
    fn replaceable_in(&self, path: &str) -> Option<String> {
        self.behind()?.replaceable_in(path)
    }

    /// Whether echo requests of that version of the Internet protocol may be sent. Whoever cannot tell says so.
    fn may_ping(&self, family: Family) -> bool {
        self.behind().is_none_or(|behind| behind.may_ping(family))
    }

    /// The day of today where the machine stands; nothing when nobody can tell, and then nothing expires.
    fn today(&self) -> Option<Day> {
        self.behind()?.today()
    }
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// The reason, in a sentence: "cannot read /etc/ruled/web.rules: permission denied".
    pub sentence: String,
}

/// Whether there is a program of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgramState {
    /// It is there and can be run.
    Executable,
    /// Something is there that cannot be run.
    NotExecutable,
    /// Nothing is there.
    Missing,
    /// Nobody can tell.
    Unknown,
}

/// What there is of a plugin.
#[derive(Debug, Clone, PartialEq)]
pub enum PluginState {
    /// It was added, and says this about itself.
    Added(PluginEntry),
    /// The file is there, and was not added as it is. With the folder of what was added, where there is one.
    NotAdded(Option<String>),
    /// There is no such file.
    Missing,
    /// What was stored of it cannot be used: the reason, in a sentence.
    Refused(String),
    /// Nobody can tell.
    Unknown,
}

impl PluginState {
    /// What the plugin says about itself, where that is known.
    pub fn entry(&self) -> Option<&PluginEntry> {
        match self {
            PluginState::Added(entry) => Some(entry),
            _ => None,
        }
    }
}

/// A plugin that was added under a name, and that no rule can name as its protocol. Each with its author's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Namesake {
    /// A probe that was added for another version of ruled, and must be added again.
    Outdated(String),
    /// A plugin that checks by itself.
    Check(String),
}

/// What there is of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathState {
    /// A file that can be read.
    File,
    /// A directory.
    Directory,
    /// Something that is there and cannot be read as a file.
    Unreadable,
    /// Nothing is there.
    Missing,
    /// Nobody can tell.
    Unknown,
}

/// Surroundings of which nothing is known: an editor, or a page of the manual.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nowhere;

impl Surroundings for Nowhere {}
