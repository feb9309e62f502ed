//! Every word of a text belongs to one place of its tree: what was read by [`grammar::parse()`] is laid beside a reading
//! of the bare characters that knows nothing of statements.
//!
//! Shown for every text without errors in the examples, in `tests/language`, and in `spans/`, which uses every
//! statement, test and option of the language:
//! - parts lie inside of what they are parts of, and beside each other;
//! - every word that is not noise lies in a statement, and either in a part that has no further parts, such as a name
//!   or a unit, or it is one of the words or signs that the innermost statement, rule, test or option around it consists
//!   of ([`OWN`]).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use grammar::ast::{Node, nodes};
use grammar::{Dialect, Finding, Severity, Source, Span, parse};

/// The words and signs that a node has of its own, beside its parts.
const OWN: &[(&str, &[&str])] = &[
    (
        "setting",
        &[
            "set",
            "daemon",
            "start",
            "delay",
            "mailserver",
            "hostname",
            "timeout",
            "logfile",
            "log",
            "facility",
            "terminal",
            "batch",
            "eventqueue",
            "basedir",
            "slots",
            "slot",
            "mmonit",
            "pidfile",
            "idfile",
            "statefile",
            "expectbuffer",
            "init",
            "limits",
            "onreboot",
            "fips",
            "{",
            "}",
        ],
    ),
    ("server", &["port", "username", "password", "certmd5", "timeout"]),
    ("limit", &[":"]),
    ("httpd", &["httpd"]),
    (
        "httpd-option",
        &[
            "port",
            "unixsocket",
            "unix",
            "address",
            "pemfile",
            "clientpemfile",
            "allowselfcertification",
            "signature",
            "allow",
            "read-only",
            "readonly",
            "uid",
            "gid",
            "permission",
            "perm",
            ":",
            "@",
            "certmd5",
        ],
    ),
    ("recipient", &["alert", "reminder", "cycles", "cycle"]),
    ("events", &["not", "{", "}"]),
    ("mail-format", &["mail-format", "{", "}"]),
    ("mail-part", &["from", "reply-to", "subject", "message", ":"]),
    ("certificate", &["certificate", "checksum", "valid", "=", ">"]),
    ("tls", &["ssl", "tls", "enable", "{", "}"]),
    (
        "tls-setting",
        &[
            "version",
            "verify",
            "selfsigned",
            "ciphers",
            "cipher",
            "pemfile",
            "pemchain",
            "pemkey",
            "clientpemfile",
            "cacertificatefile",
            "cacertificatepath",
            ":",
        ],
    ),
    (
        "head",
        &["check", "pidfile", "path", "matching", "match", "address", "interface", "uid", "gid", "timeout", "{", "}"],
    ),
    ("program", &["\""]),
    ("method", &["=", "uid", "gid", "timeout"]),
    ("grant", &["grant", "connect", "read", "fetch"]),
    ("plugin-part", &["timeout", "{", "}"]),
    ("texts", &["[", "]"]),
    ("restart-limit", &["if", "restarts", "restart", "cycles", "cycle", "then"]),
    ("ignore", &["ignore"]),
    ("depends", &["depends", "depend"]),
    ("group", &["group"]),
    ("mode", &["mode"]),
    ("onreboot", &["onreboot"]),
    ("every", &["not", "every", "cycles", "cycle"]),
    ("noalert", &["noalert"]),
    ("rule", &["if", "then"]),
    ("recovery", &["else", "if", "then"]),
    ("rate", &["cycles", "cycle"]),
    ("length", &["+"]),
    (
        "action",
        &[
            "alert",
            "start",
            "stop",
            "restart",
            "unmonitor",
            "ignore",
            "timeout",
            "exec",
            "execute",
            "uid",
            "gid",
            "repeat",
            "every",
            "cycles",
            "cycle",
        ],
    ),
    ("condition", &["not"]),
    (
        "test",
        &[
            "not",
            "exist",
            "exists",
            "failed",
            "succeeded",
            "md5",
            "sha1",
            "sha256",
            "changed",
            "uid",
            "euid",
            "gid",
            "permission",
            "perm",
            "security",
            "attribute",
            "attributes",
            "checksum",
            "expect",
            "link",
            "up",
            "down",
            "second",
            "s",
            "host",
            "port",
            "url",
            "unixsocket",
            "unix",
            "send",
            "timeout",
            "retry",
            "type",
            "address",
            "count",
            "size",
            "performance",
            "certmd5",
        ],
    ),
    ("content", &["content", "match", "matching", "not", "=", "!=", "patterns", "from"]),
    ("response-time", &["responsetime", "response", "time"]),
    ("protocol", &["protocol", "proto", "{", "}"]),
    ("protocol-option", &["checksum", "md5", "sha1", "=", ":"]),
    ("headers", &["[", "]"]),
    ("header", &[":"]),
];

/// Words that are dropped wherever they stand.
const NOISE: &[&str] = &[
    "is", "as", "are", "for", "via", "on", "only", "with", "within", "without", "program", "programs", "and", "has",
    "using", "use", "the", "to", "sum", "than", "usage", "was", "times", "but", "of", "or", "does", "per", "in",
    "last", "rate", "capacity", "activity", "option", "options",
];

/// One word or sign outside of the parts that have no parts.
struct Lexeme<'a> {
    text: &'a str,
    start: usize,
}

/// What was met in all texts together, so that nothing of [`OWN`] is listed for nothing.
type Seen = BTreeSet<(&'static str, String)>;

#[test]
fn every_word_belongs_to_one_place_of_the_tree() {
    let mut seen = Seen::new();
    let mut wrong = Vec::new();
    let mut read = 0;
    for (name, text) in texts() {
        for dialect in [Dialect::Monit, Dialect::Rules] {
            let source = Source::new(name.as_str(), text.as_str());
            let parsed = parse(&source, dialect);
            let mut errors = parsed.findings.iter().filter(|finding| finding.severity == Severity::Error).peekable();
            if errors.peek().is_some() {
                let must_be_sound =
                    name.contains("/spans/") && (dialect == Dialect::Rules || name.ends_with(".monitrc"));
                let here = errors.filter(|_| must_be_sound);
                wrong.extend(here.map(|error| {
                    let line = source.place(error.span().start).line;
                    format!("{name}:{line} in {}: {}", dialect.word(), error.headline)
                }));
                continue;
            }
            read += 1;
            let nodes = nodes(&parsed.file);
            let mut say = |offset: usize, what: String| {
                let place = source.place(u32::try_from(offset).expect("a short text"));
                wrong.push(format!("{name}:{}:{} in {}: {what}", place.line, place.column, dialect.word()));
            };
            stand_in_order(&nodes, &text, &mut say);
            // What stands in no statement on purpose.
            let includes = parse::includes(&text, dialect).into_iter().map(|include| include.span);
            let stray = parsed.findings.iter().filter(|finding| finding.name == "stray-argument").map(Finding::span);
            let outside: Vec<_> = includes.chain(stray).map(Span::range).collect();
            for lexeme in between(&nodes, &text) {
                if outside.iter().any(|span| span.contains(&lexeme.start)) || is_noise(&text, &lexeme) {
                    continue;
                }
                match owner(&nodes, &lexeme) {
                    Some(node) => {
                        let word = lexeme.text.to_ascii_lowercase();
                        let own = OWN.iter().find(|(name, _)| *name == node.name).map_or(&[][..], |(_, own)| own);
                        if !own.contains(&word.as_str()) {
                            say(lexeme.start, format!("`{word}` is no part of the {} around it", node.name));
                        }
                        seen.insert((node.name, word));
                    }
                    None => say(lexeme.start, format!("`{}` stands in no statement", lexeme.text)),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
    assert!(read > 50, "only {read} texts were read");
    let listed = OWN.iter().flat_map(|(node, own)| own.iter().map(move |word| (*node, (*word).to_owned())));
    let unseen: Vec<_> = listed.filter(|own| !seen.contains(own)).collect();
    assert!(unseen.is_empty(), "no text has these: {unseen:?}");
}

/// Shows that parts lie in what they are parts of, do not overlap, and cut no word in two.
fn stand_in_order(nodes: &[Node], text: &str, say: &mut impl FnMut(usize, String)) {
    let mut families: BTreeMap<Option<usize>, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        let start = node.span.start as usize;
        if node.span.start >= node.span.end || text.get(node.span.range()).is_none() {
            say(start, format!("the place of the {} is none: {:?}", node.name, node.span));
        }
        if let Some(around) = node.parent.and_then(|parent| nodes.get(parent))
            && (node.span.start < around.span.start || node.span.end > around.span.end)
        {
            say(start, format!("the {} does not lie inside the {} that it is a part of", node.name, around.name));
        }
        families.entry(node.parent).or_default().push(node);
    }
    for mut siblings in families.into_values() {
        siblings.sort_by_key(|node| node.span);
        for pair in siblings.windows(2) {
            let (one, other) = (pair[0], pair[1]);
            if other.span.start < one.span.end {
                say(other.span.start as usize, format!("the {} and the {} overlap", one.name, other.name));
            }
        }
    }
    let leaves = leaves(nodes);
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    for leaf in &leaves {
        let (start, end) = (leaf.span.start as usize, leaf.span.end as usize);
        let cut = |at: usize| is_word(text[..at].chars().next_back()) && is_word(text[at..].chars().next());
        if cut(start) && !leaves.iter().any(|other| other.span.end == leaf.span.start) {
            say(start, format!("the {} begins in the middle of a word", leaf.name));
        }
        if cut(end) && !leaves.iter().any(|other| other.span.start == leaf.span.end) {
            say(end, format!("the {} ends in the middle of a word", leaf.name));
        }
    }
}

/// The nodes that have no parts, and no words of their own.
fn leaves(nodes: &[Node]) -> Vec<&Node> {
    let parents: BTreeSet<usize> = nodes.iter().filter_map(|node| node.parent).collect();
    let is_leaf =
        |(index, node): &(usize, &Node)| !parents.contains(index) && OWN.iter().all(|(name, _)| *name != node.name);
    nodes.iter().enumerate().filter(is_leaf).map(|(_, node)| node).collect()
}

/// The words and signs between the leaves: everything but blanks and comments.
fn between<'a>(nodes: &[Node], text: &'a str) -> Vec<Lexeme<'a>> {
    let mut leaves = leaves(nodes);
    leaves.sort_by_key(|node| node.span);
    let mut lexemes = Vec::new();
    let (mut at, mut next) = (0, leaves.iter().peekable());
    while let Some(character) = text[at..].chars().next() {
        if let Some(leaf) = next.next_if(|leaf| leaf.span.start as usize <= at) {
            at = at.max(leaf.span.end as usize);
            continue;
        }
        let end = next.peek().map_or(text.len(), |leaf| leaf.span.start as usize);
        let rest = &text[at..end];
        let length = match character {
            '#' => text[at..].find('\n').unwrap_or(text.len() - at),
            c if c.is_whitespace() || ",;()\\\u{feff}".contains(c) => c.len_utf8(),
            c => {
                let letters = rest.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
                let signs = rest.find(|c: char| !"<>=!".contains(c));
                let length = if "<>=!".contains(c) { signs } else { letters }.unwrap_or(rest.len());
                let length = length.max(c.len_utf8());
                lexemes.push(Lexeme { text: &text[at..at + length], start: at });
                length
            }
        };
        at += length;
    }
    lexemes
}

fn is_noise(text: &str, lexeme: &Lexeme<'_>) -> bool {
    let word = lexeme.text.to_ascii_lowercase();
    let after = text[lexeme.start + word.len()..].trim_start().to_ascii_lowercase();
    let before = text[..lexeme.start].trim_end().to_ascii_lowercase();
    match word.as_str() {
        "disable" => after.starts_with("ssl") || before.ends_with("ssl"),
        "ssl" => after.starts_with("disable") || before.ends_with("disable"),
        word => NOISE.contains(&word),
    }
}

/// The innermost node around a lexeme. Because parts do not overlap, there is only one.
fn owner<'a>(nodes: &'a [Node], lexeme: &Lexeme<'_>) -> Option<&'a Node> {
    let end = lexeme.start + lexeme.text.len();
    let around = |node: &&Node| node.span.start as usize <= lexeme.start && end <= node.span.end as usize;
    nodes.iter().rfind(around)
}

/// All texts of the repository that may be rules, by name.
#[expect(clippy::disallowed_methods, reason = "the texts stand in files")]
fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in the workspace");
    let mut texts = Vec::new();
    let files = |folder: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder with texts");
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()).collect()
    };
    for path in ["examples", "grammar/tests/spans"].iter().flat_map(|folder| files(folder)) {
        if path.extension().is_some_and(|extension| extension == "rules" || extension == "monitrc") {
            texts.push((path.display().to_string(), std::fs::read_to_string(&path).expect("a text")));
        }
    }
    for page in ["tests/language/parse", "tests/language/check"].iter().flat_map(|folder| files(folder)) {
        let text = std::fs::read_to_string(&page).expect("a page is text");
        for (index, block) in text.split("\n```").enumerate().filter(|(index, _)| index % 2 == 1) {
            let (kind, block) = block.split_once('\n').unwrap_or_default();
            if kind.starts_with("rules") || kind.starts_with("monit") {
                texts.push((format!("{} block {}", page.display(), index / 2 + 1), block.to_owned()));
            }
        }
    }
    texts
}
