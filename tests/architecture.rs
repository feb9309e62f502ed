//! The invariants of `ARCHITECTURE.md`, read out of the sources.

use std::fs;
use std::path::{Path, PathBuf};

/// The longest file of code, in lines. Longer ones hold more than one noun.
const LONGEST_LINES: usize = 500;

/// One source file of ours: its path from the root, and its text.
struct SourceFile {
    path: String,
    text: String,
}

impl SourceFile {
    /// The lines that are code, with their numbers: comments and documentation left out.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn lines_naming(&self, word: &str) -> Vec<String> {
        let named = self.code().filter(|(_, line)| line.contains(word));
        named.map(|(number, line)| format!("{}:{number}: {}", self.path, line.trim())).collect()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in the workspace").to_path_buf()
}

/// The Rust files below these folders of the root.
fn sources(folders: &[&str]) -> Vec<SourceFile> {
    let mut files = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &mut files);
    }
    assert!(!files.is_empty(), "no sources below {folders:?}");
    files
}

fn collect(folder: &Path, files: &mut Vec<SourceFile>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source is UTF-8");
            let path = path.strip_prefix(root()).expect("below the root").display().to_string();
            files.push(SourceFile { path, text });
        }
    }
}

fn pure() -> Vec<SourceFile> {
    sources(&["grammar/src", "interpreter/src"])
}

fn ours() -> Vec<SourceFile> {
    sources(&["grammar", "interpreter", "ruled", "plugins-sdk", "plugins", "tests", "examples"])
}

/// Fails with every line that names the word outside the allowed places.
fn nobody_names(word: &str, files: &[SourceFile], allowed: &[&str]) {
    let lines: Vec<String> = files
        .iter()
        .filter(|file| !allowed.iter().any(|place| file.path.starts_with(place)))
        .flat_map(|file| file.lines_naming(word))
        .collect();
    assert!(lines.is_empty(), "`{word}` is named outside {allowed:?}:\n{}", lines.join("\n"));
}

#[test]
fn grammar_and_interpreter_know_no_machine() {
    for word in ["std::fs", "std::net", "std::env::", "std::process", "std::thread", "Instant::", "SystemTime"] {
        nobody_names(word, &pure(), &[]);
    }
    for package in ["grammar", "interpreter"] {
        let list = fs::read_to_string(root().join(package).join("clippy.toml")).expect("a list for clippy");
        assert!(list.contains("disallowed-methods"), "{package}/clippy.toml forbids nothing");
    }
}

#[test]
fn grammar_and_interpreter_depend_on_nothing_that_acts() {
    let allowed = [
        "annotate-snippets",
        "fancy-regex",
        "grammar",
        // Calendars and time zones that are handed in; without its feature `std` it knows neither clock nor files.
        "jiff",
        "memchr",
        "pest",
        "pest_derive",
        "regex",
        "regex-syntax",
        "serde",
        "serde_json",
    ];
    for package in ["grammar", "interpreter"] {
        let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).expect("a manifest");
        let dependencies = manifest.split("[dependencies]").nth(1).expect("dependencies");
        for line in dependencies.lines().skip(1).take_while(|line| !line.starts_with('[')) {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            assert!(name.is_empty() || allowed.contains(&name), "{package} depends on {name}");
        }
    }
}

#[test]
fn only_the_parser_names_pest() {
    nobody_names("pest", &sources(&["grammar/src", "interpreter/src", "ruled/src"]), &["grammar/src/parse"]);
}

#[test]
fn only_the_plugin_room_names_wasmtime() {
    nobody_names("wasmtime", &sources(&["grammar/src", "interpreter/src", "ruled/src"]), &["ruled/src/plugin"]);
}

#[test]
fn the_program_has_no_compiler_of_components() {
    let program = fs::read(env!("CARGO_BIN_EXE_ruled")).expect("the program");
    let has = |word: &str| {
        let (first, rest) = word.as_bytes().split_first().expect("a word");
        let mut places = program.iter().enumerate().filter(|(_, byte)| *byte == first);
        places.any(|(place, _)| program[place + 1..].starts_with(rest))
    };
    // The names of what is linked stand in a program with symbols, and so does that of what runs components.
    assert!(has("wasmtime"), "the program has no symbols");
    assert!(!has("cranelift_codegen"), "`ruled-plugin` compiles, and ruled does not");
}

#[test]
fn only_the_room_for_state_names_the_database() {
    nobody_names("rusqlite", &sources(&["grammar/src", "interpreter/src", "ruled/src"]), &["ruled/src/remember"]);
}

#[test]
fn only_procfs_reads_proc() {
    nobody_names("/proc", &sources(&["grammar/src", "interpreter/src", "ruled/src"]), &["ruled/src/observe/procfs"]);
}

#[test]
fn no_byte_of_a_protocol_stands_in_the_program() {
    for word in ["SSH-", "HTTP/", "\"GET", "\"HEAD", "Host: ", "User-Agent"] {
        nobody_names(word, &sources(&["ruled/src", "interpreter/src"]), &[]);
    }
}

#[test]
fn act_does_and_report_tells() {
    let files = sources(&["ruled/src"]);
    let room = |name: &str| -> Vec<SourceFile> {
        let inside = |file: &&SourceFile| file.path.starts_with(&format!("ruled/src/{name}"));
        files
            .iter()
            .filter(inside)
            .map(|file| SourceFile { path: file.path.clone(), text: file.text.clone() })
            .collect()
    };
    for (name, strangers) in [
        ("act", ["crate::report", "crate::plugin", "crate::observe"].as_slice()),
        ("observe", &["crate::report", "crate::act"]),
        ("report", &["crate::act", "crate::observe", "crate::plugin"]),
        ("transport", &["crate::act", "crate::report", "crate::plugin", "crate::observe"]),
        ("plugin", &["crate::act", "crate::report", "crate::observe"]),
        ("control", &["crate::act", "crate::plugin", "crate::world", "crate::remember::database"]),
    ] {
        let room = room(name);
        assert!(!room.is_empty(), "ruled/src/{name} is empty");
        for stranger in strangers {
            nobody_names(stranger, &room, &[]);
        }
    }
}

#[test]
fn unsafe_code_stands_in_one_crate() {
    nobody_names("unsafe {", &ours(), &["ruled/loader/src", "tests/architecture.rs", "tests/hostile"]);
    for manifest in ["grammar", "interpreter", "ruled", "ruled/embedded"] {
        let text = fs::read_to_string(root().join(manifest).join("Cargo.toml")).expect("a manifest");
        assert!(text.contains("[lints]\nworkspace = true"), "{manifest} does not take the workspace's lints");
    }
}

#[test]
fn a_file_is_one_noun() {
    for file in ours() {
        let lines = file.text.lines().count();
        assert!(lines <= LONGEST_LINES, "{} has {lines} lines; {LONGEST_LINES} are the limit", file.path);
        assert!(file.text.starts_with("//!"), "{} does not say what lives in it", file.path);
        for name in ["utils", "helpers", "common", "manager"] {
            assert!(!file.path.ends_with(&format!("/{name}.rs")), "{} is named after nothing", file.path);
        }
    }
}

#[test]
fn nothing_is_left_undone_or_skipped() {
    for word in ["todo!(", "unimplemented!(", "#[ignore", "FIXME", "XXX"] {
        nobody_names(word, &ours(), &["tests/architecture.rs"]);
    }
}

#[test]
fn what_is_written_for_others_has_types_of_its_own() {
    let allowed = [
        "grammar/src/finding/json.rs",
        "interpreter/src/durable.rs",
        // What waits for a mail server is stored as it is.
        "interpreter/src/outbox/letter.rs",
        "interpreter/src/outbox/news.rs",
        "interpreter/src/show",
        // What is said through the door, to programs too.
        "ruled/src/control/protocol",
        "ruled/src/report/events",
    ];
    nobody_names("derive(Serialize", &sources(&["grammar/src", "interpreter/src", "ruled/src"]), &allowed);
    nobody_names("Deserialize", &sources(&["grammar/src", "interpreter/src", "ruled/src"]), &allowed);
}

#[test]
fn the_rooms_are_drawn_where_they_stand() {
    let drawing = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    for folder in ["grammar", "interpreter", "plugins-sdk", "plugins", "ruled", "tests"] {
        assert!(root().join(folder).is_dir(), "{folder} is missing");
        assert!(drawing.contains(&format!("{folder}/")), "ARCHITECTURE.md does not draw {folder}/");
    }
    let rooms = sources(&["ruled/src"]);
    let rooms = rooms.iter().filter_map(|file| file.path.strip_prefix("ruled/src/")?.strip_suffix(".rs"));
    for room in rooms.filter(|room| !room.contains('/') && !["lib", "main"].contains(room)) {
        assert!(drawing.contains(room), "ARCHITECTURE.md does not draw ruled/src/{room}");
    }
}
