//! The content of an answer: by its length, in chunks, or up to the end of the connection (RFC 9112, section 6.3).

use ruled_plugin::*;

use crate::{Answer, line};

/// So much is read in a call.
const PIECE_BYTES: u64 = 65_536;

/// What may stand behind the last chunk; nobody sends more than a few.
const TRAILER_LINES_MAX: usize = 50;

/// Takes the content in pieces, at most so many bytes.
struct Taker<'a> {
    left: u64,
    take: &'a mut dyn FnMut(&[u8]),
}

impl Taker<'_> {
    /// Reads a run of so many bytes, and says whether all of them were taken.
    fn run(&mut self, conn: &Conn, bytes: u64) -> Result<bool, Failure> {
        let fits = bytes <= self.left;
        let mut run = bytes.min(self.left);
        while run > 0 {
            let piece = run.min(PIECE_BYTES);
            (self.take)(&whole(conn.exactly(piece as u32))?);
            run -= piece;
            self.left -= piece;
        }
        Ok(fits)
    }
}

impl Answer {
    /// Reads the content, hands it to `take` in pieces, at most `at_most` bytes, and says whether that was all of it:
    /// where it was not, at least `at_most` bytes were there.
    pub fn content(&self, conn: &Conn, at_most: u64, take: &mut dyn FnMut(&[u8])) -> Result<bool, Failure> {
        let mut taker = Taker { left: at_most, take };
        // These never have any (RFC 9110, sections 15.3.5 and 15.4.5).
        if self.status == 204 || self.status == 304 {
            return Ok(true);
        }
        if let Some(coding) = self.all("transfer-encoding").last() {
            let last = coding.rsplit(',').next().unwrap_or_default().trim();
            ensure!(last.eq_ignore_ascii_case("chunked"), "the content comes in the transfer coding {last:?}");
            return chunks(conn, &mut taker);
        }
        match self.length()? {
            Some(bytes) => taker.run(conn, bytes),
            None => up_to_end(conn, &mut taker),
        }
    }

    /// The length that is announced. Where it is announced several times, all must be the same.
    fn length(&self) -> Result<Option<u64>, Failure> {
        let mut length = None;
        for text in self.all("content-length").flat_map(|value| value.split(',')).map(str::trim) {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let Some(bytes) = text.parse::<u64>().ok().filter(|_| digits) else {
                fail!("the content has the length {text:?}, which is no number of bytes")
            };
            ensure!(length.is_none_or(|before| before == bytes), "the header announces two lengths of the content");
            length = Some(bytes);
        }
        Ok(length)
    }
}

fn chunks(conn: &Conn, taker: &mut Taker<'_>) -> Result<bool, Failure> {
    loop {
        let head = line(conn, "content")?;
        let digits = head.split(';').next().unwrap_or_default().trim();
        let hexadecimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let Some(bytes) = u64::from_str_radix(digits, 16).ok().filter(|_| hexadecimal) else {
            fail!("the content has a chunk of the length {digits:?}, which is no hexadecimal number of bytes")
        };
        if bytes == 0 {
            return trailer(conn);
        }
        if !taker.run(conn, bytes)? {
            return Ok(false);
        }
        ensure!(line(conn, "content")?.is_empty(), "a chunk of the content does not end where it should");
    }
}

fn trailer(conn: &Conn) -> Result<bool, Failure> {
    for _ in 0..=TRAILER_LINES_MAX {
        if line(conn, "content")?.is_empty() {
            return Ok(true);
        }
    }
    fail!("more than {TRAILER_LINES_MAX} lines follow the content")
}

fn up_to_end(conn: &Conn, taker: &mut Taker<'_>) -> Result<bool, Failure> {
    while taker.left > 0 {
        match conn.receive(taker.left.min(PIECE_BYTES) as u32) {
            Ok(piece) => {
                taker.left = taker.left.saturating_sub(piece.len() as u64);
                (taker.take)(&piece);
            }
            Err(IoError::Closed) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

/// A piece of which the length is known: a peer that closes before its end is wrong.
fn whole(read: Result<Vec<u8>, IoError>) -> Result<Vec<u8>, Failure> {
    match read {
        Err(IoError::Closed) => fail!("the server closed the connection before the end of the content"),
        other => Ok(other?),
    }
}
