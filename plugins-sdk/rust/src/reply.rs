//! The three ways in which servers of lines answer: a number of three digits (SMTP, FTP, NNTP), `+OK` or `-ERR` (POP3),
//! and a tag (IMAP). All of them are bounded, and a server that speaks something else is found out.

use crate::{Conn, Failure, IoError, fail};

/// SMTP allows 512 bytes, and its extensions more; no answer that a check looks at comes near this.
const LINE_BYTES_MAX: u32 = 8_192;
/// The longest answers are lists of what a server can do: some dozens of lines.
const LINES_MAX: usize = 200;
/// What a server of IMAP may send as a literal within its answer.
const LITERAL_BYTES_MAX: u32 = 65_536;
/// What it may send in all before the line with the tag. It is kept, and the memory of a plugin is bounded.
const UNTAGGED_BYTES_MAX: usize = 1 << 20;

/// An answer with a number of three digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The number.
    pub code: u16,
    /// The text of each line, without the number.
    pub lines: Vec<String>,
}

impl Reply {
    /// Whether the number is of that hundred: `is(2)` for 200 to 299.
    pub fn is(&self, hundred: u16) -> bool {
        self.code / 100 == hundred
    }

    /// The number and the first line, for messages.
    pub fn line(&self) -> String {
        let first = self.lines.first().map(String::as_str).unwrap_or_default();
        format!("{} {first}", self.code).trim_end().to_owned()
    }

    /// Whether a line begins with this word, in any case: how servers list what they can do.
    pub fn names(&self, word: &str) -> bool {
        let first = |line: &String| line.split([' ', '=']).next().is_some_and(|first| first.eq_ignore_ascii_case(word));
        self.lines.iter().any(first)
    }

    /// This answer, where it is of that hundred; otherwise [`Failure::Rejected`] with what the server said.
    pub fn must_be(self, hundred: u16) -> Result<Reply, Failure> {
        if self.is(hundred) { Ok(self) } else { Err(Failure::Rejected(self.line())) }
    }

    /// This answer, where it has that very number; otherwise [`Failure::Rejected`] with what the server said.
    pub fn must_have(self, code: u16) -> Result<Reply, Failure> {
        if self.code == code { Ok(self) } else { Err(Failure::Rejected(self.line())) }
    }
}

/// How a tagged answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagged {
    /// It was done.
    Ok,
    /// It was not done.
    No,
    /// It was not understood.
    Bad,
}

/// An answer with a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaggedReply {
    /// How it ended.
    pub ended: Tagged,
    /// What the line with the tag says behind that.
    pub text: String,
    /// The lines before it, without `* `; a literal is part of its line.
    pub untagged: Vec<String>,
}

impl TaggedReply {
    /// This answer, where it was done; otherwise [`Failure::Rejected`] with what the server said.
    pub fn must_be_ok(self) -> Result<TaggedReply, Failure> {
        if self.ended == Tagged::Ok { Ok(self) } else { Err(Failure::Rejected(self.text)) }
    }
}

impl Conn<'_> {
    /// Reads an answer of three digits with all its lines, as SMTP (each line has the number) or FTP (only the first and
    /// the last have it) send them.
    pub fn reply(&self) -> Result<Reply, Failure> {
        let first = self.answer_line()?;
        let Some((code, is_last, text)) = numbered(&first) else {
            fail!("the server does not answer with a number of three digits");
        };
        let mut lines = vec![text.to_owned()];
        let mut ended = is_last;
        while !ended {
            if lines.len() >= LINES_MAX {
                fail!("the server answers with more than {LINES_MAX} lines");
            }
            let line = self.answer_line()?;
            match numbered(&line) {
                Some((same, is_last, text)) if same == code => {
                    lines.push(text.to_owned());
                    ended = is_last;
                }
                _ => lines.push(line.trim().to_owned()),
            }
        }
        Ok(Reply { code, lines })
    }

    /// Sends a command and reads its answer of three digits.
    pub fn ask(&self, command: &str) -> Result<Reply, Failure> {
        self.command(command)?;
        self.reply()
    }

    /// Reads a line that begins with `+OK`, and returns what follows; `-ERR` is [`Failure::Rejected`].
    pub fn status(&self) -> Result<String, Failure> {
        let line = self.answer_line()?;
        if let Some(rest) = line.strip_prefix("+OK") {
            return Ok(rest.trim().to_owned());
        }
        match line.strip_prefix("-ERR") {
            Some(rest) => Err(Failure::Rejected(rest.trim().to_owned())),
            None => fail!("the server answers with neither +OK nor -ERR"),
        }
    }

    /// Reads an answer up to the line with this tag.
    pub fn tagged(&self, tag: &str) -> Result<TaggedReply, Failure> {
        let (mut untagged, mut kept) = (Vec::new(), 0);
        for _ in 0..LINES_MAX {
            let mut line = self.answer_line()?;
            if let Some(rest) = line.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' ')) {
                let (word, text) = rest.split_once(' ').unwrap_or((rest, ""));
                let ended = match word.to_ascii_uppercase().as_str() {
                    "OK" => Tagged::Ok,
                    "NO" => Tagged::No,
                    "BAD" => Tagged::Bad,
                    _ => fail!("the server ends its answer with {word:?} instead of OK, NO or BAD"),
                };
                return Ok(TaggedReply { ended, text: text.to_owned(), untagged });
            }
            while let Some(bytes) = literal(&line) {
                if bytes > LITERAL_BYTES_MAX {
                    fail!("the server announces a text of {bytes} bytes");
                }
                let text = self.exactly(bytes)?;
                line.push_str(&String::from_utf8_lossy(&text));
                line.push_str(&self.answer_line()?);
                if line.len() > 4 * LITERAL_BYTES_MAX as usize {
                    fail!("the server sends a line without end");
                }
            }
            kept += line.len();
            if kept > UNTAGGED_BYTES_MAX {
                fail!("the server answers with more than {UNTAGGED_BYTES_MAX} bytes");
            }
            match line.strip_prefix("* ").or_else(|| line.strip_prefix('+')) {
                Some(rest) => untagged.push(rest.trim_start().to_owned()),
                None => fail!("the server sends a line that begins with neither its tag nor *"),
            }
        }
        fail!("the server answers with more than {LINES_MAX} lines")
    }

    fn answer_line(&self) -> Result<String, Failure> {
        match self.line(LINE_BYTES_MAX) {
            Err(IoError::TooLong) => fail!("the server sends a line of more than {LINE_BYTES_MAX} bytes"),
            other => Ok(other?),
        }
    }
}

/// The number of a line, whether it is the last of its answer, and its text.
fn numbered(line: &str) -> Option<(u16, bool, &str)> {
    let digits = line.get(..3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let code = digits.parse().ok().filter(|code| (100..=599).contains(code))?;
    match line.get(3..)? {
        "" => Some((code, true, "")),
        rest => match rest.strip_prefix('-') {
            Some(text) => Some((code, false, text)),
            None => Some((code, true, rest.strip_prefix(' ')?)),
        },
    }
}

/// How long the literal is that a line ends with: `{12}`.
fn literal(line: &str) -> Option<u32> {
    line.strip_suffix('}')?.rsplit_once('{')?.1.parse().ok()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::{Check, Describe, Options, Probe, Script, ok, script};

    /// Asks in one of the three ways, and passes with what it understood.
    struct Asks;

    impl Probe for Asks {
        fn describe() -> Describe {
            Describe::new("asks", "Asks").option("how", crate::OptionType::Text, "In which way")
        }

        fn check(conn: &Conn, options: &Options) -> Check {
            let answer = match options.text("how") {
                Some("status") => conn.status()?,
                Some("tagged") => format!("{:?}", conn.tagged("A1")?.must_be_ok()?.untagged),
                Some(command) => conn.ask(command)?.must_be(2)?.lines.join("|"),
                None => conn.reply()?.line(),
            };
            ok(answer).into()
        }
    }

    fn said(peer: Script) -> String {
        peer.run::<Asks>().map(|outcome| outcome.summary).unwrap_or_else(|failure| format!("{failure:?}"))
    }

    #[test]
    fn numbers_with_all_their_lines() {
        assert_eq!(said(script().says("220 mail ready\r\n")), "220 mail ready");
        let smtp = script().with("how", "EHLO me").hears("EHLO me\r\n").says("250-host\r\n250-SIZE 9\r\n250 HELP\r\n");
        assert_eq!(said(smtp), "host|SIZE 9|HELP");
        let ftp = script().with("how", "STAT").hears("STAT\r\n").says("211-begins\r\n 999 within\r\n211 ends\r\n");
        assert_eq!(said(ftp), "begins|999 within|ends");
        let no = script().with("how", "X").hears("X\r\n").says("550 no\r\n");
        assert_eq!(said(no), "Rejected(\"550 no\")");
    }

    #[test]
    fn what_has_no_number_or_no_end_is_found_out() {
        for answer in ["hello\r\n", "22 x\r\n", "2200 x\r\n", "999 x\r\n", "220x\r\n"] {
            assert!(said(script().says(answer)).contains("three digits"), "{answer}");
        }
        assert!(said(script().repeats("220-x\r\n")).contains("more than 200 lines"));
        assert!(said(script().repeats("2")).contains("more than 8192 bytes"));
    }

    #[test]
    fn a_command_stays_one_command() {
        let check = script().with("how", "USER a\r\nDELE 1").run::<Asks>();
        assert!(matches!(check, Err(Failure::Misconfigured(_))), "{check:?}");
    }

    #[test]
    fn plus_and_minus() {
        let status = |answer: &str| said(script().with("how", "status").says(answer));
        assert_eq!(status("+OK ready\r\n"), "ready");
        assert_eq!(status("-ERR go away\r\n"), "Rejected(\"go away\")");
        assert!(status("220 x\r\n").contains("neither"));
    }

    #[test]
    fn tags_with_literals() {
        let tagged = |answer: &str| said(script().with("how", "tagged").says(answer));
        assert_eq!(tagged("* CAPABILITY X\r\nA1 OK done\r\n"), "[\"CAPABILITY X\"]");
        assert_eq!(tagged("* N {3}\r\na\nb end\r\nA1 OK x\r\n"), "[\"N {3}a\\nb end\"]");
        assert_eq!(tagged("A1 NO not you\r\n"), "Rejected(\"not you\")");
        assert!(tagged("* X {99999999}\r\n").contains("announces"));
        let long = format!("* X {{65536}}\r\n{}\r\n", "x".repeat(65_536));
        assert!(tagged(&long.repeat(100)).contains("1048576 bytes"));
        assert!(tagged("A1 PERHAPS\r\n").contains("PERHAPS"));
        assert!(tagged("B2 OK\r\n").contains("neither its tag"));
    }
}
