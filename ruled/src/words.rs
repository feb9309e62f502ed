//! How things are said to people: the system's words for an error, Monit's for an event, and foreign text made
//! harmless.

use std::io;

pub use interpreter::engine::title as event_words;

/// The longest message in a line, in characters: a program's output can be 64 kB, which no log is for.
const MESSAGE_LIMIT: usize = 2_000;

/// The longest name that is shown whole, in characters. The kernel's names of processes are shorter, and so are users'.
const NAME_LIMIT: usize = 64;

/// The system's words for an error, without the number: "permission denied".
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = words.chars();
    match letters.next() {
        // `I/O error` and the like keep their capitals.
        Some(first) if letters.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => words.to_owned(),
    }
}

/// Replaces control characters, which could steer a terminal or forge lines, by `�`; line breaks and tabs stay, the
/// carriage return of a line break goes.
pub fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|letter| match letter {
            '\n' | '\t' => letter,
            _ if letter.is_control() => char::REPLACEMENT_CHARACTER,
            _ => letter,
        })
        .collect()
}

/// One line, whatever a service or program said: line breaks become blanks, other control characters `�`.
pub fn one_line(text: &str) -> String {
    let mut line: String = text
        .trim_end()
        .chars()
        .take(MESSAGE_LIMIT)
        .map(|letter| match letter {
            '\n' | '\r' | '\t' => ' ',
            _ if letter.is_control() => char::REPLACEMENT_CHARACTER,
            _ => letter,
        })
        .collect();
    if text.trim_end().chars().nth(MESSAGE_LIMIT).is_some() {
        line.push('…');
    }
    line
}

/// A name that somebody else chose, such as a process's: one that is longer than names are is cut, and one that could be
/// taken for something else, or steer a terminal, stands in quotation marks with what is odd about it escaped.
pub fn name(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-./:+@#".contains(letter);
    let cut: String = text.chars().take(NAME_LIMIT).collect();
    let rest = if cut.len() < text.len() { "…" } else { "" };
    if !cut.is_empty() && cut.chars().all(is_plain) { cut + rest } else { format!("{cut:?}{rest}") }
}
