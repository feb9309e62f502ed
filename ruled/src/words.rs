//! How things are said to people: the system's words for an error, Monit's for an event, and foreign text made
//! harmless.

use std::io;

use interpreter::engine::{EventClass, EventState};

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

/// What an event is called in a mail's subject and in a program's environment.
pub fn event_words(class: EventClass, state: EventState) -> &'static str {
    let [failed, succeeded, changed] = match class {
        EventClass::Action => ["Action done", "Action done", "Action done"],
        EventClass::Connection => ["Connection failed", "Connection succeeded", "Connection changed"],
        EventClass::Data => ["Data access error", "Data access succeeded", "Data access changed"],
        EventClass::Exec => ["Execution failed", "Execution succeeded", "Execution changed"],
        EventClass::Exist => ["Does exist", "Exists not", "Existence changed"],
        EventClass::Instance => ["Instance failed", "Instance succeeded", "Instance changed"],
        EventClass::Invalid => ["Invalid type", "Type succeeded", "Type changed"],
        EventClass::Nonexist => ["Does not exist", "Exists", "Existence changed"],
        EventClass::Permission => ["Permission failed", "Permission succeeded", "Permission changed"],
        EventClass::Pid => ["PID failed", "PID succeeded", "PID changed"],
        EventClass::Resource => ["Resource limit matched", "Resource limit succeeded", "Resource limit changed"],
        EventClass::Size => ["Size failed", "Size succeeded", "Size changed"],
        EventClass::ByteIn => ["Download bytes exceeded", "Download bytes ok", "Download bytes changed"],
        EventClass::ByteOut => ["Upload bytes exceeded", "Upload bytes ok", "Upload bytes changed"],
        EventClass::Checksum => ["Checksum failed", "Checksum succeeded", "Checksum changed"],
        EventClass::Content => ["Content failed", "Content succeeded", "Content match"],
        EventClass::FilesystemFlags => {
            ["Filesystem flags failed", "Filesystem flags succeeded", "Filesystem flags changed"]
        }
        EventClass::Gid => ["GID failed", "GID succeeded", "GID changed"],
        EventClass::Icmp => ["ICMP failed", "ICMP succeeded", "ICMP changed"],
        EventClass::Link => ["Link down", "Link up", "Link changed"],
        EventClass::PacketIn => ["Download packets exceeded", "Download packets ok", "Download packets changed"],
        EventClass::PacketOut => ["Upload packets exceeded", "Upload packets ok", "Upload packets changed"],
        EventClass::Ppid => ["PPID failed", "PPID succeeded", "PPID changed"],
        EventClass::Saturation => ["Saturation exceeded", "Saturation ok", "Saturation changed"],
        EventClass::Speed => ["Speed failed", "Speed ok", "Speed changed"],
        EventClass::Status => ["Status failed", "Status succeeded", "Status changed"],
        EventClass::Timeout => ["Timeout", "Timeout recovery", "Timeout changed"],
        EventClass::Uid => ["UID failed", "UID succeeded", "UID changed"],
        EventClass::Uptime => ["Uptime failed", "Uptime succeeded", "Uptime changed"],
        EventClass::Timestamp => ["Timestamp failed", "Timestamp succeeded", "Timestamp changed"],
    };
    match state {
        EventState::Failed => failed,
        EventState::Succeeded => succeeded,
        EventState::Changed => changed,
    }
}
