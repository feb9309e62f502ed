//! The manual's chapter for authors, `docs/plugins.md`, done as it says. Every block of the kind `console` is run, in the
//! order of the chapter and in one folder; what comes out must be what stands there, where `…` is anything. A block `has
//! FILE` must be in that file, one `write FILE` becomes it. What the chapter says of limits must be what the sources say.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a command may take; some build a plugin, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(900);

/// How long it may take until a program is there that was started in the background.
const START: Duration = Duration::from_secs(60);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the tool stands in the repository").to_path_buf()
}

fn source(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn page() -> String {
    source("docs/plugins.md")
}

/// A block between lines of three back-ticks.
struct Block<'a> {
    /// The line of the chapter where it begins.
    line: usize,
    /// What stands behind the back-ticks.
    words: Vec<&'a str>,
    lines: Vec<&'a str>,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let (mut blocks, mut open): (Vec<Block>, Option<Block>) = (Vec::new(), None);
    for (index, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(words), None) => {
                let words = words.split_whitespace().collect();
                open = Some(Block { line: index + 1, words, lines: Vec::new() });
            }
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.lines.push(line);
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block of the chapter does not end");
    blocks
}

/// Whether lines are what a block shows: `…` by itself is any lines, within a line it is anything.
fn is_shown(shown: &[&str], lines: &[&str]) -> bool {
    match shown.split_first() {
        None => lines.is_empty(),
        Some((&"…", rest)) => (0..=lines.len()).any(|count| is_shown(rest, &lines[count..])),
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, more)| is_line(first, line.trim_end()) && is_shown(rest, more))
        }
    }
}

fn is_line(shown: &str, line: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    rest.ends_with(last)
}

/// Asserts that a file has what a block shows of it.
fn has(block: &Block, text: &str) {
    let shown = [&["…"], block.lines.as_slice(), &["…"]].concat();
    let lines: Vec<&str> = text.lines().collect();
    assert!(is_shown(&shown, &lines), "line {} of the chapter: this is not in {}", block.line, block.words[2]);
}

#[test]
fn what_it_shows_of_the_repository_is_there() {
    let page = page();
    let mut count = 0;
    for block in blocks(&page) {
        match block.words.as_slice() {
            ["console" | "sh"] => {}
            [_, "write", _] => {}
            [_, "has", path] => {
                if let Some(path) = path.strip_prefix('/') {
                    // A template has a place for the name of the plugin.
                    has(&block, &source(path).replace("NAME", "lines"));
                    count += 1;
                }
            }
            other => panic!("line {}: nobody knows what a block {other:?} is", block.line),
        }
    }
    assert!(count >= 10, "the chapter shows {count} pieces of the repository only");
}

#[test]
fn what_it_installs_and_builds_is_what_there_is() {
    let page = page();
    let mut languages = Vec::new();
    for block in blocks(&page).iter().filter(|block| block.words == ["sh"]) {
        let text = block.lines.join(" ");
        if let Some((_, rest)) = text.split_once(" --language ") {
            // `languages.rs` runs these.
            languages.extend(rest.split(' ').next().map(str::to_owned));
            continue;
        }
        for line in &block.lines {
            let package =
                line.strip_prefix("cargo build --release -p ").unwrap_or_else(|| panic!("nobody runs {line}"));
            let (file, program) = match package {
                "ruled" => ("ruled/Cargo.toml", "default-run = \"ruled\""),
                "ruled-plugin-tool" => ("plugins-sdk/tool/Cargo.toml", "[[bin]]\nname = \"ruled-plugin\""),
                other => panic!("{other} is none of the programs"),
            };
            let manifest = source(file);
            assert!(manifest.contains(&format!("name = \"{package}\"\n")) && manifest.contains(program), "{file}");
        }
    }
    assert_eq!(languages, ["c", "python", "javascript"]);
}

/// An author at work: a folder, and what runs in the background.
struct Author {
    home: tempfile::TempDir,
    at: PathBuf,
    background: Vec<Child>,
}

impl Drop for Author {
    fn drop(&mut self) {
        for child in &mut self.background {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

impl Author {
    fn new() -> Author {
        let home = tempfile::tempdir().expect("a folder");
        let at = home.path().join("work");
        fs::create_dir(&at).expect("a folder");
        Author { home, at, background: Vec::new() }
    }

    /// A command line, as a shell of the author's runs it.
    fn shell(&self, line: &str, said: &Path) -> Command {
        let home = self.home.path();
        let programs = Path::new(env!("CARGO_BIN_EXE_ruled-plugin")).parent().expect("a folder").display().to_string();
        let own = |name: &str, folder: &str| {
            std::env::var_os(name).unwrap_or_else(|| {
                let home = std::env::var_os("HOME").unwrap_or_default();
                Path::new(&home).join(folder).into_os_string()
            })
        };
        let file = File::options().create(true).append(true).open(said).expect("a file");
        let mut command = Command::new("bash");
        command.args(["-c", line]).current_dir(&self.at).stdin(Stdio::null());
        command.stdout(file.try_clone().expect("a copy")).stderr(file);
        command.env("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap_or_default()));
        command.env("CARGO_HOME", own("CARGO_HOME", ".cargo")).env("RUSTUP_HOME", own("RUSTUP_HOME", ".rustup"));
        // What the guests of ruled are built with is what a plugin is built with, and was fetched for them.
        command.env("CARGO_NET_OFFLINE", "true");
        command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("chapter"));
        command.env("HOME", home).env("NO_COLOR", "1").env("XDG_CACHE_HOME", home.join("cache"));
        command.env("RULED_PLUGINS", home.join("plugins"));
        command.env("STATE_DIRECTORY", home).env("RUNTIME_DIRECTORY", home);
        for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs a command to its end; what it said.
    fn run(&self, line: &str) -> String {
        let said = self.home.path().join("said");
        let mut child = self.shell(line, &said).spawn().expect("bash");
        let end = Instant::now() + PATIENCE;
        while child.try_wait().expect("a child of ours").is_none() {
            if Instant::now() > end {
                child.kill().ok();
                child.wait().ok();
                panic!("`{line}` does not end");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let text = fs::read_to_string(&said).expect("what it said");
        fs::remove_file(&said).expect("a file of ours");
        text
    }

    fn starts(&mut self, line: &str) {
        let said = self.home.path().join(format!("background-{}", self.background.len()));
        let child = self.shell(&format!("exec {line}"), &said).spawn().expect("bash");
        self.background.push(child);
    }

    /// Does what a block says.
    fn does(&mut self, block: &Block) {
        let mut was_started = false;
        for part in commands(&block.lines) {
            let (command, shown) = part.split_first().expect("a command");
            let command = command.trim_start_matches("$ ");
            if let Some(folder) = command.strip_prefix("cd ") {
                self.at.push(folder);
                continue;
            }
            if let Some(command) = command.strip_suffix(" &") {
                self.starts(command);
                was_started = true;
                continue;
            }
            let end = Instant::now() + START;
            loop {
                let said = self.run(command);
                if is_shown(shown, &said.lines().collect::<Vec<_>>()) {
                    println!("$ {command}\n{said}");
                    break;
                }
                // What was started may not be there yet.
                let others: String = (0..self.background.len())
                    .map(|number| fs::read_to_string(self.home.path().join(format!("background-{number}"))))
                    .map(Result::unwrap_or_default)
                    .collect();
                assert!(
                    was_started && Instant::now() < end,
                    "line {} of the chapter: `{command}` says\n{said}\nand not\n{}\n{others}",
                    block.line,
                    shown.join("\n")
                );
                std::thread::sleep(Duration::from_millis(200));
            }
        }
    }
}

/// The commands of a block, each with the lines that it says.
fn commands<'a>(lines: &'a [&'a str]) -> Vec<&'a [&'a str]> {
    let begins: Vec<usize> = (0..lines.len()).filter(|place| lines[*place].starts_with("$ ")).collect();
    let ends = begins.iter().skip(1).copied().chain([lines.len()]);
    begins.iter().zip(ends).map(|(begin, end)| &lines[*begin..end]).collect()
}

/// Says why a test cannot be done here. Where all tests must be done, that is a failure.
fn skip(why: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "a test cannot be done here: {why}");
    eprintln!("SKIPPED: {why}");
}

#[test]
fn what_it_says_is_what_happens() {
    let beside = Path::new(env!("CARGO_BIN_EXE_ruled-plugin")).with_file_name("ruled");
    if !beside.is_file() {
        return skip(&format!("there is no {}; `cargo build -p ruled` makes it", beside.display()));
    }
    if !Path::new("/usr/bin/python3").exists() {
        return skip("there is no python3; tests/install installs it");
    }
    let page = page();
    let mut author = Author::new();
    let mut count = 0;
    for block in blocks(&page) {
        match block.words.as_slice() {
            ["console"] => {
                author.does(&block);
                count += 1;
            }
            [_, "write", name] => {
                fs::write(author.at.join(name), block.lines.join("\n") + "\n").expect("a file");
            }
            // As the chapter has not gone into the folder yet, the path is that from the first one.
            [_, "has", path] if !path.starts_with('/') => {
                let text = fs::read_to_string(author.home.path().join("work").join(path)).expect("a file");
                has(&block, &text);
            }
            _ => {}
        }
    }
    assert!(count >= 8, "{count} blocks only");
}

/// A constant of a source: whole numbers, in milliseconds where it is a time span.
fn constant(path: &str, name: &str) -> u64 {
    let text = source(path);
    let line = text.lines().find(|line| line.contains(&format!("const {name}: ")));
    let line = line.unwrap_or_else(|| panic!("there is no {name} in {path}"));
    let value = line.split(" = ").nth(1).and_then(|value| value.strip_suffix(';')).expect("a value in one line");
    let number = |text: &str| text.replace('_', "").parse::<u64>().unwrap_or_else(|_| constant(path, text));
    if let Some((base, shift)) = value.split_once(" << ") {
        return number(base) << number(shift);
    }
    if let Some((left, right)) = value.split_once(" * ") {
        return number(left) * number(right);
    }
    let call = |name: &str| value.strip_prefix(name).and_then(|rest| rest.strip_suffix(')'));
    match (call("Duration::from_millis("), call("Duration::from_secs(")) {
        (Some(span), _) => number(span),
        (_, Some(span)) => number(span) * 1_000,
        _ => number(value),
    }
}

#[test]
fn its_limits_are_those_of_the_sources() {
    let of = |name: &str| constant("ruled/src/plugin/limits.rs", name);
    let (kib, mib) = (|name: &str| of(name) >> 10, |name: &str| of(name) >> 20);
    let large = kib("SMALL_WASM_BYTES_MAX");
    let own_memory = constant("ruled/loader/src/engine_config.rs", "OWN_MEMORY_BYTES_MAX") >> 20;
    let component = constant("ruled/src/added.rs", "COMPONENT_BYTES_MAX") >> 20;
    assert_eq!(component, constant("plugins-sdk/tool/src/main.rs", "COMPONENT_BYTES_MAX") >> 20);
    let files = |name: &str| constant("ruled/src/plugin/files/count.rs", name);
    assert_eq!(of("METRICS_MAX"), of("OPTIONS_MAX"));
    let page = page();
    for row in [
        format!(
            "| memory | {} MiB; {own_memory} MiB where the component has more than {large} KiB,",
            mib("SMALL_MEMORY_BYTES_MAX")
        ),
        format!(
            "| time of the processor | {} ms; {} ms where the component has more than {large} KiB |",
            of("OWN_CHECK_CPU_MAX"),
            of("LARGE_CHECK_CPU_MAX")
        ),
        format!("| what is sent, over all connections and in bodies | {} MiB |", mib("SENT_BYTES_MAX")),
        format!("| what is received, over all connections, files and answers | {} MiB |", mib("RECEIVED_BYTES_MAX")),
        format!("| what one call hands over | {} MiB |", mib("CALL_BYTES_MAX")),
        format!("| connections that a check opens | {} |", of("CONNECTIONS_MAX")),
        format!(
            "| requests over HTTP | {}, each with at most {} redirects and {} headers |",
            of("FETCHES_MAX"),
            constant("ruled/src/plugin/http.rs", "REDIRECTS_MAX"),
            constant("ruled/src/plugin/http/asked.rs", "HEADERS_MAX")
        ),
        format!("| entries that are listed of a folder | {} |", constant("ruled/src/plugin/files.rs", "ENTRIES_MAX")),
        format!(
            "| entries that are counted below folders | {}, {} levels deep |",
            constant("ruled/src/plugin/files.rs", "COUNTED_MAX"),
            files("LEVELS_MAX")
        ),
        format!("| what is digested and matched | {} MiB |", mib("WORKED_BYTES_MAX")),
        format!("| lines of the log | {}, and {} KiB together |", of("LOG_LINES_MAX"), kib("LOG_BYTES_MAX")),
        format!("| the summary | {} bytes |", of("SUMMARY_BYTES_MAX")),
        format!("| metrics, and options | {} each |", of("METRICS_MAX")),
        format!("| facts | {}, each of {} bytes |", of("FACTS_MAX"), of("FACT_BYTES_MAX")),
        format!(
            "| checks by plugins at the same time | {}; one of more than {large} KiB counts for {} |",
            of("OWN_CHECKS_AT_ONCE_MAX"),
            of("LARGE_CHECK_WEIGHT")
        ),
        format!("| the component | {component} MiB |"),
        format!("{} faults in a row", constant("ruled/src/plugin/quarantine.rs", "FAULTS_MAX")),
        format!("for {} s, then asked once more", constant("ruled/src/plugin/quarantine.rs", "QUARANTINE") / 1_000),
    ] {
        assert!(page.contains(&row), "the chapter does not say `{row}`");
    }
}

#[test]
fn what_is_shown_is_compared_strictly() {
    let shows = |shown: &[&str], said: &str| is_shown(shown, &said.lines().collect::<Vec<_>>());
    assert!(shows(&[], "") && !shows(&[], "a\n") && !shows(&["a"], ""));
    assert!(shows(&["a", "…", "b"], "a\nb\n") && shows(&["a", "…", "b"], "a\nx\ny\nb\n"));
    assert!(!shows(&["a", "…", "b"], "a\nb\nc\n"));
    assert!(shows(&["a … c"], "a b c") && !shows(&["a … c"], "a b d") && !shows(&["a … c"], "x a b c"));
    assert!(shows(&["size       … bytes"], "size       12 bytes"));
}
