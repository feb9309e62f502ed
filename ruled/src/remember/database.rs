//! The file of SQLite in which state is kept.
//!
//! It is written ahead (WAL) and not flushed at every change: what was committed outlives ruled itself, whatever ends it,
//! and after a loss of power the file is whole, if not the newest (SQLite's manual, PRAGMA synchronous).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use interpreter::durable::ServiceKey;
use interpreter::outbox::Change;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};
use thiserror::Error;

use super::mailbox::Mailbox;

/// Tells a file of ours from other files of SQLite: "ruld".
const APPLICATION: i32 = 0x7275_6c64;

/// The number of the schema. A file with a higher one is left alone.
const VERSION: i32 = 1;

const SCHEMA: &str = "\
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE service (
        kind TEXT NOT NULL, name TEXT NOT NULL, kept TEXT NOT NULL, changed_s INTEGER NOT NULL,
        PRIMARY KEY (kind, name)
    ) WITHOUT ROWID;";

const BOOT: &str = "INSERT OR REPLACE INTO meta VALUES ('boot', ?1)";

/// How long another process may hold the file: one that is about to end.
const BUSY: Duration = Duration::from_secs(1);

/// How long is kept what belongs to services that the rules do not name any more.
const STRANGERS_S: i64 = 30 * 24 * 60 * 60;

/// The least memory that SQLite is content with, in kilobytes: the state is small.
const CACHE_KB: i32 = 256;

/// After how many pages of 4 kB the log is written back, and to which size it is cut then.
const LOG_PAGES: i32 = 100;
const LOG_BYTES: i32 = 512 * 1024;

/// Why state cannot be kept.
#[derive(Debug, Error)]
pub enum Trouble {
    /// The folder or the file cannot be used.
    #[error("{0}")]
    File(String),
    /// SQLite cannot write or read it.
    #[error("{0}")]
    Database(String),
    /// A later version of ruled wrote it.
    #[error("a later version of ruled wrote it (schema {found}, this version knows {known})")]
    Newer {
        /// The number in the file.
        found: i32,
        /// The highest that this version knows.
        known: i32,
    },
    /// It is a file of something else.
    #[error("it is no state of ruled; move it away, or name another with `set statefile`")]
    Foreign,
    /// Another ruled has it.
    #[error("another ruled keeps its state there; name another file with `set statefile`")]
    Busy,
    /// It is damaged.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Trouble {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Trouble::Busy,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Trouble::Damaged(error.to_string()),
            _ => Trouble::Database(error.to_string()),
        }
    }
}

/// What is written of mail.
#[derive(Debug)]
pub enum MailChange<'a> {
    /// What changed.
    Changes(&'a [Change]),
    /// All that waits, in place of what is there.
    All(&'a Mailbox),
}

/// The open file.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    path: PathBuf,
    /// The device and the number of the file that is open.
    identity: (u64, u64),
}

impl Database {
    /// Opens the file, or makes it. A damaged one is put aside and made anew, which is remarked.
    pub fn open(path: &Path) -> Result<(Database, Option<String>), Trouble> {
        match Database::open_whole(path) {
            Ok(database) => Ok((database, None)),
            Err(Trouble::Damaged(reason)) => {
                let aside = with_suffix(path, ".damaged");
                fs::rename(path, &aside).map_err(|error| file_trouble(&error))?;
                for suffix in ["-wal", "-shm"] {
                    // They belong to the damaged file; mostly there are none.
                    fs::remove_file(with_suffix(path, suffix)).ok();
                }
                let text = format!("{} is damaged ({reason}); it is now {}", path.display(), aside.display());
                Ok((Database::open_whole(path)?, Some(text)))
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// Opens the file, or makes it; one that is damaged stays where it is.
    pub fn open_whole(path: &Path) -> Result<Database, Trouble> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| file_trouble(&error))?;
        }
        // Made here, so that nobody else can read it for a moment; a link is not followed.
        let no_follow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
        let file =
            OpenOptions::new().read(true).write(true).create(true).mode(0o600).custom_flags(no_follow).open(path);
        let metadata = file.and_then(|file| file.metadata()).map_err(|error| file_trouble(&error))?;
        if !metadata.is_file() {
            return Err(Trouble::File("it is no regular file".to_owned()));
        }
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        let (application, version) = (number(&connection, "application_id")?, number(&connection, "user_version")?);
        // An empty database is one that was begun, and whoever began it was killed.
        let is_empty = (application, version) == (0, 0) && is_empty(&connection)?;
        if application != APPLICATION && !is_empty {
            return Err(Trouble::Foreign);
        }
        if version > VERSION {
            return Err(Trouble::Newer { found: version, known: VERSION });
        }
        let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(Trouble::Database(format!("it cannot be written ahead, its journal is '{mode}'")));
        }
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "cache_size", -CACHE_KB)?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
        let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            return Err(Trouble::Damaged(sound));
        }
        let mut database =
            Database { connection, path: path.to_path_buf(), identity: (metadata.dev(), metadata.ino()) };
        if version == 0 {
            database.lay_out()?;
        }
        Mailbox::lay_out(&mut database.connection)?;
        Ok(database)
    }

    fn lay_out(&mut self) -> Result<(), Trouble> {
        let transaction = self.connection.transaction()?;
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        Ok(transaction.commit()?)
    }

    /// Reads a file that cannot be written: its services and its boot. Nothing when it is not there, or not of this
    /// version.
    pub fn peek(path: &Path) -> Option<(BTreeMap<ServiceKey, String>, Option<String>)> {
        let flags =
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let read = |connection: Connection| {
            let known = (number(&connection, "application_id").ok()?, number(&connection, "user_version").ok()?);
            let database = Database { connection, path: path.to_path_buf(), identity: (0, 0) };
            (known == (APPLICATION, VERSION)).then_some(())?;
            Some((database.services().ok()?, database.boot().ok()?))
        };
        let opened = Connection::open_with_flags(path, flags).ok().and_then(read);
        // Without a place for the index of its log, on a disk that cannot be written, SQLite reads only what it is told
        // does not change (its manual, section "Read-Only Databases" of Write-Ahead Logging).
        opened.or_else(|| {
            let uri = unchanging(path)?;
            read(Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI).ok()?)
        })
    }

    /// Whether the file that is open is still the one at its path.
    pub fn is_in_place(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|found| (found.dev(), found.ino()) == self.identity)
    }

    /// The life of the machine in which the file was last used.
    pub fn boot(&self) -> Result<Option<String>, Trouble> {
        let boot = "SELECT value FROM meta WHERE name = 'boot'";
        Ok(self.connection.query_row(boot, [], |row| row.get(0)).optional()?)
    }

    /// Writes the life of the machine down, unless it stands there.
    pub fn set_boot(&mut self, boot: &str) -> Result<(), Trouble> {
        if self.boot()?.as_deref() != Some(boot) {
            self.connection.execute(BOOT, [boot])?;
        }
        Ok(())
    }

    /// What is kept of all services.
    pub fn services(&self) -> Result<BTreeMap<ServiceKey, String>, Trouble> {
        let mut statement = self.connection.prepare("SELECT kind, name, kept FROM service")?;
        let rows = statement
            .query_map([], |row| Ok((ServiceKey { kind: row.get(0)?, name: row.get(1)? }, row.get::<_, String>(2)?)))?;
        Ok(rows.collect::<Result<_, rusqlite::Error>>()?)
    }

    /// Forgets what was kept a while ago of services that are not among these.
    pub fn forget_strangers(&mut self, known: &BTreeSet<ServiceKey>) -> Result<(), Trouble> {
        let old = {
            let mut statement = self.connection.prepare("SELECT kind, name FROM service WHERE changed_s < ?1")?;
            let rows = statement
                .query_map([now_s() - STRANGERS_S], |row| Ok(ServiceKey { kind: row.get(0)?, name: row.get(1)? }))?;
            rows.collect::<Result<Vec<_>, _>>()?
        };
        let strangers: BTreeMap<_, _> =
            old.into_iter().filter(|key| !known.contains(key)).map(|key| (key, None)).collect();
        if strangers.is_empty() { Ok(()) } else { self.write(&strangers) }
    }

    /// The mail that waits.
    pub fn mail(&self) -> Result<Mailbox, Trouble> {
        Ok(Mailbox::read(&self.connection)?)
    }

    /// The mail in a file that cannot be written; none where there is no such file.
    pub fn peek_mail(path: &Path) -> Option<Mailbox> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let flags = flags | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let read = |connection: Connection| Mailbox::read(&connection).ok();
        let opened = Connection::open_with_flags(path, flags).ok().and_then(read);
        opened.or_else(|| {
            let uri = unchanging(path)?;
            read(Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI).ok()?)
        })
    }

    /// Writes what changed: the text, or that there is nothing to keep any more. All of it or nothing.
    pub fn write(&mut self, changed: &BTreeMap<ServiceKey, Option<String>>) -> Result<(), Trouble> {
        self.put(changed, &MailChange::Changes(&[]), None)
    }

    /// The same, and in which life of the machine that is, together.
    pub fn write_in_life(&mut self, changed: &BTreeMap<ServiceKey, Option<String>>, boot: &str) -> Result<(), Trouble> {
        self.put(changed, &MailChange::Changes(&[]), Some(boot))
    }

    /// Writes what changed of services and what changed of mail: all of it or nothing. Mail that waits outlives a loss of power.
    pub fn write_with(
        &mut self,
        changed: &BTreeMap<ServiceKey, Option<String>>,
        mail: &MailChange<'_>,
    ) -> Result<(), Trouble> {
        self.put(changed, mail, None)
    }

    fn put(
        &mut self,
        changed: &BTreeMap<ServiceKey, Option<String>>,
        mail: &MailChange<'_>,
        boot: Option<&str>,
    ) -> Result<(), Trouble> {
        let lasts = !matches!(mail, MailChange::Changes([]));
        if lasts {
            self.connection.pragma_update(None, "synchronous", "FULL")?;
        }
        let written = self.put_all(changed, mail, boot);
        if lasts {
            self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        }
        written
    }

    fn put_all(
        &mut self,
        changed: &BTreeMap<ServiceKey, Option<String>>,
        mail: &MailChange<'_>,
        boot: Option<&str>,
    ) -> Result<(), Trouble> {
        let transaction = self.connection.transaction()?;
        if let Some(boot) = boot {
            transaction.execute(BOOT, [boot])?;
        }
        match mail {
            MailChange::Changes(changes) => {
                changes.iter().try_for_each(|change| Mailbox::write(&transaction, change))?;
            }
            MailChange::All(mailbox) => mailbox.write_all(&transaction)?,
        }
        {
            let mut put = transaction.prepare("INSERT OR REPLACE INTO service VALUES (?1, ?2, ?3, ?4)")?;
            let mut remove = transaction.prepare("DELETE FROM service WHERE kind = ?1 AND name = ?2")?;
            for (key, text) in changed {
                match text {
                    Some(text) => put.execute(params![key.kind, key.name, text, now_s()])?,
                    None => remove.execute(params![key.kind, key.name])?,
                };
            }
        }
        Ok(transaction.commit()?)
    }
}

/// The files of which a database consists while it is open.
pub fn files_of(path: &Path) -> [PathBuf; 4] {
    ["", "-wal", "-shm", "-journal"].map(|suffix| with_suffix(path, suffix))
}

/// The address of a file of which SQLite is told that it does not change.
fn unchanging(path: &Path) -> Option<String> {
    let text = path.to_str()?.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Some(format!("file:{text}?immutable=1"))
}

fn is_empty(connection: &Connection) -> Result<bool, Trouble> {
    Ok(connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0))? == 0)
}

fn number(connection: &Connection, name: &str) -> Result<i32, Trouble> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}

fn file_trouble(error: &io::Error) -> Trouble {
    Trouble::File(crate::words::reason(error))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
