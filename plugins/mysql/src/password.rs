//! How a client of MySQL proves that it knows the password.

use ruled_plugin::*;

use crate::packet::Packets;
use crate::rsa::Key;

pub(crate) const NATIVE: &str = "mysql_native_password";
const CACHING: &str = "caching_sha2_password";
const SHA256: &str = "sha256_password";
const CLEAR: &str = "mysql_clear_password";
/// The kernel tells the server who the client is.
const SOCKET: [&str; 2] = ["auth_socket", "unix_socket"];

/// The length of a challenge. More would be another method.
const CHALLENGE_BYTES: usize = 20;

/// What a server says of a proof of `caching_sha2_password`: it suffices, or the password itself is wanted.
const PROVED: &[u8] = &[3];
const PASSWORD_WANTED: &[u8] = &[4];

/// What asks for the server's key: in `caching_sha2_password`, and in `sha256_password`.
const KEY_WANTED_CACHING: &[u8] = &[2];
const KEY_WANTED_SHA256: &[u8] = &[1];

/// A login that is under way.
pub(crate) struct Login<'a> {
    pub(crate) password: &'a str,
    pub(crate) method: String,
    pub(crate) challenge: Vec<u8>,
    /// Whether nobody can listen.
    pub(crate) is_private: bool,
    /// The checksum of the server's key.
    pub(crate) key: Option<&'a Hash>,
}

impl Login<'_> {
    pub(crate) fn is_known(&self) -> bool {
        [NATIVE, CACHING, SHA256, CLEAR].contains(&self.method.as_str()) || SOCKET.contains(&self.method.as_str())
    }

    /// What is sent first.
    pub(crate) fn proof(&self) -> Result<Vec<u8>, Failure> {
        let method = self.method.as_str();
        if [NATIVE, CACHING, SHA256].contains(&method) {
            ensure!(
                self.challenge.len() == CHALLENGE_BYTES,
                "the server sends a challenge of {} bytes where {method} has {CHALLENGE_BYTES}",
                self.challenge.len()
            );
        }
        match method {
            SHA256 | CLEAR if self.is_private => Ok(self.in_clear()),
            CLEAR => Err(Failure::Misconfigured(
                "the server wants the password in clear, which is only sent over TLS: write `protocol mysqls`".into(),
            )),
            NATIVE | CACHING if self.password.is_empty() => Ok(Vec::new()),
            NATIVE => Ok(self.native()),
            CACHING => Ok(self.caching()),
            SHA256 if self.password.is_empty() => Ok(vec![0]),
            SHA256 => Ok(KEY_WANTED_SHA256.to_vec()),
            method if SOCKET.contains(&method) => Ok(Vec::new()),
            method => Err(Failure::Misconfigured(format!(
                "the server wants this user to log in by {method:?}, which cannot be tested; write a user with another method"
            ))),
        }
    }

    /// Answers what the server says beyond a first proof.
    pub(crate) fn go_on(&self, packets: &mut Packets, said: &[u8]) -> Result<(), Failure> {
        match self.method.as_str() {
            CACHING if said == PROVED => Ok(()),
            CACHING if said == PASSWORD_WANTED && self.is_private => packets.send(&self.in_clear()),
            CACHING if said == PASSWORD_WANTED => {
                packets.send(KEY_WANTED_CACHING)?;
                let key = packets.receive()?;
                match key.split_first() {
                    Some((1, key)) => self.by_key(packets, key),
                    Some((0xff, error)) => Err(crate::packet::error(crate::packet::Reader::new(error))),
                    _ => fail!("the server does not send its key"),
                }
            }
            SHA256 if !self.is_private => self.by_key(packets, said),
            method => fail!("the server goes on with {method} in a way that is not a part of it"),
        }
    }

    /// Sends the password encrypted by the server's key.
    fn by_key(&self, packets: &mut Packets, pem: &[u8]) -> Result<(), Failure> {
        if let Some(wanted) = self.key
            && !wanted.holds(pem)
        {
            let found = hex(&digest(wanted.kind, pem));
            let what = "checksum of the server's key".into();
            return Err(Failure::Mismatch { what, expected: wanted.digits.clone(), found });
        }
        let Some(key) = Key::read(pem) else { fail!("the server sends a key that cannot be read") };
        let mixed: Vec<u8> =
            self.in_clear().iter().zip(self.challenge.iter().cycle()).map(|(byte, other)| byte ^ other).collect();
        let Some(encrypted) = key.encrypt(&mixed) else {
            return Err(Failure::Misconfigured("the password is too long for the server's key".into()));
        };
        packets.send(&encrypted)
    }

    /// The password and a 0.
    fn in_clear(&self) -> Vec<u8> {
        [self.password.as_bytes(), &[0]].concat()
    }

    fn native(&self) -> Vec<u8> {
        let once = digest(HashKind::Sha1, self.password.as_bytes());
        let twice = digest(HashKind::Sha1, &once);
        either(&once, &digest(HashKind::Sha1, &[self.challenge.as_slice(), &twice].concat()))
    }

    fn caching(&self) -> Vec<u8> {
        let once = digest(HashKind::Sha256, self.password.as_bytes());
        let twice = digest(HashKind::Sha256, &once);
        either(&once, &digest(HashKind::Sha256, &[twice.as_slice(), &self.challenge].concat()))
    }
}

fn either(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(one, other)| one ^ other).collect()
}
