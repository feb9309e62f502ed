//! Files of others, read without being held up or flooded, and files that are written whole or not at all.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// The bytes of a regular file with at most so many. Whatever else lies there, such as a pipe that nobody writes to or a
/// device that never ends, is not opened.
pub(crate) fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let none = || io::Error::other("it is no regular file");
    // To open a device may do something already.
    if !fs::metadata(path)?.is_file() {
        return Err(none());
    }
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::options().read(true).custom_flags(flags.bits() as i32).open(path)?;
    // Another one may lie there by now.
    if !file.metadata()?.is_file() {
        return Err(none());
    }
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        let most =
            if bytes_max >= 1 << 20 { format!("{} MiB", bytes_max >> 20) } else { format!("{} KiB", bytes_max >> 10) };
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("has more than {most}, which is the most")));
    }
    Ok(bytes)
}

/// The same of a text.
pub(crate) fn read_text(path: &Path, bytes_max: u64) -> io::Result<String> {
    String::from_utf8(read(path, bytes_max)?).map_err(|_| io::Error::other("it is not UTF-8"))
}

/// Writes a new file and puts it in the place of the one that is there. A link is replaced and not followed; what is no
/// file stays.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() && !found.is_symlink() => {
            return Err(io::Error::other("what lies there is no regular file"));
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // What the umask leaves of it, as any file that is made.
    let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The folders of `PATH` that are meant wherever this program is called: in a project of somebody else's, a relative one
/// would be his.
pub(crate) fn folders_of_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect()
}

/// A program of this name in the folders of `PATH`.
pub(crate) fn in_path(name: &str) -> Option<PathBuf> {
    folders_of_path().into_iter().map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_regular_file_or_has_too_much_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let refused = |name: &str| read(&at(name), 1 << 10).expect_err("it is refused").to_string();
        nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
        std::os::unix::fs::symlink("/dev/zero", at("zero")).expect("a link");
        // It says that it has nothing.
        std::os::unix::fs::symlink("/proc/self/mountinfo", at("endless")).expect("a link");
        for name in ["pipe", "zero", "."] {
            assert_eq!(refused(name), "it is no regular file", "{name}");
        }
        fs::write(at("long"), vec![b' '; 1025]).expect("it is written");
        assert_eq!(refused("long"), "has more than 1 KiB, which is the most");
        assert!(read(&at("endless"), 1).is_err());
        fs::write(at("plain"), "plain").expect("it is written");
        assert_eq!(read_text(&at("plain"), 5).expect("a text"), "plain");
    }

    #[test]
    fn a_file_is_replaced_and_no_link_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("precious"), "precious").expect("it is written");
        std::os::unix::fs::symlink(at("precious"), at("link.wasm")).expect("a link");
        write(&at("link.wasm"), b"new").expect("it is written");
        assert_eq!(fs::read(at("precious")).expect("it is there"), b"precious");
        assert_eq!(fs::read(at("link.wasm")).expect("it is there"), b"new");
        fs::create_dir(at("folder.wasm")).expect("a folder");
        assert!(write(&at("folder.wasm"), b"new").is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a list").count(), 3);
    }
}
