//! What is known of a plugin that was added.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Description;

/// The format of manifests that this version writes and reads.
pub const FORMAT: u32 = 1;

/// What is known of a plugin that was added: what was compiled, for which engine, and what it says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The SHA-256 of the component, hexadecimal in lower case. It names the plugin in the store.
    pub wasm_sha256: String,
    /// The size of the component in bytes.
    pub wasm_bytes: u64,
    /// The engine that it was compiled for, as `ruled_loader::engine_word` tells it; no other one runs it.
    pub engine: String,
    /// The SHA-256 of the machine code that was made of it, hexadecimal in lower case.
    pub code_sha256: String,
    /// What it exports.
    pub kind: Kind,
    /// What it asks for beyond what every plugin has, without repetition, in the order of [`Want`].
    pub wants: Vec<Want>,
    /// The grants that it says it cannot do without.
    pub needs: Vec<Need>,
    /// What it says about itself.
    pub description: Description,
    /// The file that it was added from, for people.
    pub from: String,
    /// When it was added, in seconds since 1970; of two that were added within a second the later one has a later date.
    pub added: u64,
}

/// What a plugin exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It speaks a protocol over a connection that the host opens.
    Probe,
    /// It checks whatever it is granted.
    Check,
}

/// What a plugin asks for, and a rule must grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Want {
    /// Connections to endpoints: `grant connect "host:port"`.
    Connect,
    /// Files and directories: `grant read "/path"`.
    Read,
    /// Answers of web servers: `grant fetch "https://origin"`.
    Fetch,
}

/// A grant that a plugin says it cannot do without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Its kind.
    pub kind: Want,
    /// What stands between the quotation marks in a customary rule.
    pub example: String,
    /// What it is for, in a few words.
    pub purpose: String,
}

impl Want {
    /// All of them.
    pub const ALL: [Want; 3] = [Want::Connect, Want::Read, Want::Fetch];

    /// The word behind `grant`.
    pub fn word(self) -> &'static str {
        match self {
            Want::Connect => "connect",
            Want::Read => "read",
            Want::Fetch => "fetch",
        }
    }

    /// The interface of the WIT that a component imports to ask for it, without its version.
    pub fn interface(self) -> &'static str {
        match self {
            Want::Connect => "ruled:plugin/dial",
            Want::Read => "ruled:plugin/files",
            Want::Fetch => "ruled:plugin/http",
        }
    }
}

impl fmt::Display for Want {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The SHA-256 of bytes, hexadecimal in lower case (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
