//! `ruled docs protocol --table`: all protocols as one table in Markdown, made of what the language knows of them and of
//! what their plugins say about themselves. It is the page `docs/protocols.md` of the manual.

use std::fmt::Write;

use interpreter::catalog::{KNOWN_PROTOCOLS, KnownProtocol};
use ruled_embedded::{STOCK, Stock, Transport};

use super::protocol::{component, paragraphs};

/// How the paragraph of a plugin's page begins that says where its protocol is specified.
const SPECIFIED: &str = "Specified in ";

const HEAD: &str = "# The protocols

<!-- from what the plugins say about themselves: `ruled docs protocol --table` prints this page, and a test holds both
against each other -->

Each name can stand behind `protocol` in a rule. The port has to be named all the same. `ruled docs protocol NAME` has
the whole page of one, with what its options mean and what it finds out.

| protocol | over | customary port | options | what is asked, and what counts as an answer | specified in |
|---|---|---|---|---|---|
";

/// The page.
pub(super) fn page() -> String {
    let mut text = String::from(HEAD);
    let others = STOCK.iter().filter(|stock| KnownProtocol::find(stock.name).is_none()).map(|stock| stock.name);
    let mut names: Vec<&str> = KNOWN_PROTOCOLS.iter().map(|known| known.name).chain(others).collect();
    names.sort_unstable();
    for name in names {
        let cells = cells(name).map(|cell| cell.replace('|', "\\|"));
        writeln!(text, "| {} |", cells.join(" | ")).ok();
    }
    text
}

/// What the table says of a protocol.
fn cells(name: &str) -> [String; 6] {
    let known = KnownProtocol::find(name);
    let spoken = known.map_or(name, |known| known.spoken());
    let title = format!("`{name}`");
    let Some(stock) = component(spoken) else {
        // A bare connection, which no plugin makes, and what is not spoken.
        let summary = known.map_or("", |known| known.summary).to_owned();
        let over = if name == "default" { "TCP, UDP, a Unix socket" } else { "" }.to_owned();
        return [title, over, number(known.and_then(|known| known.port)), String::new(), summary, String::new()];
    };
    if let Some(plain) = known.and_then(|known| known.encrypts) {
        let about = &stock.description;
        let port = about.default_tls_port.or(about.default_port);
        let from = if port == about.default_port { "its greeting on" } else { "the start" };
        let asked = format!("As `{plain}`, encrypted from {from}.");
        return [title, "TLS".to_owned(), number(port), format!("as `{plain}`"), asked, specified(stock)];
    }
    let paragraphs = paragraphs(&stock.description.page);
    let asked = paragraphs.into_iter().next().unwrap_or_else(|| format!("{}.", stock.description.summary));
    [title, over(stock), number(stock.description.default_port), options(stock), asked, specified(stock)]
}

fn over(stock: &Stock) -> String {
    let words = stock.description.transports.iter().map(|transport| match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
        Transport::UnixStream => "a Unix socket",
        Transport::UnixDatagram => "datagrams of a Unix socket",
    });
    words.collect::<Vec<_>>().join(", ")
}

fn number(port: Option<u16>) -> String {
    port.map_or(String::new(), |port| port.to_string())
}

/// The names of the options; those that must be given say so.
fn options(stock: &Stock) -> String {
    let names = stock.description.options.iter().map(|option| {
        let required = if option.required { " (must be given)" } else { "" };
        format!("`{}`{required}", option.name)
    });
    names.collect::<Vec<_>>().join(", ")
}

/// Where the protocol is specified, as its plugin says.
fn specified(stock: &Stock) -> String {
    let paragraphs = paragraphs(&stock.description.page);
    let source = paragraphs.iter().find_map(|paragraph| paragraph.strip_prefix(SPECIFIED));
    source.map_or(String::new(), |source| source.trim_end_matches('.').to_owned())
}
