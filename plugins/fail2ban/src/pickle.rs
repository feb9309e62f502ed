//! Python's pickles, as far as Fail2ban answers in them: numbers, texts, and lists of them. What a pickle would have
//! Python make or call is read as what it is made of, and nothing is made or called.

use std::collections::BTreeMap;
use std::rc::Rc;

/// Answers are lists of pairs; what is nested deeper than this is none.
const DEPTH_MAX: u8 = 16;

/// What a pickle holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(Rc<str>),
    /// A list, a tuple, or what something is made of.
    List {
        /// How deep lists are nested in it, itself included.
        depth: u8,
        /// What is in it.
        items: Vec<Value>,
    },
    /// What nobody asks for.
    Other,
}

impl Value {
    /// The text that it is.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What is in the list that it is; nothing where it is none.
    pub(crate) fn items(&self) -> &[Value] {
        match self {
            Value::List { items, .. } => items,
            _ => &[],
        }
    }

    /// The first text in it, however deep.
    pub(crate) fn first_text(&self) -> Option<&str> {
        self.text().or_else(|| self.items().iter().find_map(Value::first_text))
    }

    fn depth(&self) -> u8 {
        match self {
            Value::List { depth, .. } => *depth,
            _ => 0,
        }
    }
}

/// A pickle of a list with one text in it, which all versions of Python read.
pub(crate) fn list_of(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    [b"\x80\x02](X".as_slice(), &length.to_le_bytes(), text.as_bytes(), b"e."].concat()
}

/// What a pickle holds; nothing where it is none, or has something in it that no answer has.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader { bytes, stack: Vec::new(), marks: Vec::new(), memo: BTreeMap::new() };
    // Each step takes a byte, so there is an end.
    loop {
        match reader.take(1)?[0] {
            b'.' => return reader.stack.pop(),
            code => reader.step(code)?,
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    stack: Vec<Value>,
    /// How high the stack was at each mark.
    marks: Vec<usize>,
    /// Texts that may be repeated; all else is repeated as nothing, so that no answer is longer than it is.
    memo: BTreeMap<u32, Value>,
}

impl<'a> Reader<'a> {
    /// Does what a byte says (the names are those of `pickletools`).
    fn step(&mut self, code: u8) -> Option<()> {
        let top = self.stack.len();
        match code {
            // PROTO, FRAME
            0x80 => self.take(1).map(drop),
            0x95 => self.take(8).map(drop),
            // MARK
            b'(' => {
                self.marks.push(top);
                Some(())
            }
            // BININT1, BININT2, BININT, INT
            b'K' => self.take(1).and_then(|number| self.push(Value::Number(number[0].into()))),
            b'M' => self.take(2).and_then(|number| self.push(Value::Number(length(number)? as i64))),
            b'J' => {
                let number = i32::from_le_bytes(self.take(4)?.try_into().ok()?);
                self.push(Value::Number(number.into()))
            }
            b'I' => {
                let number = self.line()?.parse().ok()?;
                self.push(Value::Number(number))
            }
            // NONE, NEWTRUE, NEWFALSE, EMPTY_DICT, BINFLOAT
            b'N' | 0x88 | 0x89 | b'}' => self.push(Value::Other),
            b'G' => self.take(8).and_then(|_| self.push(Value::Other)),
            // STRING, UNICODE; SHORT_BINUNICODE, SHORT_BINSTRING, SHORT_BINBYTES; BINUNICODE, BINSTRING, BINBYTES
            b'S' | b'V' => {
                let text = self.line()?.trim_matches(['\'', '"']).into();
                self.push(Value::Text(text))
            }
            0x8c | b'U' | b'C' => self.text(1),
            b'X' | b'T' | b'B' => self.text(4),
            // EMPTY_LIST, EMPTY_TUPLE; APPEND, APPENDS; TUPLE, LIST; TUPLE1, TUPLE2, TUPLE3
            b']' | b')' => self.push(Value::List { depth: 1, items: Vec::new() }),
            b'a' => self.append(top.checked_sub(1)?),
            b'e' => self.marks.pop().and_then(|mark| self.append(mark)),
            b't' | b'l' => self.marks.pop().and_then(|mark| self.gather(mark)),
            0x85..=0x87 => self.gather(top.checked_sub(usize::from(code - 0x84))?),
            // MEMOIZE; PUT, BINPUT, LONG_BINPUT; GET, BINGET, LONG_BINGET
            0x94 => self.keep(u32::try_from(self.memo.len()).ok()?),
            b'p' | b'q' | b'r' => self.place(code).and_then(|place| self.keep(place)),
            b'g' | b'h' | b'j' => {
                let place = self.place(code)?;
                let value = self.memo.get(&place)?.clone();
                self.push(value)
            }
            // GLOBAL, STACK_GLOBAL: a module and a name; REDUCE, NEWOBJ: what that is made of takes its place
            b'c' => {
                self.line()?;
                self.line()?;
                self.push(Value::Other)
            }
            0x93 => {
                self.stack.truncate(top.checked_sub(2)?);
                self.push(Value::Other)
            }
            b'R' | 0x81 => {
                let made_of = self.stack.pop()?;
                *self.stack.last_mut()? = made_of;
                Some(())
            }
            // SETITEM, BUILD, SETITEMS: nobody asks for what is set
            b's' => self.forget(top.checked_sub(2)?),
            b'b' => self.forget(top.checked_sub(1)?),
            b'u' => self.marks.pop().and_then(|mark| self.forget(mark)),
            _ => None,
        }
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    /// Up to the end of the line, which is taken, too.
    fn line(&mut self) -> Option<&'a str> {
        let end = self.bytes.iter().position(|byte| *byte == b'\n')?;
        let line = self.take(end + 1)?;
        std::str::from_utf8(&line[..end]).ok()
    }

    /// A text behind its length, which has so many bytes.
    fn text(&mut self, width: usize) -> Option<()> {
        let bytes = length(self.take(width)?)?;
        let text = String::from_utf8_lossy(self.take(bytes)?).as_ref().into();
        self.push(Value::Text(text))
    }

    /// The place of something that is kept: a line, a byte, or four.
    fn place(&mut self, code: u8) -> Option<u32> {
        match code {
            b'p' | b'g' => self.line()?.parse().ok(),
            b'q' | b'h' => Some(self.take(1)?[0].into()),
            _ => u32::try_from(length(self.take(4)?)?).ok(),
        }
    }

    fn push(&mut self, value: Value) -> Option<()> {
        self.stack.push(value);
        Some(())
    }

    /// Puts what is above this height into the list below it.
    fn append(&mut self, height: usize) -> Option<()> {
        let more = self.above(height)?;
        let deepest = more.iter().map(Value::depth).max().unwrap_or(0);
        match self.stack.last_mut()? {
            Value::List { depth, items } => {
                *depth = (*depth).max(deepest + 1);
                items.extend(more);
                (*depth <= DEPTH_MAX).then_some(())
            }
            _ => None,
        }
    }

    /// Makes one list of what is above this height.
    fn gather(&mut self, height: usize) -> Option<()> {
        let items = self.above(height)?;
        let depth = items.iter().map(Value::depth).max().unwrap_or(0) + 1;
        self.push(Value::List { depth, items })?;
        (depth <= DEPTH_MAX).then_some(())
    }

    fn forget(&mut self, height: usize) -> Option<()> {
        self.above(height).map(drop)
    }

    fn above(&mut self, height: usize) -> Option<Vec<Value>> {
        (height <= self.stack.len()).then(|| self.stack.split_off(height))
    }

    /// Keeps what is on top.
    fn keep(&mut self, place: u32) -> Option<()> {
        let kept = match self.stack.last()? {
            Value::Text(text) => Value::Text(Rc::clone(text)),
            Value::Number(number) => Value::Number(*number),
            Value::List { .. } | Value::Other => Value::Other,
        };
        self.memo.insert(place, kept);
        Some(())
    }
}

/// A number of one, two or four bytes, the lowest first.
fn length(bytes: &[u8]) -> Option<usize> {
    let number = bytes.iter().rev().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn list(items: &[Value]) -> Value {
        let depth = items.iter().map(Value::depth).max().unwrap_or(0) + 1;
        Value::List { depth, items: items.to_vec() }
    }

    #[test]
    fn pickles_of_all_protocols_are_read() {
        // `pickle.dumps((0, "pong"), protocol)` for 0, 2 and 5.
        for pickle in [
            b"(I0\nVpong\np0\ntp1\n.".as_slice(),
            b"\x80\x02K\0X\x04\0\0\0pongq\0\x86q\x01.",
            b"\x80\x05\x95\x0c\0\0\0\0\0\0\0K\0\x8c\x04pong\x94\x86\x94.",
        ] {
            assert_eq!(read(pickle), Some(list(&[Value::Number(0), text("pong")])), "{pickle:?}");
        }
        assert_eq!(read(&list_of("ping")), Some(list(&[text("ping")])));
        // `pickle.dumps([-1, 300, None, True, "a", "a", {"b": 1.5}], 4)`
        let all =
            b"\x80\x04]\x94(J\xff\xff\xff\xffM,\x01N\x88\x8c\x01a\x94h\x01}\x94\x8c\x01b\x94G?\xf8\0\0\0\0\0\0se.";
        let other = Value::Other;
        let expected =
            [Value::Number(-1), Value::Number(300), other.clone(), other.clone(), text("a"), text("a"), other];
        assert_eq!(read(all), Some(list(&expected)));
    }

    #[test]
    fn an_exception_is_what_it_is_made_of() {
        let pickle = b"\x80\x05K\x01\x8c\x08builtins\x94\x8c\tException\x94\x93\x94\x8c\x0fInvalid command\x94\x85\x94R\x94\x86\x94.";
        let answer = read(pickle).expect("an answer");
        assert_eq!(answer, list(&[Value::Number(1), list(&[text("Invalid command")])]));
        assert_eq!(answer.first_text(), Some("Invalid command"));
        // Protocol 2 names what is called in lines.
        let old = b"\x80\x02K\x01cexceptions\nException\nq\0U\x04nopeq\x01\x85q\x02Rq\x03\x86.";
        assert_eq!(read(old).expect("an answer").first_text(), Some("nope"));
    }

    #[test]
    fn what_is_no_pickle_is_none() {
        for bytes in [
            b"".as_slice(),
            b".",
            b"\x80\x02",
            b"a.",
            b"e.",
            b"t.",
            b"h\0.",
            b"R.",
            b"X\xff\xff\xff\xff.",
            b"K.",
            b"\x86.",
        ] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
        let wrapped = [vec![b']'; 1], vec![0x85; 1_000], vec![b'.']].concat();
        assert_eq!(read(&wrapped), None);
        let filled = |depth: usize| [vec![b']'; depth], vec![b'a'; depth - 1], vec![b'.']].concat();
        assert_eq!(read(&filled(1_000)), None);
        assert_eq!(read(&filled(usize::from(DEPTH_MAX) + 1)), None);
        assert!(read(&filled(usize::from(DEPTH_MAX))).is_some());
        let wide = [b"(".as_slice(), &b"]".repeat(1_000), b"t."].concat();
        assert_eq!(read(&wide).expect("a list").items().len(), 1_000);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..300)) {
            read(&bytes);
        }

        #[test]
        fn any_pickle_is_survived(bytes in vec(prop::sample::select(b"(.KMJINGSVUCXTB]){}aetlpqrghjcRsub\n\0\x01\x85\x86\x87\x94".to_vec()), 0..300)) {
            if let Some(value) = read(&bytes) {
                prop_assert!(value.depth() <= DEPTH_MAX);
            }
        }
    }
}
