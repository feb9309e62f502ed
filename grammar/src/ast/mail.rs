//! How mail looks.

use crate::{Span, Spanned};

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
