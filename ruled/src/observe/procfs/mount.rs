//! The table of mounts: which file system a path lies on, told without touching it.

/// A file system that is mounted somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The number of its device, as `major:minor`.
    pub device: String,
    /// Where it is mounted.
    pub place: String,
    /// How, in the kernel's words: those of the mount and those of the file system, separated by commas.
    pub options: String,
    /// What is mounted: the path of a device, `host:/path`, or a word.
    pub source: String,
}

/// What is mounted where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mounts {
    /// The longest places first, so that the first that fits is the innermost.
    mounts: Vec<Mount>,
}

impl Mounts {
    /// Reads `/proc/self/mountinfo`, as proc(5) describes it. Blanks in words are written as `\040`. Of several that are
    /// mounted on the same place the last is seen.
    pub fn parse(bytes: &[u8]) -> Mounts {
        let text = String::from_utf8_lossy(bytes);
        let mut mounts: Vec<Mount> = text.lines().rev().filter_map(Mount::parse).collect();
        mounts
            .sort_by(|left, right| right.place.len().cmp(&left.place.len()).then_with(|| left.place.cmp(&right.place)));
        mounts.dedup_by(|later, first| later.place == first.place);
        Mounts { mounts }
    }

    /// The place of the innermost mount that holds the path as written; symbolic links are not followed, because
    /// following them can hang.
    pub fn holding(&self, path: &str) -> &str {
        self.mount_of(path).map_or("/", |mount| mount.place.as_str())
    }

    /// The innermost mount that holds the path as written.
    pub fn mount_of(&self, path: &str) -> Option<&Mount> {
        let holds = |place: &str| {
            place == "/" || path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.mounts.iter().find(|mount| holds(&mount.place))
    }

    /// What is mounted on exactly this place.
    pub fn at(&self, place: &str) -> Option<&Mount> {
        self.mounts.iter().find(|mount| mount.place == place)
    }

    /// The mount of a device, of a remote directory or of a word such as `tmpfs`, as it is written in the table.
    pub fn of_source(&self, source: &str) -> Option<&Mount> {
        self.mounts.iter().rev().find(|mount| mount.source == source)
    }

    /// The mount of the device of this number.
    pub fn of_device(&self, device: &str) -> Option<&Mount> {
        self.mounts.iter().rev().find(|mount| mount.device == device)
    }
}

impl Mount {
    fn parse(line: &str) -> Option<Mount> {
        // Optional words end with a lone hyphen; behind it stand kind, source and the file system's own options.
        let (mount, file_system) = line.split_once(" - ")?;
        let mut words = mount.split(' ').skip(2);
        let (device, place, options) = (words.next()?, words.nth(1)?, words.next()?);
        let mut words = file_system.split(' ').skip(1);
        let (source, own) = (words.next()?, words.next().unwrap_or_default());
        let mut all: Vec<&str> = options.split(',').collect();
        let known = all.len();
        all.extend(own.split(',').filter(|option| !option.is_empty() && !options.split(',').any(|one| one == *option)));
        // Whether it can be written is said of the mount; the file system may say another thing of itself.
        let kept = all.iter().enumerate().filter(|(place, option)| *place < known || !matches!(**option, "ro" | "rw"));
        let options = kept.map(|(_, option)| *option).collect::<Vec<_>>().join(",");
        Some(Mount { device: device.to_owned(), place: unescape(place), options, source: unescape(source) })
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
