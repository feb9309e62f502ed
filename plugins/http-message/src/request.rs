//! The request: its line, and its header with what rules put in place of the usual.

use ruled_plugin::*;

/// The port that a URL of the scheme `http` does not name (RFC 9110, section 4.2.1).
const HTTP_PORT: u16 = 80;
/// The port that a URL of the scheme `https` does not name (RFC 9110, section 4.2.2).
const HTTPS_PORT: u16 = 443;

/// A request. It has what a server wants to see; a header of the same name takes the place of the usual one.
#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    target: String,
    /// What is there unless something of the same name is set.
    usual: Vec<(&'static str, String)>,
    set: Vec<(String, String)>,
}

impl Request {
    /// A request of this method for this path and query. `agent` is the name of the client.
    pub fn new(method: &'static str, target: &str, peer: &Peer, agent: &str) -> Result<Request, Failure> {
        // Anything else would end the request line early or begin another header line.
        if !target.starts_with('/') || target.bytes().any(|byte| !byte.is_ascii_graphic()) {
            let sentence =
                format!("{target:?} is no path: it must begin with / and have no blanks or control characters");
            return Err(Failure::Misconfigured(sentence));
        }
        let usual = vec![
            ("Host", host(peer)),
            ("User-Agent", agent.to_owned()),
            ("Accept", "*/*".to_owned()),
            ("Accept-Encoding", "identity".to_owned()),
            ("Connection", "close".to_owned()),
        ];
        Ok(Request { method, target: target.to_owned(), usual, set: Vec::new() })
    }

    /// Names this host in place of the real one.
    pub fn host(&mut self, host: &str) -> Result<(), Failure> {
        if host.is_empty() || host.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return Err(Failure::Misconfigured(format!("{host:?} is no name of a host")));
        }
        self.replace("Host", host.to_owned());
        Ok(())
    }

    /// Logs in with the scheme Basic (RFC 7617). Without a user nothing is sent.
    pub fn login(&mut self, username: Option<&str>, password: Option<&str>) -> Result<(), Failure> {
        let Some(username) = username else { return Ok(()) };
        if username.contains(':') {
            let sentence = "a user with a colon in its name cannot log in: the colon ends the name (RFC 7617)";
            return Err(Failure::Misconfigured(sentence.into()));
        }
        let credentials = base64::encode(format!("{username}:{}", password.unwrap_or_default()).as_bytes());
        self.replace("Authorization", format!("Basic {credentials}"));
        Ok(())
    }

    /// Adds a header of the rule, in place of the usual one of that name. Of several with the same name all are sent.
    pub fn header(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(Failure::Misconfigured(format!("{name:?} is no name of a header")));
        }
        if value.chars().any(|letter| letter.is_control() && letter != '\t') {
            // The value may be a secret.
            let sentence =
                format!("the value of the header {name} has a line break or another control character in it");
            return Err(Failure::Misconfigured(sentence));
        }
        self.set.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Sends it.
    pub fn send(&self, conn: &Conn) -> Result<(), Failure> {
        Ok(conn.send(self.text())?)
    }

    fn text(&self) -> String {
        let is_set = |name: &str| self.set.iter().any(|(set, _)| set.eq_ignore_ascii_case(name));
        let usual = self.usual.iter().filter(|(name, _)| !is_set(name)).map(|(name, value)| (*name, value));
        let set = self.set.iter().map(|(name, value)| (name.as_str(), value));
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in usual.chain(set) {
            text.push_str(name);
            text.push_str(": ");
            text.push_str(value);
            text.push_str("\r\n");
        }
        text.push_str("\r\n");
        text
    }

    fn replace(&mut self, name: &'static str, value: String) {
        match self.usual.iter_mut().find(|(usual, _)| *usual == name) {
            Some(usual) => usual.1 = value,
            None => self.usual.push((name, value)),
        }
    }
}

/// The host as a URL would name it: with its port unless that is the usual one, IPv6 addresses in brackets. Behind a
/// socket in the file system there is no other host than this.
fn host(peer: &Peer) -> String {
    let Some(port) = peer.port else { return "localhost".to_owned() };
    let bare = peer.name.contains(':') && !peer.name.starts_with('[');
    let name = if bare { format!("[{}]", peer.name) } else { peer.name.clone() };
    let usual = if peer.encrypted { HTTPS_PORT } else { HTTP_PORT };
    if port == usual { name } else { format!("{name}:{port}") }
}

/// What names of headers consist of (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
