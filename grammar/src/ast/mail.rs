//! How mail looks.

use crate::{Span, Spanned};

/// The words for the events that a recipient can choose, as in `only on { … }`, in the order of the alphabet.
pub const EVENT_WORDS: &[&str] = &[
    "action",
    "bytein",
    "byteout",
    "checksum",
    "connection",
    "content",
    "data",
    "exec",
    "execute",
    "exist",
    "exists",
    "fsflag",
    "fsflags",
    "gid",
    "icmp",
    "instance",
    "invalid",
    "link",
    "nonexist",
    "nonexists",
    "packetin",
    "packetout",
    "perm",
    "permission",
    "pid",
    "ppid",
    "resource",
    "saturation",
    "size",
    "speed",
    "status",
    "time",
    "timeout",
    "timestamp",
    "uid",
    "uptime",
];

/// `mail-format { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct MailFormat {
    /// The whole of it.
    pub span: Span,
    /// Its parts in the order written.
    pub parts: Vec<MailPart>,
}

/// One part of a format.
#[derive(Debug, Clone, PartialEq)]
pub struct MailPart {
    /// The whole of it.
    pub span: Span,
    /// Which part.
    pub kind: MailPartKind,
    /// What stands behind the colon, without blanks at its ends.
    pub text: Spanned<String>,
}

/// The parts of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailPartKind {
    /// Who sends it.
    From,
    /// Who gets the answers.
    ReplyTo,
    /// Its subject.
    Subject,
    /// Its text.
    Message,
}
