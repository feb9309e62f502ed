//! Random patterns and texts: signs in any order, and well-formed ones.

use std::fmt::Write as _;

/// Signs that patterns are made of. Those that mean something stand for themselves often enough.
const SIGNS: [&str; 46] = [
    "a", "a", "a", "b", "b", ".", ".", "*", "+", "?", "(", "(", ")", ")", "|", "|", "[", "]", "[^", "^", "$", "{", "}",
    "{1,2}", "\\", "\\1", "\\2", ",", "-", "-", "0", "1", "2", "[:", ":]", "alpha", "[.", ".]", "[=", "=]", "\\<",
    "\\>", "\\b", "\\B", "é", "\n",
];
/// Parts that match one byte, for well-formed patterns.
const ATOMS: [&str; 22] = [
    "a",
    "a",
    "b",
    "b",
    "-",
    "1",
    ".",
    "[ab]",
    "[^a]",
    "[]a]",
    "[^]-]",
    "[[:alpha:]]",
    "[[.a.]-b]",
    "[[=b=]1]",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "\\.",
    "()",
    "é",
    "\n",
];
const ANCHORS: [&str; 8] = ["^", "$", "\\<", "\\>", "\\b", "\\B", "\\`", "\\'"];
const REPETITIONS: [&str; 10] = ["*", "*", "+", "?", "{2}", "{0,1}", "{1,2}", "{2,}", "{,2}", "{0}"];
const BYTES: [&str; 16] = ["a", "a", "a", "b", "b", "b", "-", "1", ",", "]", "^", " ", "\n", "é", "\\", "."];

/// Numbers that look random and are the same in every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn of(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % limit as u64).expect("a small number")
    }

    fn one_of(&mut self, choices: &[&'static str]) -> &'static str {
        choices[self.below(choices.len())]
    }

    fn signs(&mut self, choices: &[&'static str], most: usize) -> String {
        let count = self.below(most + 1);
        (0..count).map(|_| self.one_of(choices)).collect()
    }

    fn pattern(&mut self) -> String {
        if self.below(3) == 0 {
            return self.signs(&SIGNS, 9);
        }
        let mut pattern = String::new();
        self.choice(&mut pattern, 2);
        if self.below(8) == 0 {
            write!(pattern, "\\{}", 1 + self.below(2)).expect("a String grows");
            let after = self.signs(&ATOMS, 2);
            pattern.push_str(&after);
        }
        pattern
    }

    fn choice(&mut self, pattern: &mut String, depth: usize) {
        let more = [0, 0, 0, 1, 1, 2][self.below(6)];
        for branch in 0..=more {
            if branch > 0 {
                pattern.push('|');
            }
            for _ in 0..self.below(4) {
                self.part(pattern, depth);
            }
        }
    }

    fn part(&mut self, pattern: &mut String, depth: usize) {
        match self.below(10) {
            0 => return pattern.push_str(self.one_of(&ANCHORS)),
            1..=3 if depth > 0 => {
                pattern.push('(');
                self.choice(pattern, depth - 1);
                pattern.push(')');
            }
            _ => pattern.push_str(self.one_of(&ATOMS)),
        }
        for _ in 0..[0, 0, 0, 1, 1, 1, 2][self.below(7)] {
            pattern.push_str(self.one_of(&REPETITIONS));
        }
    }
}

/// A table of so many random patterns, each with ten texts of its own.
pub(crate) fn table(random: &mut Random, patterns: usize) -> String {
    let mut table = String::new();
    for _ in 0..patterns {
        let texts: Vec<String> = (0..10).map(|_| encoded(&random.signs(&BYTES, 7))).collect();
        writeln!(table, "texts:\t{}", texts.join("\t")).expect("a String grows");
        writeln!(table, "{}\t", encoded(&random.pattern())).expect("a String grows");
    }
    table
}

/// A column of a table.
fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace('\t', "%09").replace('\n', "%0A").replace('#', "%23")
}

/// Whether what glibc says of a pattern and a text can be relied on. It errs in three ways.
///
/// An anchor beside a newline that is matched too takes it for the end of a line, although the text is one line to
/// `regexec` without `REG_NEWLINE`: `a$\nb` and `a\n^b` match, but `a$` does not match before a newline. Monit matches
/// single lines in files.
///
/// An anchor in a group that an interval repeats is forgotten in later rounds: `(^a){2}` matches `aa`.
///
/// A back-reference to a group that a choice or a repetition left out sometimes matches the empty text, and sometimes
/// what an earlier round of a repetition matched.
pub(crate) fn is_settled(pattern: &str, text: &[u8]) -> bool {
    let has = |signs: &[char]| pattern.contains(signs);
    let anchor_beside_newline = has(&['^', '$', '\'', '`']) && text.contains(&b'\n');
    let anchors = ["^", "$", "\\<", "\\>", "\\b", "\\B", "\\`", "\\'"];
    let plain = pattern.replace("[^", "");
    let repeated_anchor = pattern.contains('{') && anchors.iter().any(|anchor| plain.contains(anchor));
    let reference = pattern.contains("\\1") || pattern.contains("\\2");
    let unset_reference = reference && has(&['|', '*', '+', '?', '{']);
    !(anchor_beside_newline || repeated_anchor || unset_reference)
}
