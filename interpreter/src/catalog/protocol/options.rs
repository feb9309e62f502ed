//! The options of the protocols that the language knows.

use std::borrow::Cow;

use super::{KnownOption, OptionKind};

/// An option whose word is its name, and which has nothing in place of what is not given.
const fn plain(name: &'static str, kind: OptionKind, help: &'static str) -> KnownOption {
    KnownOption { name, word: name, kind, default: None, help }
}

/// An option that has something in place of what is not given.
const fn usual(name: &'static str, default: &'static str, kind: OptionKind, help: &'static str) -> KnownOption {
    KnownOption { name, word: name, kind, default: Some(default), help }
}

/// An option for which Monit has another word.
const fn other(name: &'static str, word: &'static str, kind: OptionKind, help: &'static str) -> KnownOption {
    KnownOption { name, word, kind, default: None, help }
}

/// A share of the slots of Apache's scoreboard.
const fn slots(name: &'static str, help: &'static str) -> KnownOption {
    plain(name, OptionKind::Share, help)
}

const USERNAME: KnownOption = plain("username", OptionKind::Text, "The user to log in as.");
const PASSWORD: KnownOption = plain("password", OptionKind::Secret, "The password to log in with.");
const METHODS: OptionKind = OptionKind::Choice(Cow::Borrowed(&[Cow::Borrowed("get"), Cow::Borrowed("head")]));

/// The options of protocols in which one only logs in.
pub(super) const LOGIN: &[KnownOption] = &[USERNAME, PASSWORD];

pub(super) const HTTP: &[KnownOption] = &[
    usual("request", "/", OptionKind::Request, "The path and the query to ask for."),
    usual("status", "< 400", OptionKind::Comparison, "The relation that the status must have."),
    usual("method", "get", METHODS, "The method of the request; an answer to `head` has no content."),
    other("host_header", "hostheader", OptionKind::Text, "The host that the request names in place of the real one."),
    other("headers", "http headers", OptionKind::Headers, "Headers beside or in place of the usual ones."),
    plain("checksum", OptionKind::Hash, "The checksum that the content must have."),
    USERNAME,
    PASSWORD,
];

pub(super) const APACHE: &[KnownOption] = &[
    usual("path", "/server-status", OptionKind::Path, "The path of the page that shows the scoreboard."),
    USERNAME,
    PASSWORD,
    slots("loglimit", "The share of slots that write their log; the test fails when the comparison holds."),
    slots("closelimit", "The share of slots that close a connection."),
    slots("dnslimit", "The share of slots that look up a name."),
    slots("keepalivelimit", "The share of slots that keep a connection open."),
    slots("replylimit", "The share of slots that send an answer."),
    slots("requestlimit", "The share of slots that read a request."),
    slots("startlimit", "The share of slots that start."),
    slots("waitlimit", "The share of slots that wait for a connection."),
    slots("gracefullimit", "The share of slots that finish their last request."),
    slots("cleanuplimit", "The share of slots of idle workers that are ended."),
];

pub(super) const MYSQL: &[KnownOption] = &[
    plain("username", OptionKind::Text, "The user to log in as; without one the greeting of the server suffices."),
    PASSWORD,
    other(
        "rsakey",
        "rsakey checksum",
        OptionKind::Hash,
        "The checksum of the key by which passwords for the server are encrypted.",
    ),
];

pub(super) const PGSQL: &[KnownOption] = &[
    plain("username", OptionKind::Text, "The user to log in as; `root` when no database is named either."),
    PASSWORD,
    plain("database", OptionKind::Text, "The database to open."),
];

pub(super) const RADIUS: &[KnownOption] =
    &[usual("secret", "testing123", OptionKind::Secret, "The secret that the server shares with this machine.")];

/// The largest number of proxies of SIP: it is kept in a byte.
const PROXIES_MAX: i64 = 255;

pub(super) const SIP: &[KnownOption] = &[
    usual("target", "monit@foo.bar", OptionKind::Text, "The address whose options are asked for."),
    KnownOption {
        name: "max_forward",
        word: "maxforward",
        kind: OptionKind::Integer(0, PROXIES_MAX),
        default: Some("70"),
        help: "Over how many proxies the request may go.",
    },
];

pub(super) const WEBSOCKET: &[KnownOption] = &[
    plain("request", OptionKind::Path, "The path and the query to ask for."),
    plain("host", OptionKind::Text, "The host that the request names in place of the real one."),
    plain("origin", OptionKind::Text, "Where the request claims to come from."),
    usual(
        "version",
        "0",
        OptionKind::Integer(0, i64::MAX),
        "The version of the protocol that is asked for; 0 stands for 13, the one that is left.",
    ),
];
