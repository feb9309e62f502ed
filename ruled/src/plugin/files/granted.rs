//! Opens what a rule grants by its path. The links on the way are the rule's own as far as the administrator or the user of ruled
//! put them there. One of somebody else's may have been put there since, so it leads to nothing but what belongs to him, too.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use super::below::{Refusal, Target, within_the_files};

/// So many links are followed, as the kernel does (path_resolution(7)).
const LINKS_MAX: usize = 40;

/// A descriptor that names what is granted, and has no effect on it.
pub(super) fn open(target: &Target) -> Result<OwnedFd, Refusal> {
    let failed = |errno| Refusal::of(errno, target);
    let name = |directory: &OwnedFd, part: &[u8]| {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(directory, OsStr::from_bytes(part), flags, Mode::empty())
    };
    let root = || rustix::fs::open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).map_err(failed);
    let mut place = root()?;
    // The last part is the next one.
    let mut parts = parts_of(target.grant.as_bytes());
    let (mut links, mut strangers) = (0, Vec::new());
    // Whether the rule names what is the kernel's own by itself.
    let mut is_named = false;
    while let Some(part) = parts.pop() {
        let next = name(&place, &part).map_err(failed)?;
        let stat = rustix::fs::fstat(&next).map_err(failed)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
            is_named |= links == 0 && within_the_files(&next, target).is_err();
            place = next;
            continue;
        }
        links += 1;
        if links > LINKS_MAX {
            return Err(failed(Errno::LOOP));
        }
        if stat.st_uid != 0 && stat.st_uid != rustix::process::geteuid().as_raw() {
            strangers.push(stat.st_uid);
        }
        let leads_to = rustix::fs::readlinkat(&next, "", Vec::new()).map_err(failed)?;
        if leads_to.as_bytes().starts_with(b"/") {
            place = root()?;
        }
        parts.extend(parts_of(leads_to.as_bytes()));
    }
    let owner = rustix::fs::fstat(&place).map_err(failed)?.st_uid;
    if let Some(stranger) = strangers.iter().find(|stranger| **stranger != owner) {
        return Err(Refusal::not_granted(format!(
            "{} leads over a link of the user {stranger} to what is not his; name in the rule what is meant",
            target.shown
        )));
    }
    if !is_named {
        within_the_files(&place, target)?;
    }
    Ok(place)
}

/// The parts of a path, the first one last.
fn parts_of(path: &[u8]) -> Vec<Vec<u8>> {
    let parts = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
    let mut parts: Vec<Vec<u8>> = parts.map(<[u8]>::to_vec).collect();
    parts.reverse();
    parts
}
