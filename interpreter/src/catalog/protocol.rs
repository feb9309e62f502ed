//! Protocols, as their plugins describe themselves.

/// The protocols that can be named in a rule. The program that embeds the plugins hands them in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Protocols {
    /// The protocols in the order of their names.
    pub entries: Vec<ProtocolEntry>,
}

/// One protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolEntry {
    /// The word behind `protocol`.
    pub name: String,
    /// What it is, in a sentence.
    pub summary: String,
    /// The customary port.
    pub default_port: Option<u16>,
    /// The options it takes.
    pub options: Vec<ProtocolOptionEntry>,
}

/// One option of a protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolOptionEntry {
    /// The name, as in `[a-z][a-z0-9_]*`.
    pub name: String,
    /// What it does, in a sentence.
    pub help: String,
    /// What values it takes.
    pub kind: OptionKind,
    /// Whether it must be given.
    pub required: bool,
}

/// What values an option takes.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionKind {
    /// Any text.
    Text,
    /// A text that is never printed.
    Secret,
    /// A whole number between the two.
    Integer(i64, i64),
    /// A number.
    Number,
    /// `true` or `false`.
    Truth,
    /// A length of time.
    Duration,
    /// A size.
    Size,
    /// One of these words.
    Choice(Vec<String>),
    /// A comparison with a whole number: `= 404`.
    Comparison,
}

/// The protocols that Monit 5.33 knows, so that a message can tell a missing one from a misspelt one.
pub const MONIT_PROTOCOLS: [&str; 38] = [
    "apache-status",
    "clamav",
    "default",
    "dns",
    "dwp",
    "fail2ban",
    "ftp",
    "gps",
    "http",
    "https",
    "imap",
    "imaps",
    "ldap2",
    "ldap3",
    "lmtp",
    "memcache",
    "mongodb",
    "mqtt",
    "mysql",
    "mysqls",
    "nntp",
    "ntp3",
    "pgsql",
    "pop",
    "pops",
    "postfix-policy",
    "radius",
    "rdate",
    "redis",
    "rsync",
    "sieve",
    "sip",
    "smtp",
    "smtps",
    "spamassassin",
    "ssh",
    "tns",
    "websocket",
];

impl ProtocolEntry {
    /// The option of that name. Case, `_` and `-` make no difference: Monit's `hostheader` is `host_header`.
    pub fn option(&self, name: &str) -> Option<&ProtocolOptionEntry> {
        let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
        let name = plain(name);
        self.options.iter().find(|option| plain(&option.name) == name)
    }
}

impl Protocols {
    /// The protocol of that name; names are compared without regard to case.
    pub fn find(&self, name: &str) -> Option<&ProtocolEntry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }
}
