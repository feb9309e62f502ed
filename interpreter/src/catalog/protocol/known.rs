//! The protocols that the language knows: everything that can stand behind `protocol` without a plugin of one's own.

use super::{OptionKind, ProtocolEntry, ProtocolOptionEntry, options, plain};

/// A protocol that the language knows.
#[derive(Debug)]
pub struct KnownProtocol {
    /// The word behind `protocol`.
    pub name: &'static str,
    /// What a test of it finds out, in a sentence.
    pub summary: &'static str,
    /// The customary port; a rule has to name it all the same.
    pub port: Option<u16>,
    /// What carries it.
    pub transport: Transport,
    /// The protocol that is spoken, where this is its name with encryption from the start.
    pub encrypts: Option<&'static str>,
    /// The ports on which encryption, where a rule wants it, begins within the protocol (STARTTLS) and not before it.
    pub upgrades_on: &'static [u16],
    /// Whether at least one of its options must be given.
    pub needs_an_option: bool,
    /// The options it takes.
    pub options: &'static [KnownOption],
}

/// An option of a protocol that the language knows.
#[derive(Debug)]
pub struct KnownOption {
    /// The name in braces and in `show`.
    pub name: &'static str,
    /// Monit's word for it.
    pub word: &'static str,
    /// What values it takes.
    pub kind: OptionKind,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// What holds when it is not given, as it would be written.
    pub default: Option<&'static str>,
}

/// What carries a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// A stream, unless a rule says `type udp`.
    Stream,
    /// A stream or datagrams, as the rule says.
    Either,
    /// Datagrams, without a word.
    Datagrams,
    /// Datagrams, and the rule has to say so.
    DatagramsSaid,
}

impl KnownProtocol {
    /// The protocol of that name; names are compared without regard to case.
    pub fn find(name: &str) -> Option<&'static KnownProtocol> {
        KNOWN_PROTOCOLS.iter().find(|known| known.name.eq_ignore_ascii_case(name))
    }

    /// The name of the protocol that is spoken: `http` for `https`.
    pub fn spoken(&self) -> &'static str {
        self.encrypts.unwrap_or(self.name)
    }

    /// The protocol as plugins describe theirs.
    pub fn entry(&self) -> ProtocolEntry {
        let option = |option: &KnownOption| ProtocolOptionEntry {
            name: option.name.to_owned(),
            help: option.help.to_owned(),
            kind: option.kind.clone(),
            required: false,
        };
        ProtocolEntry {
            name: self.name.to_owned(),
            summary: self.summary.to_owned(),
            default_port: self.port,
            options: self.options.iter().map(option).collect(),
        }
    }

    /// The option of that name, or of that word of Monit's.
    pub fn option(&self, name: &str) -> Option<&'static KnownOption> {
        let is_it = |word: &str| plain(word).eq(plain(name));
        self.options.iter().find(|option| is_it(option.name) || is_it(option.word))
    }
}

const fn known(name: &'static str, port: u16, summary: &'static str) -> KnownProtocol {
    KnownProtocol {
        name,
        summary,
        port: Some(port),
        transport: Transport::Stream,
        encrypts: None,
        upgrades_on: &[],
        needs_an_option: false,
        options: &[],
    }
}

const fn encrypted(name: &'static str, plain: &'static str, port: u16, summary: &'static str) -> KnownProtocol {
    KnownProtocol { encrypts: Some(plain), ..known(name, port, summary) }
}

const fn upgrading(name: &'static str, port: u16, upgrades_on: &'static [u16], summary: &'static str) -> KnownProtocol {
    KnownProtocol { upgrades_on, ..known(name, port, summary) }
}

/// All of them, in the order of their names.
pub static KNOWN_PROTOCOLS: &[KnownProtocol] = &[
    KnownProtocol {
        needs_an_option: true,
        options: options::APACHE,
        ..known("apache-status", 80, "An Apache whose scoreboard is within limits.")
    },
    known("clamav", 3310, "A ClamAV that answers a ping."),
    KnownProtocol {
        port: None,
        transport: Transport::Either,
        ..known("default", 0, "Something that accepts a connection; over UDP, something that does not refuse it.")
    },
    KnownProtocol {
        transport: Transport::Either,
        ..known("dns", 53, "A name server that knows the servers of the root, or refuses to say.")
    },
    KnownProtocol {
        port: None,
        ..known("dwp", 0, "A server of the Database Wire Protocol, asked by HTTP with a status below 400.")
    },
    KnownProtocol { port: None, ..known("fail2ban", 0, "A Fail2ban that answers a ping on its socket.") },
    upgrading("ftp", 21, &[21], "A file server that greets, and says goodbye."),
    known("gps", 2947, "A GPS daemon that names its source."),
    KnownProtocol { options: options::HTTP, ..known("http", 80, "A web server that answers a request.") },
    KnownProtocol {
        options: options::HTTP,
        ..encrypted("https", "http", 443, "A web server that answers a request over TLS.")
    },
    upgrading("imap", 143, &[143], "A mailbox server that greets, and says goodbye."),
    encrypted("imaps", "imap", 993, "A mailbox server that greets, and says goodbye, over TLS."),
    upgrading("ldap2", 389, &[389], "A directory that lets anybody in, in version 2."),
    upgrading("ldap3", 389, &[389], "A directory that lets anybody in, in version 3."),
    upgrading("lmtp", 24, &[24], "A mailbox that takes mail from a mail server of this site."),
    known("memcache", 11211, "A memcached that answers in its binary protocol."),
    known("mongodb", 27017, "A MongoDB that says what it is."),
    KnownProtocol { options: options::LOGIN, ..known("mqtt", 1883, "A message broker that lets a client in.") },
    KnownProtocol {
        options: options::MYSQL,
        ..known("mysql", 3306, "A MySQL that greets, and lets a user in where one is given.")
    },
    KnownProtocol {
        options: options::MYSQL,
        ..encrypted("mysqls", "mysql", 3306, "A MySQL that greets, and lets a user in over TLS.")
    },
    upgrading("nntp", 119, &[119], "A news server that greets, and says goodbye."),
    KnownProtocol {
        transport: Transport::Datagrams,
        ..known("ntp3", 123, "A time server whose clock runs by another one.")
    },
    KnownProtocol {
        options: options::PGSQL,
        ..known("pgsql", 5432, "A PostgreSQL that answers, and lets a user in where one is given.")
    },
    upgrading("pop", 110, &[110], "A mailbox server that greets, and says goodbye."),
    encrypted("pops", "pop", 995, "A mailbox server that greets, and says goodbye, over TLS."),
    KnownProtocol {
        port: None,
        ..known("postfix-policy", 0, "A policy server that decides about a mail that does not exist.")
    },
    KnownProtocol {
        transport: Transport::DatagramsSaid,
        options: options::RADIUS,
        ..known("radius", 1812, "A RADIUS server that says that it is there.")
    },
    KnownProtocol {
        transport: Transport::Either,
        ..known("rdate", 37, "A time server whose clock is within three seconds of this one.")
    },
    known("redis", 6379, "A Redis that answers a ping, or wants a password."),
    known("rsync", 873, "An rsync daemon that lists its modules."),
    upgrading("sieve", 4190, &[4190], "A server of mail filters that says what it can do."),
    KnownProtocol { options: options::SIP, ..known("sip", 5060, "A SIP server that says what it can do.") },
    KnownProtocol {
        options: options::LOGIN,
        ..upgrading("smtp", 25, &[25, 587], "A mail server that greets, and lets a user in where one is given.")
    },
    KnownProtocol {
        options: options::LOGIN,
        ..encrypted("smtps", "smtp", 465, "A mail server that greets, and lets a user in, over TLS.")
    },
    known("spamassassin", 783, "A SpamAssassin that answers a ping."),
    known("ssh", 22, "An SSH server that names its version."),
    known("tns", 1521, "An Oracle listener that refuses a ping as it should."),
    KnownProtocol {
        needs_an_option: true,
        options: options::WEBSOCKET,
        ..known("websocket", 80, "A web server that changes to WebSocket and answers a ping.")
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_stand_in_order_and_are_explained() {
        assert_eq!(KNOWN_PROTOCOLS.len(), 38);
        assert!(KNOWN_PROTOCOLS.is_sorted_by(|one, next| one.name < next.name));
        for known in KNOWN_PROTOCOLS {
            assert!(known.summary.ends_with('.'), "{} is not explained in a sentence", known.name);
            assert!(known.options.iter().all(|option| option.help.ends_with('.')), "{}", known.name);
            assert!(known.encrypts.is_none_or(|plain| KnownProtocol::find(plain).is_some()));
        }
    }
}
