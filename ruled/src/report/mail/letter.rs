//! One letter: the text that people get, put together once and sent unchanged however often it is tried.

use std::time::Instant;

use interpreter::engine::Event;
use jiff::tz::TimeZone;
use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use thiserror::Error;

use crate::report::line::time;
use crate::words::{clean, event_words, one_line};

/// A letter, ready to be handed in.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The message with its headers.
    pub message: Message,
    /// When it was written.
    pub written: Instant,
}

/// Why a letter could not be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LetterError {
    /// Nobody of these can be written to.
    #[error("`{0}` is not a mail address")]
    Address(String),
    /// The parts do not make a message.
    #[error("cannot put a mail together: {0}")]
    Message(String),
}

impl Letter {
    /// Writes the letter about an event to one recipient. What services and programs said becomes text and
    /// nothing else: headers are made of one line each and encoded by the mail library.
    pub fn new(
        event: &Event,
        service: &str,
        host: &str,
        to: &str,
        zone: &TimeZone,
        number: u64,
    ) -> Result<Letter, LetterError> {
        let to: Mailbox = to.parse().map_err(|_| LetterError::Address(one_line(to)))?;
        // A host whose name is no mail domain still writes.
        let from = format!("ruled@{host}").parse().or_else(|_| "ruled@localhost".parse());
        let from: Mailbox = from.map_err(|_| LetterError::Address(format!("ruled@{}", one_line(host))))?;
        let words = event_words(event.class, event.state);
        let service = one_line(service);
        let date = time(event.at, zone, "%a, %d %b %Y %H:%M:%S");
        let description = clean(&event.message).replace('\n', "\r\n\t             ");
        let mut body = format!("{words} Service {service}\r\n\r\n");
        for (name, value) in [
            ("Date", date),
            ("Action", event.action.to_owned()),
            ("Host", one_line(host)),
            ("Description", description),
        ] {
            body.push_str(&format!("\t{:<12} {value}\r\n", format!("{name}:")));
        }
        for taking in &event.takers {
            body.push_str(&format!("\r\n\t{}:\r\n", taking.title()));
            for line in taking.lines() {
                body.push_str(&format!("\t\t{}\r\n", one_line(&line)));
            }
        }
        body.push_str("\r\nYour faithful employee,\r\nruled\r\n");
        let domain = from.email.domain();
        // Time, process and a running number: the same letter keeps it through every attempt, so that a server
        // that took it without saying so can tell.
        let id = format!("<{}.{}.{number}@{domain}>", event.at.0, std::process::id());
        Message::builder()
            .message_id(Some(id))
            .from(from)
            .to(to)
            .subject(format!("ruled alert --  {words} {service}"))
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map(|message| Letter { message, written: Instant::now() })
            .map_err(|error| LetterError::Message(error.to_string()))
    }

    /// The addresses that it goes to.
    pub fn recipients(&self) -> String {
        self.message.envelope().to().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}
