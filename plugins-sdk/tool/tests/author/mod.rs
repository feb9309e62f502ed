//! An author of plugins, who calls `ruled-plugin` and `ruled`, and has nothing of the machine but what is installed.

mod chapter;
mod everything;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use crate::Fault;

const TOOL: &str = env!("CARGO_BIN_EXE_ruled-plugin");

/// An author with a folder, a store of plugins and a cache of their own.
pub(crate) struct Author {
    home: tempfile::TempDir,
    /// Where programs are.
    pub(crate) path: String,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the tool stands in the repository").to_path_buf()
}

/// Where `tests/install` puts what comes from PyPI and npm.
pub(crate) fn installed() -> PathBuf {
    root().join("target/plugin-languages")
}

/// Says why a test cannot be done here. Where all tests must be done, that is a failure.
pub(crate) fn skip(why: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "a test cannot be done here: {why}");
    eprintln!("SKIPPED: {why}");
}

/// Whether a program is in a folder of `PATH`.
pub(crate) fn there_is(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The program that runs plugins, beside the tool.
fn ruled() -> PathBuf {
    Path::new(TOOL).with_file_name("ruled")
}

/// Whether the chapter for authors says by which commands such a plugin is made.
fn is_in_the_chapter(language: &str, kind: &str) -> bool {
    language != "rust" && kind == "check"
}

/// Whether that program was built; it is not by the command that builds the tool.
pub(crate) fn there_is_ruled() -> bool {
    let is_there = ruled().is_file();
    if !is_there {
        skip("there is no ruled beside the tool; `cargo build -p ruled` makes it");
    }
    is_there
}

impl Author {
    pub(crate) fn new(folders: &[PathBuf]) -> Author {
        let customary = std::env::var("PATH").unwrap_or_default();
        let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        let path = [folders, vec![customary]].concat().join(":");
        Author { home: tempfile::tempdir().expect("a folder"), path }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("it is there")
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("it is written");
    }

    fn command(&self, program: &Path, folder: &str, words: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(words).current_dir(self.path(folder)).env("PATH", &self.path);
        command.env("RULED_PLUGINS", self.path("store")).env("XDG_CACHE_HOME", self.path("cache"));
        // Libraries that the plugins of the house are built with, too, are built once for both.
        command.env("CARGO_TARGET_DIR", root().join("target/guests"));
        for name in ["VIRTUAL_ENV", "WASI_SDK_PATH", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WORKSPACE_WRAPPER"]
        {
            command.env_remove(name);
        }
        command.output().expect("the program runs")
    }

    /// The tests that come with a plugin in Rust, which need no sandbox.
    pub(crate) fn tests_natively(&self, name: &str) {
        let mut cargo = Command::new("cargo");
        cargo
            .args(["test", "--quiet"])
            .current_dir(self.path(name))
            .env("CARGO_TARGET_DIR", root().join("plugins/target"));
        let said = Self::fine(&["cargo", "test"], &cargo.output().expect("cargo runs"));
        assert!(said.contains("test result: ok. "), "{said}");
    }

    /// What the tool prints, when it does what it was asked for.
    pub(crate) fn does(&self, folder: &str, words: &[&str]) -> String {
        Self::fine(words, &self.command(Path::new(TOOL), folder, words))
    }

    /// What it remarks, although it does what it was asked for.
    pub(crate) fn remarks(&self, folder: &str, words: &[&str]) -> String {
        let output = self.command(Path::new(TOOL), folder, words);
        Self::fine(words, &output);
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// What it complains of, when it does not.
    pub(crate) fn fails(&self, folder: &str, words: &[&str]) -> String {
        let output = self.command(Path::new(TOOL), folder, words);
        assert!(!output.status.success(), "{words:?} should fail");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// What the tool prints, when what it tried is at fault.
    pub(crate) fn fails_saying(&self, folder: &str, words: &[&str]) -> String {
        let output = self.command(Path::new(TOOL), folder, words);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{words:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// What ruled prints.
    pub(crate) fn ruled(&self, folder: &str, words: &[&str]) -> String {
        Self::fine(words, &self.command(&ruled(), folder, words))
    }

    fn fine(words: &[&str], output: &Output) -> String {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {said}{complained}");
        said
    }

    /// Makes and builds a plugin with this code.
    pub(crate) fn makes_in_rust(&self, name: &str, code: &str) {
        self.does("", &["new", name, "--language", "rust"]);
        self.write(
            &format!("{name}/Cargo.lock"),
            std::fs::read(root().join("plugins/Cargo.lock")).expect("it is there"),
        );
        self.write(&format!("{name}/src/lib.rs"), code);
        self.does(name, &["build"]);
    }

    /// Makes a plugin that works.
    fn makes(&self, language: &str, kind: &str) -> String {
        let name = format!("my_{kind}");
        let said = if is_in_the_chapter(language, kind) {
            self.makes_as_the_chapter_says(language, &name)
        } else {
            self.does("", &["new", &name, "--language", language, "--kind", kind])
        };
        assert!(said.contains("ruled-plugin build"), "{said}");
        if language == "rust" {
            // The releases that were fetched for the plugins of the house.
            let lock = std::fs::read(root().join("plugins/Cargo.lock")).expect("it is there");
            self.write(&format!("{name}/Cargo.lock"), lock);
        }
        name
    }

    /// Builds it, tries it with its script, looks at it and adds it; how many bytes it has.
    fn builds(&self, language: &str, name: &str, tests: usize) -> u64 {
        let component = format!("{name}.wasm");
        let said = if is_in_the_chapter(language, name.trim_start_matches("my_")) {
            self.builds_as_the_chapter_says(language, name)
        } else {
            [self.does(name, &["build"]), self.does(name, &["test"])].concat()
        };
        assert!(said.contains(&component), "{said}");
        assert!(said.ends_with(&format!("{tests} passed, 0 failed\n")), "{said}");
        let said = self.does(name, &["inspect"]);
        assert!(said.starts_with(&format!("{name} 0.1.0 (")) && said.contains("\nNot added: "), "{said}");
        assert_eq!(self.remarks(name, &["inspect"]), "");
        let said = self.does(name, &["add"]);
        assert!(said.contains("stored in "), "{said}");
        assert!(self.does(name, &["inspect"]).contains("\nAdded: "));
        assert!(self.does("", &["list"]).contains(&format!("{name} 0.1.0 (")));
        let bytes = std::fs::metadata(self.path(name).join(&component)).expect("it is there").len();
        eprintln!("built {language} {name}: {bytes} bytes");
        bytes
    }

    /// A probe in this language: made, built, tried, added; then ruled watches with the rule that came with it.
    pub(crate) fn probe(&self, language: &str) -> u64 {
        let name = self.makes(language, "probe");
        let bytes = self.builds(language, &name, 4);
        self.ruled(&name, &["check", "my_probe.rules"]);
        let service = Greeter::start();
        let address = format!("tcp://127.0.0.1:{}", service.port);
        let said = self.ruled(&name, &["probe", "--json", &address, "protocol", "my_probe"]);
        let said: Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!((&said["outcome"], &said["message"]), (&"passed".into(), &"world".into()), "{said}");
        assert_eq!((&said["metrics"]["length"], &said["facts"]["name"]), (&5.0.into(), &"world".into()), "{said}");
        let rules = self.read("my_probe/my_probe.rules");
        let rules = rules.replace("7777", &service.port.to_string()).replace("\"world\"", "\"moon\"");
        self.write("my_probe/watched.rules", rules);
        self.watches(&name, "the service is world, expected moon");
        bytes
    }

    /// A check in this language, likewise; and what its author learns of a fault in it.
    pub(crate) fn check(&self, language: &str, fault: &Fault) -> u64 {
        let name = self.makes(language, "check");
        let more = if language == "python" { self.adds_everything_in_python(&name) } else { "" };
        let source = self.read(&format!("{name}/{}", fault.source));
        let line =
            source.lines().position(|line| line.trim_start().starts_with(fault.before)).expect("it is there") + 1;
        let mut lines: Vec<String> = source.lines().map(str::to_owned).collect();
        let indent = lines[line - 1].len() - lines[line - 1].trim_start().len();
        lines.insert(line - 1, format!("{}{}", " ".repeat(indent), fault.code));
        if language == "c" {
            // On the first line, so that the others keep their numbers.
            lines[0].insert_str(0, "#include <assert.h> //");
        }
        self.write(&format!("{name}/{}", fault.source), lines.join("\n") + "\n");
        let bytes = self.builds(language, &name, 3);
        self.ruled(&name, &["check", "my_check.rules"]);

        let log = self.path("my_check/my_check.log").display().to_string();
        let grant = format!("{more}grant read \"{log}\"");
        let said = self.does(&name, &["run", "with { word: \"ready\" }", &grant]);
        assert!(said.starts_with("my_check.wasm: passed: 1 lines with ready\n"), "{said}");
        let said = self.command(Path::new(TOOL), &name, &["run", "with { word: \"boom\" }", &grant]);
        assert_eq!(said.status.code(), Some(2));
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let leads_to = fault.leads_to.replace("LINE", &line.to_string());
        assert!(said.contains("the my_check plugin stopped itself") && said.contains(&leads_to), "{leads_to}: {said}");
        // What is wrong a script says with its line, too.
        self.write("my_check/wrong.script", format!("test three\n{grant}\npasses \"3 lines\"\n"));
        let output = self.command(Path::new(TOOL), &name, &["test", "wrong.script", "my_check.wasm"]);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("FAILED  three (wrong.script:1): it says \"2 lines with ERROR\""), "{said}");

        // So it does with words that are no rule.
        self.write("my_check/wrong.script", format!("\ntest four\nwith {{ wrod: \"x\" }}\n{grant}\npasses\n"));
        let said = self.fails(&name, &["test", "wrong.script"]);
        assert!(said.contains("did you mean `word`?") && said.contains("wrong.script, line 2: "), "{said}");

        let rules = self.read("my_check/my_check.rules");
        let rules = rules.replace("/var/log/service.log", &log).replace("lines > 10", "lines > 1");
        self.write("my_check/watched.rules", rules);
        self.watches(&name, "lines");
        // What was added `ruled` tries itself.
        let said = self.ruled(&name, &["plugin", "run", "-v", "my_check.wasm", "with { word: \"ready\" }", &grant]);
        assert!(said.starts_with("my_check.wasm: passed: 1 lines with ready\n"), "{said}");
        bytes
    }

    /// Ruled watches for a cycle with other rules, and one of them is told of with these words.
    fn watches(&self, name: &str, words: &str) {
        let output = self.command(&ruled(), name, &["run", "--once", "--dry", "--events", "-", "watched.rules"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let events: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(events.iter().any(|event| event.to_string().contains(words)), "{words}: {said}{complained}");
    }
}

/// The service that the probe of the template is made for. It serves until the test ends.
struct Greeter {
    port: u16,
}

impl Greeter {
    fn start() -> Greeter {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback");
        let port = listener.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                client.set_read_timeout(Some(Duration::from_secs(20))).ok();
                client.write_all(b"HELLO world\r\n").ok();
                let _at_most = client.read(&mut [0; 16]);
            }
        });
        Greeter { port }
    }
}
