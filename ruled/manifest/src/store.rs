//! The folder in which plugins lie that were added: for each its manifest, named after the SHA-256 of the component, and its
//! machine code, named after that and its own.
//!
//! Machine code cannot be examined, so what protects it is who may write there: the folder and its files must belong to the
//! administrator or to whoever runs this, and nobody else may write them. What is damaged all the same is found out by the
//! SHA-256 of the code. Files appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::OFlags;
use thiserror::Error;

use crate::manifest::{FORMAT, Manifest, sha256};

/// The longest manifest that is read: a description has at most some hundred kilobytes.
const MANIFEST_BYTES_MAX: u64 = 1 << 20;

/// The longest machine code that is read. A component has at most 32 MiB, and its code two or three times that.
const CODE_BYTES_MAX: u64 = 256 << 20;

/// How many plugins are listed at most; a machine has some dozens.
const PLUGINS_MAX: usize = 1_000;

/// Where plugins lie that were added. Making one does not touch the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    folder: PathBuf,
}

/// Why the store, or something in it, is of no use. Each is a sentence without its full stop.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The system says no.
    #[error("cannot {deed} {}: {error}", path.display())]
    Io {
        /// What was tried: `read`, `write`, `create`, `list`, `remove`.
        deed: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Somebody else could have written it.
    #[error("{} {why}, so somebody else may have put code there; {mend}", path.display())]
    NotOurs {
        /// What was looked at.
        path: PathBuf,
        /// What is wrong with it, such as `may be written by others`.
        why: String,
        /// What to do.
        mend: String,
    },
    /// It is not what was stored.
    #[error("{} is not what was stored: {why}; `ruled-plugin add` stores the plugin again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl Store {
    /// The store in this folder, which need not exist: then nothing was added.
    pub fn at(folder: impl Into<PathBuf>) -> Store {
        Store { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The manifest of the component with this SHA-256; nothing when it was not added.
    ///
    /// # Errors
    /// When the folder or the manifest could have been written by somebody else, or cannot be read.
    pub fn find(&self, wasm_sha256: &str) -> Result<Option<Manifest>, StoreError> {
        if !is_sha256(wasm_sha256) || !self.is_there()? {
            return Ok(None);
        }
        let path = self.manifest(wasm_sha256);
        let Some(bytes) = read(&path, MANIFEST_BYTES_MAX)? else { return Ok(None) };
        let damaged = |why: String| StoreError::Damaged { path: path.clone(), why };
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(damaged(format!("its format is {}, and this version reads {FORMAT}", manifest.format)));
        }
        if manifest.wasm_sha256 != wasm_sha256 {
            return Err(damaged("it tells of another plugin".into()));
        }
        // It becomes the name of a file.
        if !is_sha256(&manifest.code_sha256) {
            return Err(damaged("the SHA-256 of its code is none".into()));
        }
        Ok(Some(manifest))
    }

    /// Every plugin that was added, by name and then by age, the newest last, and what is of no use. At most 1,000 are
    /// looked at.
    ///
    /// # Errors
    /// When the folder could have been written by somebody else, or cannot be read.
    pub fn list(&self) -> Result<(Vec<Manifest>, Vec<StoreError>), StoreError> {
        let (mut found, mut bad) = (Vec::new(), Vec::new());
        if !self.is_there()? {
            return Ok((found, bad));
        }
        let io = |error| StoreError::Io { deed: "list", path: self.folder.clone(), error };
        for entry in fs::read_dir(&self.folder).map_err(io)?.take(2 * PLUGINS_MAX) {
            let name = entry.map_err(io)?.file_name();
            let Some(sha256) = name.to_str().and_then(|name| name.strip_suffix(".json")) else { continue };
            match self.find(sha256) {
                Ok(manifest) => found.extend(manifest),
                Err(error) => bad.push(error),
            }
        }
        found.sort_by(|left, right| {
            let key =
                |manifest: &Manifest| (manifest.description.name.clone(), manifest.added, manifest.wasm_sha256.clone());
            key(left).cmp(&key(right))
        });
        Ok((found, bad))
    }

    /// The machine code of a plugin: exactly the bytes that were stored.
    ///
    /// # Errors
    /// When it is missing, could have been written by somebody else, or is not what was stored.
    pub fn code(&self, manifest: &Manifest) -> Result<Vec<u8>, StoreError> {
        self.is_there()?;
        let path = self.code_path(manifest);
        let damaged = |why: &str| StoreError::Damaged { path: path.clone(), why: why.into() };
        let code = read(&path, CODE_BYTES_MAX)?.ok_or_else(|| damaged("it is gone"))?;
        // These bytes are compared and these are loaded; the file is not opened again.
        if sha256(&code) == manifest.code_sha256 { Ok(code) } else { Err(damaged("its SHA-256 is another one")) }
    }

    /// Stores a plugin, in place of the same component that was stored before. The folder is made if it is not there.
    ///
    /// # Errors
    /// When the folder could be written by somebody else, or something cannot be written; then what was there before
    /// still is.
    pub fn put(&self, manifest: &Manifest, code: &[u8]) -> Result<(), StoreError> {
        let io = |error| StoreError::Io { deed: "create", path: self.folder.clone(), error };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(io)?;
        self.is_there()?;
        // The code goes first, beside that of before: a manifest never names what is not there.
        let code_path = self.code_path(manifest);
        self.write(&code_path, code)?;
        self.put_manifest(manifest)?;
        for other in self.codes(&manifest.wasm_sha256)?.into_iter().filter(|path| *path != code_path) {
            remove(&other)?;
        }
        Ok(())
    }

    /// Stores a plugin like [`Store::put`], and makes it the newest of all; its manifest with that date.
    ///
    /// # Errors
    /// When the folder could be written by somebody else, or something cannot be read or written.
    pub fn put_as_newest(&self, mut manifest: Manifest, code: &[u8]) -> Result<Manifest, StoreError> {
        manifest.added = self.next_date()?;
        self.put(&manifest, code).map(|()| manifest)
    }

    /// Makes a plugin that is stored the newest of all; its manifest with that date. Its code stays as it is.
    ///
    /// # Errors
    /// When the folder could be written by somebody else, or something cannot be read or written.
    pub fn renew(&self, mut manifest: Manifest) -> Result<Manifest, StoreError> {
        manifest.added = self.next_date()?;
        self.put_manifest(&manifest).map(|()| manifest)
    }

    /// Now, or a second after the newest of all, whatever the clock says: of two that are stored one after the other the
    /// second one is newer.
    fn next_date(&self) -> Result<u64, StoreError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let newest = self.list()?.0.iter().map(|manifest| manifest.added).max();
        Ok(newest.map_or(now, |newest| now.max(newest.saturating_add(1))))
    }

    fn put_manifest(&self, manifest: &Manifest) -> Result<(), StoreError> {
        let path = self.manifest(&manifest.wasm_sha256);
        match serde_json::to_vec_pretty(manifest).map_err(io::Error::from) {
            Ok(text) if text.len() as u64 <= MANIFEST_BYTES_MAX => self.write(&path, &text),
            // What could not be read would not be removed by its name, either.
            Ok(_) => {
                let error = io::Error::other("its description has more than 1 MiB");
                Err(StoreError::Io { deed: "write", path, error })
            }
            Err(error) => Err(StoreError::Io { deed: "write", path, error }),
        }
    }

    /// Removes a plugin, also one whose manifest cannot be read; whether there was anything of it. A ruled that runs it does
    /// so no more from its next check on.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn remove(&self, wasm_sha256: &str) -> Result<bool, StoreError> {
        if !is_sha256(wasm_sha256) {
            return Ok(false);
        }
        let paths = [vec![self.manifest(wasm_sha256)], self.codes(wasm_sha256)?].concat();
        paths.iter().try_fold(false, |was_there, path| Ok(remove(path)? || was_there))
    }

    fn manifest(&self, wasm_sha256: &str) -> PathBuf {
        self.folder.join(format!("{wasm_sha256}.json"))
    }

    fn code_path(&self, manifest: &Manifest) -> PathBuf {
        self.folder.join(format!("{}.{}.cwasm", manifest.wasm_sha256, manifest.code_sha256))
    }

    /// All machine code of a component.
    fn codes(&self, wasm_sha256: &str) -> Result<Vec<PathBuf>, StoreError> {
        let io = |error| StoreError::Io { deed: "list", path: self.folder.clone(), error };
        let mut codes = Vec::new();
        if !is_sha256(wasm_sha256) || !self.is_there()? {
            return Ok(codes);
        }
        for entry in fs::read_dir(&self.folder).map_err(io)?.take(2 * PLUGINS_MAX) {
            let name = entry.map_err(io)?.file_name();
            let is_code = |name: &str| name.starts_with(wasm_sha256) && name.ends_with(".cwasm");
            codes.extend(name.to_str().filter(|name| is_code(name)).map(|name| self.folder.join(name)));
        }
        Ok(codes)
    }

    /// Whether the folder is there; an error where somebody else could have written it.
    fn is_there(&self) -> Result<bool, StoreError> {
        match fs::symlink_metadata(&self.folder) {
            Ok(found) if !found.is_dir() => Err(StoreError::NotOurs {
                path: self.folder.clone(),
                why: "is no folder".into(),
                mend: "remove it, and add the plugins again".into(),
            }),
            Ok(found) => ours(&self.folder, &found).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StoreError::Io { deed: "read", path: self.folder.clone(), error }),
        }
    }

    /// Writes a file whole or not at all.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let temporary = path.with_extension(format!("new-{}", std::process::id()));
        let written = || -> io::Result<()> {
            // What an earlier attempt left behind; a link of somebody else's is not followed.
            fs::remove_file(&temporary).or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })?;
            let mut file = File::options().write(true).create_new(true).mode(0o600).open(&temporary)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, path)?;
            File::open(&self.folder)?.sync_all()
        };
        written().map_err(|error| {
            fs::remove_file(&temporary).ok();
            StoreError::Io { deed: "write", path: path.to_path_buf(), error }
        })
    }
}

/// Removes a file, if it is there; whether it was.
fn remove(path: &Path) -> Result<bool, StoreError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::Io { deed: "remove", path: path.to_path_buf(), error }),
    }
}

/// Reads a file that nobody else could have written; nothing when there is none.
fn read(path: &Path, bytes_max: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let io = |error| StoreError::Io { deed: "read", path: path.to_path_buf(), error };
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = match File::options().read(true).custom_flags(flags.bits() as i32).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    let found = file.metadata().map_err(io)?;
    ours(path, &found)?;
    let damaged = |why: String| StoreError::Damaged { path: path.to_path_buf(), why };
    if !found.is_file() {
        return Err(damaged("it is no file".into()));
    }
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > bytes_max {
        return Err(damaged(format!("it has more than {} MiB", bytes_max >> 20)));
    }
    Ok(Some(bytes))
}

/// Whether only the administrator and whoever runs this could have written it.
fn ours(path: &Path, found: &fs::Metadata) -> Result<(), StoreError> {
    const OTHERS_WRITE: u32 = 0o022;
    let not_ours = |why: String, mend: String| StoreError::NotOurs { path: path.to_path_buf(), why, mend };
    if found.uid() != 0 && found.uid() != rustix::process::geteuid().as_raw() {
        let why = format!("belongs to user {}", found.uid());
        return Err(not_ours(why, "remove it, and add the plugins again".into()));
    }
    if found.mode() & OTHERS_WRITE != 0 {
        let mend = format!("`chmod go-w {}`, and add the plugins again", path.display());
        return Err(not_ours("may be written by others".into(), mend));
    }
    Ok(())
}

/// Whether a text is a SHA-256 in lower case: only such a one becomes the name of a file.
fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::{Description, Kind, Transport, Want};

    fn manifest(name: &'static str, code: &[u8]) -> Manifest {
        Manifest {
            format: FORMAT,
            wasm_sha256: sha256(name.as_bytes()),
            wasm_bytes: 9,
            engine: "an engine".into(),
            code_sha256: sha256(code),
            kind: Kind::Check,
            wants: vec![Want::Connect, Want::Read],
            needs: Vec::new(),
            description: Description {
                name: name.into(),
                version: "0.1.0".into(),
                summary: "For a test".into(),
                page: "".into(),
                transports: vec![Transport::Tcp].into(),
                default_port: Some(7),
                default_tls_port: None,
                start_tls: false,
                options: vec![].into(),
                metrics: vec![].into(),
            },
            from: format!("/tmp/{name}.wasm"),
            added: 1,
        }
    }

    fn store() -> (tempfile::TempDir, Store) {
        let place = tempfile::tempdir().expect("a folder");
        let store = Store::at(place.path().join("plugins"));
        (place, store)
    }

    #[test]
    fn what_is_stored_is_found_again() {
        let (_place, store) = store();
        let wanted = manifest("queue", b"code");
        assert!(store.find(&wanted.wasm_sha256).expect("an empty store").is_none());
        store.put(&wanted, b"code").expect("it can be stored");
        assert_eq!(store.find(&wanted.wasm_sha256).expect("a manifest"), Some(wanted.clone()));
        assert_eq!(store.code(&wanted).expect("its code"), b"code");
        store.put(&manifest("another", b"more"), b"more").expect("another one");
        let (all, bad) = store.list().expect("a list");
        assert_eq!(all.iter().map(|one| &*one.description.name).collect::<Vec<_>>(), ["another", "queue"]);
        assert!(bad.is_empty());
        store.remove(&wanted.wasm_sha256).expect("it can be removed");
        assert!(store.find(&wanted.wasm_sha256).expect("a store").is_none());
    }

    #[test]
    fn what_is_stored_last_is_the_newest_whatever_the_clock_says() {
        let (_place, store) = store();
        let version = |code: &[u8]| Manifest { wasm_sha256: sha256(code), ..manifest("queue", code) };
        let newest = || store.list().expect("a list").0.pop().expect("one of them").code_sha256;
        let first = store.put_as_newest(version(b"first"), b"first").expect("it is stored");
        let second = store.put_as_newest(version(b"second"), b"second").expect("it is stored");
        assert!(second.added > first.added && newest() == sha256(b"second"), "{} {}", first.added, second.added);
        let first = store.renew(first).expect("it is there");
        assert!(first.added > second.added && newest() == sha256(b"first"));
        assert_eq!(store.code(&first).expect("its code"), b"first");
        // A clock that was set back.
        store.put(&Manifest { added: u64::MAX / 2, ..second }, b"second").expect("it is stored");
        assert_eq!(newest(), sha256(b"second"));
        store.renew(first).expect("it is there");
        assert_eq!(newest(), sha256(b"first"));
    }

    #[test]
    fn a_changed_byte_is_refused() {
        let (_place, store) = store();
        let wanted = manifest("queue", b"code");
        store.put(&wanted, b"code").expect("it can be stored");
        fs::write(store.code_path(&wanted), b"cude").expect("a damage");
        let sentence = store.code(&wanted).expect_err("it is refused").to_string();
        assert!(sentence.contains("its SHA-256 is another one; `ruled-plugin add`"), "{sentence}");
        fs::remove_file(store.code_path(&wanted)).expect("a loss");
        assert!(store.code(&wanted).expect_err("it is refused").to_string().contains("it is gone"));
        fs::write(store.manifest(&wanted.wasm_sha256), b"{").expect("a damage");
        assert!(matches!(store.find(&wanted.wasm_sha256), Err(StoreError::Damaged { .. })));
        assert!(store.remove(&wanted.wasm_sha256).expect("it can be removed"), "its manifest need not be read");
        assert!(store.find(&wanted.wasm_sha256).expect("nothing is damaged").is_none());
        assert!(!store.remove(&wanted.wasm_sha256).expect("nothing is damaged"), "there was nothing left");
        assert!(!store.remove("../queue").expect("nothing is touched"));
    }

    #[test]
    fn what_belongs_to_somebody_else_is_refused() {
        let (_place, store) = store();
        let wanted = manifest("queue", b"code");
        store.put(&wanted, b"code").expect("it can be stored");
        let give = |path: &Path, user| std::os::unix::fs::lchown(path, Some(user), None);
        let Ok(()) = give(&store.manifest(&wanted.wasm_sha256), 12_345) else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "only root can give a file away");
            return eprintln!("SKIPPED: only root can give a file away");
        };
        let refused = |error: StoreError| {
            let sentence = error.to_string();
            assert!(sentence.contains("belongs to user 12345, so somebody else may have put code there"), "{sentence}");
        };
        refused(store.find(&wanted.wasm_sha256).expect_err("its manifest is somebody else's"));
        give(&store.code_path(&wanted), 12_345).expect("root may");
        refused(store.code(&wanted).expect_err("its code is somebody else's"));
        give(store.folder(), 12_345).expect("root may");
        refused(store.list().expect_err("the folder is somebody else's"));
        refused(store.put(&wanted, b"code").expect_err("the folder is somebody else's"));
    }

    #[test]
    fn what_others_may_write_is_refused() {
        let (_place, store) = store();
        let wanted = manifest("queue", b"code");
        store.put(&wanted, b"code").expect("it can be stored");
        let code = store.code_path(&wanted);
        fs::set_permissions(&code, fs::Permissions::from_mode(0o620)).expect("other rights");
        let sentence = store.code(&wanted).expect_err("it is refused").to_string();
        assert!(sentence.contains("may be written by others") && sentence.contains("chmod go-w"), "{sentence}");
        fs::set_permissions(&code, fs::Permissions::from_mode(0o600)).expect("other rights");
        fs::set_permissions(store.folder(), fs::Permissions::from_mode(0o777)).expect("other rights");
        assert!(matches!(store.find(&wanted.wasm_sha256), Err(StoreError::NotOurs { .. })));
        assert!(matches!(store.put(&wanted, b"code"), Err(StoreError::NotOurs { .. })));
    }

    #[test]
    fn links_are_not_followed() {
        let (place, store) = store();
        let wanted = manifest("queue", b"code");
        store.put(&wanted, b"code").expect("it can be stored");
        let elsewhere = place.path().join("elsewhere");
        fs::rename(store.code_path(&wanted), &elsewhere).expect("moved");
        symlink(&elsewhere, store.code_path(&wanted)).expect("a link");
        assert!(matches!(store.code(&wanted), Err(StoreError::Io { .. })));
        let link = place.path().join("link");
        symlink(store.folder(), &link).expect("a link");
        assert!(matches!(Store::at(link).find(&wanted.wasm_sha256), Err(StoreError::NotOurs { .. })));
    }

    #[test]
    fn only_a_digest_becomes_the_name_of_a_file() {
        let (_place, store) = store();
        for odd in ["../../etc/passwd", "", "a", &"A".repeat(64), &format!("{}/..", "a".repeat(61))] {
            assert!(store.find(odd).expect("nothing is read").is_none(), "{odd}");
        }
    }
}
