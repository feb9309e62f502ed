//! Reads what was written to a file since the last look: whole lines, and none twice.
//!
//! A file that is followed closely loses no line to a rotation. The one that was read last stays open, so that what is
//! written to it before and after it is renamed is read, even when it was compressed and removed meanwhile; after a restart
//! of ruled it is looked for beside its successor, by its number. One that was copied and cut is known by its copy.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirEntryExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use interpreter::engine::{Lines, Place, Position};

use super::NONBLOCK;

/// How much is read at one look. The rest is read at the next one, so that a flood delays and hides nothing.
const LOOK_BYTES_MAX: u64 = 4 << 20;

/// A longer line is cut here; what stands behind is read over.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// By how much of its text, before the place up to which it was read, a file is known.
const FINGERPRINT_BYTES: u64 = 256;

/// How long after the last line a file that was renamed is looked at: its writer takes a while to open the new one.
const TRAILING: Duration = Duration::from_secs(60);

/// In how many neighbours a file that was renamed or copied is looked for.
const NEIGHBOURS_MAX: usize = 10_000;
const COPIES_MAX: usize = 8;

/// Follows one file.
#[derive(Debug, Default)]
pub struct Follower {
    held: Mutex<Held>,
}

/// The files that are kept open, with their numbers.
#[derive(Debug, Default)]
struct Held {
    current: Option<(u64, File)>,
    earlier: Option<(u64, File)>,
}

/// A file at this moment.
struct Opened {
    file: File,
    inode: u64,
    size: u64,
}

impl Opened {
    fn of(file: File) -> io::Result<Opened> {
        let metadata = file.metadata()?;
        Ok(Opened { file, inode: metadata.ino(), size: metadata.len() })
    }
}

/// The lines behind a position, in the way of Monit. A first look begins at the end of the file; another file under the same
/// name, and one that became shorter, are read from their beginning, and so are the files of the kernel, which have no end.
pub fn since(path: &str, from: Option<Position>) -> Result<Lines, String> {
    let opened = open(path)?;
    let (inode, size) = (opened.inode, opened.size);
    let offset = match from {
        _ if is_made_up(path) => 0,
        None => return Ok(Lines { lines: Vec::new(), until: at(inode, size) }),
        Some(before) if before.inode == inode && before.offset_bytes <= size => before.offset_bytes,
        Some(_) => 0,
    };
    let (mut lines, mut budget) = (Vec::new(), LOOK_BYTES_MAX);
    let read = read(&opened.file, offset, &mut budget, &mut lines).map_err(|error| failed(path, &error))?;
    Ok(Lines { lines, until: at(inode, offset + read) })
}

impl Follower {
    /// The lines behind a position, and behind that of the file that had the name before.
    ///
    /// # Errors
    ///
    /// A sentence, when the file cannot be read now. Nothing is lost by that.
    pub fn since(&self, path: &str, from: Option<Position>) -> Result<Lines, String> {
        if is_made_up(path) {
            return since(path, from);
        }
        let Ok(mut held) = self.held.try_lock() else {
            return Err(format!("an earlier look at {path} has not ended"));
        };
        let opened = open(path)?;
        held.follow(path, opened, from).map_err(|error| failed(path, &error))
    }
}

impl Held {
    fn follow(&mut self, path: &str, opened: Opened, from: Option<Position>) -> io::Result<Lines> {
        let Some(before) = from else {
            let until = position(&opened, opened.size, None)?;
            self.hold(opened);
            return Ok(Lines { lines: Vec::new(), until });
        };
        let mut lines = Vec::new();
        let mut budget = LOOK_BYTES_MAX;
        let is_same = before.inode == opened.inode;
        let goes_on = is_same
            && before.offset_bytes <= opened.size
            && before.fingerprint == fingerprint(&opened.file, before.offset_bytes)?;
        let mut earlier = before.earlier;
        if !is_same {
            // A look whose readings came too late may have seen the rotation before this one.
            if self.current.as_ref().is_some_and(|(inode, _)| *inode == before.inode) {
                self.earlier = self.current.take();
            }
            earlier = Some(Place { inode: before.inode, offset_bytes: before.offset_bytes });
        } else if !goes_on {
            // It was cut: what nobody had read by then stands in a copy, if anywhere.
            read_copy(path, before, &mut budget, &mut lines);
        }
        if let Some(place) = earlier {
            earlier = self.read_earlier(path, place, &mut budget, &mut lines);
        }
        let offset = if goes_on { before.offset_bytes } else { 0 };
        let read = read(&opened.file, offset, &mut budget, &mut lines)?;
        let until = position(&opened, offset + read, earlier)?;
        self.hold(opened);
        Ok(Lines { lines, until })
    }

    fn hold(&mut self, opened: Opened) {
        self.current = (!is_remote(&opened.file)).then_some((opened.inode, opened.file));
    }

    /// Reads on in the file that had the name before; where it is to be read on at the next look, if at all.
    fn read_earlier(&mut self, path: &str, place: Place, budget: &mut u64, lines: &mut Vec<String>) -> Option<Place> {
        if self.earlier.as_ref().is_none_or(|(inode, _)| *inode != place.inode) {
            self.earlier = renamed(Path::new(path), place.inode).map(|file| (place.inode, file));
        }
        let (_, file) = self.earlier.as_ref()?;
        let further = (|| -> io::Result<Option<u64>> {
            let metadata = file.metadata()?;
            let read = read(file, place.offset_bytes, budget, lines)?;
            let offset = place.offset_bytes + read;
            let age = metadata.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
            if *budget == 0 || age.unwrap_or_default() < TRAILING {
                return Ok(Some(offset));
            }
            // Nobody writes to it any more: what stands at its end is a line, even without an end of its own.
            if offset < metadata.len() {
                let mut rest = vec![0; usize::try_from((metadata.len() - offset).min(*budget)).unwrap_or(0)];
                let length = file.read_at(&mut rest, offset)?;
                lines.push(line(rest.get(..length).unwrap_or_default()));
            }
            Ok(None)
        })();
        // One that cannot be read any more is given up; there is nothing to be had from it.
        let further = further.unwrap_or(None);
        if further.is_none() {
            self.earlier = None;
        }
        further.map(|offset_bytes| Place { inode: place.inode, offset_bytes })
    }
}

/// Whether somebody else's program or machine is asked about the file. Such a one is not kept open: whoever runs a program
/// closes what is open in its copy, and with FUSE that waits for an answer.
fn is_remote(file: &File) -> bool {
    /// The numbers of such file systems (linux/magic.h): FUSE, NFS, SMB in three versions, Ceph, 9P, AFS, Coda.
    const REMOTE: [u64; 9] =
        [0x6573_5546, 0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x00c3_6400, 0x0102_1997, 0x5346_414f, 0x7375_7245];
    // The numbers have 32 bits, and some kernels extend the sign.
    rustix::fs::fstatfs(file).map_or(true, |found| REMOTE.contains(&(found.f_type as u64 & 0xffff_ffff)))
}

fn open(path: &str) -> Result<Opened, String> {
    // Whatever stands there by now, opening it must not wait.
    let file = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path).map_err(|error| failed(path, &error))?;
    if !file.metadata().map_err(|error| failed(path, &error))?.is_file() {
        return Err(format!("{path} is no regular file, so it has no lines"));
    }
    Opened::of(file).map_err(|error| failed(path, &error))
}

fn failed(path: &str, error: &io::Error) -> String {
    format!("cannot read {path}: {}", crate::words::reason(error))
}

fn is_made_up(path: &str) -> bool {
    path.starts_with(super::procfs::FOLDER)
}

fn at(inode: u64, offset_bytes: u64) -> Position {
    Position { inode, offset_bytes, ..Position::default() }
}

fn position(opened: &Opened, offset_bytes: u64, earlier: Option<Place>) -> io::Result<Position> {
    let fingerprint = fingerprint(&opened.file, offset_bytes)?;
    Ok(Position { inode: opened.inode, offset_bytes, fingerprint, earlier })
}

/// A number for what stands before this place. It only has to be another when the text is another: nobody gains by a
/// collision.
fn fingerprint(file: &File, offset: u64) -> io::Result<u64> {
    let length = offset.min(FINGERPRINT_BYTES);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    match file.read_exact_at(&mut bytes, offset - length) {
        Ok(()) => Ok(interpreter::durable::hash(&bytes)),
        // It was cut in this moment.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        Err(error) => Err(error),
    }
}

/// A number for what stands before this place in the file of this number; nothing when another one has the name by now, or it
/// was cut.
pub fn fingerprint_of(path: &str, inode: u64, offset_bytes: u64) -> Option<u64> {
    let opened = open(path).ok()?;
    let is_it = opened.inode == inode && opened.size >= offset_bytes;
    is_it.then(|| fingerprint(&opened.file, offset_bytes).ok())?
}

/// Reads whole lines, as far as the budget goes; how many bytes they are. The last line is not whole before its end is written; one without end that
/// fills the look is taken as it is.
fn read(file: &File, offset: u64, budget: &mut u64, lines: &mut Vec<String>) -> io::Result<u64> {
    let mut text = Vec::new();
    let mut block = vec![0; 64 * 1024];
    while (text.len() as u64) < *budget {
        let wanted = usize::try_from(*budget - text.len() as u64).unwrap_or(usize::MAX).min(block.len());
        let Some(part) = block.get_mut(..wanted) else { break };
        match file.read_at(part, offset + text.len() as u64) {
            Ok(0) => break,
            Ok(length) => text.extend_from_slice(part.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    *budget -= text.len() as u64;
    let is_full = *budget == 0 && text.len() >= LINE_BYTES_MAX;
    let whole = match text.iter().rposition(|byte| *byte == b'\n') {
        Some(end) => end + 1,
        None if is_full => text.len(),
        None => 0,
    };
    let read = text.get(..whole).unwrap_or_default();
    lines.extend(read.split_inclusive(|byte| *byte == b'\n').map(line));
    Ok(whole as u64)
}

fn line(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    String::from_utf8_lossy(bytes.get(..LINE_BYTES_MAX).unwrap_or(bytes)).into_owned()
}

/// The neighbours of a file whose names begin like its own, and their numbers.
fn neighbours(path: &Path) -> Vec<(u64, PathBuf)> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let stem = name.split(|byte| *byte == b'.').find(|part| !part.is_empty()).unwrap_or(name);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let alike = |entry: &std::fs::DirEntry| {
        let other = entry.file_name();
        let other = other.as_encoded_bytes();
        other != name && other.strip_prefix(b".").unwrap_or(other).starts_with(stem)
    };
    let entries = entries.take(NEIGHBOURS_MAX).flatten().filter(alike);
    entries.map(|entry| (entry.ino(), entry.path())).collect()
}

/// The file of this number beside its successor.
fn renamed(path: &Path, inode: u64) -> Option<File> {
    let (_, path) = neighbours(path).into_iter().find(|(number, _)| *number == inode)?;
    let file = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path).ok()?;
    let metadata = file.metadata().ok()?;
    (metadata.is_file() && metadata.ino() == inode).then_some(file)
}

/// Reads what a copy of the file holds behind the place up to which the file was read.
fn read_copy(path: &str, before: Position, budget: &mut u64, lines: &mut Vec<String>) {
    // A short text says little about whose copy it is.
    if before.offset_bytes < FINGERPRINT_BYTES / 8 {
        return;
    }
    let mut copies: Vec<(SystemTime, File)> = Vec::new();
    for (_, path) in neighbours(Path::new(path)) {
        let Ok(file) = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path) else { continue };
        let Ok(metadata) = file.metadata() else { continue };
        if metadata.is_file() && metadata.len() >= before.offset_bytes {
            copies.push((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), file));
        }
    }
    // The newest first.
    copies.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    for (_, file) in copies.into_iter().take(COPIES_MAX) {
        if fingerprint(&file, before.offset_bytes).is_ok_and(|found| found == before.fingerprint) {
            // What cannot be read of it is lost.
            read(&file, before.offset_bytes, budget, lines).unwrap_or(0);
            return;
        }
    }
}
