//! Requests over HTTP, each to what one `grant fetch "https://origin"` of the rule names. The host speaks, encrypts and
//! verifies. In `cargo test` the answers are those of the [`scene`](crate::scene).
//!
//! ```
//! use ruled_plugin::*;
//!
//! /// How many orders an interface over HTTP has open.
//! struct Orders;
//!
//! impl Checker for Orders {
//!     fn describe() -> Describe {
//!         Describe::new("orders", "Orders that are open")
//!             .option("token", OptionType::Secret, "What the interface wants to be shown")
//!             .required()
//!             .metric("open", MetricKind::Gauge, "Orders that are open")
//!             .needs(GrantKind::Fetch, "https://api.example.org", "to ask for the orders")
//!     }
//!
//!     fn check(options: &Options) -> Check {
//!         let token = options.secret("token").unwrap_or_default();
//!         let answer = http::get(&format!("{}/orders/open", http::first()?))
//!             .header("Authorization", &format!("Bearer {token}"))
//!             .fetch(100)?;
//!         ensure!(answer.status == 200, "the interface answers with the status {}", answer.status);
//!         let text = answer.text();
//!         let Ok(open) = text.trim().parse::<u32>() else { fail!("{text:?} is no number") };
//!         ok(format!("{open} orders")).metric("open", open.into()).into()
//!     }
//! }
//! checker!(Orders);
//!
//! let asked = exchange("GET", "https://api.example.org/orders/open").header("Authorization", "Bearer s3cret");
//! let shop = scene().fetches("https://api.example.org").with("token", "s3cret").exchange(asked.answers(200, "12\n"));
//! assert_eq!(shop.run::<Orders>().unwrap().summary, "12 orders");
//! ```
//!
//! In a rule that is `check plugin orders using "orders.wasm" with { token: "s3cret" }`, and below it
//! `grant fetch "https://api.example.org"`.

use crate::IoError;
#[cfg(target_arch = "wasm32")]
use crate::glue::checks::ruled::plugin::http as host;

/// A request that is being made.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) redirects_at_most: u8,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Its status: 200 where all is well.
    pub status: u16,
    /// What was asked in the end, where a redirect was followed.
    pub url: String,
    /// Names in lower case and values, in the order of the answer.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
    /// Microseconds from the beginning until there was a connection for the last request.
    pub connected_us: u64,
    /// Microseconds from the beginning until its answer began.
    pub answered_us: u64,
    /// Microseconds from the beginning until it was complete.
    pub finished_us: u64,
}

/// What the rule grants, in its order: `https://api.example.org`, with the port where it is not the customary one.
pub fn granted() -> Vec<String> {
    #[cfg(target_arch = "wasm32")]
    return host::granted();
    #[cfg(not(target_arch = "wasm32"))]
    crate::scene::playing(|scene| scene.origins_granted())
}

/// The first origin that the rule grants, for checks that need one only.
pub fn first() -> Result<String, IoError> {
    granted().into_iter().next().ok_or(IoError::NotGranted)
}

/// A request for what is there. Up to 5 redirects are followed, each only to a granted origin.
pub fn get(url: &str) -> Request {
    request("GET", url)
}

/// A request by any method but `CONNECT`.
pub fn request(method: &str, url: &str) -> Request {
    Request { method: method.into(), url: url.into(), headers: Vec::new(), body: Vec::new(), redirects_at_most: 5 }
}

impl Request {
    /// Adds a header. Those that belong to the connection (`Host`, `Content-Length` and so on) are the host's.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets how many redirects are followed, at most 5; one that is too many is the answer.
    #[must_use]
    pub fn redirects(mut self, at_most: u8) -> Self {
        self.redirects_at_most = at_most;
        self
    }

    /// Asks, and waits for the whole answer. A body of more than so many bytes is [`IoError::TooLong`]; the host takes
    /// 1 MiB at most.
    pub fn fetch(self, body_at_most: u32) -> Result<Response, IoError> {
        #[cfg(target_arch = "wasm32")]
        return {
            let Request { method, url, headers, body, redirects_at_most } = self;
            let request = host::Request { method, url, headers, body, redirects_at_most };
            let answer = host::fetch(&request, body_at_most)?;
            let host::Response { status, url, headers, body, connected_us, answered_us, finished_us } = answer;
            Ok(Response { status, url, headers, body, connected_us, answered_us, finished_us })
        };
        #[cfg(not(target_arch = "wasm32"))]
        crate::scene::playing(|scene| scene.fetch(self, body_at_most))
    }
}

impl Response {
    /// The value of the first header of that name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text. What is no UTF-8 in it becomes U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
