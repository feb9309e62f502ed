//! What was seen of a thing that is no figure: whose it is, what it holds, what it said.

use grammar::ast::HashKind;

/// What stands at the end of a program's output of which the rest was thrown away.
pub const OUTPUT_CUT: &str = " … (output truncated)";

/// What can be seen of a thing beside its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// The number of a process's parent.
    Ppid,
    /// The number of the user whose it is; of a process, the real user.
    Uid,
    /// The number of a process's effective user.
    Euid,
    /// The number of the group whose it is; of a process, the real group.
    Gid,
    /// The text of `/proc/PID/attr/current`.
    SecurityAttribute,
    /// The digits of a file's checksum, in lower case.
    Checksum(HashKind),
    /// The options with which a filesystem is mounted, as the kernel writes them.
    MountFlags,
    /// Whether a network link is up: 1, or 0.
    Link,
    /// How many errors a network interface has counted.
    LinkErrors,
    /// The speed and the mode of a network link, in words.
    LinkCapacity,
    /// What a program printed; what was cut ends with [`OUTPUT_CUT`].
    Output,
    /// The lines that were written to a file since the last look.
    Lines,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FactValue {
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
    /// Lines of a file.
    Lines(Lines),
}

/// The lines that were written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Lines {
    /// Whole lines, without their ends, in the order of the file.
    pub lines: Vec<String>,
    /// Where the next look goes on.
    pub until: Position,
}

/// How far a file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Position {
    /// The number of the file in its file system: another file is read from its beginning.
    pub inode: u64,
    /// How many bytes of it were read.
    pub offset_bytes: u64,
    /// A number for what stands before that place: a file that was cut and written anew has another. 0 where nobody asks.
    pub fingerprint: u64,
    /// The file that had the name before, as long as it may still be written to.
    pub earlier: Option<Place>,
}

/// How far a file was read that has another name by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Place {
    /// The number of the file in its file system.
    pub inode: u64,
    /// How many bytes of it were read.
    pub offset_bytes: u64,
}

impl FactValue {
    /// The number, if it is one.
    pub fn number(&self) -> Option<u64> {
        match self {
            FactValue::Number(number) => Some(*number),
            FactValue::Text(_) | FactValue::Lines(_) => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            FactValue::Text(text) => Some(text),
            FactValue::Number(_) | FactValue::Lines(_) => None,
        }
    }
}
