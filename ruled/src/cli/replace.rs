//! A file gets other contents at one instant: whoever reads it sees the old ones or the new ones, whatever happens.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

/// So many names are tried for the new file. A name is taken only where an earlier run with this number was cut off.
const NAMES_MAX: u32 = 16;

/// Writes a file anew, with its mode and its owner. Behind a symbolic link, the file that it leads to.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let (target, old) = open(path)?;
    let folder = target.parent().unwrap_or(Path::new("/"));
    let (mut file, new) = create(folder)?;
    let mut write = || -> Result<()> {
        file.write_all(bytes)?;
        let made = file.metadata()?;
        if (made.uid(), made.gid()) != (old.uid(), old.gid()) {
            fchown(&file, Some(old.uid()), Some(old.gid()))?;
        }
        // Behind the change of owner, which may take bits of the mode away.
        file.set_permissions(old.permissions())?;
        file.sync_all()?;
        fs::rename(&new, &target)
    };
    if let Err(error) = write() {
        fs::remove_file(&new).ok();
        return Err(error);
    }
    // The file is complete under its name; only a loss of power could still undo that.
    File::open(folder).and_then(|folder| folder.sync_all()).ok();
    Ok(())
}

/// Whether a file can be written anew: it is there, and both it and its folder may be written.
pub(super) fn try_to(path: &Path) -> Result<()> {
    let (target, _) = open(path)?;
    let (_, new) = create(target.parent().unwrap_or(Path::new("/")))?;
    fs::remove_file(new)
}

/// The file that a path leads to. Who may not write the file shall not replace it either, though the folder would let him.
fn open(path: &Path) -> Result<(PathBuf, Metadata)> {
    let target = fs::canonicalize(path)?;
    let old = OpenOptions::new().write(true).open(&target)?.metadata()?;
    Ok((target, old))
}

/// A new file in a folder, which nobody else may read yet.
fn create(folder: &Path) -> Result<(File, PathBuf)> {
    for number in 0..NAMES_MAX {
        let path = folder.join(format!(".ruled.{}.{number}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, path)),
        }
    }
    Err(Error::from(ErrorKind::AlreadyExists))
}
