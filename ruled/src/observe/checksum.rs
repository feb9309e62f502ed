//! Checksums of files. One that was taken holds as long as nothing says that the file was touched.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use grammar::ast::HashKind;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::NONBLOCK;
use super::apart::{self, Reader};

/// How much of a file is read at once.
const BLOCK_BYTES: usize = 128 * 1024;

/// How old the last change of a file must be before its checksum is believed later on: two changes within one tick of the
/// kernel's clock have the same stamp.
const SETTLED: Duration = Duration::from_secs(2);

/// The checksums of one file that were taken last.
#[derive(Debug, Default)]
pub struct Checksums {
    // Few, and one for each file: a list takes less memory than a tree.
    taken: Mutex<Vec<(HashKind, Stamp, String)>>,
}

/// What changes whenever a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        Stamp {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl Checksums {
    /// The digits of the file's checksum, in lower case; the error is a sentence.
    pub fn of(&self, reader: Reader, path: &str, hash: HashKind, metadata: &Metadata) -> Result<String, String> {
        let stamp = Stamp::of(metadata);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, _, digits)) = taken.iter().find(|(kind, before, _)| *kind == hash && *before == stamp) {
            return Ok(digits.clone());
        }
        if !metadata.is_file() {
            return Err(format!("{path} is no regular file, so it has no checksum"));
        }
        let read = match reader {
            Reader::Here => read(path, hash),
            Reader::Apart => {
                let path = path.to_owned();
                apart::read(move || read(&path, hash))
            }
        };
        let failed = |error: std::io::Error| format!("cannot read {path}: {}", crate::words::reason(&error));
        let Taken { opened, digits, after } = read.map_err(failed)?;
        let is_settled =
            metadata.modified().is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > SETTLED));
        taken.retain(|(kind, _, _)| *kind != hash);
        if opened == stamp && after == stamp && is_settled {
            taken.reserve_exact(1);
            taken.push((hash, stamp, digits.clone()));
        }
        Ok(digits)
    }
}

/// What was read, and what the file was before and behind it.
struct Taken {
    opened: Stamp,
    digits: String,
    after: Stamp,
}

fn read(path: &str, hash: HashKind) -> std::io::Result<Taken> {
    // Whatever stands there by now, opening it must not wait.
    let mut file = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)?;
    let opened = Stamp::of(&file.metadata()?);
    let digits = match hash {
        HashKind::Md5 => digest::<Md5>(&mut file),
        HashKind::Sha1 => digest::<Sha1>(&mut file),
        HashKind::Sha256 => digest::<Sha256>(&mut file),
    }?;
    Ok(Taken { opened, digits, after: Stamp::of(&file.metadata()?) })
}

fn digest<D: Digest>(file: &mut File) -> std::io::Result<String> {
    let mut digest = D::new();
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match file.read(&mut block)? {
            0 => break,
            length => digest.update(block.get(..length).unwrap_or_default()),
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
