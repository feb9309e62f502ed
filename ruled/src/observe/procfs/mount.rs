//! The table of mounts: which file system a path lies on, told without touching it.

/// The places where something is mounted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mounts {
    /// Longest first, so that the first that fits is the innermost.
    places: Vec<String>,
}

impl Mounts {
    /// Reads `/proc/self/mountinfo`: the fifth word of a line is the place, with blanks as `\040`.
    pub fn parse(bytes: &[u8]) -> Mounts {
        let text = String::from_utf8_lossy(bytes);
        let mut places: Vec<String> = text.lines().filter_map(|line| line.split(' ').nth(4)).map(unescape).collect();
        places.sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        places.dedup();
        Mounts { places }
    }

    /// The place of the innermost mount that holds the path as written; symbolic links are not followed, because
    /// following them can hang.
    pub fn holding(&self, path: &str) -> &str {
        let holds = |place: &str| {
            place == "/" || path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.places.iter().map(String::as_str).find(|place| holds(place)).unwrap_or("/")
    }
}

/// The kernel writes blank, tab, line break and backslash as three octal digits.
fn unescape(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        match escape.get(1..4).and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if byte.is_ascii() => {
                plain.push(char::from(byte));
                rest = &escape[4..];
            }
            _ => {
                plain.push('\\');
                rest = &escape[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}
