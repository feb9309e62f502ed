//! Requests and answers of HTTP/1.1 (RFC 9110, RFC 9112) for the stock probes that speak it: one request over a
//! connection, and one answer.
//!
//! What does not live here: what a probe makes of an answer, and following redirections, which nobody does.

mod content;
mod request;

pub use request::Request;

use ruled_plugin::*;

/// RFC 9112 recommends that at least 8000 bytes be accepted in a request line; no line of an answer needs more.
pub const LINE_BYTES_MAX: u32 = 8_192;

/// What the large servers allow in a header is between 32 and 100 lines.
pub const HEADER_LINES_MAX: usize = 200;

/// Answers below 200 are interim; a server may send several before the real one (RFC 9110, section 15.2).
const INTERIM_ANSWERS_MAX: usize = 10;

/// What a server calls itself, and where it sends people, is shown in facts, which are short.
const FACT_LETTERS_MAX: usize = 200;

/// The status line and the header of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status: three digits.
    pub status: i64,
    /// What the server says beside it; often nothing.
    pub reason: String,
    /// Names and values, in their order.
    pub headers: Vec<(String, String)>,
}

impl Answer {
    /// Reads the header of the final answer; interim ones are passed over.
    pub fn read(conn: &Conn) -> Result<Answer, Failure> {
        for _ in 0..=INTERIM_ANSWERS_MAX {
            let answer = header(conn)?;
            // 101 ends HTTP on this connection, so nothing final follows it (RFC 9110, section 15.2.2).
            if answer.status >= 200 || answer.status == 101 {
                return Ok(answer);
            }
        }
        fail!("the server sends more than {INTERIM_ANSWERS_MAX} interim answers")
    }

    /// Status and reason in one line.
    pub fn line(&self) -> String {
        format!("{} {}", self.status, self.reason).trim_end().to_owned()
    }

    /// The value of a header, in any case of its name; the first one where there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The values of a header that may stand there several times.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = move |(one, _): &&(String, String)| one.eq_ignore_ascii_case(name);
        self.headers.iter().filter(named).map(|(_, value)| value.as_str())
    }

    /// The outcome of a check that is content with this answer, with what is worth showing of its header.
    pub fn outcome(&self, summary: impl Into<String>) -> Outcome {
        let mut outcome = ok(summary).fact("status", self.status.to_string());
        for name in ["server", "location"] {
            if let Some(value) = self.header(name) {
                outcome = outcome.fact(name, value.chars().take(FACT_LETTERS_MAX).collect::<String>());
            }
        }
        outcome
    }
}

fn header(conn: &Conn) -> Result<Answer, Failure> {
    let first = line(conn, "header")?;
    let (status, reason) = status(&first)?;
    let mut headers: Vec<(String, String)> = Vec::new();
    for _ in 0..=HEADER_LINES_MAX {
        let field = line(conn, "header")?;
        if field.is_empty() {
            return Ok(Answer { status, reason, headers });
        }
        // A line that begins with a blank continues the one before (RFC 9112, section 5.2), and says nothing here.
        if field.starts_with([' ', '\t']) {
            continue;
        }
        let Some((name, value)) = field.split_once(':') else { fail!("the header has a line without a colon") };
        headers.push((name.trim_end().to_owned(), value.trim().to_owned()));
    }
    fail!("the header has more than {HEADER_LINES_MAX} lines")
}

/// The status and the reason of a status line: `HTTP/1.1 200 OK` (RFC 9112, section 4).
fn status(line: &str) -> Result<(i64, String), Failure> {
    let Some((version, rest)) = line.strip_prefix("HTTP/").and_then(|rest| rest.split_once(' ')) else {
        fail!("the answer begins with {}, and not with a status line of HTTP", excerpt(line))
    };
    ensure!(version == "1.1" || version == "1.0", "the server answers with HTTP/{version}, not HTTP/1.1");
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let three_digits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()) && !code.starts_with('0');
    ensure!(three_digits, "the status {code:?} is no number of three digits");
    let Ok(status) = code.parse() else { fail!("the status {code:?} is no number") };
    Ok((status, reason.to_owned()))
}

/// A line of a part of the answer.
pub(crate) fn line(conn: &Conn, part: &str) -> Result<String, Failure> {
    match conn.line(LINE_BYTES_MAX) {
        Err(IoError::TooLong) => fail!("the {part} has a line of more than {LINE_BYTES_MAX} bytes"),
        other => Ok(other?),
    }
}
