//! A file system whose server the test is: when it falls silent, whoever touches it waits and cannot be killed, as with a
//! file server that is gone.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::rig::{finish, skip};

/// What the server tells of itself (linux/fuse.h): the protocol 7.31, with which the kernel gets along.
const VERSION: [u32; 2] = [7, 31];

/// The longest request: what may be written at once, and its heads.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// What the server answers (linux/fuse.h). All others get "not known" (ENOSYS), which the kernel understands.
const LOOKUP: u32 = 1;
const FORGET: u32 = 2;
const GETATTR: u32 = 3;
const OPEN: u32 = 14;
const READ: u32 = 15;
const STATFS: u32 = 17;
const RELEASE: u32 = 18;
const FLUSH: u32 = 25;
const INIT: u32 = 26;
const OPENDIR: u32 = 27;
const RELEASEDIR: u32 = 29;
const INTERRUPT: u32 = 36;
const BATCH_FORGET: u32 = 42;

const ENOENT: i32 = 2;
const ENOSYS: i32 = 38;

/// The root's number; files have those that follow.
const ROOT: u64 = 1;

/// The modes of a folder and of a program that anybody may run.
const FOLDER_MODE: u32 = 0o40755;
const FILE_MODE: u32 = 0o100_755;

/// A file system with some files, mounted in a folder of its own; unmounted when dropped.
pub(crate) struct Mount {
    folder: tempfile::TempDir,
    is_silent: Arc<AtomicBool>,
    is_halfway: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

impl Mount {
    /// Mounts these files; nothing where this is not allowed, which is said loudly.
    pub(crate) fn new(source: &str, files: &[(&str, &str)]) -> Option<Mount> {
        let folder = tempfile::Builder::new().prefix("mount").tempdir().expect("a folder");
        match mount(source, folder.path()) {
            Ok(device) => {
                let flag = || Arc::new(AtomicBool::new(false));
                let (is_silent, is_halfway, is_over) = (flag(), flag(), flag());
                let server = Server {
                    device,
                    files: files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
                    kept: Vec::new(),
                    is_silent: Arc::clone(&is_silent),
                    is_halfway: Arc::clone(&is_halfway),
                    is_over: Arc::clone(&is_over),
                };
                let server = Some(thread::spawn(move || server.run()));
                Some(Mount { folder, is_silent, is_halfway, is_over, server })
            }
            Err(reason) => {
                skip(&format!("no file system of the test's own may be mounted here: {reason}"));
                None
            }
        }
    }

    /// The path of a file.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path of a file, or of the place itself for an empty name.
    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").trim_end_matches('/').to_owned()
    }

    /// From now on no request is answered.
    pub(crate) fn falls_silent(&self) {
        self.is_silent.store(true, Ordering::SeqCst);
    }

    /// From the next reading on no request is answered: whoever reads has opened the file before.
    pub(crate) fn falls_silent_when_read(&self) {
        self.is_halfway.store(true, Ordering::SeqCst);
    }

    /// Whether no request is answered.
    pub(crate) fn is_silent(&self) -> bool {
        self.is_silent.load(Ordering::SeqCst)
    }

    /// From now on requests are answered again, those that wait included.
    pub(crate) fn answers(&self) {
        self.is_halfway.store(false, Ordering::SeqCst);
        self.is_silent.store(false, Ordering::SeqCst);
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // When the server lets go of its device, the kernel answers whoever waits.
        self.is_over.store(true, Ordering::SeqCst);
        if let Some(server) = self.server.take() {
            server.join().ok();
        }
        Command::new("umount").arg("-l").arg(self.folder.path()).stderr(Stdio::null()).status().ok();
    }
}

/// Opens the kernel's end, and has it mounted: the program inherits it as its standard input.
fn mount(source: &str, folder: &Path) -> Result<File, String> {
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let device = OpenOptions::new().read(true).write(true).custom_flags(nonblock).open("/dev/fuse");
    let device = device.map_err(|error| format!("/dev/fuse: {error}"))?;
    let mut command = Command::new("mount");
    command.args(["-i", "-t", "fuse", "-o", "fd=0,rootmode=40000,user_id=0,group_id=0,allow_other", source]);
    command.arg(folder).stdin(device.try_clone().expect("a copy"));
    let done = finish(command);
    if done.status == 0 { Ok(device) } else { Err(done.err) }
}

struct Server {
    device: File,
    files: BTreeMap<String, String>,
    /// Requests that came in silence: number, and what is asked.
    kept: Vec<Vec<u8>>,
    is_silent: Arc<AtomicBool>,
    is_halfway: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
}

/// A number of four bytes in a request.
fn small(request: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(request[at..at + 4].try_into().expect("four bytes"))
}

/// A number of eight bytes in a request.
fn large(request: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(request[at..at + 8].try_into().expect("eight bytes"))
}

impl Server {
    fn run(mut self) {
        let mut buffer = vec![0; REQUEST_BYTES_MAX * 2];
        while !self.is_over.load(Ordering::SeqCst) {
            if !self.is_silent.load(Ordering::SeqCst) {
                for request in std::mem::take(&mut self.kept) {
                    if small(&request, 4) == READ && self.is_halfway.load(Ordering::SeqCst) {
                        self.is_silent.store(true, Ordering::SeqCst);
                    }
                    if self.is_silent.load(Ordering::SeqCst) {
                        self.kept.push(request);
                    } else {
                        self.answer(&request);
                    }
                }
            }
            let pause = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
            let mut ready = [PollFd::new(&self.device, PollFlags::IN)];
            if !matches!(poll(&mut ready, Some(&pause)), Ok(1)) {
                continue;
            }
            // What is read and not answered can be neither interrupted nor killed.
            match self.device.read(&mut buffer) {
                Ok(length) => self.kept.push(buffer[..length].to_vec()),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                // Somebody has interrupted it before it was read.
                Err(error) if error.raw_os_error() == Some(ENOENT) => {}
                // It was unmounted.
                Err(_) => return,
            }
        }
    }

    fn answer(&mut self, request: &[u8]) {
        let (operation, number, node) = (small(request, 4), large(request, 8), large(request, 16));
        let answer = match operation {
            FORGET | BATCH_FORGET | INTERRUPT => return,
            INIT => Ok(words(&[VERSION[0], VERSION[1], 0, 0, 0x0010_0010, 4096, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
            LOOKUP => self.lookup(&request[40..]),
            GETATTR => Ok([numbers(&[0, 0]), self.attributes(node)].concat()),
            OPEN | OPENDIR => Ok(numbers(&[0, 0])),
            READ => {
                let (offset, size) = (large(request, 48) as usize, small(request, 56) as usize);
                let text = self.text(node).as_bytes();
                let end = text.len().min(offset + size);
                Ok(text.get(offset..end).unwrap_or_default().to_vec())
            }
            STATFS => {
                Ok([numbers(&[1000, 600, 600, 100, 40]), words(&[4096, 255, 4096, 0, 0, 0, 0, 0, 0, 0])].concat())
            }
            RELEASE | RELEASEDIR | FLUSH => Ok(Vec::new()),
            _ => Err(ENOSYS),
        };
        let (error, body) = answer.map_or_else(|error| (-error, Vec::new()), |body| (0, body));
        let length = u32::try_from(16 + body.len()).expect("small");
        let reply = [words(&[length, error.cast_unsigned()]), numbers(&[number]), body].concat();
        // Whoever asked may be gone.
        self.device.write_all(&reply).ok();
    }

    fn lookup(&self, name: &[u8]) -> Result<Vec<u8>, i32> {
        let name = String::from_utf8_lossy(name.strip_suffix(b"\0").unwrap_or(name)).into_owned();
        let place = self.files.keys().position(|known| *known == name).ok_or(ENOENT)?;
        let node = ROOT + 1 + place as u64;
        // Nothing of it is to be remembered.
        Ok([numbers(&[node, 0, 0, 0]), words(&[0, 0]), self.attributes(node)].concat())
    }

    fn text(&self, node: u64) -> &str {
        let place = node.checked_sub(ROOT + 1).and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| self.files.values().nth(place)).map_or("", String::as_str)
    }

    /// Number, size, blocks, three times, their fractions, mode, links, owner, group, device, block size, flags.
    fn attributes(&self, node: u64) -> Vec<u8> {
        let mode = if node == ROOT { FOLDER_MODE } else { FILE_MODE };
        let size = self.text(node).len() as u64;
        let time = 1_700_000_000;
        [numbers(&[node, size, 1, time, time, time]), words(&[0, 0, 0, mode, 1, 0, 0, 0, 4096, 0])].concat()
    }
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_ne_bytes()).collect()
}

fn numbers(values: &[u64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_ne_bytes()).collect()
}

#[test]
fn the_file_system_answers_and_falls_silent() {
    let Some(mount) = Mount::new("server:/export", &[("file", "some text\n")]) else { return };
    assert_eq!(fs::read_to_string(mount.path("file")).expect("read"), "some text\n");
    assert_eq!(fs::metadata(mount.path("file")).expect("there").len(), 10);
    assert!(fs::metadata(mount.path("nothing")).is_err());
    assert!(fs::metadata(mount.path("")).expect("there").is_dir());
    let room = rustix::fs::statvfs(mount.path("").as_path()).expect("room");
    assert_eq!((room.f_blocks, room.f_bfree), (1000, 600));
    mount.falls_silent();
    let (path, (tell, told)) = (mount.path("file"), std::sync::mpsc::channel());
    let waiting = thread::spawn(move || tell.send(fs::metadata(path).is_ok()));
    assert!(told.recv_timeout(std::time::Duration::from_millis(300)).is_err(), "nobody answers");
    mount.answers();
    assert!(told.recv_timeout(super::PATIENCE).expect("an answer"));
    waiting.join().expect("it ends").expect("told");
}
