//! The table of mounts: which file system a path lies on, told without touching it.

use std::fs::File;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// File systems that are in memory or on disks of this machine. All others ask somebody who may not answer: a server, or
/// a program.
const LOCAL: [&str; 27] = [
    "bcachefs", "btrfs", "cgroup", "cgroup2", "devpts", "devtmpfs", "erofs", "exfat", "ext2", "ext3", "ext4", "f2fs",
    "iso9660", "jfs", "nilfs2", "ntfs3", "overlay", "proc", "ramfs", "reiserfs", "rootfs", "squashfs", "sysfs",
    "tmpfs", "vfat", "xfs", "zfs",
];

/// A file system that is mounted somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The number of its device, as `major:minor`.
    pub device: String,
    /// Where it is mounted.
    pub place: String,
    /// Of which kind it is, such as `ext4` or `nfs`.
    pub kind: String,
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

    /// The innermost mount that holds the path as written; symbolic links are not followed, because following them can
    /// hang.
    pub fn mount_of(&self, path: &str) -> Option<&Mount> {
        let holds = |place: &str| {
            place == "/" || path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.mounts.iter().find(|mount| holds(&mount.place))
    }

    /// A file system of this kind.
    pub fn of_kind(&self, kind: &str) -> Option<&Mount> {
        self.mounts.iter().find(|mount| mount.kind == kind)
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
        let mut words = file_system.split(' ');
        let (kind, source, own) = (words.next()?, words.next()?, words.next().unwrap_or_default());
        let mut all: Vec<&str> = options.split(',').collect();
        let known = all.len();
        all.extend(own.split(',').filter(|option| !option.is_empty() && !options.split(',').any(|one| one == *option)));
        // Whether it can be written is said of the mount; the file system may say another thing of itself.
        let kept = all.iter().enumerate().filter(|(place, option)| *place < known || !matches!(**option, "ro" | "rw"));
        let options = kept.map(|(_, option)| *option).collect::<Vec<_>>().join(",");
        Some(Mount {
            device: device.to_owned(),
            place: unescape(place),
            kind: unescape(kind),
            options,
            source: unescape(source),
        })
    }

    /// Whether nobody else is asked when it is looked at, who may not answer.
    pub fn is_local(&self) -> bool {
        LOCAL.contains(&self.kind.as_str())
    }
}

/// Says when the table of mounts is another than before.
#[derive(Debug)]
pub struct MountWatch(File);

impl MountWatch {
    /// Begins to watch; nothing where the kernel does not let it.
    pub fn open() -> Option<MountWatch> {
        File::open(super::MOUNT_TABLE).ok().map(MountWatch)
    }

    /// Whether something was mounted or unmounted since the last question (proc(5)).
    pub fn has_changed(&self) -> bool {
        let mut table = [PollFd::new(&self.0, PollFlags::PRI)];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        matches!(poll(&mut table, Some(&at_once)), Ok(1))
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
