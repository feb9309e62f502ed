//! Hands a letter to the first server that takes it, by SMTP.

use std::time::Duration;

use interpreter::program::{MailServer, MailSettings};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::time::timeout;

use super::Letter;

/// A server has this many time-outs for the whole conversation: one that answers a letter at a time drips.
const TIMEOUTS_PER_CONVERSATION: u32 = 2;

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// A server took it.
    Taken,
    /// Every server refuses it for good: the reason, in a sentence.
    Refused(String),
    /// No server could be reached, or none wants it now: the reason, in a sentence.
    Failed(String),
}

/// Tries the servers in order until one takes the letter.
pub async fn deliver(settings: &MailSettings, letter: &Letter) -> Delivery {
    let mut reasons = Vec::new();
    let mut is_final = true;
    for server in &settings.servers {
        let conversation = settings.timeout.saturating_mul(TIMEOUTS_PER_CONVERSATION);
        let place = format!("{}:{}", server.host, server.port);
        if server.tls.is_some() {
            // Whoever asks for encryption does not want his password and his mail to go over the wire without.
            is_final = false;
            reasons.push(format!("{place} is to be spoken to with TLS, which this version of ruled does not speak"));
            continue;
        }
        match timeout(conversation, hand_in(settings, server, letter)).await {
            Ok(Ok(())) => return Delivery::Taken,
            Ok(Err(error)) => {
                is_final &= error.is_permanent();
                reasons.push(format!("{place}: {}", sentence(&error)));
            }
            Err(_) => {
                is_final = false;
                reasons.push(format!("{place} did not finish within {} s", conversation.as_secs()));
            }
        }
    }
    let reasons = reasons.join("; ");
    if is_final { Delivery::Refused(reasons) } else { Delivery::Failed(reasons) }
}

async fn hand_in(settings: &MailSettings, server: &MailServer, letter: &Letter) -> Result<(), Error> {
    // The time-out must not be 0, which the library takes for none.
    let patience = settings.timeout.max(Duration::from_millis(1));
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
        .port(server.port)
        .timeout(Some(patience))
        .hello_name(ClientId::Domain(settings.hostname.clone().unwrap_or_else(|| "localhost".to_owned())));
    if let (Some(user), Some(password)) = (&server.username, &server.password) {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    builder.build().send(letter.message.clone()).await.map(drop)
}

/// The library's sentence with the cause beneath it, on one line.
fn sentence(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    crate::words::one_line(&text)
}
