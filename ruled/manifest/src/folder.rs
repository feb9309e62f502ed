//! Where what must survive is kept, as far as no rules name another place.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// Where root keeps what must survive (Filesystem Hierarchy Standard 3.0, section 5.8).
const SYSTEM: &str = "/var/lib/ruled";

/// What the environment says of places.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `STATE_DIRECTORY`, as systemd sets it (systemd.exec(5)).
    pub state_directory: Option<OsString>,
    /// `XDG_STATE_HOME` (XDG Base Directory Specification).
    pub xdg_state_home: Option<OsString>,
    /// `XDG_CACHE_HOME` (XDG Base Directory Specification).
    pub xdg_cache_home: Option<OsString>,
    /// `HOME`.
    pub home: Option<OsString>,
    /// `RULED_PLUGINS`: another folder for plugins, for authors who try theirs.
    pub plugins: Option<OsString>,
    /// Whether this is root.
    pub is_root: bool,
}

impl Environment {
    /// That of this process.
    pub fn own() -> Environment {
        Environment {
            state_directory: std::env::var_os("STATE_DIRECTORY"),
            xdg_state_home: std::env::var_os("XDG_STATE_HOME"),
            xdg_cache_home: std::env::var_os("XDG_CACHE_HOME"),
            home: std::env::var_os("HOME"),
            plugins: std::env::var_os("RULED_PLUGINS"),
            is_root: rustix::process::geteuid().is_root(),
        }
    }

    /// The folder for state: the first that systemd gives, `/var/lib/ruled` for root, and a folder of the user's for
    /// everybody else; nothing for users without a home.
    pub fn state(&self) -> Option<PathBuf> {
        match filled(&self.state_directory) {
            // systemd lists several with colons between them.
            Some(list) => {
                let first = list.as_bytes().split(|byte| *byte == b':').next().unwrap_or_default();
                Some(PathBuf::from(OsString::from_vec(first.to_vec())))
            }
            None if self.is_root => Some(PathBuf::from(SYSTEM)),
            None => match filled(&self.xdg_state_home) {
                Some(folder) => Some(PathBuf::from(folder).join("ruled")),
                None => Some(PathBuf::from(filled(&self.home)?).join(".local/state/ruled")),
            },
        }
    }

    /// The folder for what can be made again.
    pub fn cache(&self) -> Option<PathBuf> {
        match filled(&self.xdg_cache_home) {
            Some(folder) => Some(PathBuf::from(folder).join("ruled")),
            None => Some(PathBuf::from(filled(&self.home)?).join(".cache/ruled")),
        }
    }

    /// The folder for plugins that were added: the one that `RULED_PLUGINS` names, otherwise `plugins` beside the state.
    pub fn plugins(&self) -> Option<PathBuf> {
        match filled(&self.plugins) {
            Some(folder) => Some(PathBuf::from(folder)),
            None => Some(self.state()?.join("plugins")),
        }
    }
}

fn filled(value: &Option<OsString>) -> Option<OsString> {
    value.clone().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_lie_beside_the_state_or_where_the_environment_says() {
        let root = Environment { is_root: true, ..Environment::default() };
        assert_eq!(root.plugins(), Some("/var/lib/ruled/plugins".into()));
        let unit = Environment { state_directory: Some("/var/lib/shop:/var/lib/more".into()), ..root.clone() };
        assert_eq!(unit.plugins(), Some("/var/lib/shop/plugins".into()));
        let author = Environment { plugins: Some("/tmp/mine".into()), ..root.clone() };
        assert_eq!(author.plugins(), Some("/tmp/mine".into()));
        let empty = Environment { plugins: Some("".into()), ..root };
        assert_eq!(empty.plugins(), Some("/var/lib/ruled/plugins".into()));
        assert_eq!(Environment::default().plugins(), None);
    }
}
