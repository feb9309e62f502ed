//! Digests for guests: the interface `digests`. How much is digested in a check is bounded, because it is the host that
//! computes.

use sha2::Digest as _;
use wasmtime::component::Resource;

use super::bindings::ruled::plugin::digests::{Host, HostDigest};
use super::bindings::ruled::plugin::types::HashKind;
use super::guest::Guest;
use super::limits::STRETCHES_MAX;

/// All three kinds take their data in blocks of this size.
const BLOCK_BYTES: usize = 64;

/// A digest of data that comes in pieces.
#[derive(Clone)]
#[allow(unreachable_pub, reason = "the generated bindings export it as their own")]
pub enum Digest {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
}

impl Digest {
    fn new(kind: HashKind) -> Digest {
        match kind {
            HashKind::Md5 => Digest::Md5(md5::Md5::new()),
            HashKind::Sha1 => Digest::Sha1(sha1::Sha1::new()),
            HashKind::Sha256 => Digest::Sha256(sha2::Sha256::new()),
        }
    }

    fn update(&mut self, data: &[u8]) {
        match self {
            Digest::Md5(digest) => digest.update(data),
            Digest::Sha1(digest) => digest.update(data),
            Digest::Sha256(digest) => digest.update(data),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Digest::Md5(digest) => digest.finalize().to_vec(),
            Digest::Sha1(digest) => digest.finalize().to_vec(),
            Digest::Sha256(digest) => digest.finalize().to_vec(),
        }
    }

    /// With `data` behind what it has.
    fn with(&self, data: &[u8]) -> Vec<u8> {
        let mut digest = self.clone();
        digest.update(data);
        digest.finish()
    }
}

/// A digest with a key (RFC 2104), the key taken in already.
struct Keyed {
    inner: Digest,
    outer: Digest,
}

impl Keyed {
    fn new(kind: HashKind, key: &[u8]) -> Keyed {
        let mut block = if key.len() > BLOCK_BYTES { Digest::new(kind).with(key) } else { key.to_vec() };
        block.resize(BLOCK_BYTES, 0);
        let padded = |pad: u8| {
            let mut digest = Digest::new(kind);
            digest.update(&block.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>());
            digest
        };
        Keyed { inner: padded(0x36), outer: padded(0x5c) }
    }

    fn of(&self, data: &[u8]) -> Vec<u8> {
        self.outer.with(&self.inner.with(data))
    }
}

impl Host for Guest {
    fn whole(&mut self, kind: HashKind, data: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        self.work(data.len())?;
        Ok(Digest::new(kind).with(&data))
    }

    fn hmac(&mut self, kind: HashKind, key: Vec<u8>, data: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        self.work(key.len() + data.len())?;
        Ok(Keyed::new(kind, &key).of(&data))
    }

    fn stretch(
        &mut self,
        kind: HashKind,
        password: Vec<u8>,
        salt: Vec<u8>,
        iterations: u32,
    ) -> wasmtime::Result<Option<Vec<u8>>> {
        self.work(password.len() + salt.len())?;
        self.stretches = self.stretches.saturating_add(iterations);
        if iterations == 0 || self.stretches > STRETCHES_MAX {
            return Ok(None);
        }
        let keyed = Keyed::new(kind, &password);
        // The first block of the key, which is as long as a digest.
        let mut last = keyed.of(&[salt.as_slice(), &1_u32.to_be_bytes()].concat());
        let mut sum = last.clone();
        for _ in 1..iterations {
            last = keyed.of(&last);
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        Ok(Some(sum))
    }
}

impl HostDigest for Guest {
    fn new(&mut self, kind: HashKind) -> wasmtime::Result<Resource<Digest>> {
        Ok(self.table.push(Digest::new(kind))?)
    }

    fn update(&mut self, handle: Resource<Digest>, data: Vec<u8>) -> wasmtime::Result<()> {
        self.work(data.len())?;
        self.table.get_mut(&handle)?.update(&data);
        Ok(())
    }

    fn finish(&mut self, handle: Resource<Digest>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.table.get(&handle)?.clone().finish())
    }

    fn drop(&mut self, handle: Resource<Digest>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}
