//! The worlds. What Monit tells in them was recorded, not thought up.

pub(super) mod again;
pub(super) mod deed;
pub(super) mod dependency;
pub(super) mod file;
pub(super) mod kind;
pub(super) mod pidfile;
pub(super) mod process;
pub(super) mod rate;
pub(super) mod service;
