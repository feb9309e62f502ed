//! What the checker may ask of this machine: files, patterns of names, users, programs.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use interpreter::check::{Day, Namesake, PathState, PluginState, ProgramState, ReadError, Surroundings};
use interpreter::program::Family;
use nix::unistd::{Group, User};
use ruled_manifest::{Kind, Manifest};

use crate::added::{self, Found};
use crate::observe::place::Places;
use crate::protocols;

/// The largest file that is read at all. The checker refuses more than 64 MB in a clear finding; one byte more is
/// enough for it to see that.
const LARGEST_BYTES: u64 = (64 << 20) + 1;

/// This machine, as the checker sees it.
#[derive(Debug, Default)]
pub struct Machine;

impl Surroundings for Machine {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        read(Path::new(path)).map_err(|reason| ReadError { sentence: format!("cannot read {path}: {reason}") })
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        let found = glob::glob(pattern).into_iter().flatten().flatten();
        found.filter(|path| !path.is_dir()).filter_map(|path| path.to_str().map(str::to_string)).collect()
    }

    fn user(&self, name: &str) -> Option<u32> {
        User::from_name(name).ok().flatten().map(|user| user.uid.as_raw())
    }

    fn group(&self, name: &str) -> Option<u32> {
        Group::from_name(name).ok().flatten().map(|group| group.gid.as_raw())
    }

    fn has_user(&self, number: u32) -> bool {
        !matches!(User::from_uid(number.into()), Ok(None))
    }

    fn has_group(&self, number: u32) -> bool {
        !matches!(Group::from_gid(number.into()), Ok(None))
    }

    fn host_name(&self) -> Option<String> {
        nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).filter(|name| !name.is_empty())
    }

    fn program(&self, path: &str) -> ProgramState {
        match fs::metadata(path) {
            Ok(found) if found.is_file() && found.permissions().mode() & 0o111 != 0 => ProgramState::Executable,
            Ok(_) => ProgramState::NotExecutable,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => ProgramState::Missing,
            Err(_) => ProgramState::Unknown,
        }
    }

    fn is_private(&self, path: &str) -> bool {
        const OTHERS_READ: u32 = 0o044;
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & OTHERS_READ == 0)
    }

    fn strangers_may_write(&self, path: &str) -> Option<String> {
        const OTHERS_WRITE: u32 = 0o002;
        let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        if found.permissions().mode() & OTHERS_WRITE != 0 {
            return Some("everybody".to_string());
        }
        let owner = found.uid();
        let known = owner == 0 || owner == nix::unistd::geteuid().as_raw();
        (!known).then(|| match User::from_uid(owner.into()).ok().flatten() {
            Some(user) => format!("its owner {}, who is not the administrator", user.name),
            None => format!("its owner, user {owner}, who is not the administrator"),
        })
    }

    fn replaceable_in(&self, path: &str) -> Option<String> {
        const OTHERS_WRITE: u32 = 0o002;
        const STICKY: u32 = 0o1000;
        let is_open = |folder: &&Path| {
            fs::metadata(folder).is_ok_and(|found| {
                let mode = found.permissions().mode();
                found.is_dir() && mode & OTHERS_WRITE != 0 && mode & STICKY == 0
            })
        };
        // A link may be replaced where it stands, and what it leads to where that lies.
        let written = std::path::absolute(path).ok()?;
        let real = fs::canonicalize(path).ok()?;
        let mut folders = written.ancestors().skip(1).chain(real.ancestors().skip(1));
        folders.find(is_open).map(|folder| folder.display().to_string())
    }

    fn lies_on(&self, path: &str) -> Option<String> {
        let mut places = Places::default();
        places.refresh();
        places.lies_on(path)
    }

    fn may_ping(&self, family: Family) -> bool {
        crate::transport::ping::is_permitted(family)
    }

    fn today(&self) -> Option<Day> {
        let today = jiff::Zoned::now().date();
        let part = |number: i8| u8::try_from(number).ok();
        Day::new(u16::try_from(today.year()).ok()?, part(today.month())?, part(today.day())?)
    }

    fn namesake(&self, name: &str) -> Option<Namesake> {
        let (added, is_meant) = (added::Plugins::own(), |kind: Kind| {
            move |manifest: &Manifest| manifest.kind == kind && manifest.description.name == name
        });
        let outdated = added.outdated().into_iter().find(is_meant(Kind::Probe));
        let check = || added.newest().0.into_iter().find(is_meant(Kind::Check));
        outdated
            .map(|manifest| Namesake::Outdated(manifest.from))
            .or_else(|| check().map(|manifest| Namesake::Check(manifest.from)))
    }

    fn plugin(&self, path: &str) -> PluginState {
        let plugins = added::Plugins::own();
        match plugins.find_whole(Path::new(path)) {
            Found::Added(plugin) => PluginState::Added(protocols::plugin(plugin.manifest())),
            Found::NotAdded(_) => PluginState::NotAdded(plugins.folder().map(|folder| folder.display().to_string())),
            Found::Missing(_) => PluginState::Missing,
            Found::Unreadable(reason) | Found::Refused(reason) => PluginState::Refused(reason),
        }
    }

    fn path(&self, path: &str) -> PathState {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => PathState::Directory,
            Ok(found) if found.is_file() && open(Path::new(path)).is_ok() => PathState::File,
            Ok(_) => PathState::Unreadable,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => PathState::Missing,
            Err(_) => PathState::Unknown,
        }
    }
}

/// Reads a regular file; the error is the reason alone.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let sentence = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_string(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_string(),
        _ => error.to_string(),
    };
    let file = open(path).map_err(sentence)?;
    let kind = file.metadata().map_err(sentence)?;
    if kind.is_dir() {
        return Err("it is a directory".to_string());
    }
    if !kind.is_file() {
        return Err("it is not a regular file".to_string());
    }
    let mut bytes = Vec::new();
    file.take(LARGEST_BYTES).read_to_end(&mut bytes).map_err(sentence)?;
    Ok(bytes)
}

/// Opens a file for reading. Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
fn open(path: &Path) -> std::io::Result<File> {
    fs::OpenOptions::new().read(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path)
}
