//! Hands a letter to one server, by SMTP (RFC 5321), in phases that each have a time of their own.

use std::future::Future;
use std::net::{SocketAddr, ToSocketAddrs};
use std::thread;
use std::time::Duration;

use interpreter::outbox::{Answer, Letter};
use interpreter::program::{MailServer, Settings};
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::encryption::{Encryption, EncryptionError, Strictness};
use super::message;
use super::wire::Wire;

/// A server has this many time-outs for the whole conversation: one that answers a letter at a time drips.
const TIMEOUTS_PER_CONVERSATION: u32 = 2;

/// How long the server has to say goodbye, when the letter is long taken.
const FAREWELL: Duration = Duration::from_secs(2);

/// More addresses of a server than this are not tried.
const ADDRESSES_MAX: usize = 32;

/// The answer by which a server says that it ends the conversation, whatever it was about (RFC 5321, section 3.8).
const CLOSING: u16 = 421;

/// A server, and how it is spoken to.
#[derive(Debug, Clone)]
pub struct Destination {
    server: MailServer,
    timeout: Duration,
    hello: ClientId,
    encryption: Option<Encryption>,
}

/// Why a letter was not taken.
enum Failure {
    /// The server said so of this letter.
    Letter { is_final: bool, reason: String },
    /// It takes none.
    Server(String),
}

impl Destination {
    /// The servers of these settings in their order. `host` is the name of this machine.
    pub fn all(settings: &Settings, host: &str) -> Vec<Destination> {
        let mail = &settings.mail;
        let hello = ClientId::Domain(mail.hostname.clone().unwrap_or_else(|| host.to_owned()));
        let encryption = |server: &MailServer| {
            let tls = server.tls.as_ref()?;
            Some(Encryption::of(tls, settings.tls.as_ref(), settings.behaviour.verify_tls))
        };
        let one = |server: &MailServer| Destination {
            server: server.clone(),
            // A time-out of 0 is none to the library.
            timeout: mail.timeout.max(Duration::from_millis(1)),
            hello: hello.clone(),
            encryption: encryption(server),
        };
        mail.servers.iter().map(one).collect()
    }

    /// Name and port, for people.
    pub fn name(&self) -> String {
        format!("{}:{}", self.server.host, self.server.port)
    }

    /// Hands a letter in; what became of it.
    pub async fn hand_in(&self, letter: &Letter) -> Answer {
        let message = match message::message(letter) {
            Ok(message) => message,
            Err(error) => return Answer::LetterRefused { is_final: true, reason: error.to_string() },
        };
        let conversation = self.timeout.saturating_mul(TIMEOUTS_PER_CONVERSATION);
        let name = self.name();
        let failure = match timeout(conversation, self.converse(&message)).await {
            Ok(Ok(mut connection)) => {
                // Nobody waits for it to say goodbye.
                tokio::spawn(async move { timeout(FAREWELL, connection.command(Quit)).await.map(drop) });
                return Answer::Taken;
            }
            Ok(Err(failure)) => failure,
            Err(_) => Failure::Server(format!("it did not finish within {} s", conversation.as_secs_f64())),
        };
        match failure {
            Failure::Letter { is_final, reason } => {
                Answer::LetterRefused { is_final, reason: format!("{name}: {reason}") }
            }
            Failure::Server(reason) => Answer::ServerFailed(format!("{name}: {reason}")),
        }
    }

    async fn converse(&self, message: &Message) -> Result<AsyncSmtpConnection, Failure> {
        let mut connection = self.connect().await?;
        if let (Some(user), Some(password)) = (&self.server.username, &self.server.password) {
            let credentials = Credentials::new(user.clone(), password.clone());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            self.greet("log in", connection.auth(&mechanisms, &credentials)).await?;
        }
        let envelope = message.envelope();
        let mut parameters = Vec::new();
        let mut addresses = envelope.from().into_iter().chain(envelope.to());
        if !addresses.all(|address| AsRef::<str>::as_ref(address).is_ascii()) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let reason = "the server does not know addresses with letters beyond ASCII".to_owned();
                return Err(Failure::Letter { is_final: true, reason });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let sender = Mail::new(envelope.from().cloned(), parameters);
        self.submit("name the sender", connection.command(sender)).await?;
        for to in envelope.to() {
            self.submit("name the recipient", connection.command(Rcpt::new(to.clone(), Vec::new()))).await?;
        }
        self.submit("begin the text", connection.command(Data)).await?;
        self.submit("hand the text in", connection.message(&message.formatted())).await?;
        Ok(connection)
    }

    /// A connection on which the server has greeted, encrypted as the rules want it.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let Some(encryption) = &self.encryption else {
            let wire = Box::new(self.wire().await?);
            return self.greet("connect", AsyncSmtpConnection::connect_with_transport(wire, &self.hello)).await;
        };
        let strictness = encryption.strictness();
        match self.connect_encrypted(encryption, strictness).await {
            Err(_) if encryption.may_be_self_signed() => self.connect_encrypted(encryption, Strictness::Any).await,
            result => result,
        }
    }

    async fn connect_encrypted(
        &self,
        encryption: &Encryption,
        strictness: Strictness,
    ) -> Result<AsyncSmtpConnection, Failure> {
        let parameters = self.parameters(encryption, strictness).await?;
        let check = |certificate: Result<Vec<u8>, Error>| {
            let certificate = certificate.map_err(|error| Failure::Server(sentence(&error)))?;
            encryption.check(&certificate, strictness).map_err(untrusted)
        };
        if encryption.is_within() {
            let wire = Box::new(self.wire().await?);
            let begun = AsyncSmtpConnection::connect_with_transport(wire, &self.hello);
            let mut connection = self.greet("connect", begun).await?;
            self.greet("begin TLS", connection.starttls(parameters, &self.hello)).await?;
            check(connection.peer_certificate())?;
            return Ok(connection);
        }
        // The library offers no other way in. What such a server says is bounded by the time that it has, and it is one that
        // the rules trust.
        let places = self.addresses().await?;
        let place = places.as_slice();
        let begun = AsyncSmtpConnection::connect_tokio1(place, Some(self.timeout), &self.hello, Some(parameters), None);
        let connection = self.greet("connect with TLS", begun).await?;
        check(connection.peer_certificate())?;
        Ok(connection)
    }

    /// Files are read for this, which nobody else waits for.
    async fn parameters(&self, encryption: &Encryption, strictness: Strictness) -> Result<TlsParameters, Failure> {
        let (encryption, host) = (encryption.clone(), self.server.host.clone());
        let made = self.apart("read the certificates of authorities", move || encryption.parameters(&host, strictness));
        made.await?.map_err(untrusted)
    }

    async fn wire(&self) -> Result<Wire, Failure> {
        let places = self.addresses().await?;
        match timeout(self.timeout, TcpStream::connect(places.as_slice())).await {
            Ok(Ok(stream)) => Ok(Wire::new(stream)),
            Ok(Err(error)) => Err(Failure::Server(crate::words::reason(&error))),
            Err(_) => Err(self.late("connect")),
        }
    }

    /// Where the server is. The resolver of the system waits for name servers, which nobody else does.
    async fn addresses(&self) -> Result<Vec<SocketAddr>, Failure> {
        let (host, port) = (self.server.host.clone(), self.server.port);
        if let Ok(address) = host.parse() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let found = self.apart("look its name up", move || (host.as_str(), port).to_socket_addrs());
        let found = found.await?.map_err(|error| Failure::Server(crate::words::reason(&error)))?;
        Ok(found.take(ADDRESSES_MAX).collect())
    }

    /// Does on a thread of its own what may take a while. Where the system has none left, that is why no mail goes out for
    /// now; the runtime's own way to such threads would end this one.
    async fn apart<T: Send + 'static>(
        &self,
        what: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let (answer, answered) = oneshot::channel();
        let begun = thread::Builder::new().name("mail-apart".to_owned()).spawn(move || {
            // Whoever gave up needs no answer.
            answer.send(work()).ok();
        });
        if let Err(error) = begun {
            let reason = crate::words::reason(&error);
            return Err(Failure::Server(format!("no thread can be started to {what}: {reason}")));
        }
        match timeout(self.timeout, answered).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_)) | Err(_) => Err(self.late(what)),
        }
    }

    /// A phase in which nothing is said of a letter: what fails is the server.
    async fn greet<T>(&self, what: &str, phase: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
        match timeout(self.timeout, phase).await {
            Ok(result) => result.map_err(|error| Failure::Server(sentence(&error))),
            Err(_) => Err(self.late(what)),
        }
    }

    /// A phase that is about the letter: what the server refuses in it is the letter.
    async fn submit<T>(&self, what: &str, phase: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
        match timeout(self.timeout, phase).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(match error.status() {
                Some(code) if u16::from(code) != CLOSING => {
                    Failure::Letter { is_final: error.is_permanent(), reason: sentence(&error) }
                }
                _ => Failure::Server(sentence(&error)),
            }),
            Err(_) => Err(self.late(what)),
        }
    }

    fn late(&self, what: &str) -> Failure {
        Failure::Server(format!("no answer within {} s (to {what})", self.timeout.as_secs_f64()))
    }
}

fn untrusted(error: EncryptionError) -> Failure {
    Failure::Server(error.to_string())
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
