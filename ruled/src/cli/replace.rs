//! A file gets other contents at one instant: whoever reads it sees the old ones or the new ones, whatever happens.

use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

/// So many names are tried for the new file. A name is taken only where an earlier run with this number was cut off.
const NAMES_MAX: u32 = 16;

/// Writes a file anew, with its mode and its owner. Behind a symbolic link, the file that it leads to.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let target = fs::canonicalize(path)?;
    // Who may not write the file shall not replace it either, though the folder would let him.
    let old = OpenOptions::new().write(true).open(&target)?.metadata()?;
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
