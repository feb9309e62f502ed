//! Places in a text: byte offsets are the only coordinates inside the house.

/// A half-open range of byte offsets in the text of a [`Source`](crate::Source).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The range from `start` up to, and not including, `end`.
    pub fn new(start: usize, end: usize) -> Span {
        // The text is limited to 64 MB before it is read, so the offsets fit.
        Span { start: u32::try_from(start).unwrap_or(u32::MAX), end: u32::try_from(end).unwrap_or(u32::MAX) }
    }

    /// The smallest range that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The range as indices into the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Attaches a value to this place.
    pub fn with<T>(self, node: T) -> Spanned<T> {
        Spanned { node, span: self }
    }
}

/// A part of the tree together with the place where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// What was written.
    pub node: T,
    /// Where it was written.
    pub span: Span,
}
