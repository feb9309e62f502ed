//! A letter as a message: headers and text are put together by the mail library, which encodes whatever is in them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use interpreter::outbox::Letter;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::{Address, Message};
use thiserror::Error;

use crate::words::one_line;

/// Who sends when the name of the machine makes no mail address.
const SENDER: &str = "ruled@localhost";

/// Why a letter cannot become a message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MessageError {
    /// Nobody of this name can be written to.
    #[error("`{0}` is not a mail address")]
    Address(String),
    /// The parts do not make a message.
    #[error("cannot put a mail together: {0}")]
    Message(String),
}

/// Says that a program wrote it, so that nobody's absence is answered (RFC 3834, section 5).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<AutoSubmitted, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(AutoSubmitted::name(), "auto-generated".to_owned())
    }
}

/// Puts the message together. The same letter makes the same message. What services and programs said becomes text and
/// nothing else: headers are made of one line each.
///
/// # Errors
///
/// The recipient is no mail address. A sender that is none is replaced.
pub fn message(letter: &Letter) -> Result<Message, MessageError> {
    let to: Mailbox = letter.head.to.parse().map_err(|_| MessageError::Address(one_line(&letter.head.to)))?;
    let sender = || SENDER.parse().map_err(|_| MessageError::Address(SENDER.to_owned()));
    let from = mailbox(&letter.from).map_or_else(sender, Ok)?;
    let made = u64::try_from(letter.head.made_us).unwrap_or(0);
    let date: SystemTime = UNIX_EPOCH + Duration::from_micros(made);
    let mut builder = Message::builder()
        .message_id(Some(format!("<{}>", letter.head.message_id)))
        .date(date)
        .from(from)
        .to(to)
        .subject(one_line(&letter.subject))
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN);
    if let Some(reply_to) = letter.reply_to.as_ref().and_then(mailbox) {
        builder = builder.reply_to(reply_to);
    }
    let text = letter.text.replace('\n', "\r\n");
    builder.body(text).map_err(|error| MessageError::Message(error.to_string()))
}

fn mailbox((name, address): &(Option<String>, String)) -> Option<Mailbox> {
    let address: Address = address.parse().ok()?;
    Some(Mailbox::new(name.as_ref().map(|name| one_line(name)), address))
}
