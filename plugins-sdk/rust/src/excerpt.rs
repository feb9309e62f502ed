//! What a peer said, as a sentence quotes it.

/// So much of it tells what was there.
const LETTERS_MAX: usize = 60;

/// The longest letter in UTF-8.
const LETTER_BYTES_MAX: usize = 4;

/// The beginning of what a peer said, in quotes and on one line, for a sentence that says what was read. Where there is more
/// of it, an ellipsis follows.
pub fn excerpt(said: impl AsRef<[u8]>) -> String {
    let said = said.as_ref();
    let head = said.get(..(LETTERS_MAX + 1) * LETTER_BYTES_MAX).unwrap_or(said);
    let text = String::from_utf8_lossy(head);
    let shown: String = text.chars().take(LETTERS_MAX).collect();
    let ellipsis = if shown.len() < text.len() { "…" } else { "" };
    format!("{shown:?}{ellipsis}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_was_said() {
        assert_eq!(excerpt("220 mail\r\n"), "\"220 mail\\r\\n\"");
        assert_eq!(excerpt("a \"b\" \u{1b}[2J"), "\"a \\\"b\\\" \\u{1b}[2J\"");
        assert_eq!(excerpt([0xff, b'x']), "\"\u{fffd}x\"");
        assert_eq!(excerpt(""), "\"\"");
    }

    #[test]
    fn cuts_what_is_long() {
        assert_eq!(excerpt("x".repeat(60)), format!("\"{}\"", "x".repeat(60)));
        assert_eq!(excerpt("x".repeat(61)), format!("\"{}\"…", "x".repeat(60)));
        assert_eq!(excerpt("\u{1f600}".repeat(100_000)), format!("\"{}\"…", "\u{1f600}".repeat(60)));
        assert_eq!(excerpt("\u{1f600}".repeat(60)), format!("\"{}\"", "\u{1f600}".repeat(60)));
    }
}
