//! Where something in the program was written.

/// The file and line of a statement; kept for messages and for `show`, never for judging.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The file as it was named.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The offset in the whole text, with everything that it includes. It tells which of two statements comes first.
    pub offset: u32,
}
