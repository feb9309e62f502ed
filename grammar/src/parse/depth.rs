//! Limits that are looked at before pest sees the text: its size, its nesting, its bytes.

use crate::{Dialect, Finding, Source, Span};

/// How deep parentheses and braces may stand in each other.
const DEEPEST: u32 = 64;

/// The largest text of a file and all that it includes: 64 MB.
pub(super) const LARGEST_BYTES: usize = 64 << 20;

/// The longest quoted text: 1 MB.
const LONGEST_TEXT_BYTES: usize = 1 << 20;

/// The finding that keeps the text from being read at all.
pub(super) fn limits(source: &Source, dialect: Dialect) -> Option<Finding> {
    let text = source.text();
    if text.len() > LARGEST_BYTES {
        return Some(too_large(Span::default()));
    }
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        let finding = Finding::error("nul-byte", Span::new(at, at + 1), "the file holds a NUL byte");
        return Some(finding.here("no text goes on behind it").help("save the file as plain text"));
    }
    let mut scan = Scan { depth: 0, quote: None, comment: false };
    for (at, byte) in text.bytes().enumerate() {
        if let Some(finding) = scan.step(at, byte, dialect) {
            return Some(finding);
        }
    }
    None
}

/// The finding for a text that is too large.
pub(super) fn too_large(at: Span) -> Finding {
    Finding::error("too-large", at, "the file is larger than 64 MB, with all that it includes")
        .help("rules of this size come from a program; let it write less")
}

struct Scan {
    depth: u32,
    quote: Option<(u8, usize)>,
    comment: bool,
}

impl Scan {
    fn step(&mut self, at: usize, byte: u8, dialect: Dialect) -> Option<Finding> {
        if self.comment {
            self.comment = byte != b'\n';
        } else if let Some((quote, start)) = self.quote {
            if at - start > LONGEST_TEXT_BYTES {
                let headline = "a text is longer than 1 MB";
                let finding = Finding::error("too-large", Span::new(start, start + 1), headline);
                return Some(finding.here("it begins here").help("is its closing quote missing?"));
            }
            if byte == quote {
                self.quote = None;
            }
        } else {
            match byte {
                b'"' | b'\'' => self.quote = Some((byte, at)),
                b'#' => self.comment = true,
                // To Monit parentheses are blanks.
                b'(' | b'{' if dialect == Dialect::Rules => {
                    self.depth += 1;
                    if self.depth > DEEPEST {
                        let headline = format!("more than {DEEPEST} opening parentheses or braces stand in each other");
                        let finding = Finding::error("too-deep", Span::new(at, at + 1), headline);
                        return Some(finding.here("this one is one too many").help("close those that are complete"));
                    }
                }
                b')' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        None
    }
}
