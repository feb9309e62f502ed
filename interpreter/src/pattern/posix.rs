//! Reading a pattern as glibc's `regcomp` reads it with `REG_EXTENDED`. What stands in brackets is read in `bracket`.
//!
//! The order of tests is glibc's, because which patterns are refused follows from it: an anchor is never repeated,
//! nothing is repeated at the beginning of a branch, and a `)` that closes nothing stands for itself.

use std::ops::Range;

use grammar::source::encode_back;

use super::tree::{Node, Times, Tree};
use super::{NESTING_MAX, PatternError, bracket};

/// The highest bound of an interval, `RE_DUP_MAX` of glibc.
const INTERVAL_MAX: u32 = 0x7fff;

/// Reads a pattern.
pub(super) fn read(written: &str) -> Result<Tree, PatternError> {
    let letters: Vec<Letter> = letters(written);
    if let Some(letter) = letters.iter().find(|letter| letter.byte == 0) {
        let message = "a pattern cannot hold the byte 0".to_owned();
        return Err(PatternError { message, at: Some(letter.at.clone()) });
    }
    let reader = Reader { letters: &letters, place: 0, end: written.len() };
    let mut parser = Parser { reader, groups: 0, closed: 0, stacked: 0, first_reference: None };
    let root = parser.choice(0)?;
    Ok(Tree { root, first_reference: parser.first_reference })
}

/// A byte of a pattern, and the bytes of the written text that it comes from.
struct Letter {
    byte: u8,
    at: Range<usize>,
}

fn letters(written: &str) -> Vec<Letter> {
    let mut letters = Vec::with_capacity(written.len());
    let mut buffer = [0; 4];
    for (start, character) in written.char_indices() {
        let at = start..start + character.len_utf8();
        let bytes = encode_back(character.encode_utf8(&mut buffer)).into_owned();
        letters.extend(bytes.into_iter().map(|byte| Letter { byte, at: at.clone() }));
    }
    letters
}

/// The bytes of a pattern, and how far they were read.
pub(super) struct Reader<'a> {
    letters: &'a [Letter],
    place: usize,
    end: usize,
}

impl Reader<'_> {
    /// The byte so many places ahead.
    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.letters.get(self.place + ahead).map(|letter| letter.byte)
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.place = (self.place + bytes).min(self.letters.len());
    }

    pub(super) fn place(&self) -> usize {
        self.place
    }

    pub(super) fn go_to(&mut self, place: usize) {
        self.place = place;
    }

    /// An error about what was read since a place.
    pub(super) fn error_since(&self, place: usize, message: &str) -> PatternError {
        PatternError { message: message.to_owned(), at: Some(self.since(place)) }
    }

    fn since(&self, place: usize) -> Range<usize> {
        let start = self.letters.get(place).map_or(self.end, |letter| letter.at.start);
        let last = self.place.checked_sub(1).and_then(|last| self.letters.get(last));
        start..last.map_or(start, |letter| letter.at.end.max(start))
    }
}

/// What stands next outside of brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    End,
    /// A byte that stands for itself.
    Byte(u8),
    Any,
    Open,
    Close,
    Or,
    Star,
    Plus,
    Question,
    OpenInterval,
    CloseInterval,
    OpenBracket,
    Place(&'static str),
    Class(&'static str),
    Reference(u8),
    LoneBackslash,
}

struct Parser<'a> {
    reader: Reader<'a>,
    /// How many groups were opened.
    groups: usize,
    /// The groups that a back-reference may name here, one bit for each.
    closed: u16,
    /// How many repetitions of repetitions there are in the whole pattern.
    stacked: usize,
    first_reference: Option<Range<usize>>,
}

impl Parser<'_> {
    /// The next token and its length.
    fn peek(&self) -> (Token, usize) {
        let Some(byte) = self.reader.byte(0) else { return (Token::End, 0) };
        let token = match byte {
            b'\\' => return self.reader.byte(1).map_or((Token::LoneBackslash, 1), |byte| (escaped(byte), 2)),
            b'.' => Token::Any,
            b'(' => Token::Open,
            b')' => Token::Close,
            b'|' => Token::Or,
            b'*' => Token::Star,
            b'+' => Token::Plus,
            b'?' => Token::Question,
            b'{' => Token::OpenInterval,
            b'}' => Token::CloseInterval,
            b'[' => Token::OpenBracket,
            b'^' => Token::Place("^"),
            b'$' => Token::Place("$"),
            byte => Token::Byte(byte),
        };
        (token, 1)
    }

    /// Takes a token, and says where it stands.
    fn take(&mut self) -> (Token, Range<usize>) {
        let (token, len) = self.peek();
        let start = self.reader.place();
        self.reader.skip(len);
        (token, self.reader.since(start))
    }

    /// Branches with `|` between them.
    fn choice(&mut self, depth: usize) -> Result<Node, PatternError> {
        let before = self.closed;
        let mut closed = before;
        let mut branches = Vec::new();
        loop {
            // A branch knows the groups before the choice and its own, not those of its neighbours.
            self.closed = before;
            branches.push(self.branch(depth)?);
            closed |= self.closed;
            if self.peek().0 != Token::Or {
                break;
            }
            self.take();
        }
        self.closed = closed;
        let only = if branches.len() == 1 { branches.pop() } else { None };
        Ok(only.unwrap_or(Node::Choice(branches)))
    }

    fn branch(&mut self, depth: usize) -> Result<Node, PatternError> {
        let mut parts = Vec::new();
        loop {
            match self.peek().0 {
                Token::End | Token::Or => break,
                Token::Close if depth > 0 => break,
                _ => parts.push(self.part(depth)?),
            }
        }
        let only = if parts.len() == 1 { parts.pop() } else { None };
        Ok(only.unwrap_or(Node::Sequence(parts)))
    }

    fn part(&mut self, depth: usize) -> Result<Node, PatternError> {
        let (token, at) = self.take();
        let node = match token {
            Token::Byte(byte) => Node::Byte(byte),
            Token::Close => Node::Byte(b')'),
            Token::CloseInterval => Node::Byte(b'}'),
            Token::Any => Node::Any,
            Token::Class(class) => Node::Class(class),
            Token::Open => self.group(depth, at)?,
            Token::OpenBracket => Node::Set(bracket::read(&mut self.reader, at)?),
            Token::Reference(number) => self.reference(number, at)?,
            // What follows is not read as a repetition of it, but as one at the beginning.
            Token::Place(place) => return Ok(Node::Place(place)),
            Token::Star | Token::Plus | Token::Question | Token::OpenInterval => {
                return Err(nothing_to_repeat(at));
            }
            Token::LoneBackslash => {
                let message = "the backslash at the end has nothing after it".to_owned();
                return Err(PatternError { message, at: Some(at) });
            }
            Token::End | Token::Or => Node::Sequence(Vec::new()),
        };
        self.repeated(node)
    }

    fn group(&mut self, depth: usize, open: Range<usize>) -> Result<Node, PatternError> {
        if depth >= NESTING_MAX {
            let message = format!("groups can be nested {NESTING_MAX} deep, not deeper");
            return Err(PatternError { message, at: Some(open) });
        }
        let number = self.groups;
        self.groups += 1;
        let inside = self.choice(depth + 1)?;
        if self.take().0 != Token::Close {
            return Err(PatternError { message: "this parenthesis is never closed".to_owned(), at: Some(open) });
        }
        self.closed |= u32::try_from(number).ok().and_then(|number| 1_u16.checked_shl(number)).unwrap_or(0);
        Ok(Node::Group(Box::new(inside)))
    }

    fn reference(&mut self, number: u8, at: Range<usize>) -> Result<Node, PatternError> {
        if self.closed & (1 << number.saturating_sub(1)) == 0 {
            let message = format!("`\\{number}` names a group that does not end before it");
            return Err(PatternError { message, at: Some(at) });
        }
        self.first_reference.get_or_insert(at);
        Ok(Node::Reference(number))
    }

    fn repeated(&mut self, mut node: Node) -> Result<Node, PatternError> {
        loop {
            let start = self.reader.place();
            let times = match self.peek().0 {
                Token::Star => Times { least: 0, most: None },
                Token::Plus => Times { least: 1, most: None },
                Token::Question => Times { least: 0, most: Some(1) },
                Token::OpenInterval => {
                    self.take();
                    let times = self.interval(start)?;
                    node = self.repeat(node, times, start)?;
                    continue;
                }
                _ => return Ok(node),
            };
            self.take();
            node = self.repeat(node, times, start)?;
        }
    }

    fn repeat(&mut self, node: Node, times: Times, start: usize) -> Result<Node, PatternError> {
        if let Node::Repeat { what, times: inner } = node {
            if let Some(times) = inner.again(times) {
                return Ok(Node::Repeat { what, times });
            }
            self.stacked += 1;
            if self.stacked > NESTING_MAX {
                let message = format!("a pattern can repeat {NESTING_MAX} repetitions, not more");
                return Err(self.reader.error_since(start, &message));
            }
            let what = Box::new(Node::Repeat { what, times: inner });
            return Ok(Node::Repeat { what, times });
        }
        Ok(Node::Repeat { what: Box::new(node), times })
    }

    /// Reads from behind `{` to behind `}`. Bounds are read as tokens, so `\,` is a comma here.
    fn interval(&mut self, start: usize) -> Result<Times, PatternError> {
        let (least, after) = self.bound(start)?;
        let least = match (least, after) {
            (Bound::None, Token::Byte(b',')) => Bound::Number(0),
            (Bound::None, _) => return Err(self.reader.error_since(start, "`{}` does not say how often")),
            (least, _) => least,
        };
        let (most, after) = match after {
            Token::CloseInterval => (least, after),
            _ => self.bound(start)?,
        };
        let (least, most) = match (least, most) {
            (Bound::Number(least), Bound::Number(most)) => (least, Some(most)),
            (Bound::Number(least), Bound::None) => (least, None),
            _ => return Err(self.reader.error_since(start, "an interval holds one or two numbers, such as `{2,5}`")),
        };
        if after != Token::CloseInterval {
            return Err(self.reader.error_since(start, "an interval holds at most two numbers, such as `{2,5}`"));
        }
        if most.is_some_and(|most| least > most) {
            return Err(self.reader.error_since(start, "an interval ends before it begins"));
        }
        if most.unwrap_or(least) > INTERVAL_MAX {
            let message = format!("an interval goes up to {INTERVAL_MAX}, not further");
            return Err(self.reader.error_since(start, &message));
        }
        Ok(Times { least, most })
    }

    /// Reads a bound and the token that ends it: a comma or the end of the interval.
    fn bound(&mut self, start: usize) -> Result<(Bound, Token), PatternError> {
        let mut bound = Bound::None;
        loop {
            match self.take() {
                (Token::End, _) => {
                    let open = self.reader.letters.get(start).map(|letter| letter.at.clone());
                    return Err(PatternError { message: "this brace is never closed".to_owned(), at: open });
                }
                (token @ (Token::CloseInterval | Token::Byte(b',')), _) => return Ok((bound, token)),
                (Token::Byte(digit @ b'0'..=b'9'), _) => bound = bound.then(digit),
                _ => bound = Bound::Nonsense,
            }
        }
    }
}

/// A bound of an interval, as far as it was read.
#[derive(Clone, Copy)]
enum Bound {
    None,
    Number(u32),
    Nonsense,
}

impl Bound {
    fn then(self, digit: u8) -> Bound {
        let digit = u32::from(digit.saturating_sub(b'0'));
        match self {
            Bound::None => Bound::Number(digit),
            // One more than the highest is enough to be refused later.
            Bound::Number(number) => Bound::Number((number * 10 + digit).min(INTERVAL_MAX + 1)),
            Bound::Nonsense => Bound::Nonsense,
        }
    }
}

/// What a byte means behind a backslash.
fn escaped(byte: u8) -> Token {
    match byte {
        b'1'..=b'9' => Token::Reference(byte - b'0'),
        b'<' => Token::Place("\\<"),
        b'>' => Token::Place("\\>"),
        b'b' => Token::Place("\\b"),
        b'B' => Token::Place("\\B"),
        b'`' => Token::Place("\\A"),
        b'\'' => Token::Place("\\z"),
        b'w' => Token::Class("\\w"),
        b'W' => Token::Class("\\W"),
        b's' => Token::Class("\\s"),
        b'S' => Token::Class("\\S"),
        byte => Token::Byte(byte),
    }
}

fn nothing_to_repeat(at: Range<usize>) -> PatternError {
    PatternError { message: "there is nothing to repeat before this sign".to_owned(), at: Some(at) }
}
