//! Encryption by a public key of RSA, with padding by OAEP and SHA-1 (RFC 8017, section 7.1), as servers of MySQL want
//! it. What it protects is a secret of ours for the peer who chose the key, so it need not take constant time.

use ruled_plugin::*;

/// The longest key, in words of 32 bits: 4,096 bits. What a longer one takes would be too much.
const WORDS_MAX: usize = 128;
/// The shortest one: 1,024 bits.
const WORDS_MIN: usize = 32;
/// The largest exponent; all but a few keys have 65,537.
const EXPONENT_MAX: u32 = 1 << 17;

const DIGEST_BYTES: usize = 20;

/// The tags of DER.
const INTEGER: u8 = 2;
const BITS: u8 = 3;
const SEQUENCE: u8 = 0x30;

/// A public key. Numbers have their lowest word first.
pub(crate) struct Key {
    modulus: Vec<u32>,
    exponent: u32,
}

impl Key {
    /// The key in a text of PEM (`BEGIN PUBLIC KEY`, RFC 7468).
    pub(crate) fn read(pem: &[u8]) -> Option<Key> {
        let text = str::from_utf8(pem).ok()?;
        let inner = text.split_once("-----BEGIN PUBLIC KEY-----")?.1.split_once("-----END PUBLIC KEY-----")?.0;
        let der = base64::decode(&inner.split_ascii_whitespace().collect::<String>())?;
        let (_, mut info) = part(&mut der.as_slice(), SEQUENCE)?;
        part(&mut info, SEQUENCE)?;
        let (_, bits) = part(&mut info, BITS)?;
        let (_, mut numbers) = part(&mut bits.strip_prefix(&[0])?, SEQUENCE)?;
        let (_, modulus) = part(&mut numbers, INTEGER)?;
        let (_, exponent) = part(&mut numbers, INTEGER)?;
        if exponent.len() > 4 || modulus.len() > 4 * WORDS_MAX + 1 {
            return None;
        }
        let exponent = exponent.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        let key = Key { modulus: words(modulus), exponent };
        let sound = (WORDS_MIN..=WORDS_MAX).contains(&key.modulus.len())
            && key.modulus[0] & 1 == 1
            && (3..=EXPONENT_MAX).contains(&exponent)
            && exponent & 1 == 1;
        sound.then_some(key)
    }

    /// The message encrypted; nothing when it is too long for the key.
    pub(crate) fn encrypt(&self, message: &[u8]) -> Option<Vec<u8>> {
        let top = *self.modulus.last()?;
        let length = 4 * self.modulus.len() - (top.leading_zeros() / 8) as usize;
        let zeros = length.checked_sub(2 * DIGEST_BYTES + 2 + message.len())?;
        let mut data = digest(HashKind::Sha1, &[]);
        data.resize(DIGEST_BYTES + zeros, 0);
        data.push(1);
        data.extend_from_slice(message);
        let mut seed = random_bytes(DIGEST_BYTES as u32);
        mask(&mut data, &seed);
        mask(&mut seed, &data);
        let mut number = words(&[seed, data].concat());
        number.resize(self.modulus.len(), 0);
        let bytes: Vec<u8> = self.power(&number).iter().rev().flat_map(|word| word.to_be_bytes()).collect();
        Some(bytes[bytes.len() - length..].to_vec())
    }

    /// The number, which is below the modulus, to the power of the exponent.
    fn power(&self, number: &[u32]) -> Vec<u32> {
        let mut result = number.to_vec();
        for bit in (0..self.exponent.ilog2()).rev() {
            result = self.product(&result, &result);
            if self.exponent >> bit & 1 == 1 {
                result = self.product(&result, number);
            }
        }
        result
    }

    /// The product of two numbers below the modulus. It is divided by the modulus word by word, from the top.
    fn product(&self, one: &[u32], other: &[u32]) -> Vec<u32> {
        let count = self.modulus.len();
        let mut product = vec![0_u32; 2 * count + 1];
        for (at, word) in one.iter().enumerate() {
            let mut carry = 0;
            for (place, second) in product[at..].iter_mut().zip(other.iter().chain([&0])) {
                let sum = u64::from(*word) * u64::from(*second) + u64::from(*place) + carry;
                *place = sum as u32;
                carry = sum >> 32;
            }
        }
        self.remainder(&mut product);
        product.truncate(count);
        product
    }

    /// Makes a number its remainder (Knuth, The Art of Computer Programming, volume 2, section 4.3.1, algorithm D).
    fn remainder(&self, number: &mut [u32]) {
        let count = self.modulus.len();
        let shift = self.modulus[count - 1].leading_zeros();
        let divisor = shifted(&self.modulus, shift);
        let whole = shifted(number, shift);
        number.copy_from_slice(&whole);
        let (top, second) = (u64::from(divisor[count - 1]), u64::from(divisor[count - 2]));
        for at in (0..number.len() - count).rev() {
            let head = u64::from(number[at + count]) << 32 | u64::from(number[at + count - 1]);
            let (mut guess, mut rest) = (head / top, head % top);
            while guess >> 32 != 0 || guess * second > (rest << 32 | u64::from(number[at + count - 2])) {
                guess -= 1;
                rest += top;
                if rest >> 32 != 0 {
                    break;
                }
            }
            let (mut carry, mut borrow) = (0_u64, 0_i64);
            for (place, word) in number[at..=at + count].iter_mut().zip(divisor.iter().chain([&0])) {
                let product = guess * u64::from(*word) + carry;
                carry = product >> 32;
                let difference = i64::from(*place) - i64::from(product as u32) + borrow;
                *place = difference as u32;
                borrow = difference >> 32;
            }
            if borrow < 0 {
                // The guess was one too large.
                let mut carry = 0;
                for (place, word) in number[at..=at + count].iter_mut().zip(divisor.iter().chain([&0])) {
                    let sum = u64::from(*place) + u64::from(*word) + carry;
                    *place = sum as u32;
                    carry = sum >> 32;
                }
            }
        }
        for at in 0..number.len() {
            let above = number.get(at + 1).copied().unwrap_or(0);
            number[at] = ((u64::from(above) << 32 | u64::from(number[at])) >> shift) as u32;
        }
    }
}

/// A number shifted to the left by less than a word, in as many words; its top bits are zeros.
fn shifted(number: &[u32], shift: u32) -> Vec<u32> {
    let below = [0].into_iter().chain(number.iter().copied());
    let pairs = number.iter().zip(below);
    pairs.map(|(word, below)| ((u64::from(*word) << 32 | u64::from(below)) << shift >> 32) as u32).collect()
}

/// The words of a number whose highest byte is the first, without zeros at the top.
fn words(bytes: &[u8]) -> Vec<u32> {
    let number = |chunk: &[u8]| chunk.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
    let mut words: Vec<u32> = bytes.rchunks(4).map(number).collect();
    while words.last() == Some(&0) {
        words.pop();
    }
    words
}

/// Mixes bytes with what MGF1 makes of a seed.
fn mask(bytes: &mut [u8], seed: &[u8]) {
    for (count, chunk) in (0_u32..).zip(bytes.chunks_mut(DIGEST_BYTES)) {
        let mask = digest(HashKind::Sha1, &[seed, &count.to_be_bytes()].concat());
        chunk.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
}

/// Takes the next part of DER, which must have this tag.
fn part<'a>(left: &mut &'a [u8], tag: u8) -> Option<(u8, &'a [u8])> {
    let (found, rest) = left.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut length = usize::from(*first);
    if length >= 0x80 {
        let (digits, after) = rest.split_at_checked(length - 0x80)?;
        if digits.len() > 2 {
            return None;
        }
        length = digits.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        rest = after;
    }
    let (content, after) = rest.split_at_checked(length)?;
    *left = after;
    (*found == tag).then_some((*found, content))
}

#[cfg(test)]
pub(crate) mod tests;
