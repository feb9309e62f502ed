//! Writing a pattern for the crates that match it, as close to what was written as they allow.

use std::fmt::Write as _;

use grammar::source::is_undecoded;

use super::tree::{Item, Node, Set, Times};

/// Who is to read what is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The crate `regex`, which is told in the pattern that it matches bytes.
    Linear,
    /// The crate `fancy-regex`, which is told so when it compiles.
    Backtracking,
}

/// A pattern, and what it depends on.
pub(super) struct Written {
    pub(super) text: String,
    /// Whether a dot has to match a newline.
    dots: bool,
    /// Whether it has to match single bytes instead of characters.
    bytes: bool,
}

impl Written {
    /// The pattern with the flags that it depends on before it.
    pub(super) fn with_flags(self) -> String {
        let flags = match (self.dots, self.bytes) {
            (true, _) => "(?s-u)",
            (false, true) => "(?-u)",
            (false, false) => return self.text,
        };
        format!("{flags}{}", self.text)
    }
}

/// Writes a pattern.
pub(super) fn write(root: &Node, target: Target) -> Written {
    let mut writer = Writer { target, written: Written { text: String::new(), dots: false, bytes: false } };
    match root {
        Node::Choice(branches) => writer.joined(branches, Writer::branch),
        root => writer.branch(root),
    }
    writer.written
}

struct Writer {
    target: Target,
    written: Written,
}

impl Writer {
    /// A branch that no group surrounds. `.*` at one of its ends may match nothing, so whatever else it matches decides
    /// nothing, and it needs no flags.
    fn branch(&mut self, node: &Node) {
        let parts = match node {
            Node::Sequence(parts) => parts.as_slice(),
            node => std::slice::from_ref(node),
        };
        let (before, parts) = match parts {
            [first, rest @ ..] if is_anything(first) => (true, rest),
            parts => (false, parts),
        };
        let (parts, after) = match parts {
            [rest @ .., last] if is_anything(last) => (rest, true),
            parts => (parts, false),
        };
        self.push(if before { ".*" } else { "" });
        self.sequence(parts);
        self.push(if after { ".*" } else { "" });
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Byte(_) => self.sequence(std::slice::from_ref(node)),
            Node::Any => {
                self.written.dots = true;
                self.push(".");
            }
            Node::Place(place) => {
                self.written.bytes |= !matches!(*place, "^" | "$" | "\\A" | "\\z");
                self.push(place);
            }
            Node::Class(class) => {
                self.written.bytes = true;
                self.push(class);
            }
            Node::Set(set) => self.set(set),
            Node::Group(inside) => {
                self.push("(");
                self.node(inside);
                self.push(")");
            }
            // The parentheses keep a digit that follows from being read as a part of the number.
            Node::Reference(number) => self.push_format(format_args!("(?:\\{number})")),
            Node::Repeat { what, times } => self.repeat(what, *times),
            Node::Sequence(parts) => self.sequence(parts),
            Node::Choice(branches) => self.joined(branches, Writer::node),
        }
    }

    fn joined(&mut self, branches: &[Node], write: fn(&mut Writer, &Node)) {
        for (number, branch) in branches.iter().enumerate() {
            if number > 0 {
                self.push("|");
            }
            write(self, branch);
        }
    }

    /// Parts one after the other. Bytes that stand side by side are written as the characters that they are together.
    fn sequence(&mut self, parts: &[Node]) {
        let mut run = Vec::new();
        for part in parts {
            match part {
                Node::Byte(byte) => run.push(*byte),
                part => {
                    self.run(&run);
                    run.clear();
                    self.node(part);
                }
            }
        }
        self.run(&run);
    }

    fn run(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            for character in chunk.valid().chars() {
                self.character(character);
            }
            for byte in chunk.invalid() {
                self.raw(*byte);
            }
        }
    }

    fn character(&mut self, character: char) {
        match character {
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | '{' | '^' | '$' => {
                self.push_format(format_args!("\\{character}"));
            }
            // The second crate reads characters that are not ASCII in a way of its own.
            character if character.is_control() || is_undecoded(character) || !self.may_be_verbatim(character) => {
                let mut buffer = [0; 4];
                for byte in character.encode_utf8(&mut buffer).bytes() {
                    self.raw(byte);
                }
            }
            character => self.written.text.push(character),
        }
    }

    fn may_be_verbatim(&self, character: char) -> bool {
        self.target == Target::Linear || character.is_ascii()
    }

    /// A byte by its number.
    fn raw(&mut self, byte: u8) {
        self.written.bytes |= !byte.is_ascii();
        match byte {
            b'\n' => self.push("\\n"),
            b'\r' => self.push("\\r"),
            b'\t' => self.push("\\t"),
            byte => self.push_format(format_args!("\\x{byte:02X}")),
        }
    }

    fn repeat(&mut self, what: &Node, times: Times) {
        let needs_group = matches!(what, Node::Repeat { .. } | Node::Sequence(_) | Node::Choice(_) | Node::Place(_));
        if needs_group {
            self.push("(?:");
        }
        self.node(what);
        if needs_group {
            self.push(")");
        }
        match (times.least, times.most) {
            (0, None) => self.push("*"),
            (1, None) => self.push("+"),
            (0, Some(1)) => self.push("?"),
            (least, None) => self.push_format(format_args!("{{{least},}}")),
            (least, Some(most)) if least == most => self.push_format(format_args!("{{{least}}}")),
            (least, Some(most)) => self.push_format(format_args!("{{{least},{most}}}")),
        }
    }

    fn set(&mut self, set: &Set) {
        self.written.bytes |= set.negated;
        self.push(if set.negated { "[^" } else { "[" });
        for (number, item) in set.items.iter().enumerate() {
            match *item {
                Item::Named(name) => self.push_format(format_args!("[:{name}:]")),
                // Where it cannot be meant as a range, it is easier to read without a backslash.
                Item::Range(b'-', b'-') if number + 1 == set.items.len() => self.push("-"),
                Item::Range(start, end) => {
                    self.member(start);
                    if start < end {
                        self.push("-");
                        self.member(end);
                    }
                }
            }
        }
        self.push("]");
    }

    fn member(&mut self, byte: u8) {
        match byte {
            b'\\' | b'[' | b']' | b'^' | b'-' | b'&' | b'~' => self.push_format(format_args!("\\{}", char::from(byte))),
            b' '..=b'~' => self.written.text.push(char::from(byte)),
            byte => self.raw(byte),
        }
    }

    fn push(&mut self, text: &str) {
        self.written.text.push_str(text);
    }

    fn push_format(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.written.text.write_fmt(text);
    }
}

fn is_anything(node: &Node) -> bool {
    matches!(node, Node::Repeat { what, times: Times { least: 0, most: None } } if matches!(**what, Node::Any))
}
