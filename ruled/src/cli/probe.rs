//! `ruled probe`: one look at one service, without rules and without a daemon.
//!
//! The words behind the address are those of a rule, so they are read by the checker as a rule of a service that does
//! not exist, and mean here what they mean there.

use std::io::IsTerminal;
use std::net::IpAddr;
use std::sync::mpsc;
use std::time::Duration;

use clap::Args;
use grammar::Severity;
use interpreter::program::{Connection, Program, Test};

use super::given::Words;
use super::rules::{Output, Reading, Rules, Text};
use super::{ERRORS, FINE, Global, UNUSABLE, print};
use crate::observe::connection::{self, Manner};
use crate::plugin::{ProbeOutcome, ProbeReport};
use crate::transport::{Phases, TlsInfo, Verification};

pub(super) mod shown;

use shown::Looked;

const TEACHING: &str = "\
Examples:
  ruled probe tcp://localhost:22 protocol ssh
  ruled probe tls://example.org:443 protocol http request /health status = 200
  ruled probe tcp://mail.example.org:25 protocol smtp
  ruled probe udp://127.0.0.1:53 protocol dns
  ruled probe unix:///run/app.sock protocol http
  ruled probe tcp://localhost:5432                              whether something accepts a connection
  ruled probe tcp://localhost:80 'protocol http with { request: \"/a b\" }'

What stands behind the address is what stands behind `port` in a rule: `protocol` with its options, `with ssl { … }`,
`with timeout 10 seconds`, `retry 2`. `ruled docs protocol` lists the protocols, `ruled docs protocol ssh` has the options of one.

Exit status: 0 the service answers as it should, 1 it does not, 2 nothing is known about it: wrong usage, or a fault of ours.";

/// Looks at one service once, and says what it answers, what was found out, and how long each phase took.
#[derive(Args)]
#[command(after_help = TEACHING)]
pub(super) struct Probe {
    /// Prints one JSON object; readers ignore fields that they do not know.
    #[arg(long)]
    json: bool,
    /// Where the service listens: tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT or unix:///PATH.
    #[arg(value_name = "ADDRESS")]
    address: String,
    #[command(flatten)]
    words: Words,
}

/// How a look ended, whatever it looked through.
pub(super) struct Look {
    pub(super) outcome: ProbeOutcome,
    phases: Option<Phases>,
    tls: Option<TlsInfo>,
    total: Duration,
    log: Vec<String>,
}

impl Look {
    pub(super) fn of(report: ProbeReport) -> Look {
        let ProbeReport { outcome, phases, tls, total, log } = report;
        Look { outcome, phases, tls, total, log }
    }
}

impl Probe {
    pub(super) fn run(self, global: &Global) -> u8 {
        match self.look(global) {
            Ok((connection, look)) => {
                let protocol = connection.protocol.as_ref().map_or("default", |call| call.name.as_str());
                let looked = Looked::Service(&self.address, protocol);
                let text = if self.json {
                    shown::json(&looked, &look)
                } else {
                    shown::text(&looked, &look, global.verbose > 0)
                };
                print(&text);
                match look.outcome {
                    ProbeOutcome::Passed { .. } => FINE,
                    ProbeOutcome::Failed(_) => ERRORS,
                    ProbeOutcome::Faulted(_) => UNUSABLE,
                }
            }
            Err(sentence) => {
                if !sentence.is_empty() {
                    eprintln!("ruled: {}", grammar::finding::clean(&sentence));
                }
                UNUSABLE
            }
        }
    }

    /// The look; the error is a sentence, or empty where findings said it.
    fn look(&self, global: &Global) -> Result<(Connection, Look), String> {
        let program = self.program(global)?;
        let connection = program
            .services
            .iter()
            .flat_map(|service| &service.rules)
            .find_map(|rule| match &rule.test {
                Test::Connection(connection) => Some((**connection).clone()),
                _ => None,
            })
            .ok_or("this version cannot look at a service in this way; `ruled docs protocol` lists what it speaks")?;
        let manner = connection::manner(&program);
        let once = || match &connection.protocol {
            None => bare(&connection, &manner),
            Some(_) => spoken(connection::probe(&connection, &manner)?),
        };
        let mut look = once()?;
        for _ in 1..connection.attempts {
            if !matches!(look.outcome, ProbeOutcome::Failed(_)) {
                break;
            }
            look = once()?;
        }
        Ok((connection, look))
    }

    /// What the words mean. Findings about them go to standard error.
    fn program(&self, global: &Global) -> Result<Program, String> {
        let place = place(&self.address)?;
        let rule = format!("    if failed {place} {} then exec \"/bin/true\"\n", self.words.written()?);
        let text = format!("check process probe with pidfile \"/run/probe.pid\"\n{rule}");
        let reading = Reading::of(Some(super::rules::DialectWord::Rules));
        let text = Text::given("(the words of the command line)", text.into_bytes());
        let mut rules = Rules::of(&text, &reading)?;
        let about_words = |name: &str| name == "not-watched-yet" || name == "not-obeyed-yet";
        rules.findings.retain(|finding| finding.severity == Severity::Error || about_words(finding.name));
        eprint!("{}", rules.show(Output::Full, global, std::io::stderr().is_terminal()));
        rules.into_program().1.ok_or_else(String::new)
    }
}

/// A look without a protocol: whether a connection can be made, and what is sent and expected goes as it should.
fn bare(connection: &Connection, manner: &Manner) -> Result<Look, String> {
    let report =
        connection::look(connection, manner).map_err(|error| format!("no runtime for connections: {error}"))?;
    let mut look = Look::of(report);
    if let ProbeOutcome::Passed { summary, .. } = &mut look.outcome {
        *summary = if connection.steps.is_empty() { "accepts a connection" } else { "answers as expected" }.to_owned();
    }
    Ok(look)
}

/// A look through a plugin.
fn spoken(probe: crate::plugin::Probe) -> Result<Look, String> {
    let (sender, receiver) = mpsc::channel();
    let patience = probe.timeout + GRACE;
    let plugins = crate::added::plugins();
    plugins.probe(
        probe,
        Box::new(move |report| {
            sender.send(report).ok();
        }),
    );
    let report = receiver.recv_timeout(patience).map_err(|_| "the look did not come to its end".to_owned())?;
    Ok(Look::of(report))
}

/// How much longer than its time-out a look is waited for; it ends itself, on a machine that is busy somewhat later.
const GRACE: Duration = Duration::from_secs(10);

/// An address as a rule would have it.
fn place(address: &str) -> Result<String, String> {
    let wrong = |why: &str| {
        format!("{address}: {why}; write tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT or unix:///PATH")
    };
    let (scheme, rest) = address.split_once("://").ok_or_else(|| wrong("an address begins with how it is reached"))?;
    if rest.contains(['"', '\'', '\\']) || rest.contains(char::is_control) {
        return Err(wrong("an address has no quotes, backslashes or control characters"));
    }
    if scheme == "unix" {
        if !rest.starts_with('/') {
            return Err(wrong("the path of a socket begins with /"));
        }
        return Ok(format!("unixsocket \"{rest}\""));
    }
    let socket = match scheme {
        "tcp" => "type tcp",
        "tls" => "type tcpssl",
        "udp" => "type udp",
        _ => return Err(wrong("it is reached by something unknown")),
    };
    let (host, port) = rest.trim_end_matches('/').rsplit_once(':').ok_or_else(|| wrong("the port is missing"))?;
    let port: u16 = port.parse().map_err(|_| wrong("the port is no number from 1 to 65535"))?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.is_empty() || (bare.contains(':') && bare.parse::<IpAddr>().is_err()) {
        return Err(wrong("the host is missing, or is no name and no address"));
    }
    Ok(format!("host \"{bare}\" port {port} {socket}"))
}

/// How a certificate was looked at, in words.
fn verified(verification: Verification) -> &'static str {
    match verification {
        Verification::Verified => "verified",
        Verification::SelfSigned => "signed by itself, which is allowed",
        Verification::NotAsked => "not verified",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_words_of_a_rule() {
        assert_eq!(place("tcp://localhost:22").as_deref(), Ok("host \"localhost\" port 22 type tcp"));
        assert_eq!(place("tls://[::1]:443/").as_deref(), Ok("host \"::1\" port 443 type tcpssl"));
        assert_eq!(place("udp://127.0.0.1:53").as_deref(), Ok("host \"127.0.0.1\" port 53 type udp"));
        assert_eq!(place("unix:///run/a b.sock").as_deref(), Ok("unixsocket \"/run/a b.sock\""));
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_to_write() {
        let wrong = [
            "localhost:22",
            "tcp://localhost",
            "tcp://:22",
            "tcp://a:b:22",
            "tcp://a:70000",
            "ftp://a:21",
            "unix://run/a",
            "tcp://a\":1",
            "tcp://a\\:1",
            "unix:///a\nif",
        ];
        for address in wrong {
            assert!(place(address).is_err_and(|sentence| sentence.contains("write tcp://")), "{address}");
        }
    }
}
