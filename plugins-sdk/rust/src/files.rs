//! Files that a check reads: below what one `grant read "/path"` of the rule names. In `cargo test` they are those of the
//! [`scene`](crate::scene), in memory.
//!
//! ```
//! use ruled_plugin::*;
//!
//! /// How many messages a mail server could not deliver yet.
//! struct Deferred;
//!
//! impl Checker for Deferred {
//!     fn describe() -> Describe {
//!         Describe::new("deferred", "Messages that wait to be sent again")
//!             .metric("deferred", MetricKind::Gauge, "Messages that wait")
//!             .needs(GrantKind::Read, "/var/spool/postfix", "to count the messages in the queues")
//!     }
//!
//!     fn check(_options: &Options) -> Check {
//!         // The queue is spread over folders, named by the first digits of its messages.
//!         let waiting = files::first()?.join("deferred").count(2)?.files;
//!         ok(format!("{waiting} messages wait")).metric("deferred", waiting as f64).into()
//!     }
//! }
//! checker!(Deferred);
//!
//! let spool = scene()
//!     .reads("/var/spool/postfix")
//!     .file("/var/spool/postfix/deferred/A/A1B2C3", "a message")
//!     .file("/var/spool/postfix/deferred/F/F4D5E6", "another one")
//!     .file("/var/spool/postfix/active/0A0A0A", "on its way");
//! assert_eq!(spool.run::<Deferred>().unwrap().summary, "2 messages wait");
//! ```
//!
//! In a rule that is `check plugin mail using "deferred.wasm"`, and below it `grant read "/var/spool/postfix"`.

use std::time::Duration;

#[cfg(target_arch = "wasm32")]
use crate::glue::checks::ruled::plugin::files as host;
use crate::{IoError, now};

/// What the host reads at most in one call.
const CALL_BYTES_MAX: u32 = 1 << 20;
/// What the host lists at most in one call.
const ENTRIES_MAX: u32 = 10_000;

/// What has a name in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A pipe, a socket or a device, which cannot be opened.
    Other,
}

/// What is known of a file without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: FileKind,
    /// Its size in bytes.
    pub size: u64,
    /// The rights of the owner, the group and others.
    pub mode: u32,
    /// The number of the user whose it is.
    pub owner: u32,
    /// The number of the group whose it is.
    pub group: u32,
    /// How many names it has.
    pub links: u64,
    /// When its content was changed: seconds since 1970 and nanoseconds.
    pub modified: (i64, u32),
    /// When anything about it was changed, likewise.
    pub changed: (i64, u32),
}

impl Metadata {
    /// How long ago its content was changed; nothing where that is in the future.
    pub fn age(&self) -> Duration {
        let since = Duration::new(u64::try_from(self.modified.0).unwrap_or(0), self.modified.1.min(999_999_999));
        let (seconds, nanoseconds) = now();
        Duration::new(seconds, nanoseconds).saturating_sub(since)
    }
}

/// What is in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name. What is no UTF-8 in it is replaced, and then it cannot be opened by it.
    pub name: String,
    /// What it is; of a link, that it is one.
    pub kind: FileKind,
}

/// How many entries of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Regular files.
    pub files: u64,
    /// Directories.
    pub directories: u64,
    /// Symbolic links.
    pub links: u64,
    /// Everything else.
    pub others: u64,
}

/// The path of a file or directory, which need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    path: String,
}

/// What the rule grants, in its order.
pub fn granted() -> Vec<Place> {
    #[cfg(target_arch = "wasm32")]
    let paths = host::granted();
    #[cfg(not(target_arch = "wasm32"))]
    let paths = crate::scene::playing(|scene| scene.reads_granted());
    paths.into_iter().map(Place::at).collect()
}

/// The first path that the rule grants, for checks that need one only.
pub fn first() -> Result<Place, IoError> {
    granted().into_iter().next().ok_or(IoError::NotGranted)
}

impl Place {
    /// An absolute path, at or below what the rule grants. `..` may not stand in it.
    pub fn at(path: impl Into<String>) -> Place {
        Place { path: path.into() }
    }

    /// What lies below it by this name, or by this path of names.
    #[must_use]
    pub fn join(&self, name: &str) -> Place {
        Place { path: format!("{}/{name}", self.path.trim_end_matches('/')) }
    }

    /// The path as text.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is known of it without opening it; of a link, of what that leads to.
    pub fn inspect(&self) -> Result<Metadata, IoError> {
        self.look(true)
    }

    /// What is known of it without opening it; of a link, of the link itself.
    pub fn inspect_link(&self) -> Result<Metadata, IoError> {
        self.look(false)
    }

    /// Whether there is anything of this name.
    pub fn exists(&self) -> Result<bool, IoError> {
        match self.look(false) {
            Ok(_) => Ok(true),
            Err(IoError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The whole content of a file; more than so many bytes are [`IoError::TooLong`]. What is read in a check may have
    /// 8 MiB together.
    pub fn read(&self, at_most: u32) -> Result<Vec<u8>, IoError> {
        let mut content = Vec::new();
        loop {
            // One more than may be, to see whether there is more.
            let rest = u64::from(at_most) + 1 - content.len() as u64;
            let wanted = u32::try_from(rest).unwrap_or(u32::MAX).min(CALL_BYTES_MAX);
            let piece = self.read_from(content.len() as u64, wanted)?;
            let is_the_end = piece.len() < wanted as usize;
            content.extend(piece);
            if content.len() as u64 > u64::from(at_most) {
                return Err(IoError::TooLong);
            }
            if is_the_end {
                return Ok(content);
            }
        }
    }

    /// The whole content of a file as text. What is no UTF-8 in it becomes U+FFFD.
    pub fn text(&self, at_most: u32) -> Result<String, IoError> {
        Ok(String::from_utf8_lossy(&self.read(at_most)?).into_owned())
    }

    /// So many bytes of a file, from so many on, at most 1 MiB. Fewer than that and than asked for means that the file
    /// ends there.
    pub fn read_from(&self, offset: u64, at_most: u32) -> Result<Vec<u8>, IoError> {
        #[cfg(target_arch = "wasm32")]
        return Ok(host::read(&self.path, offset, at_most)?);
        #[cfg(not(target_arch = "wasm32"))]
        crate::scene::playing(|scene| scene.read(&self.path, offset, at_most.min(CALL_BYTES_MAX)))
    }

    /// What is in a directory, in no order. More than 10,000 entries are [`IoError::TooLong`].
    pub fn entries(&self) -> Result<Vec<Entry>, IoError> {
        #[cfg(target_arch = "wasm32")]
        let (entries, complete) = {
            let listing = host::entries(&self.path, ENTRIES_MAX)?;
            let entries = listing.entries.into_iter().map(|entry| Entry { name: entry.name, kind: entry.kind.into() });
            (entries.collect(), listing.complete)
        };
        #[cfg(not(target_arch = "wasm32"))]
        let (entries, complete) = crate::scene::playing(|scene| scene.entries(&self.path, ENTRIES_MAX))?;
        if complete { Ok(entries) } else { Err(IoError::TooLong) }
    }

    /// How many entries are in a directory and in those below it, so many levels deep; 0 is the directory alone. The host
    /// counts, so that costs no time of the check's own. Links are counted and not followed; more than 1,000,000 entries
    /// or 32 levels are [`IoError::TooLong`].
    pub fn count(&self, levels: u32) -> Result<Tally, IoError> {
        #[cfg(target_arch = "wasm32")]
        return Ok(host::count(&self.path, levels)?.into());
        #[cfg(not(target_arch = "wasm32"))]
        crate::scene::playing(|scene| scene.count(&self.path, levels))
    }

    fn look(&self, follows_links: bool) -> Result<Metadata, IoError> {
        #[cfg(target_arch = "wasm32")]
        return Ok(host::inspect(&self.path, follows_links)?.into());
        #[cfg(not(target_arch = "wasm32"))]
        crate::scene::playing(|scene| scene.inspect(&self.path, follows_links))
    }
}
