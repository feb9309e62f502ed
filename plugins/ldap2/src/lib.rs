//! The stock probe for LDAP, version 2 (RFC 1777): StartTLS where a rule wants it, a bind, a look at one entry where it is
//! named.
//!
//! What does not live here: the messages, which version 3 shares.

use ruled_plugin::*;

/// The version in a bind.
const VERSION: u8 = 2;

/// What the page of this version says beside what both say.
const OLD: &str = "\n\nThis version has been historic since 2003. OpenLDAP refuses it (`protocolError`) unless its settings have \
                   `allow bind_v2`.\n\nSpecified in RFC 1777.";

struct Ldap2;

impl Probe for Ldap2 {
    fn describe() -> Describe {
        let mut about = ldap_message::describe("ldap2", "A directory that lets anybody in, in version 2");
        about.page.push_str(OLD);
        about.version(env!("CARGO_PKG_VERSION"))
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        ldap_message::check(VERSION, conn, options)
    }
}
probe!(Ldap2);

#[cfg(test)]
mod tests;
