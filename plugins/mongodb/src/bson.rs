//! Documents as MongoDB sends them (bsonspec.org, version 1.1): names and values, of which those are kept that a check
//! looks at. What is within a value is passed over.

use ruled_plugin::*;

/// What a server tells about itself has some thirty elements.
const ELEMENTS_MAX: usize = 500;

/// A value that may be looked at.
#[derive(Debug, PartialEq)]
enum Value {
    Number(f64),
    Text(String),
    Truth(bool),
}

/// A document, as far as it is looked at.
#[derive(Debug, PartialEq)]
pub(crate) struct Document {
    elements: Vec<(String, Value)>,
}

impl Document {
    /// Reads the document at the beginning of these bytes; what is behind it is no part of it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Document, Failure> {
        let Some(length) = bytes.first_chunk().map(|length| i32::from_le_bytes(*length)) else { return torn() };
        let inner = usize::try_from(length).ok().filter(|length| *length >= 5).and_then(|length| bytes.get(4..length));
        let Some((0, inner)) = inner.and_then(|inner| inner.split_last()) else { return torn() };
        let mut reader = Reader { left: inner };
        let mut elements = Vec::new();
        for _ in 0..ELEMENTS_MAX {
            if reader.left.is_empty() {
                return Ok(Document { elements });
            }
            let kind = reader.bytes(1)?[0];
            let name = reader.name()?;
            if let Some(value) = reader.value(kind)? {
                elements.push((name, value));
            }
        }
        fail!("the server tells more than {ELEMENTS_MAX} things about itself")
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.elements.iter().find(|(one, _)| one == name).map(|(_, value)| value)
    }

    /// A number of any kind.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        match self.value(name)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Yes or no.
    pub(crate) fn truth(&self, name: &str) -> Option<bool> {
        match self.value(name)? {
            Value::Truth(truth) => Some(*truth),
            _ => None,
        }
    }
}

fn torn<T>() -> Result<T, Failure> {
    fail!("the document that the server sends does not end where it says")
}

struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Failure> {
        let Some((bytes, left)) = self.left.split_at_checked(count) else { return torn() };
        self.left = left;
        Ok(bytes)
    }

    /// Up to the next 0.
    fn name(&mut self) -> Result<String, Failure> {
        let Some(end) = self.left.iter().position(|byte| *byte == 0) else { return torn() };
        let name = self.bytes(end + 1)?;
        Ok(String::from_utf8_lossy(&name[..end]).into_owned())
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        match self.bytes(N)?.first_chunk() {
            Some(bytes) => Ok(*bytes),
            None => torn(),
        }
    }

    /// A length, and as many bytes and so many more.
    fn counted(&mut self, more: usize) -> Result<&'a [u8], Failure> {
        match usize::try_from(i32::from_le_bytes(self.number()?)).ok().and_then(|length| length.checked_add(more)) {
            Some(length) => self.bytes(length),
            None => torn(),
        }
    }

    /// The value of an element of this type; nothing where nobody looks at it.
    fn value(&mut self, kind: u8) -> Result<Option<Value>, Failure> {
        match kind {
            0x01 => return Ok(Some(Value::Number(f64::from_le_bytes(self.number()?)))),
            0x02 => {
                let Some((0, text)) = self.counted(0)?.split_last() else { return torn() };
                return Ok(Some(Value::Text(String::from_utf8_lossy(text).into_owned())));
            }
            0x08 => return Ok(Some(Value::Truth(self.bytes(1)?[0] != 0))),
            0x10 => return Ok(Some(Value::Number(i32::from_le_bytes(self.number()?).into()))),
            0x12 => return Ok(Some(Value::Number(i64::from_le_bytes(self.number()?) as f64))),
            // A document or a list, whose length is part of it.
            0x03 | 0x04 => {
                let length = usize::try_from(i32::from_le_bytes(self.number()?)).ok();
                match length.and_then(|length| length.checked_sub(4)) {
                    Some(rest) => self.bytes(rest)?,
                    None => return torn(),
                }
            }
            // Bytes, behind a kind of them.
            0x05 => self.counted(1)?,
            // Undefined, null, the least and the greatest key.
            0x06 | 0x0a | 0x7f | 0xff => &[],
            // The name of an object.
            0x07 => self.bytes(12)?,
            // A date, a time stamp.
            0x09 | 0x11 => self.bytes(8)?,
            // A regular expression and its options.
            0x0b => {
                self.name()?;
                self.name()?;
                &[]
            }
            // A program, a symbol.
            0x0d | 0x0e => self.counted(0)?,
            // A decimal number.
            0x13 => self.bytes(16)?,
            other => fail!("the document that the server sends has an element of type {other:#04x}"),
        };
        Ok(None)
    }
}
