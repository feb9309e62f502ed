//! Bracket expressions, from behind their `[` to their `]`. What else a pattern holds is read in `posix`.

use std::ops::Range;

use super::PatternError;
use super::posix::Reader;
use super::tree::{Item, Set};

/// The names that may stand in `[: :]` in the C locale.
const NAMES: [&str; 12] =
    ["alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit"];

/// How many bytes glibc reads between `[:` and `:]` before it gives up.
const NAME_BYTES_MAX: usize = 32;

/// What stands next in a bracket expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Byte(u8),
    Hyphen,
    Close,
    /// `[.`, `[=` or `[:`, by its second byte.
    Named(u8),
}

/// One element of the list, before it is known whether it begins a range.
enum Element {
    Byte(u8),
    /// What cannot be the end of a range: a class or an equivalence class.
    Whole(Item),
}

/// Reads a bracket expression whose `[` stands at `open` and was taken.
pub(super) fn read(reader: &mut Reader<'_>, open: Range<usize>) -> Result<Set, PatternError> {
    let mut bracket = Bracket { reader, open };
    let negated = bracket.reader.byte(0) == Some(b'^');
    if negated {
        bracket.reader.skip(1);
    }
    let mut items = Vec::new();
    loop {
        let sign = match bracket.sign()? {
            // The first one stands for itself.
            Sign::Close if items.is_empty() => Sign::Byte(b']'),
            Sign::Close => {
                bracket.reader.skip(1);
                return Ok(Set { negated, items });
            }
            sign => sign,
        };
        items.push(bracket.item(sign, items.is_empty())?);
    }
}

struct Bracket<'a, 'r> {
    reader: &'a mut Reader<'r>,
    open: Range<usize>,
}

impl Bracket<'_, '_> {
    /// What stands next. As in glibc, looking at `---` takes the first two of the three hyphens, which together are one
    /// hyphen that stands for itself.
    fn sign(&mut self) -> Result<Sign, PatternError> {
        let byte = self.reader.byte(0).ok_or_else(|| self.unclosed())?;
        Ok(match (byte, self.reader.byte(1)) {
            (b'[', Some(kind @ (b'.' | b'=' | b':'))) => Sign::Named(kind),
            (b'-', Some(b'-')) if self.reader.byte(2) == Some(b'-') => {
                self.reader.skip(2);
                Sign::Byte(b'-')
            }
            (b'-', _) => Sign::Hyphen,
            (b']', _) => Sign::Close,
            (byte, _) => Sign::Byte(byte),
        })
    }

    fn item(&mut self, sign: Sign, first: bool) -> Result<Item, PatternError> {
        let start_at = self.reader.place();
        let start = match self.element(sign, first)? {
            Element::Byte(byte) => byte,
            Element::Whole(item) => return Ok(item),
        };
        if self.sign()? != Sign::Hyphen {
            return Ok(Item::Range(start, start));
        }
        let hyphen = self.reader.place();
        self.reader.skip(1);
        let sign = self.sign()?;
        if sign == Sign::Close {
            // A hyphen before the end stands for itself; it is read again as the next element.
            self.reader.go_to(hyphen);
            return Ok(Item::Range(start, start));
        }
        match self.element(sign, true)? {
            Element::Byte(end) if start <= end => Ok(Item::Range(start, end)),
            Element::Byte(_) => Err(self.reader.error_since(start_at, "a range in brackets ends before it begins")),
            Element::Whole(_) => Err(self.reader.error_since(start_at, "a range in brackets cannot end in a class")),
        }
    }

    fn element(&mut self, sign: Sign, hyphen_allowed: bool) -> Result<Element, PatternError> {
        let start = self.reader.place();
        match sign {
            Sign::Named(kind) => {
                self.reader.skip(2);
                return self.named(kind, start);
            }
            _ => self.reader.skip(1),
        }
        match sign {
            Sign::Hyphen if !hyphen_allowed && self.sign()? != Sign::Close => {
                let message = "a hyphen in brackets stands for itself only at the beginning or the end";
                Err(self.reader.error_since(start, message))
            }
            Sign::Hyphen => Ok(Element::Byte(b'-')),
            Sign::Close => Ok(Element::Byte(b']')),
            Sign::Byte(byte) | Sign::Named(byte) => Ok(Element::Byte(byte)),
        }
    }

    /// Reads from behind `[:` to behind `:]`.
    fn named(&mut self, kind: u8, start: usize) -> Result<Element, PatternError> {
        let mut name = Vec::new();
        loop {
            let byte = self.reader.byte(0).ok_or_else(|| self.unclosed())?;
            self.reader.skip(1);
            if name.len() >= NAME_BYTES_MAX || self.reader.byte(0).is_none() {
                return Err(self.unclosed());
            }
            if byte == kind && self.reader.byte(0) == Some(b']') {
                self.reader.skip(1);
                break;
            }
            name.push(byte);
        }
        match (kind, name.as_slice()) {
            (b':', name) => {
                let known = NAMES.iter().find(|known| known.as_bytes() == name);
                known.map(|name| Element::Whole(Item::Named(name))).ok_or_else(|| {
                    let message = format!("a class in brackets is one of {}", NAMES.join(", "));
                    self.reader.error_since(start, &message)
                })
            }
            (b'=', [byte]) => Ok(Element::Whole(Item::Range(*byte, *byte))),
            (_, [byte]) => Ok(Element::Byte(*byte)),
            _ => Err(self.reader.error_since(start, "only one single character can stand between these signs")),
        }
    }

    fn unclosed(&self) -> PatternError {
        PatternError { message: "this bracket is never closed".to_owned(), at: Some(self.open.clone()) }
    }
}
