//! `wrong-url`: an address that cannot be read, or that Monit reads otherwise than it is meant.

use grammar::{Finding, Span};

use super::Entry;
use super::wording::written_unit;

const NAME: &str = "wrong-url";
pub(super) const ENTRY: Entry = Entry::reported(NAME, "an address that cannot be read", include_str!("wrong_url.md"));

/// Why an address cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It has no scheme.
    NoScheme,
    /// It has a scheme of which nothing is known.
    Scheme(String),
    /// It has no host.
    NoHost,
    /// What stands in the place of its host is none.
    Host(String),
    /// What stands in the place of its port is none.
    Port(String),
}

/// The finding about an address that cannot be read.
pub(crate) fn finding(span: Span, fault: Fault) -> Finding {
    let finding = |headline: String| Finding::error(NAME, span, headline);
    match fault {
        Fault::NoScheme => finding("this is no whole address".to_owned())
            .here("it does not say how to ask")
            .help("write it with `http://` or `https://` before it"),
        Fault::Scheme(scheme) => finding(format!("nothing is known of `{}://`", written_unit(&scheme)))
            .here("an address begins with `http://` or `https://`")
            .help("test other servers by their port, as in `failed port 21 protocol ftp`"),
        Fault::NoHost => finding("this address has no host".to_owned()).here("so there is nothing to connect to"),
        Fault::Host(host) => finding(format!("`{}` is no host", written_unit(&host)))
            .here("a host is a name, an address, or an address of IPv6 in brackets"),
        Fault::Port(port) => finding(format!("`{}` is no port", written_unit(&port)))
            .here("a port is a number behind the host and a colon"),
    }
}

/// The finding about an address in which Monit finds another host.
pub(crate) fn read_otherwise(span: Span, read: &str, meant: &str) -> Finding {
    let headline = match read == meant {
        true => "Monit reads this address otherwise than it is meant".to_owned(),
        false => format!("Monit connects to {read}, not to {meant}"),
    };
    Finding::warning(NAME, span, headline)
        .here("it takes what stands between a colon and an `@` for a password, wherever it is")
        .help("write `%40` in place of the `@`, or name host, port and request by themselves")
}
