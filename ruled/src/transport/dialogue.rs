//! The words of `send` and `expect`: what the author of a rule says and waits for himself, where no protocol is named.

use std::io;
use std::time::{Duration, Instant};

use grammar::source::encode_back;
use interpreter::pattern::{Pattern, PatternError, Syntax};
use interpreter::program::Step;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout_at;

use super::reason;

/// What has been silent for so long has said what it had to say.
const SILENCE: Duration = Duration::from_millis(200);

/// How much of an answer is shown that was not expected, in characters.
const SHOWN_MAX: usize = 200;

/// How much of an answer a pattern is held against at most, whatever the rules say.
const BUFFER_BYTES_MAX: usize = 16 << 20;

/// A conversation, with its patterns compiled.
#[derive(Clone, Debug)]
pub struct Dialogue {
    steps: Vec<Phrase>,
    buffer_bytes: usize,
    is_patient: bool,
}

#[derive(Clone, Debug)]
enum Phrase {
    Send(Vec<u8>),
    Expect(Pattern),
}

/// How a conversation failed, in Monit's words where Monit has them.
#[derive(Debug, Error)]
pub enum DialogueError {
    /// Something else was said.
    #[error("GENERIC: received unexpected data [{0}] -- No match")]
    Unexpected(String),
    /// Nothing was said in time.
    #[error("GENERIC: error receiving data -- nothing arrived within the time-out")]
    Silent,
    /// The service closed the connection instead.
    #[error("GENERIC: error receiving data -- the service closed the connection")]
    Closed,
    /// The service went away while it was read.
    #[error("GENERIC: error receiving data -- {0}")]
    Receiving(String),
    /// It took nothing.
    #[error("GENERIC: error sending data -- {0}")]
    Sending(String),
}

impl Dialogue {
    /// A conversation. Of each answer so many bytes are looked at, as in `sendExpectBuffer`. A patient one goes on
    /// waiting when what was said is not it yet; Monit takes what came before the first silence.
    ///
    /// # Errors
    /// When a pattern cannot be compiled.
    pub fn of(steps: &[Step], syntax: Syntax, buffer_bytes: u64, is_patient: bool) -> Result<Dialogue, PatternError> {
        let phrase = |step: &Step| {
            Ok(match step {
                Step::Send(text) => Phrase::Send(encode_back(text).into_owned()),
                Step::Expect(pattern) => Phrase::Expect(Pattern::new(pattern, syntax)?),
            })
        };
        let steps = steps.iter().map(phrase).collect::<Result<_, PatternError>>()?;
        // The last byte is that which ends a text in C.
        let buffer_bytes = usize::try_from(buffer_bytes).unwrap_or(usize::MAX).saturating_sub(1);
        Ok(Dialogue { steps, buffer_bytes: buffer_bytes.clamp(1, BUFFER_BYTES_MAX), is_patient })
    }

    /// Holds the conversation; says when the last word of it had arrived.
    ///
    /// # Errors
    /// When something else is said, or nothing until `deadline`.
    pub async fn hold<S>(&self, stream: &mut S, deadline: Instant) -> Result<Instant, DialogueError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut last = Instant::now();
        for step in &self.steps {
            match step {
                Phrase::Send(bytes) => send(stream, bytes, deadline).await?,
                Phrase::Expect(pattern) => last = self.expect(stream, pattern, deadline).await?,
            }
        }
        Ok(last)
    }

    async fn expect<S>(&self, stream: &mut S, pattern: &Pattern, deadline: Instant) -> Result<Instant, DialogueError>
    where
        S: AsyncRead + Unpin,
    {
        let mut heard = Vec::new();
        let mut last = Instant::now();
        let mut until = deadline;
        let mut ended = false;
        loop {
            let room = self.buffer_bytes.saturating_sub(heard.len());
            let is_silent = if room == 0 || ended {
                true
            } else {
                let mut part = (&mut *stream).take(room as u64);
                match timeout_at(until.into(), part.read_buf(&mut heard)).await {
                    Ok(Ok(0)) => {
                        ended = true;
                        true
                    }
                    Ok(Ok(_)) => {
                        last = Instant::now();
                        until = deadline.min(last + SILENCE);
                        false
                    }
                    Ok(Err(error)) if heard.is_empty() => return Err(DialogueError::Receiving(reason(&error))),
                    Ok(Err(_)) => {
                        ended = true;
                        true
                    }
                    Err(_) => true,
                }
            };
            if !is_silent {
                continue;
            }
            if heard.is_empty() {
                return Err(if ended { DialogueError::Closed } else { DialogueError::Silent });
            }
            let text = without_zeros(&heard);
            if pattern.is_match(&text) {
                return Ok(last);
            }
            if !self.is_patient || ended || room == 0 || Instant::now() >= deadline {
                return Err(DialogueError::Unexpected(shown(&text)));
            }
            until = deadline;
        }
    }
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8], deadline: Instant) -> Result<(), DialogueError> {
    let sending = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    match timeout_at(deadline.into(), sending).await {
        Ok(sent) => sent.map_err(|error: io::Error| DialogueError::Sending(reason(&error))),
        Err(_) => Err(DialogueError::Sending("it was not taken within the time-out".to_owned())),
    }
}

/// A byte 0, which ends a text in C, stands as the two characters `\0`.
fn without_zeros(heard: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(heard.len());
    for byte in heard {
        match byte {
            0 => text.extend_from_slice(b"\\0"),
            byte => text.push(*byte),
        }
    }
    text
}

fn shown(text: &[u8]) -> String {
    let text = crate::words::one_line(&String::from_utf8_lossy(text));
    if text.chars().count() <= SHOWN_MAX {
        return text;
    }
    text.chars().take(SHOWN_MAX).chain(['…']).collect()
}
