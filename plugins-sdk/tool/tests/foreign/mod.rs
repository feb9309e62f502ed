//! Plugins and scripts of somebody else's: what a script may grant, what of the words of a rule others on the machine see, and
//! how something damaged leaves the store.

use std::path::Path;
use std::process::Command;

use crate::author::{Author, there_is_ruled};
use crate::small::{Small, SmallOption};

#[test]
fn a_script_grants_nothing_beyond_its_folder_and_the_loopback_unless_that_is_meant() {
    if !there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    author.packs("it.wasm", Small::check("small", "well"));
    let script = |words: &str| author.write("it.script", format!("test it\n{words}\npasses \"well\"\n"));
    script("grant read \"{here}/store\"\ngrant fetch \"http://127.0.0.1:{api}\"\nconnection api\n");
    let said = author.fails_saying("", &["test", "it.wasm"]);
    assert!(said.contains("on the connection api, it did not connect"), "{said}");
    std::os::unix::fs::symlink("/etc", author.path("link")).expect("a link");
    // Words may stand in one line, wherever a rule has them.
    for words in [
        "grant read \"/etc/passwd\"",
        "grant read \"{here}/link\"",
        "grant read \"/\"",
        "timeout 300 ms grant read \"/etc\"",
        "grant connect \"192.0.2.1:1\"",
        "grant fetch \"https://evil.example\"",
    ] {
        script(words);
        let said = author.fails("", &["test", "it.wasm"]);
        assert!(said.contains("`ruled-plugin test --granting` grants whatever"), "{words}: {said}");
        let said = author.does("", &["test", "--granting", "it.wasm"]);
        assert!(said.ends_with("1 passed, 0 failed\n"), "{words}: {said}");
    }
}

#[test]
fn words_of_a_rule_do_not_stand_among_the_arguments_of_ruled() {
    if !there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    let tool = Path::new(env!("CARGO_BIN_EXE_ruled-plugin"));
    let option = SmallOption { name: "token", page: "", is_secret: true, default: None };
    author.packs("it.wasm", Small { option: Some(option), ..Small::check("small", "well") });
    author.write("it.script", "test it\nwith { token: \"s3cret\" }\npasses \"well\"\n");
    // Beside the tool there is something that writes down what ruled is called with.
    std::fs::create_dir(author.path("programs")).expect("a folder");
    let (copy, called) = (author.path("programs/ruled-plugin"), author.path("called"));
    // What this process writes itself cannot be run while a test beside this one starts a program.
    let install = |from: &Path, name: &str| {
        let mut install = Command::new("install");
        let status = install.args(["-m", "755"]).arg(from).arg(author.path("programs").join(name)).status();
        assert!(status.is_ok_and(|status| status.success()), "{name}");
    };
    install(tool, "ruled-plugin");
    let (called_as, ruled) = (called.display(), tool.with_file_name("ruled"));
    let text = format!("#!/bin/sh\necho \"$*\" >> '{called_as}'\nexec '{}' \"$@\"\n", ruled.display());
    author.write("ruled.sh", text);
    install(&author.path("ruled.sh"), "ruled");
    for words in [&["run", "it.wasm", "with { token: \"s3cret\" }"][..], &["test", "it.wasm"]] {
        let mut command = Command::new(&copy);
        command.args(words).current_dir(author.path("")).env("XDG_CACHE_HOME", author.path("cache"));
        let output = command.output().expect("it runs");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let called = author.read("called");
    let told = called.lines().filter(|line| line.starts_with("plugin run ") && line.contains("--words-on-stdin"));
    assert_eq!(told.count(), 2, "{called}");
    assert!(!called.contains("s3cret"), "{called}");
}

#[test]
fn what_is_damaged_in_the_store_is_removed_by_its_sha256() {
    if !there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    author.packs("it.wasm", Small::check("small", "well"));
    author.does("", &["add", "it.wasm"]);
    let names = || std::fs::read_dir(author.path("store")).expect("a list").flatten().map(|entry| entry.file_name());
    let manifest = names().find_map(|name| name.into_string().ok()?.strip_suffix(".json").map(str::to_owned));
    let sha256 = manifest.expect("a manifest");
    author.write(&format!("store/{sha256}.json"), "{");
    assert!(author.fails("", &["remove", "small"]).contains("no plugin small was added"));
    assert_eq!(author.does("", &["remove", &sha256]), format!("removed {sha256}\n"));
    assert_eq!(names().count(), 0);
}
