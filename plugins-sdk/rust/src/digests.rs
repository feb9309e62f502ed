//! Digests: the host's in a component, those of the usual crates in `cargo test`.

use crate::HashKind;
#[cfg(target_arch = "wasm32")]
use crate::glue::ruled::plugin::digests as host;

/// The digest of `data`.
pub fn digest(kind: HashKind, data: &[u8]) -> Vec<u8> {
    #[cfg(target_arch = "wasm32")]
    return host::whole(kind.into(), data);
    #[cfg(not(target_arch = "wasm32"))]
    native::whole(kind, data)
}

/// The digest of `data` with a key (RFC 2104).
pub fn hmac(kind: HashKind, key: &[u8], data: &[u8]) -> Vec<u8> {
    #[cfg(target_arch = "wasm32")]
    return host::hmac(kind.into(), key, data);
    #[cfg(not(target_arch = "wasm32"))]
    native::hmac(kind, key, data)
}

/// A key made of a password, slowly (PBKDF2 with HMAC, RFC 8018), as long as a digest. Nothing for no iterations, and
/// for more than 100,000 in a check: how many there are is mostly the peer's choice, and must not keep the host busy.
pub fn stretch(kind: HashKind, password: &[u8], salt: &[u8], iterations: u32) -> Option<Vec<u8>> {
    #[cfg(target_arch = "wasm32")]
    return host::stretch(kind.into(), password, salt, iterations);
    #[cfg(not(target_arch = "wasm32"))]
    native::stretch(kind, password, salt, iterations)
}

/// A digest of data that comes in pieces.
pub struct Digest {
    #[cfg(target_arch = "wasm32")]
    inner: host::Digest,
    #[cfg(not(target_arch = "wasm32"))]
    inner: (HashKind, Vec<u8>),
}

impl Digest {
    /// A digest of nothing so far.
    pub fn new(kind: HashKind) -> Digest {
        #[cfg(target_arch = "wasm32")]
        return Digest { inner: host::Digest::new(kind.into()) };
        #[cfg(not(target_arch = "wasm32"))]
        Digest { inner: (kind, Vec::new()) }
    }

    /// Adds the next piece.
    pub fn update(&mut self, data: &[u8]) {
        #[cfg(target_arch = "wasm32")]
        self.inner.update(data);
        #[cfg(not(target_arch = "wasm32"))]
        self.inner.1.extend_from_slice(data);
    }

    /// The digest of all pieces.
    pub fn finish(self) -> Vec<u8> {
        #[cfg(target_arch = "wasm32")]
        return self.inner.finish();
        #[cfg(not(target_arch = "wasm32"))]
        native::whole(self.inner.0, &self.inner.1)
    }
}

/// Bytes as hexadecimal digits in lower case.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What the host does, for tests.
#[cfg(not(target_arch = "wasm32"))]
mod native {
    use sha2::Digest as _;

    use crate::HashKind;

    /// All three kinds take their data in blocks of this size.
    const BLOCK_BYTES: usize = 64;
    /// As many as the host allows.
    const ITERATIONS_MAX: u32 = 100_000;

    pub(super) fn whole(kind: HashKind, data: &[u8]) -> Vec<u8> {
        match kind {
            HashKind::Md5 => md5::Md5::digest(data).to_vec(),
            HashKind::Sha1 => sha1::Sha1::digest(data).to_vec(),
            HashKind::Sha256 => sha2::Sha256::digest(data).to_vec(),
        }
    }

    pub(super) fn hmac(kind: HashKind, key: &[u8], data: &[u8]) -> Vec<u8> {
        let mut block = if key.len() > BLOCK_BYTES { whole(kind, key) } else { key.to_vec() };
        block.resize(BLOCK_BYTES, 0);
        let padded = |pad: u8, rest: &[u8]| {
            let mut bytes: Vec<u8> = block.iter().map(|byte| byte ^ pad).collect();
            bytes.extend_from_slice(rest);
            whole(kind, &bytes)
        };
        padded(0x5c, &padded(0x36, data))
    }

    pub(super) fn stretch(kind: HashKind, password: &[u8], salt: &[u8], iterations: u32) -> Option<Vec<u8>> {
        if !(1..=ITERATIONS_MAX).contains(&iterations) {
            return None;
        }
        let mut last = hmac(kind, password, &[salt, &1_u32.to_be_bytes()].concat());
        let mut sum = last.clone();
        for _ in 1..iterations {
            last = hmac(kind, password, &last);
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_their_documents() {
        assert_eq!(hex(&digest(HashKind::Md5, b"abc")), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex(&digest(HashKind::Sha1, b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        let mut pieces = Digest::new(HashKind::Sha256);
        pieces.update(b"a");
        pieces.update(b"bc");
        let whole = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&pieces.finish()), whole);
    }

    #[test]
    fn keyed_digests_are_those_of_their_documents() {
        // RFC 2202, test case 2; RFC 4231, test case 2; RFC 7914, section 11.
        let question = b"what do ya want for nothing?";
        assert_eq!(hex(&hmac(HashKind::Md5, b"Jefe", question)), "750c783e6ab0b503eaa86e310a5db738");
        let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&hmac(HashKind::Sha256, b"Jefe", question)), sha256);
        let key = stretch(HashKind::Sha256, b"passwd", b"salt", 1).map(|key| hex(&key));
        assert_eq!(key.as_deref(), Some("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"));
        assert_eq!(stretch(HashKind::Sha256, b"p", b"s", 0), None);
        assert_eq!(stretch(HashKind::Sha256, b"p", b"s", u32::MAX), None);
    }
}
