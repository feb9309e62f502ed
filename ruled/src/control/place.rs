//! Where the door is: a socket for each file of rules, and beside it the lock that keeps a second daemon away.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::remember::place::name;

/// Where root has what lives as long as a process (Filesystem Hierarchy Standard 3.0, section 3.15).
const SYSTEM: &str = "/run/ruled";

/// The longest name of a socket without its ending, in bytes: the whole path has room for 107 (unix(7)).
const NAME_BYTES_MAX: usize = 64;

/// What the environment says of places.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `RUNTIME_DIRECTORY`, as systemd sets it (systemd.exec(5)).
    pub runtime_directory: Option<OsString>,
    /// `XDG_RUNTIME_DIR` (XDG Base Directory Specification).
    pub xdg_runtime_dir: Option<OsString>,
    /// `XDG_STATE_HOME`.
    pub xdg_state_home: Option<OsString>,
    /// `HOME`.
    pub home: Option<OsString>,
    /// Whether this is root.
    pub is_root: bool,
}

impl Environment {
    /// That of this process.
    pub fn own() -> Environment {
        Environment {
            runtime_directory: std::env::var_os("RUNTIME_DIRECTORY"),
            xdg_runtime_dir: std::env::var_os("XDG_RUNTIME_DIR"),
            xdg_state_home: std::env::var_os("XDG_STATE_HOME"),
            home: std::env::var_os("HOME"),
            is_root: nix::unistd::geteuid().is_root(),
        }
    }

    /// The folder for what lives as long as a process; where there is none, one that is private all the same: never one that
    /// others may write to, such as `/tmp`.
    fn folder(&self) -> Option<PathBuf> {
        let filled = |value: &Option<OsString>| value.clone().filter(|value| !value.is_empty());
        match filled(&self.runtime_directory) {
            // systemd lists several with colons between them.
            Some(list) => {
                let first = list.as_bytes().split(|byte| *byte == b':').next().unwrap_or_default();
                Some(PathBuf::from(OsString::from_vec(first.to_vec())))
            }
            None if self.is_root => Some(PathBuf::from(SYSTEM)),
            None => match (filled(&self.xdg_runtime_dir), filled(&self.xdg_state_home)) {
                (Some(folder), _) | (None, Some(folder)) => Some(PathBuf::from(folder).join("ruled")),
                (None, None) => Some(PathBuf::from(filled(&self.home)?).join(".local/state/ruled")),
            },
        }
    }
}

/// Where the door of a daemon is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The socket.
    pub socket: PathBuf,
    /// The file whose lock the daemon holds.
    pub lock: PathBuf,
}

/// The customary place for these rules; none when there is no private folder, or the rules came from standard input.
pub fn of(rules: &Path, environment: &Environment) -> Option<Place> {
    if rules == Path::new("-") {
        return None;
    }
    let folder = environment.folder()?;
    let rules = std::path::absolute(rules).ok()?;
    let file = |ending: &str| folder.join(name(&rules, NAME_BYTES_MAX, ending));
    Some(Place { socket: file(".sock"), lock: file(".lock") })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Environment, of};

    fn socket(rules: &str, environment: &Environment) -> String {
        of(Path::new(rules), environment).map_or("nowhere".to_owned(), |place| place.socket.display().to_string())
    }

    #[test]
    fn each_file_of_rules_has_one_in_a_private_folder() {
        let root = Environment { is_root: true, ..Environment::default() };
        assert_eq!(socket("/etc/ruled/web.rules", &root), "/run/ruled/etc-ruled-web.rules.sock");
        let unit = Environment { runtime_directory: Some("/run/shop:/run/more".into()), ..root.clone() };
        assert_eq!(socket("/a", &unit), "/run/shop/a.sock");
        let user = Environment { home: Some("/home/eva".into()), ..Environment::default() };
        assert_eq!(socket("/a", &user), "/home/eva/.local/state/ruled/a.sock");
        let user = Environment { xdg_runtime_dir: Some("/run/user/7".into()), ..user };
        assert_eq!(socket("/a", &user), "/run/user/7/ruled/a.sock");
        assert_eq!(socket("/a", &Environment::default()), "nowhere");
        assert_eq!(socket("-", &root), "nowhere");
        assert_ne!(socket("/etc/a-b", &root), socket("/etc/a/b", &root));
    }

    #[test]
    fn a_long_path_of_rules_has_a_short_name() {
        let root = Environment { is_root: true, ..Environment::default() };
        let long = |tail: &str| socket(&format!("/{}{tail}", "d/".repeat(500)), &root);
        assert_ne!(long("a"), long("b"));
        assert!(long("a").len() < 100, "{}", long("a"));
    }
}
