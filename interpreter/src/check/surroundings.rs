//! What the checker may ask of the machine that the rules are for.

use super::Day;

/// What the checker may ask of the machine. Whoever has no machine answers as [`Nowhere`] does.
pub trait Surroundings {
    /// The bytes of a file.
    ///
    /// # Errors
    /// When the file cannot be read: the reason, in a sentence.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;

    /// The paths that a pattern of the shell's kind matches, in the order of their names. Directories are left out.
    fn glob(&self, pattern: &str) -> Vec<String>;

    /// The number of a user.
    fn user(&self, name: &str) -> Option<u32>;

    /// The number of a group.
    fn group(&self, name: &str) -> Option<u32>;

    /// Whether some user has that number. Whoever cannot tell says that one has.
    fn has_user(&self, _number: u32) -> bool {
        true
    }

    /// Whether some group has that number. Whoever cannot tell says that one has.
    fn has_group(&self, _number: u32) -> bool {
        true
    }

    /// The name of the machine, where it has one.
    fn host_name(&self) -> Option<String>;

    /// Whether there is a program of that path.
    fn program(&self, path: &str) -> ProgramState;

    /// What there is of that path.
    fn path(&self, path: &str) -> PathState;

    /// Whether nobody but its owner and the administrator may read the file. Whoever cannot tell says no.
    fn is_private(&self, _path: &str) -> bool {
        false
    }

    /// Who may write the file besides its owner and the administrator, in a few words; nothing when nobody may, or when
    /// nobody can tell.
    fn strangers_may_write(&self, _path: &str) -> Option<String> {
        None
    }

    /// The day of today where the machine stands; nothing when nobody can tell, and then nothing expires.
    fn today(&self) -> Option<Day> {
        None
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

impl Surroundings for Nowhere {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        Err(ReadError { sentence: format!("cannot read {path}: there are no files here") })
    }

    fn glob(&self, _pattern: &str) -> Vec<String> {
        Vec::new()
    }

    fn user(&self, _name: &str) -> Option<u32> {
        None
    }

    fn group(&self, _name: &str) -> Option<u32> {
        None
    }

    fn host_name(&self) -> Option<String> {
        None
    }

    fn program(&self, _path: &str) -> ProgramState {
        ProgramState::Unknown
    }

    fn path(&self, _path: &str) -> PathState {
        PathState::Unknown
    }
}
