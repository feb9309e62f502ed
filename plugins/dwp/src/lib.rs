//! The stock probe for the Database Wire Protocol, which Monit knows: its servers are asked by HTTP (RFC 9110, RFC 9112)
//! for the head of their first page.
//!
//! What does not live here: how requests and answers are written, which is `http-message`.

use http_message::{Answer, Request};
use ruled_plugin::*;

const USER_AGENT: &str = concat!("ruled/", env!("CARGO_PKG_VERSION"));

/// What is a success.
const SUCCESS: Comparison = Comparison { relation: Relation::Less, number: 400 };

struct Dwp;

impl Probe for Dwp {
    fn describe() -> Describe {
        Describe::new("dwp", "A server of the Database Wire Protocol, asked by HTTP with a status below 400")
            .version(env!("CARGO_PKG_VERSION"))
            .page(
                "Sends `HEAD /` of HTTP/1.1 with `Connection: close` and reads the status. 400 and more fails. What else can \
                 be wanted of a web server is tested by `protocol http`.\n\n\
                 Specified in RFC 9110 and RFC 9112, as far as it is HTTP.",
            )
    }

    fn check(conn: &Conn, _options: &Options) -> Check {
        Request::new("HEAD", "/", &conn.peer(), USER_AGENT)?.send(conn)?;
        let answer = Answer::read(conn)?;
        if !SUCCESS.holds(answer.status) {
            let (what, expected) = ("status".into(), SUCCESS.to_string());
            return Err(Failure::Mismatch { what, expected, found: answer.line() });
        }
        answer.outcome(answer.line()).into()
    }
}
probe!(Dwp);

#[cfg(test)]
mod tests;
