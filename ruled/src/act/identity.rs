//! As whom a program runs: the numbers of user and group.

use interpreter::program::{Command, Identity};
use nix::unistd::{Group, User};
use thiserror::Error;

/// The user and group that a program is to have; absent where ruled's own is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunAs {
    /// The number of the user.
    pub uid: Option<u32>,
    /// The number of the group.
    pub gid: Option<u32>,
}

/// Why a program cannot run as somebody.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// The user is not known here.
    #[error("this machine knows no user `{0}`")]
    NoUser(String),
    /// The group is not known here.
    #[error("this machine knows no group `{0}`")]
    NoGroup(String),
}

impl RunAs {
    /// The numbers that a command names. Names that were unknown when the rules were checked are asked for again.
    pub fn of(command: &Command) -> Result<RunAs, IdentityError> {
        let user = |identity: &Identity| {
            let found = || Some(User::from_name(&identity.written).ok()??.uid.as_raw());
            identity.number.or_else(found).ok_or_else(|| IdentityError::NoUser(identity.written.clone()))
        };
        let group = |identity: &Identity| {
            let found = || Some(Group::from_name(&identity.written).ok()??.gid.as_raw());
            identity.number.or_else(found).ok_or_else(|| IdentityError::NoGroup(identity.written.clone()))
        };
        Ok(RunAs {
            uid: command.uid.as_ref().map(user).transpose()?,
            gid: command.gid.as_ref().map(group).transpose()?,
        })
    }

    /// Whether it is what ruled itself is.
    pub fn is_own(self) -> bool {
        let own = |wanted: Option<u32>, own: u32| wanted.is_none_or(|wanted| wanted == own);
        own(self.uid, rustix::process::geteuid().as_raw()) && own(self.gid, rustix::process::getegid().as_raw())
    }
}
