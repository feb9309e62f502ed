//! The stock probe for LDAP, version 3 (RFC 4511): StartTLS where a rule wants it, a bind, a look at one entry where it is
//! named.
//!
//! What does not live here: the messages, which version 2 shares.

use ruled_plugin::*;

/// The version in a bind.
const VERSION: u8 = 3;

struct Ldap3;

impl Probe for Ldap3 {
    fn describe() -> Describe {
        let mut about = ldap_message::describe("ldap3", "A directory that lets anybody in, in version 3");
        about.page.push_str("\n\nSpecified in RFC 4511 and RFC 4513.");
        about.version(env!("CARGO_PKG_VERSION"))
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        ldap_message::check(VERSION, conn, options)
    }
}
probe!(Ldap3);

#[cfg(test)]
mod tests;
