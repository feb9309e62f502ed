//! What an author does, in every language and for both kinds of plugins: `new`, `build`, `test`, `inspect`, `run` and `add`,
//! and what ruled makes of it with the rule of the template; and how strict and how careful the tool is on the way. What
//! plugins are built with `tests/install` has installed; without it a test is skipped, and in continuous integration it fails.

mod author;
mod foreign;
mod handling;
mod small;
mod strict;

use std::path::Path;
use std::process::Command;

use author::{Author, installed, skip, there_is};

/// What is put into a check of the template, so that it goes wrong where its option asks for it, and where its author must
/// be led: the source, the line before which it is put, and itself.
struct Fault {
    source: &'static str,
    before: &'static str,
    code: &'static str,
    leads_to: &'static str,
}

const RUST: Fault = Fault {
    source: "src/lib.rs",
    before: "let lines =",
    code: "assert!(word != \"boom\", \"no such word\");",
    leads_to: "src/lib.rs:LINE",
};

const C: Fault = Fault {
    source: "my_check.c",
    before: "unsigned lines = 0;",
    code: "assert(strcmp(word, \"boom\") != 0);",
    leads_to: "my_check.c:LINE: in check_run, the assertion",
};

const PYTHON: Fault = Fault {
    source: "my_check.py",
    before: "lines = sum(",
    code: "assert word != \"boom\", \"no such word\"",
    leads_to: "my_check.py\", line LINE, in run",
};

const JAVASCRIPT: Fault = Fault {
    source: "my_check.js",
    before: "const lines =",
    code: "if (word === \"boom\") throw new TypeError(\"no such word\");",
    leads_to: "my_check.js:LINE",
};

#[test]
fn rust() {
    if !author::there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    author.probe("rust");
    author.check("rust", &RUST);
    strict::comes_out(&author, "my_probe", "my_probe.wasm", include_str!("strict/speaking.script"));
    let said = author.fails("my_probe", &["pack", "my_probe.wasm", "--world", "probe"]);
    assert!(said.contains("my_probe.wasm is a component, which has its world"), "{said}");
    author.everything("rust");
    author.tests_natively("my_probe");
    author.tests_natively("my_check");
    // What is wrong with the code the compiler says, with its line.
    author.write("my_check/src/lib.rs", "use ruled_plugin::*;\nfn x() { y }\n");
    let said = author.fails("my_check", &["build"]);
    assert!(said.contains("src/lib.rs:2:10") && said.contains("the plugin does not build"), "{said}");
}

#[test]
fn a_probe_over_udp_is_tried_with_scripts() {
    if !author::there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    author.makes_in_rust("asks", include_str!("strict/datagrams.rs"));
    strict::comes_out(&author, "asks", "asks.wasm", include_str!("strict/datagrams.script"));
}

#[test]
fn c() {
    if !there_is("clang") || !Path::new("/usr/lib/wasm32-wasi/libc.a").exists() {
        return skip("there is no clang with wasi-libc; tests/install installs them");
    }
    if !author::there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    let bytes = author.probe("c");
    assert!(bytes < 64 << 10, "{bytes} bytes");
    let bytes = author.check("c", &C);
    assert!(bytes < 64 << 10, "{bytes} bytes");
    packs_what_clang_makes(&author);
    author.everything("c");

    // What it was built for, and what it asks for, is looked at before anything is compiled: names of other interfaces,
    // as long as those that stand in it.
    let whole = std::fs::read(author.path("my_check/my_check.wasm")).expect("it is there");
    for (instead, complaint) in [
        (
            "ruled:plugin/files@0.2.0",
            "was built for ruled:plugin/files in version 0.2.0, and this version of ruled knows",
        ),
        ("ruled:plugin/spawn@0.1.0", "imports ruled:plugin/spawn@0.1.0, which ruled does not have"),
        ("wasi:clocks/clock@0.2.10", "imports wasi:clocks/clock@0.2.10, and ruled has no WASI"),
    ] {
        let mut other = whole.clone();
        let name = b"ruled:plugin/files@0.1.0";
        let places = whole.windows(name.len()).enumerate().filter(|(_, part)| part == name);
        for (place, _) in places {
            other[place..place + name.len()].copy_from_slice(instead.as_bytes());
        }
        author.write("my_check/other.wasm", other);
        let said = author.fails("my_check", &["add", "other.wasm"]);
        assert!(said.contains(complaint), "{said}");
    }

    author.write("my_check/my_check.c", "#include \"check.h\"\nint x = y;\n");
    let said = author.fails("my_check", &["build"]);
    assert!(said.contains("my_check.c:2") && said.contains("the plugin does not build"), "{said}");
    // There is no file system; where a program in C would open a file the author learns what a plugin has instead.
    let opens = "#include <stdio.h>\n#include \"check.h\"\nconst ruled_check check = {.name = \"my_check\"};\n\
                 ruled_result check_run(void) { return ruled_passed(\"%d\", fgetc(fopen(\"/etc/passwd\", \"r\"))); }\n";
    author.write("my_check/my_check.c", opens);
    let said = author.fails("my_check", &["build"]);
    assert!(said.contains("files are read with ruled_read"), "{said}");
}

/// A module by clang carries no world: `pack` is told it, or takes that of its exports, and it must keep to it.
fn packs_what_clang_makes(author: &Author) {
    let mut clang = Command::new("clang");
    clang.args(["--target=wasm32-wasi", "-mexec-model=reactor", "-std=gnu11", "-Os", "-Isdk/c", "-Isdk/c/check"]);
    clang.args(["my_check.c", "sdk/c/connection.c", "sdk/c/ruled.c", "sdk/c/wasi.c", "sdk/c/check/check.c"]);
    clang.args(["sdk/c/check/plugin.c", "-o", "module.wasm"]).current_dir(author.path("my_check"));
    assert!(clang.status().expect("clang runs").success());
    for world in [&["--world", "check-reading"][..], &[]] {
        author.does("my_check", &[&["pack", "module.wasm", "-o", "packed.wasm"], world].concat());
        let said = author.does("my_check", &["test", "packed.wasm", "my_check.script"]);
        assert!(said.ends_with("3 passed, 0 failed\n"), "{said}");
    }
    let said = author.fails("my_check", &["pack", "module.wasm", "--world", "check-fetching"]);
    assert!(said.contains("module.wasm cannot be packed as a component: ") && said.contains("files"), "{said}");
}

#[test]
fn python() {
    let folder = installed().join("python/bin");
    if !folder.join("componentize-py").is_file() {
        return skip("there is no componentize-py; tests/install installs it");
    }
    if !author::there_is_ruled() {
        return;
    }
    let author = Author::new(&[folder]);
    author.probe("python");
    author.check("python", &PYTHON);
    author.sees_everything("my_check", "word: \"everything\"", true);
    // What it does not ask for it cannot import; the sentence says what to write.
    let text = author.read("my_check/plugin.json");
    author.write("my_check/plugin.json", text.replace("\"read\"", "\"fetch\""));
    let said = author.fails("my_check", &["build"]);
    assert!(said.contains("\"grants\": [\"read\"]"), "{said}");
}

#[test]
fn javascript() {
    let folder = installed().join("javascript/node_modules/.bin");
    if !there_is("node") || !folder.join("componentize-qjs").exists() {
        return skip("there is no componentize-qjs; tests/install installs it");
    }
    if !author::there_is_ruled() {
        return;
    }
    let author = Author::new(&[folder]);
    author.probe("javascript");
    author.check("javascript", &JAVASCRIPT);
    author.everything("javascript");
    author.write("my_check/my_check.js", "export const checker = ;\n");
    let said = author.fails("my_check", &["build"]);
    assert!(said.contains("my_check.js:1") && said.contains("the plugin does not build"), "{said}");
}

#[test]
fn what_is_missing_is_named_with_what_installs_it() {
    let mut author = Author::new(&[]);
    for language in ["rust", "c", "python", "javascript"] {
        author.does("", &["new", &format!("in_{language}"), "--language", language]);
    }
    author.path = "/nonexistent".into();
    assert!(author.fails("in_rust", &["build"]).contains("https://rustup.rs"));
    assert!(author.fails("in_c", &["build"]).contains("apt install clang lld wasi-libc libclang-rt-dev-wasm32"));
    assert!(author.fails("in_python", &["build"]).contains("pip install -r requirements.txt"));
    assert!(author.fails("in_javascript", &["build"]).contains("apt install nodejs npm"));
    assert!(author.fails("", &["build"]).contains("`ruled-plugin new` makes one"));
}

#[test]
fn what_is_not_said_is_that_of_the_project_and_what_is_missing_is_said() {
    let author = Author::new(&[]);
    author.does("", &["new", "greeting", "--language", "rust"]);
    for command in ["test", "inspect", "add", "run"] {
        let said = author.fails("greeting", &[command]);
        assert!(said.contains("greeting.wasm is not there yet; `ruled-plugin build` makes it"), "{command}: {said}");
        let said = author.fails("", &[command]);
        assert!(said.contains("there is no plugin in this folder"), "{command}: {said}");
    }
    assert!(
        author
            .fails("", &["new", "x", "--language", "perl"])
            .contains("[possible values: rust, c, python, javascript]")
    );
}

#[test]
fn a_name_that_is_none_and_a_folder_that_is_there_are_refused() {
    let author = Author::new(&[]);
    assert!(author.fails("", &["new", "My-Probe", "--language", "c"]).contains("is no name for a plugin"));
    assert!(author.fails("", &["new", "ruled", "--language", "python"]).contains("cannot be called ruled"));
    author.does("", &["new", "twice", "--language", "c"]);
    assert!(author.fails("", &["new", "twice", "--language", "c"]).contains("is there already"));
}
