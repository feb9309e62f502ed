//! Where something in the program was written.

use std::sync::Arc;

/// The file and line of a statement; kept for messages and for `show`, never for judging.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The file as it was named. Everything that was written there has the same text.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// The offset in the whole text, with everything that it includes. It tells which of two statements comes first.
    pub offset: u32,
}
