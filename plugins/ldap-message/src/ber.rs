//! The part of the Basic Encoding Rules that LDAP uses (RFC 4511, section 5.1): definite lengths, tags of one byte.

/// How many bytes a length may be written in behind its first.
const LENGTH_BYTES_MAX: usize = 4;

/// A number.
pub(crate) const INTEGER: u8 = 0x02;
/// A text, or any other bytes.
pub(crate) const OCTETS: u8 = 0x04;
/// One of several words, as a number.
pub(crate) const ENUMERATED: u8 = 0x0a;
/// Other elements in their order.
pub(crate) const SEQUENCE: u8 = 0x30;

/// An element: its tag, its length and its content.
pub(crate) fn element(tag: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length) if length < 0x80 => bytes.push(length),
        _ => {
            let length = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
            bytes.push(0x84);
            bytes.extend(length);
        }
    }
    bytes.extend(content);
    bytes
}

/// A number that is not negative and fits into seven bits.
pub(crate) fn small(tag: u8, number: u8) -> Vec<u8> {
    element(tag, [number & 0x7f])
}

/// What the first byte of a length says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// The length itself.
    Is(u32),
    /// In how many bytes it follows.
    Follows(u32),
}

/// Reads the first byte of a length; nothing where it is of no kind that LDAP allows.
pub(crate) fn length(first: u8) -> Option<Length> {
    match usize::from(first & 0x7f) {
        length if first < 0x80 => Some(Length::Is(length as u32)),
        count @ 1..=LENGTH_BYTES_MAX => Some(Length::Follows(count as u32)),
        _ => None,
    }
}

/// The number that these bytes are, the highest first; at most four of them count.
pub(crate) fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// Elements that stand one behind the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements<'a>(pub(crate) &'a [u8]);

impl<'a> Elements<'a> {
    /// The next element, its tag and its content; nothing at the end, and where something else stands there.
    pub(crate) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], mut rest) = self.0.split_first_chunk::<2>()?;
        let length = match length(first)? {
            Length::Is(length) => length,
            Length::Follows(count) => {
                let (digits, behind) = rest.split_at_checked(count as usize)?;
                rest = behind;
                number(digits)
            }
        };
        let (content, behind) = rest.split_at_checked(length as usize)?;
        self.0 = behind;
        Some((tag, content))
    }

    /// The content of the next element, where it has this tag.
    pub(crate) fn expect(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        let long = vec![7; 200];
        let bytes = [element(OCTETS, "abc"), element(OCTETS, &long), small(INTEGER, 3)].concat();
        let mut elements = Elements(&bytes);
        assert_eq!(elements.expect(OCTETS), Some(b"abc".as_slice()));
        assert_eq!(elements.next(), Some((OCTETS, long.as_slice())));
        assert_eq!(elements.expect(INTEGER).map(number), Some(3));
        assert_eq!(elements.next(), None);
    }

    #[test]
    fn what_is_cut_or_has_no_length_ends() {
        for bytes in
            [&[4][..], &[4, 3, 1], &[4, 0x80], &[4, 0x85, 0, 0, 0, 0, 1], &[4, 0x84, 0xff, 0xff, 0xff, 0xff, 1]]
        {
            assert_eq!(Elements(bytes).next(), None, "{bytes:?}");
        }
        assert_eq!(Elements(&[4, 0x81, 1, 9]).next(), Some((4, [9].as_slice())));
    }
}
