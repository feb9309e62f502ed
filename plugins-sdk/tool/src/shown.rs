//! Words of others, made fit to be shown: what stands in a file, a component or a script, and what a compiler says, shall
//! neither steer a terminal nor pass for words of this program.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::Path;

/// The longest line of a compiler that is shown whole.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// One line, with everything visible that a terminal would obey or hide.
pub(crate) fn line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut line, letter| {
        match letter {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push(' '),
            // A text grows without fail.
            _ if is_hidden(letter) => write!(line, "\\u{{{:x}}}", u32::from(letter)).unwrap_or_default(),
            _ => line.push(letter),
        }
        line
    })
}

/// The same of several lines, which stay.
pub(crate) fn text(text: &str) -> String {
    text.replace("\r\n", "\n").split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The same of JSON, whose strings mean what they meant.
pub(crate) fn json(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut json, letter| {
        match letter {
            '\n' => json.push('\n'),
            // In JSON that was written here they stand within strings.
            _ if is_hidden(letter) => write!(json, "\\u{:04x}", u32::from(letter)).unwrap_or_default(),
            _ => json.push(letter),
        }
        json
    })
}

/// A path, as `line` shows it.
pub(crate) fn path(path: &Path) -> String {
    line(&path.display().to_string())
}

/// Says lines on standard output. Whoever reads them may stop to.
pub(crate) fn say(lines: &str) {
    writeln!(std::io::stdout().lock(), "{}", text(lines)).ok();
}

/// Passes the lines of another program on as they come, to standard error.
pub(crate) fn pass_on(from: impl Read) {
    let mut from = BufReader::new(from);
    loop {
        let mut bytes = Vec::new();
        match from.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let line = line(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']));
                writeln!(std::io::stderr().lock(), "{line}").ok();
            }
        }
    }
}

/// Whether a terminal would obey or hide the letter instead of drawing it.
fn is_hidden(letter: char) -> bool {
    let turns = matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}');
    letter.is_control() || turns || matches!(letter, '\u{061C}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal_and_lines_stay_where_they_may() {
        assert_eq!(line("a\x1b[2J\n\u{202e}b\u{9b}\té"), "a\\u{1b}[2J\\n\\u{202e}b\\u{9b} é");
        assert_eq!(text("a\r\nb\x07\rc\n"), "a\nb\\u{7}\\rc\n");
        let odd = serde_json::json!({ "name": "\u{9b}\u{202e}\x1b\n" });
        let shown = json(&serde_json::to_string_pretty(&odd).expect("JSON"));
        assert!(shown.chars().all(|letter| letter == '\n' || !is_hidden(letter)), "{shown:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("JSON"), odd);
    }
}
