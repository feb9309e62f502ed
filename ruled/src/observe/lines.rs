//! Reads what was written to a file since the last look: whole lines, and none twice.
//!
//! Not here: what is written to a file between the last look and its renaming. It stands in a file of another name.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

use interpreter::engine::{Lines, Position};

use super::NONBLOCK;

/// How much is read at one look. The rest is read at the next one, so that a flood delays and hides nothing.
const LOOK_BYTES_MAX: u64 = 4 << 20;

/// A longer line is cut here; what stands behind is read over.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// The lines behind a position. A first look begins at the end of the file; another file under the same name, and one that
/// became shorter, are read from their beginning, and so are the files of the kernel, which have no end.
pub fn since(path: &str, from: Option<Position>) -> Result<Lines, String> {
    let failed = |error: std::io::Error| format!("cannot read {path}: {}", crate::words::reason(&error));
    // Whatever stands there by now, opening it must not wait.
    let mut file = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(format!("{path} is no regular file, so it has no lines"));
    }
    let (inode, bytes) = (metadata.ino(), metadata.len());
    let is_made_up = path.starts_with(super::procfs::FOLDER);
    let offset = match from {
        _ if is_made_up => 0,
        None => return Ok(Lines { lines: Vec::new(), until: Position { inode, offset_bytes: bytes } }),
        Some(before) if before.inode == inode && before.offset_bytes <= bytes => before.offset_bytes,
        Some(_) => 0,
    };
    file.seek(SeekFrom::Start(offset)).map_err(failed)?;
    let mut text = Vec::new();
    file.take(LOOK_BYTES_MAX).read_to_end(&mut text).map_err(failed)?;
    let is_full = text.len() as u64 == LOOK_BYTES_MAX;
    // The last line is not whole before its end is written; one without end that fills the look is taken as it is.
    let whole = match text.iter().rposition(|byte| *byte == b'\n') {
        Some(end) => end + 1,
        None if is_full => text.len(),
        None => 0,
    };
    let read = text.get(..whole).unwrap_or_default();
    let lines = read.split_inclusive(|byte| *byte == b'\n').map(line).collect();
    Ok(Lines { lines, until: Position { inode, offset_bytes: offset + whole as u64 } })
}

fn line(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    String::from_utf8_lossy(bytes.get(..LINE_BYTES_MAX).unwrap_or(bytes)).into_owned()
}
