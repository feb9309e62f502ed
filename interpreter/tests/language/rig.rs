//! What the tests of the language share: Markdown with blocks of rules, a machine in memory, and two protocols.

use std::collections::BTreeMap;

use grammar::finding::Edit;
use grammar::{Dialect, Help, Source};
use interpreter::catalog::{
    GrantKind, OptionKind, PluginEntry, PluginMetric, PluginMetricKind, PluginNeed, ProtocolEntry, ProtocolOptionEntry,
    Protocols,
};
use interpreter::check::{Checked, Day, Imaginary, PathState, PluginState, ProgramState, check_loaded, load_text};

/// A fenced block of a Markdown file.
pub(crate) struct Block {
    /// The words behind the fence: a dialect, and a path where the block is a file of its own.
    pub(crate) info: String,
    /// The text of the block.
    pub(crate) text: String,
    /// The line of the first line of the block in the Markdown file.
    pub(crate) line: usize,
}

/// A text with the files that it can include.
pub(crate) struct Example {
    /// The dialect of the text.
    pub(crate) dialect: Dialect,
    /// The text.
    pub(crate) text: String,
    /// Its line in the Markdown file.
    pub(crate) line: usize,
    /// The files beside it.
    pub(crate) files: BTreeMap<String, String>,
}

/// One finding: file, line, severity and name.
pub(crate) type Mark = (String, u32, String);

/// So often a text is mended at most.
const ROUNDS_MAX: usize = 6;

/// The name of the text itself.
pub(crate) const MAIN: &str = "/etc/ruled/main";

/// The blocks of a Markdown file.
pub(crate) fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in markdown.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(info), None) => {
                open = Some(Block { info: info.trim().to_owned(), text: String::new(), line: number + 2 });
            }
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is never closed");
    blocks
}

/// The examples of a Markdown file: blocks of rules, each with the blocks behind it that have a path.
pub(crate) fn examples(markdown: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for block in blocks(markdown) {
        let mut words = block.info.split_whitespace();
        let dialect = match words.next() {
            Some("rules") => Dialect::Rules,
            Some("monit") => Dialect::Monit,
            _ => continue,
        };
        match (words.next(), examples.last_mut()) {
            (Some(path), Some(example)) => {
                example.files.insert(path.to_owned(), block.text);
            }
            _ => examples.push(Example { dialect, text: block.text, line: block.line, files: BTreeMap::new() }),
        }
    }
    examples
}

impl Example {
    /// The findings that the example says it has, sorted.
    pub(crate) fn expected(&self) -> Vec<Mark> {
        let texts = self.files.iter().map(|(path, text)| (path.as_str(), text)).chain([(MAIN, &self.text)]);
        let mut marks: Vec<Mark> = texts.flat_map(|(path, text)| marks(path, text)).collect();
        marks.sort();
        marks
    }

    /// The text with its files, and what came of checking it.
    pub(crate) fn check(&self) -> (Source, Checked) {
        let machine = self.files.iter().fold(machine(), |machine, (path, text)| machine.with_file(path, text.as_str()));
        run(&self.text, self.dialect, &machine)
    }

    /// The findings that it has, sorted.
    pub(crate) fn found(&self) -> Vec<Mark> {
        let (source, checked) = self.check();
        found(&source, &checked)
    }
}

/// What is marked at the ends of the lines of a text.
fn marks(path: &str, text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for severity in ["error", "warning"] {
            for part in line.split(&format!("# {severity}[")).skip(1) {
                let name = part.split(']').next().unwrap_or_default();
                marks.push((path.to_owned(), number, format!("{severity}[{name}]")));
            }
        }
    }
    marks
}

/// Where the findings are, and which, sorted.
pub(crate) fn found(source: &Source, checked: &Checked) -> Vec<Mark> {
    let mark = |finding: &grammar::Finding| {
        let place = source.place(finding.span().start);
        (place.file.to_owned(), place.line, format!("{}[{}]", finding.severity.word(), finding.name))
    };
    let mut marks: Vec<Mark> = checked.findings.iter().map(mark).collect();
    marks.sort();
    marks
}

/// A machine on which every user exists but `stranger`, and every program but those below `/nowhere`, and which sends no
/// echo requests of IPv6, on the 1st of December 2026. It has some plugins beside the rules.
pub(crate) fn machine() -> Imaginary {
    plugins(Imaginary::new())
        .with_host_name("box")
        .without_user("stranger")
        .without_user("4000000")
        .with_program("/nowhere/nginx", ProgramState::Missing)
        .with_program("/nowhere/page", ProgramState::NotExecutable)
        .with_program("/nowhere/shop/stop", ProgramState::Missing)
        .with_program("/nowhere/shop/restart", ProgramState::Missing)
        .with_path("/nowhere/ca.pem", PathState::Missing)
        .with_locked_file("/locked/secret.rules")
        .with_plain_folder("/var/lib/shop", "/var")
        .without_ping6()
        .with_today(Day::new(2026, 12, 1).expect("it is a day"))
}

/// A machine with plugins: those that are asked for in the examples, one that was not added, one that is not there, and one
/// whose stored copy is of no use.
fn plugins(machine: Imaginary) -> Imaginary {
    let option = |name: &str, kind: OptionKind, required: bool| ProtocolOptionEntry {
        name: name.to_owned(),
        help: format!("The {name}"),
        kind,
        required,
    };
    let metric = |(name, kind): &(&str, PluginMetricKind)| PluginMetric {
        name: (*name).to_owned(),
        help: format!("The {name}"),
        kind: *kind,
    };
    let plugin = |name: &str, wants: &[GrantKind], metrics: &[(&str, PluginMetricKind)]| PluginEntry {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        summary: format!("Checks {name}"),
        is_probe: false,
        default_port: None,
        options: Vec::new(),
        metrics: metrics.iter().map(metric).collect(),
        wants: wants.to_vec(),
        needs: Vec::new(),
    };
    use PluginMetricKind::{Bytes, Counter, DurationMs, Gauge, Percent};
    let rabbitmq = PluginEntry {
        default_port: Some(5672),
        needs: vec![PluginNeed {
            kind: GrantKind::Connect,
            example: "mq.example.com:5672".to_owned(),
            purpose: "to ask for its queues".to_owned(),
        }],
        options: vec![
            option("queue", OptionKind::Text, true),
            option("password", OptionKind::Secret, false),
            option("at_least", OptionKind::Integer(-10, 100), false),
            option("share", OptionKind::Number, false),
            option("durable", OptionKind::Truth, false),
            option("patience", OptionKind::Duration, false),
            option("buffer", OptionKind::Size, false),
            option("mode", OptionKind::Choice(vec!["fast".into(), "whole".into()].into()), false),
            option("vhosts", OptionKind::Texts, false),
            option("banner", OptionKind::Pattern, false),
            option("code", OptionKind::Comparison, false),
            option("load", OptionKind::Share, false),
            option("headers", OptionKind::Headers, false),
        ],
        ..plugin(
            "rabbitmq",
            &[GrantKind::Connect],
            &[
                ("depth", Gauge),
                ("consumers", Gauge),
                ("published", Counter),
                ("latency", DurationMs),
                ("size", Bytes),
                ("usage", Percent),
                ("failed", Gauge),
            ],
        )
    };
    let probe = PluginEntry { is_probe: true, default_port: Some(70), ..plugin("gopher", &[], &[]) };
    let all = [GrantKind::Connect, GrantKind::Read, GrantKind::Fetch];
    let added = [
        ("rabbitmq", rabbitmq),
        ("queue", plugin("queue", &[GrantKind::Read], &[("depth", Gauge)])),
        ("api", plugin("api", &[GrantKind::Fetch], &[("value", Gauge)])),
        ("cert", plugin("cert", &[GrantKind::Connect], &[("expires_in", DurationMs)])),
        ("everything", plugin("everything", &all, &[("value", Gauge)])),
        ("gopher", probe),
    ];
    let path = |name: &str| format!("/etc/ruled/{name}.wasm");
    let machine = added
        .into_iter()
        .fold(machine, |machine, (name, entry)| machine.with_plugin(path(name), PluginState::Added(entry)));
    machine
        .with_plugin(path("new"), PluginState::NotAdded(Some("/var/lib/ruled/plugins".to_owned())))
        .with_plugin(path("gone"), PluginState::Missing)
        .with_plugin(path("torn"), PluginState::Refused("its bytes are not those that were stored".to_owned()))
}

/// Loads and checks a text.
pub(crate) fn run(text: &str, dialect: Dialect, machine: &Imaginary) -> (Source, Checked) {
    let loaded = load_text(MAIN, text.as_bytes(), dialect, machine);
    let checked = check_loaded(&loaded, dialect, &protocols(), machine);
    (loaded.source, checked)
}

/// The two protocols that there are.
pub(crate) fn protocols() -> Protocols {
    let option = |name: &str, kind: OptionKind| ProtocolOptionEntry {
        name: name.to_owned(),
        help: format!("The {name}"),
        kind,
        required: false,
    };
    let http = ProtocolEntry {
        name: "http".to_owned(),
        summary: "Asks for a page".to_owned(),
        default_port: Some(80),
        options: vec![
            option("request", OptionKind::Text),
            option("method", OptionKind::Choice(vec!["get".into(), "head".into()].into())),
            option("status", OptionKind::Comparison),
            option("host_header", OptionKind::Text),
        ],
    };
    let ssh = ProtocolEntry {
        name: "ssh".to_owned(),
        summary: "Waits for the greeting of an SSH server".to_owned(),
        default_port: Some(22),
        options: Vec::new(),
    };
    Protocols { entries: vec![http, ssh] }
}

/// The text with every change made that its findings offer, one round after the other, until none is offered or none
/// helps.
pub(crate) fn mended(text: &str, dialect: Dialect, machine: &Imaginary) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS_MAX {
        let (source, checked) = run(&text, dialect, machine);
        assert_eq!(source.text(), text, "a text that includes others cannot be mended here");
        let mut edits: Vec<Edit> = Vec::new();
        for finding in &checked.findings {
            let Some(Help::Fix(fix)) = &finding.help else { continue };
            let apart =
                |edit: &Edit| edits.iter().all(|e| edit.span.end <= e.span.start || e.span.end <= edit.span.start);
            if fix.edits.iter().all(apart) {
                edits.extend(fix.edits.iter().cloned());
            }
        }
        if edits.is_empty() {
            break;
        }
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
        for edit in edits {
            text.replace_range(edit.span.range(), &edit.text);
        }
    }
    text
}
