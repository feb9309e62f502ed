//! Files that ruled appends to, the log and the events: opened so that nobody can make it write into another one.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Who else than its owner may write.
const OTHERS_WRITE: u32 = 0o022;

/// In such a folder everybody may replace what is theirs, and nothing else.
const STICKY: u32 = 0o1000;

/// Opens a file to append to, and makes it where there is none. A symbolic link is followed where nobody else can have made it.
///
/// # Errors
///
/// What the system says; and for a link that others may have made, a sentence.
pub(super) fn open(path: &Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(mode);
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    match options.clone().custom_flags(no_follow).open(path) {
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            if !is_ours(path)? {
                return Err(io::Error::other("it is a symbolic link in a folder that others may write to"));
            }
            options.open(path)
        }
        result => result,
    }
}

/// Whether nobody but root and this user can have made the link that has this path.
fn is_ours(path: &Path) -> io::Result<bool> {
    let own = rustix::process::geteuid().as_raw();
    let trusted = |user: u32| user == 0 || user == own;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (link, folder) = (fs::symlink_metadata(path)?, fs::metadata(folder)?);
    let is_private = folder.mode() & OTHERS_WRITE == 0 || folder.mode() & STICKY != 0;
    Ok(trusted(folder.uid()) && trusted(link.uid()) && is_private)
}
