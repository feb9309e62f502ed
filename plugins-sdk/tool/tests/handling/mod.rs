//! What becomes of components and modules whatever they were written in: packed, inspected, tried, run, added, listed and
//! removed. The plugins are small ones.

use std::net::TcpListener;

use serde_json::Value;

use crate::author::{Author, there_is_ruled};
use crate::small::{Small, SmallOption};

impl Author {
    /// Packs a small plugin into a file.
    pub(crate) fn packs(&self, file: &str, plugin: Small) {
        self.write("module.wasm", plugin.module());
        let said = self.does("", &["pack", "module.wasm", "--output", file]);
        assert!(said.starts_with(&format!("{file}: ")) && said.ends_with(" bytes\n"), "{said}");
    }

    /// What ruled finds at an address with a probe that was added.
    fn probes(&self, address: &str, name: &str) -> String {
        let said: Value =
            serde_json::from_str(&self.ruled("", &["probe", "--json", address, "protocol", name])).expect("JSON");
        said["message"].as_str().unwrap_or_default().to_owned()
    }
}

/// A port where somebody listens and says nothing.
fn listening() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback");
    let address = format!("tcp://127.0.0.1:{}", listener.local_addr().expect("an address").port());
    (listener, address)
}

#[test]
fn a_module_without_a_world_is_packed_for_that_of_its_exports_or_for_the_one_that_is_named() {
    if !there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    author.packs("small.wasm", Small::check("small", "all is well"));
    let said = author.does("", &["inspect", "small.wasm"]);
    assert!(said.starts_with("small 1 (check, ") && said.contains("): A small one\n"), "{said}");
    assert!(author.does("", &["run", "small.wasm"]).starts_with("small.wasm: passed: all is well\n"));
    // The other commands pack a module themselves.
    assert!(author.does("", &["run", "module.wasm"]).contains(".wasm: passed: all is well\n"));

    let component = std::fs::read(author.path("small.wasm")).expect("it is there");
    for world in ["check", "check-connecting", "check-reading", "check-fetching", "check-with-everything"] {
        author.does("", &["pack", "module.wasm", "--world", world]);
        let same = std::fs::read(author.path("module.component.wasm")).expect("it is there");
        assert_eq!(same, component, "what it does not use of {world} is not in it");
    }
    let said = author.fails("", &["pack", "module.wasm", "--world", "probe"]);
    assert!(said.contains("module.wasm cannot be packed as a component: ") && said.contains("prober"), "{said}");
    let said = author.fails("", &["pack", "module.wasm", "--world", "cheque"]);
    assert!(said.contains("[possible values: probe, check, check-connecting, check-reading"), "{said}");
    let said = author.fails("", &["pack", "small.wasm", "--world", "check"]);
    assert!(said.contains("small.wasm is a component, which has its world"), "{said}");
    author.write("empty.wasm", b"\0asm\x01\0\0\0");
    let said = author.fails("", &["pack", "empty.wasm"]);
    assert!(said.contains("it carries no world, and exports neither ruled:plugin/prober nor"), "{said}");
    assert!(author.fails("", &["pack", "nothing.wasm"]).contains("cannot read nothing.wasm"));

    author.packs("probe.wasm", Small::probe("small_probe", "it is there"));
    assert!(author.does("", &["inspect", "probe.wasm"]).starts_with("small_probe 1 (probe, "));
}

#[test]
fn what_was_built_last_is_what_is_tried_and_run() {
    if !there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    let (_listener, address) = listening();
    for (name, is_probe) in [("twin", true), ("pair", false)] {
        author.write("it.script", "test it\npasses \"this is A\"\n");
        let small = |says| Small { is_probe, ..Small::check(name, says) };
        let (a, b) = (small("this is A"), small("this is B"));
        for (plugin, passes) in [(a, true), (b, false), (a, true)] {
            author.packs("it.wasm", plugin);
            let words: &[&str] = if is_probe { &["run", "it.wasm", &address] } else { &["run", "it.wasm"] };
            let said = author.does("", words);
            assert!(said.contains(&format!(": passed: {}\n", plugin.says)), "{said}");
            if passes {
                assert_eq!(author.does("", &["test", "it.wasm"]), "ok      it\n1 passed, 0 failed\n");
            } else {
                let said = author.fails_saying("", &["test", "it.wasm"]);
                let why = "FAILED  it (it.script:1): it says \"this is B\", and the script \"this is A\"\n";
                assert_eq!(said, format!("{why}0 passed, 1 failed\n"));
            }
        }
    }
}

#[test]
fn a_component_that_is_older_than_its_source_is_tried_with_a_remark() {
    if !there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    author.packs("small.wasm", Small::check("small", "all is well"));
    author.write("plugin.json", r#"{"name": "small", "language": "c", "kind": "check"}"#);
    author.write("small.script", "test it\npasses \"all is well\"\n");
    assert_eq!(author.remarks("", &["test"]), "");
    author.write("small.c", "/* not built yet */");
    let remark = "ruled-plugin: small.c was changed after small.wasm was built; `ruled-plugin build` builds it again\n";
    for command in ["test", "inspect", "run", "add"] {
        assert_eq!(author.remarks("", &[command]), remark);
        // Whoever names the file means that file.
        let file: &[&str] = &[command, "small.wasm"];
        assert_eq!(author.remarks("", file), "", "{command}");
    }
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let author = Author::new(&[]);
    assert!(author.does("", &["man"]).contains("\n.TH ruled-plugin 1 "));
    for command in ["new", "build", "pack", "inspect", "run", "test", "add", "list", "remove", "man"] {
        let page = author.does("", &["man", command]);
        assert!(page.contains(&format!("\n.TH \"ruled-plugin {command}\" 1 ")), "{page}");
    }
    assert!(author.fails("", &["man", "nothing"]).contains("there is no command `nothing`"));
}

#[test]
fn what_was_added_last_is_what_runs_until_it_is_removed() {
    if !there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    let (_listener, address) = listening();
    assert!(author.does("", &["list"]).starts_with("nothing was added to "));
    author.packs("a.wasm", Small::probe("twin", "this is A"));
    author.packs("b.wasm", Small::probe("twin", "this is B"));
    // Within a second, and one of them again.
    for (file, says) in [("a.wasm", "this is A"), ("b.wasm", "this is B"), ("a.wasm", "this is A")] {
        let said = author.does("", &["add", file]);
        assert!(said.starts_with("twin 1 (probe, ") && said.contains("\n  stored in "), "{said}");
        assert_eq!(author.probes(&address, "twin"), says, "after {file}");
    }
    let said = author.ruled("", &["plugin", "list", "--json"]);
    let said: Value = serde_json::from_str(&said).expect("JSON");
    let plugins = said["plugins"].as_array().expect("plugins");
    let from = |plugin: &Value| plugin["from"].as_str().unwrap_or_default().to_owned();
    assert!(plugins.len() == 1 && from(&plugins[0]).ends_with("/a.wasm"), "{said}");

    let described =
        |file: &str| -> Value { serde_json::from_str(&author.does("", &["inspect", "--json", file])).expect("JSON") };
    let (a, b) = (described("a.wasm"), described("b.wasm"));
    assert_eq!((&a["kind"], &a["description"]["name"]), (&"probe".into(), &"twin".into()), "{a}");
    let digest = |manifest: &Value| manifest["wasm_sha256"].as_str().expect("a digest").to_owned();
    let (a, b) = (digest(&a), digest(&b));
    let said = author.does("", &["list"]);
    let places: Vec<Option<usize>> = [&b, &a].iter().map(|digest| said.find(&digest[..12])).collect();
    assert!(places[0].is_some() && places[0] < places[1], "the newest is the last: {said}");

    let said = author.fails("", &["remove", "twin"]);
    assert!(said.contains("there are several: say which one by its SHA-256: "), "{said}");
    for nothing in ["twins", &a[..7], "0123456789"] {
        assert!(author.fails("", &["remove", nothing]).contains(&format!("no plugin {nothing} was added")));
    }
    assert!(author.does("", &["remove", &a[..12]]).starts_with("removed twin 1 (probe, "));
    assert_eq!(author.probes(&address, "twin"), "this is B");
    assert!(author.does("", &["remove", "twin"]).contains(&b[..12]));
    assert!(author.does("", &["list"]).starts_with("nothing was added to "));
    assert_eq!(std::fs::read_dir(author.path("store")).expect("it is there").count(), 0);
}

#[test]
fn a_probe_cannot_have_the_name_of_a_protocol_that_ruled_knows() {
    if !there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    let why = "a probe cannot be called redis: in rules `protocol redis` is what ruled itself knows by that name; choose \
               another name, such as my_redis";
    assert!(author.fails("", &["new", "redis", "--language", "c"]).contains(why));
    for word in ["with", "then", "and"] {
        let said = author.fails("", &["new", word, "--language", "c"]);
        assert!(said.contains(&format!("a probe cannot be called {word}: in rules `{word}` is a word of")), "{said}");
    }
    author.does("", &["new", "redis", "--language", "c", "--kind", "check"]);
    author.packs("it.wasm", Small::probe("redis", "this is mine"));
    author.write("it.script", "test it\npasses \"this is mine\"\n");
    for words in [
        &["inspect", "it.wasm"][..],
        &["test", "it.wasm"],
        &["run", "it.wasm", "tcp://127.0.0.1:1"],
        &["add", "it.wasm"],
    ] {
        let said = author.fails("", words);
        assert!(said.starts_with("ruled-plugin: it.wasm: ") && said.contains(why), "{words:?}: {said}");
    }
    assert!(author.does("", &["list"]).starts_with("nothing was added to "));
    // A check is named by its file.
    author.packs("it.wasm", Small::check("redis", "this is mine"));
    assert_eq!(author.does("", &["test", "it.wasm"]), "ok      it\n1 passed, 0 failed\n");
}

#[test]
fn what_a_plugin_says_of_itself_at_length_is_shown_and_a_secret_it_tells_is_refused() {
    if !there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    let option = SmallOption { name: "token", page: "Ask\nthe keeper.", is_secret: false, default: Some("s3cret") };
    let small = Small { page: "It says one thing.\n\nAlways.", option: Some(option), ..Small::check("small", "well") };
    author.packs("it.wasm", small);
    let said = author.does("", &["inspect", "it.wasm"]);
    let shown = "option     token (text, \"s3cret\" unless set): What it is for\n             Ask the keeper.\n\nIt says one \
                 thing.\n\nAlways.\n\nNot added: ";
    assert!(said.contains(shown), "{said}");

    author.packs("it.wasm", Small { option: Some(SmallOption { is_secret: true, ..option }), ..small });
    for command in ["inspect", "add", "run"] {
        let said = author.fails("", &[command, "it.wasm"]);
        let why = "ruled-plugin: it.wasm: the plugin describes a default for the option token, which is a secret: ";
        assert!(said.starts_with(why), "{command}: {said}");
        assert!(!said.contains("s3cret"), "{command}: {said}");
    }
    author.packs("it.wasm", Small { option: Some(SmallOption { is_secret: true, default: None, ..option }), ..small });
    assert!(author.does("", &["inspect", "it.wasm"]).contains("option     token (secret): What it is for\n"));
}
