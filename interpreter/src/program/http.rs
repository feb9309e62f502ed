//! The page and the door for commands.

use super::{Identity, Tls};

/// What `set httpd` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// The TCP port; no such door when absent.
    pub port: Option<u16>,
    /// Whether that door only shows.
    pub read_only: bool,
    /// Where it listens; everywhere when absent.
    pub address: Option<String>,
    /// How it is encrypted.
    pub tls: Option<Tls>,
    /// The door in the filesystem.
    pub unix: Option<UnixDoor>,
    /// Whether answers name the version.
    pub signature: bool,
    /// Who is let in, in the order written.
    pub allow: Vec<Allowed>,
}

/// A socket in the filesystem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnixDoor {
    /// Its path.
    pub path: String,
    /// Whether it only shows.
    pub read_only: bool,
    /// The user it belongs to.
    pub uid: Option<Identity>,
    /// The group it belongs to.
    pub gid: Option<Identity>,
    /// Its mode.
    pub mode: Option<u32>,
}

/// Who is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// A user with his password.
    User {
        /// The name.
        name: String,
        /// The password, in clear text or as a hash.
        password: String,
        /// How the password is kept.
        kind: PasswordKind,
        /// Whether he only looks.
        read_only: bool,
    },
    /// The members of a group, by PAM.
    Group {
        /// The group.
        name: String,
        /// Whether they only look.
        read_only: bool,
    },
    /// A host or a network.
    Network(String),
    /// A file of users that could not be read: it lets nobody in, and stands for its users all the same.
    Unread(String),
}

impl Allowed {
    /// The user, the group, the network or the file.
    pub fn name(&self) -> &str {
        match self {
            Allowed::User { name, .. } | Allowed::Group { name, .. } => name,
            Allowed::Network(place) | Allowed::Unread(place) => place,
        }
    }
}

pub use grammar::ast::PasswordKind;

impl Default for Http {
    fn default() -> Http {
        Http { port: None, read_only: false, address: None, tls: None, unix: None, signature: true, allow: Vec::new() }
    }
}

impl Http {
    /// Whether there is a door at all.
    pub fn is_open(&self) -> bool {
        self.port.is_some() || self.unix.is_some()
    }

    /// What is asked of those who knock: `none`, `users`, `hosts` or `users_and_hosts`.
    pub fn auth(&self) -> &'static str {
        let hosts = self.allow.iter().any(|one| matches!(one, Allowed::Network(_)));
        let users = self.allow.iter().any(|one| !matches!(one, Allowed::Network(_)));
        match (users, hosts) {
            (false, false) => "none",
            (true, false) => "users",
            (false, true) => "hosts",
            (true, true) => "users_and_hosts",
        }
    }
}
