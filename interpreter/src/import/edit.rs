//! Edits of a text: places and what stands there instead.

use grammar::Span;

/// Edits that are collected in any order and applied at once.
#[derive(Debug, Default)]
pub(super) struct Edits {
    edits: Vec<(Span, String)>,
}

impl Edits {
    /// Puts something else into a place.
    pub(super) fn replace(&mut self, place: Span, text: impl Into<String>) {
        self.edits.push((place, text.into()));
    }

    /// Puts something before a place.
    pub(super) fn insert(&mut self, at: u32, text: impl Into<String>) {
        self.edits.push((Span { start: at, end: at }, text.into()));
    }

    /// Whether something else already takes the whole of this place.
    pub(super) fn covers(&self, place: Span) -> bool {
        self.edits
            .iter()
            .any(|(edited, _)| edited.start < edited.end && edited.start <= place.start && place.end <= edited.end)
    }

    /// The text with all edits made. Of edits that overlap, the one that begins first counts.
    pub(super) fn apply(mut self, text: &str) -> String {
        self.edits.sort_by_key(|(place, _)| (place.start, std::cmp::Reverse(place.end)));
        let mut edited = String::with_capacity(text.len());
        let mut from = 0;
        for (place, replacement) in &self.edits {
            let range = place.range();
            if range.start < from {
                continue;
            }
            edited.push_str(text.get(from..range.start).unwrap_or_default());
            edited.push_str(replacement);
            from = range.end;
        }
        edited.push_str(text.get(from..).unwrap_or_default());
        edited
    }
}
