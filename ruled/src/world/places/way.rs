//! The way to a path: every symbolic link on it, and the directory in which its name stands at last.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// How many symbolic links are followed: as many as the kernel follows (path_resolution(7)).
const LINKS_MAX: usize = 40;

/// How many names are gone through; the kernel takes no path that is longer.
const NAMES_MAX: usize = 4096;

/// A name in a directory. What happens to it may change what is found at the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The directory, without symbolic links.
    pub directory: PathBuf,
    /// The name in it.
    pub name: OsString,
    /// Whether it is the thing itself; otherwise it is a link to it, or the first part of the way that is missing.
    pub is_end: bool,
}

/// The names on which it depends what is found at the path: its links in their order, then itself. Where a part is
/// missing, the way ends with it. Directories on the way are no stops: who moves them is noticed by a cycle.
pub fn stops(path: &Path) -> Vec<Stop> {
    let mut stops = Vec::new();
    let mut directory = PathBuf::from(if path.is_absolute() { "/" } else { "." });
    let mut names = names(path);
    let (mut links, mut passed) = (0, 0);
    while let Some(name) = names.pop_front() {
        passed += 1;
        if passed > NAMES_MAX {
            break;
        }
        if name == ".." {
            directory.pop();
            continue;
        }
        let full = directory.join(&name);
        match fs::read_link(&full) {
            Ok(target) if links < LINKS_MAX => {
                links += 1;
                stops.push(Stop { directory: directory.clone(), name, is_end: false });
                if target.is_absolute() {
                    directory = PathBuf::from("/");
                }
                for part in self::names(&target).into_iter().rev() {
                    names.push_front(part);
                }
            }
            // It is no link.
            Err(error) if error.kind() == ErrorKind::InvalidInput && !names.is_empty() => directory = full,
            Err(error) if error.kind() == ErrorKind::InvalidInput || names.is_empty() => {
                stops.push(Stop { directory, name, is_end: true });
                break;
            }
            // It is missing, or nobody may look behind it.
            _ => {
                stops.push(Stop { directory, name, is_end: false });
                break;
            }
        }
    }
    stops
}

fn names(path: &Path) -> VecDeque<OsString> {
    let name = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    };
    path.components().filter_map(name).collect()
}
