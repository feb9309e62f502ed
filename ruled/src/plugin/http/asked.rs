//! What a guest asks for over HTTP, looked through before any of it is sent.

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, StatusCode};
use url::Url;

use super::super::bindings::checks::ruled::plugin::http::Request;
use super::origin::{Origin, address};

/// How many headers a request may have, as the WIT says.
const HEADERS_MAX: usize = 64;
/// How long they may be together with the address, as the WIT says.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// What belongs to the connection, and so to the host.
const HOSTS_OWN: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// What may be shown to another origin than the one that it was meant for.
const HARMLESS: &[&str] = &["accept", "accept-language", "content-type", "user-agent"];
/// As which the host is known where the guest says nothing.
const AGENT: &str = concat!("ruled/", env!("CARGO_PKG_VERSION"));

/// A request that may be made, if its origin is granted.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) origin: Origin,
    url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Asked {
    /// What a guest asks for; or why that cannot be asked, as a sentence. `shown` makes words of the guest's fit for people.
    pub(super) fn by(request: Request, shown: &dyn Fn(&str) -> String) -> Result<Asked, String> {
        let Request { method, url: text, headers, body, .. } = request;
        let cannot = |what: String| format!("the plugin asks what cannot be asked: {what}");
        let head: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        if headers.len() > HEADERS_MAX || head + text.len() > HEAD_BYTES_MAX {
            let kib = HEAD_BYTES_MAX >> 10;
            return Err(cannot(format!(
                "it has more than {HEADERS_MAX} headers, or {kib} KiB of them and its address"
            )));
        }
        let shown_method = shown(&method);
        let method =
            Method::from_bytes(method.as_bytes()).map_err(|_| cannot(format!("{shown_method} is no method")))?;
        if method == Method::CONNECT {
            return Err(cannot("tunnels are not opened".to_owned()));
        }
        let mut url = address(&text).map_err(|what| cannot(format!("the address {what}")))?;
        url.set_fragment(None);
        let origin = Origin::of(&url).map_err(|what| cannot(format!("the address {what}")))?;
        let mut checked = HeaderMap::new();
        for (name, value) in headers {
            let shown = shown(&name);
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| cannot(format!("{shown} is no name of a header")))?;
            if HOSTS_OWN.contains(&name.as_str()) {
                return Err(cannot(format!("the header {shown} belongs to the connection, and is set for it")));
            }
            // The value is not shown: it may be a secret.
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
                cannot(format!("the header {shown} has a line break or another control character in it"))
            })?;
            checked.append(name, value);
        }
        if !checked.contains_key(USER_AGENT) {
            checked.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        }
        Ok(Asked { method, origin, url, headers: checked, body })
    }

    /// The request that the answer leads to; or what is wrong with it, behind the name of who answered.
    pub(super) fn redirected(self, status: StatusCode, location: &[u8]) -> Result<Asked, String> {
        let odd = |what: &str| format!("leads to an address that {what}");
        let text = std::str::from_utf8(location).map_err(|_| odd("is no text"))?;
        if text.len() > HEAD_BYTES_MAX {
            return Err(odd("is too long"));
        }
        let joined = self.url.join(text).map_err(|error| odd(&format!("is none: {error}")))?;
        let mut url = address(joined.as_str()).map_err(|what| odd(&what))?;
        url.set_fragment(None);
        let origin = Origin::of(&url).map_err(|what| odd(&what))?;
        let Asked { mut method, mut headers, mut body, .. } = self;
        let becomes_get = match status {
            StatusCode::SEE_OTHER => method != Method::HEAD,
            // What everybody does since browsers did it (RFC 9110, section 15.4.2).
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => method == Method::POST,
            _ => false,
        };
        if becomes_get {
            method = Method::GET;
            body.clear();
            headers.remove(CONTENT_TYPE);
        }
        if origin != self.origin {
            let others: Vec<HeaderName> =
                headers.keys().filter(|name| !HARMLESS.contains(&name.as_str())).cloned().collect();
            for name in others {
                headers.remove(name);
            }
        }
        Ok(Asked { method, origin, url, headers, body })
    }

    /// What the request counts for.
    pub(super) fn bytes(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        self.url.as_str().len() + headers + self.body.len()
    }

    /// The whole address.
    pub(super) fn url(&self) -> String {
        self.url.to_string()
    }

    /// What the origin is asked for.
    pub(super) fn target(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(url: &str, headers: &[(&str, &str)]) -> Result<Asked, String> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (method, url) = ("POST".to_owned(), url.to_owned());
        let request = Request { method, url, headers, body: b"x".to_vec(), redirects_at_most: 0 };
        Asked::by(request, &crate::words::name)
    }

    #[test]
    fn what_belongs_to_the_connection_is_the_hosts() {
        for name in ["Host", "content-length", "Transfer-Encoding", "Connection", "Upgrade", "TE"] {
            let refused = asked("http://a.example", &[(name, "x")]).expect_err(name);
            assert!(refused.contains("belongs to the connection"), "{refused}");
        }
    }

    #[test]
    fn nothing_is_smuggled_into_a_request() {
        for value in ["a\r\nX: b", "a\nb", "a\0b", "a\rb"] {
            let refused = asked("http://a.example", &[("x-y", value)]).expect_err(value);
            assert!(refused.contains("line break") && !refused.contains("X: b"), "{refused}");
        }
        for name in ["x y", "x:y", "x\r\ny", ""] {
            assert!(asked("http://a.example", &[(name, "v")]).is_err(), "{name:?}");
        }
        for url in ["http://a.example/\r\nx", "http://a.example/ HTTP", "file:///etc/passwd", "http://u:p@a.example/"] {
            assert!(asked(url, &[]).is_err(), "{url:?}");
        }
        let many: Vec<(&str, &str)> = (0..65).map(|_| ("a", "b")).collect();
        assert!(asked("http://a.example", &many).is_err());
        assert!(asked("http://a.example", &[("a", &"b".repeat(65 << 10))]).is_err());
    }

    #[test]
    fn secrets_stay_with_the_origin_that_they_are_meant_for() {
        let first = asked("https://a.example/x/y?z", &[("Authorization", "s3cret"), ("Accept", "text/plain")]);
        let first = first.expect("it may be asked");
        let same = first.clone().redirected(StatusCode::TEMPORARY_REDIRECT, b"../other").expect("an address");
        assert_eq!((same.url(), same.target()), ("https://a.example/other".to_owned(), "/other".to_owned()));
        assert!(same.headers.contains_key("authorization") && same.method == Method::POST && !same.body.is_empty());
        let other = first.clone().redirected(StatusCode::FOUND, b"//b.example/").expect("an address");
        assert!(!other.headers.contains_key("authorization") && other.headers.contains_key("accept"));
        assert!(other.method == Method::GET && other.body.is_empty());
        for odd in [&b"file:///etc/passwd"[..], b"gopher://x", b"http://u:p@b.example/", b"http://", b"\xff"] {
            assert!(first.clone().redirected(StatusCode::FOUND, odd).is_err(), "{odd:?}");
        }
    }
}
