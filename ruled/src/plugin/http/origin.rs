//! An origin: a scheme, a host and a port, which is what a rule grants requests to.

use std::fmt;

use url::{Host, Url};

/// Where requests over HTTP may go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    is_encrypted: bool,
    host: Host,
    port: u16,
}

impl Origin {
    /// Reads what stands in `grant fetch "…"`.
    ///
    /// # Errors
    /// What is wrong with it, behind "the origin".
    pub fn read(text: &str) -> Result<Origin, String> {
        let url = address(text)?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_bare {
            return Err("has a path, and is granted as a whole or not at all; write only scheme and host".to_owned());
        }
        Origin::of(&url)
    }

    /// The origin of an address that was read.
    pub(super) fn of(url: &Url) -> Result<Origin, String> {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err("names no host".to_owned());
        };
        if port == 0 {
            return Err("has the port 0, which nobody listens on".to_owned());
        }
        Ok(Origin { is_encrypted: url.scheme() == "https", host: host.to_owned(), port })
    }

    /// Whether it is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// The host: a name in lower case, or a numeric address.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The host, with the port where it is not the customary one: what the host is told that it is called.
    pub(super) fn authority(&self) -> String {
        let customary = if self.is_encrypted { 443 } else { 80 };
        if self.port == customary { self.host.to_string() } else { format!("{}:{}", self.host, self.port) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_encrypted { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}

/// Reads an address of HTTP. What is odd about it is behind "the address".
pub(super) fn address(text: &str) -> Result<Url, String> {
    // The library leaves such letters out; who writes them means something else by them than it does.
    if text.chars().any(|letter| letter.is_control() || letter == ' ') {
        return Err("has blanks or control characters in it".to_owned());
    }
    let url = Url::parse(text).map_err(|error| format!("is none: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("has the scheme {:?}; only http and https are spoken", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a user or a password in it, which belongs into a header".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Origin::read(text).map_or_else(|reason| reason, |origin| origin.to_string())
    }

    #[test]
    fn one_origin_has_one_form() {
        for text in ["https://api.example.org", "HTTPS://API.example.ORG/", "https://api.example.org:443"] {
            assert_eq!(read(text), "https://api.example.org");
        }
        assert_eq!(read("http://localhost:8080"), "http://localhost:8080");
        assert_eq!(read("http://[::1]:80/"), "http://[::1]");
        assert_eq!(read("http://127.1"), "http://127.0.0.1");
        assert_ne!(Origin::read("http://a.example"), Origin::read("https://a.example"));
        assert_ne!(Origin::read("https://a.example"), Origin::read("https://a.example."));
    }

    #[test]
    fn what_is_no_origin_is_refused_with_its_reason() {
        for (text, reason) in [
            ("https://a.example/path", "path"),
            ("https://a.example?x", "path"),
            ("https://user:secret@a.example", "user"),
            ("file:///etc/passwd", "scheme"),
            ("unix:/run/x", "scheme"),
            ("https://a.example\r\n", "control"),
            ("https://a b", "blanks"),
            ("a.example", "none"),
            ("https://", "none"),
            ("http://a.example:0", "port 0"),
        ] {
            assert!(read(text).contains(reason), "{text}: {}", read(text));
        }
    }
}
