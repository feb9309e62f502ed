//! What a plugin says about itself: its name, its options, its metrics.

use crate::{Transport, Value};

/// What the plugin is. Names are `[a-z][a-z0-9_]*`, as rules write them.
#[derive(Clone, Debug, PartialEq)]
pub struct Describe {
    /// The name of the protocol.
    pub name: String,
    /// The plugin's own version, not the protocol's.
    pub version: String,
    /// One line for people.
    pub summary: String,
    /// What else the manual page says: what is sent, what is expected, what makes a check fail. Paragraphs, separated by
    /// empty lines.
    pub page: String,
    /// What the protocol can be spoken over; the customary one is the first.
    pub transports: Vec<Transport>,
    /// The port that the protocol has by default; that of a connection that is granted without one.
    pub port: Option<u16>,
    /// The port that it has by default where it is encrypted from the start.
    pub tls_port: Option<u16>,
    /// Whether encryption can begin within the protocol.
    pub start_tls: bool,
    /// What a rule may set.
    pub options: Vec<OptionSpec>,
    /// What a rule may test.
    pub metrics: Vec<MetricSpec>,
    /// The grants that a check of its own cannot do without; a probe needs none.
    pub needs: Vec<Need>,
}

/// A grant that a check cannot do without, so that people are told what to write and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Its kind.
    pub kind: GrantKind,
    /// What stands between the quotation marks in a customary rule.
    pub example: String,
    /// What it is for: "to count the messages in the queues".
    pub purpose: String,
}

/// What a rule may grant a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantKind {
    /// `grant connect "host:port"`.
    Connect,
    /// `grant read "/path"`.
    Read,
    /// `grant fetch "https://origin"`.
    Fetch,
}

/// An option of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionSpec {
    /// The name, as rules write it.
    pub name: String,
    /// One line for people.
    pub help: String,
    /// What else the manual page says of it.
    pub page: String,
    /// What a rule may write as its value.
    pub kind: OptionType,
    /// Whether every rule must set it.
    pub required: bool,
    /// What the host fills in when a rule does not set it.
    pub default: Option<Value>,
}

/// What a rule may write as the value of an option.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionType {
    /// A string.
    Text,
    /// A string that is masked wherever it would be shown.
    Secret,
    /// A whole number between the two, both included.
    Integer(i64, i64),
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A time span.
    Duration,
    /// A number of bytes.
    Size,
    /// One of these words, given as text.
    Choice(Vec<String>),
    /// A string; the option may be written several times.
    Texts,
    /// A relation and a whole number.
    Comparison,
    /// A relation and a share in per cent; its value is a comparison.
    Share,
    /// A regular expression.
    Pattern,
    /// A checksum.
    Hash,
    /// Headers of a request.
    Headers,
}

/// A number that a rule may test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricSpec {
    /// The name, as rules write it.
    pub name: String,
    /// One line for people.
    pub help: String,
    /// What kind of number it is.
    pub kind: MetricKind,
}

/// What kind of number a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It goes up and down.
    Gauge,
    /// It only goes up, until it begins again.
    Counter,
    /// A time span in milliseconds.
    DurationMs,
    /// A number of bytes.
    Bytes,
    /// A share of a hundred.
    Percent,
}

impl Describe {
    /// A plugin with this name and this line for people, without options or metrics, for streams.
    pub fn new(name: &str, summary: &str) -> Self {
        Describe {
            name: name.into(),
            version: "0.1.0".into(),
            summary: summary.into(),
            page: String::new(),
            transports: vec![Transport::Tcp, Transport::UnixStream],
            port: None,
            tls_port: None,
            start_tls: false,
            options: Vec::new(),
            metrics: Vec::new(),
            needs: Vec::new(),
        }
    }

    /// Sets the plugin's own version; `env!("CARGO_PKG_VERSION")` is a good one.
    pub fn version(mut self, version: &str) -> Self {
        self.version = version.into();
        self
    }

    /// Sets the port that the protocol has by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Sets the port that the protocol has by default where it is encrypted from the start.
    pub fn tls_port(mut self, port: u16) -> Self {
        self.tls_port = Some(port);
        self
    }

    /// Says that encryption can begin within the protocol, and that the check begins it where a rule wants that.
    pub fn start_tls(mut self) -> Self {
        self.start_tls = true;
        self
    }

    /// Sets what the protocol can be spoken over; the customary one is the first.
    pub fn over(mut self, transports: &[Transport]) -> Self {
        self.transports = transports.to_vec();
        self
    }

    /// Sets what the manual page says beyond the summary. Lines of one paragraph are joined. The first paragraph says what
    /// is asked and what counts as an answer, and one that begins with `Specified in ` where that is specified: these two
    /// stand in the table of all protocols.
    pub fn page(mut self, page: &str) -> Self {
        self.page = page.into();
        self
    }

    /// Adds an option that a rule may leave out.
    pub fn option(mut self, name: &str, kind: OptionType, help: &str) -> Self {
        let (name, help) = (name.into(), help.into());
        self.options.push(OptionSpec { name, help, page: String::new(), kind, required: false, default: None });
        self
    }

    /// Gives the option that was added last what the manual page says of it beyond the one line.
    pub fn explained(mut self, page: &str) -> Self {
        if let Some(last) = self.options.last_mut() {
            last.page = page.into();
        }
        self
    }

    /// Gives the option that was added last the value that it has when a rule leaves it out.
    pub fn default_value(mut self, value: Value) -> Self {
        if let Some(last) = self.options.last_mut() {
            last.default = Some(value);
        }
        self
    }

    /// Makes the option that was added last one that every rule must set.
    pub fn required(mut self) -> Self {
        if let Some(last) = self.options.last_mut() {
            last.required = true;
        }
        self
    }

    /// Adds a number that a rule may test.
    pub fn metric(mut self, name: &str, kind: MetricKind, help: &str) -> Self {
        self.metrics.push(MetricSpec { name: name.into(), help: help.into(), kind });
        self
    }

    /// Says that the check cannot do without a grant of this kind: what a customary rule writes between the quotation
    /// marks, and what it is for ("to count the messages in the queues").
    pub fn needs(mut self, kind: GrantKind, example: &str, purpose: &str) -> Self {
        self.needs.push(Need { kind, example: example.into(), purpose: purpose.into() });
        self
    }
}

impl OptionType {
    /// One of these words.
    pub fn choice(words: &[&str]) -> Self {
        OptionType::Choice(words.iter().map(|word| (*word).to_owned()).collect())
    }
}
