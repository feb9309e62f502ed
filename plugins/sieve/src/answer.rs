//! An answer of ManageSieve (RFC 5804, sections 1.2 and 4): lines of texts, and a last one with `OK`, `NO` or `BYE`.

use ruled_plugin::*;

/// A line without its literals.
const LINE_BYTES_MAX: u32 = 8_192;
/// A text that is announced with its length.
const LITERAL_BYTES_MAX: u32 = 8_192;
/// How many texts a line may have.
const TEXTS_MAX: usize = 20;
/// What a server can do takes a dozen lines.
const LINES_MAX: usize = 100;
/// All texts of an answer together, which are kept.
const ANSWER_BYTES_MAX: usize = 65_536;

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Ok,
    No,
    Bye,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    ended: Ended,
    /// What the last line says to people, or its code where it says nothing.
    words: String,
    /// The texts of the lines before.
    lines: Vec<Vec<String>>,
}

impl Answer {
    /// This answer, where it ended in `OK`; otherwise [`Failure::Rejected`] with what the server said.
    pub(crate) fn must_be_ok(self) -> Result<Answer, Failure> {
        match self.ended {
            Ended::Ok => Ok(self),
            Ended::No => Err(Failure::Rejected(format!("NO {}", self.words).trim_end().to_owned())),
            Ended::Bye => Err(Failure::Rejected(format!("BYE {}", self.words).trim_end().to_owned())),
        }
    }

    /// What the server says of something that it can do: nothing where it cannot, and no words where the name says it all.
    pub(crate) fn capability(&self, name: &str) -> Option<&str> {
        let named = |line: &&Vec<String>| line.first().is_some_and(|first| first.eq_ignore_ascii_case(name));
        self.lines.iter().find(named).map(|line| line.get(1).map(String::as_str).unwrap_or_default())
    }
}

/// Reads an answer with all its lines.
pub(crate) fn answer(conn: &Conn) -> Result<Answer, Failure> {
    let (mut lines, mut kept) = (Vec::new(), 0);
    while lines.len() <= LINES_MAX {
        let line = line(conn)?;
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let ended = match word.to_ascii_uppercase().as_str() {
            "OK" => Some(Ended::Ok),
            "NO" => Some(Ended::No),
            "BYE" => Some(Ended::Bye),
            _ => None,
        };
        if let Some(ended) = ended {
            let texts = texts(conn, rest)?;
            let words = match texts.into_iter().next() {
                Some(text) => text,
                None => rest.to_owned(),
            };
            return Ok(Answer { ended, words, lines });
        }
        ensure!(line.starts_with(['"', '{']), "the server says {}, which is no answer of ManageSieve", excerpt(&line));
        let texts = texts(conn, &line)?;
        kept += texts.iter().map(String::len).sum::<usize>();
        ensure!(kept <= ANSWER_BYTES_MAX, "the server answers with more than {ANSWER_BYTES_MAX} bytes");
        lines.push(texts);
    }
    fail!("the server answers with more than {LINES_MAX} lines")
}

/// The texts that stand in a line: in quotes, or behind it with their length. What else stands there, such as a code in
/// parentheses, is passed over with the texts in it.
fn texts(conn: &Conn, line: &str) -> Result<Vec<String>, Failure> {
    let mut texts = Vec::new();
    let mut line = line.to_owned();
    let mut depth = 0_usize;
    for _ in 0..TEXTS_MAX {
        let (literal, quoted) = quoted(&line, &mut depth)?;
        texts.extend(quoted);
        ensure!(texts.len() <= TEXTS_MAX, "the server sends a line of more than {TEXTS_MAX} texts");
        let Some(bytes) = literal else { return Ok(texts) };
        ensure!(bytes <= LITERAL_BYTES_MAX, "the server announces a text of {bytes} bytes");
        let text = conn.exactly(bytes)?;
        if depth == 0 {
            texts.push(String::from_utf8_lossy(&text).into_owned());
        }
        line = self::line(conn)?;
    }
    fail!("the server sends a line of more than {TEXTS_MAX} texts")
}

/// The texts in quotes outside parentheses, and how long the one is that follows the line.
fn quoted(line: &str, depth: &mut usize) -> Result<(Option<u32>, Vec<String>), Failure> {
    let mut texts = Vec::new();
    let mut letters = line.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '(' => *depth += 1,
            ')' => *depth = depth.saturating_sub(1),
            '"' => {
                let mut text = String::new();
                loop {
                    match letters.next() {
                        Some((_, '"')) => break,
                        Some((_, '\\')) => text.extend(letters.next().map(|(_, letter)| letter)),
                        Some((_, letter)) => text.push(letter),
                        None => fail!("the server sends a text whose quote does not end"),
                    }
                }
                if *depth == 0 {
                    texts.push(text);
                }
            }
            '{' => {
                let digits = line[at + 1..].strip_suffix('}').map(|digits| digits.trim_end_matches('+'));
                match digits.map(str::parse) {
                    Some(Ok(bytes)) => return Ok((Some(bytes), texts)),
                    _ => fail!("the server announces a text and does not say how long it is"),
                }
            }
            _ => {}
        }
    }
    Ok((None, texts))
}

fn line(conn: &Conn) -> Result<String, Failure> {
    match conn.line(LINE_BYTES_MAX) {
        Err(IoError::TooLong) => fail!("the server sends a line of more than {LINE_BYTES_MAX} bytes"),
        other => Ok(other?),
    }
}
