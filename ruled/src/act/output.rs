//! What a program printed: bounded while it is read, cleaned once.

use interpreter::engine::OUTPUT_CUT;

use crate::words::clean;

/// How much of a program's output is kept; the rest is read and thrown away.
pub const OUTPUT_LIMIT_BYTES: usize = 64 * 1024;

/// The first part of what a program printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    kept: Vec<u8>,
    was_cut: bool,
}

impl Output {
    /// Takes what was read next.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = OUTPUT_LIMIT_BYTES.saturating_sub(self.kept.len());
        let (kept, dropped) = bytes.split_at(room.min(bytes.len()));
        self.kept.extend_from_slice(kept);
        self.was_cut |= !dropped.is_empty();
    }

    /// Whether everything that comes is thrown away.
    pub fn is_full(&self) -> bool {
        self.kept.len() >= OUTPUT_LIMIT_BYTES
    }

    /// The text: invalid UTF-8 and control characters become `�`, blanks at the end are gone, and what was cut is
    /// said.
    pub fn into_text(self) -> String {
        let mut text = clean(&String::from_utf8_lossy(&self.kept));
        text.truncate(text.trim_end().len());
        if self.was_cut {
            text.push_str(OUTPUT_CUT);
        }
        text
    }
}
