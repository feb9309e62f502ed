//! Plugins of one's own in a running ruled: they check, they are replaced, they are left alone, and `status` tells of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ruled_manifest::{Manifest, Store, sha256};
use serde_json::Value;
use tempfile::TempDir;

use super::{added, guest};
use crate::rig::{Daemon, Finished, finish, ruled, until, write};

/// A folder with rules, a store of plugins, and a ruled that watches.
struct Watched {
    folder: TempDir,
    rules: String,
    daemon: Option<Daemon>,
}

impl Watched {
    /// Rules, in which `{here}` is the folder, and a file that is a plugin.
    fn over(rules: &str, file: &str, component: &[u8]) -> Watched {
        let folder = tempfile::Builder::new().prefix("plugins").tempdir().expect("a folder");
        let here = folder.path().to_str().expect("UTF-8").to_owned();
        write(folder.path(), file, component);
        let rules = write(folder.path(), "main.rules", rules.replace("{here}", &here));
        Watched { folder, rules, daemon: None }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn store(&self) -> Store {
        Store::at(self.path().join("plugins"))
    }

    /// Adds a component that does what the guest of this name does.
    fn add(&self, name: &'static str, component: &[u8], time: u64) -> Manifest {
        let manifest = Manifest {
            wasm_sha256: sha256(component),
            wasm_bytes: component.len() as u64,
            added: time,
            ..added(name).manifest().clone()
        };
        self.store().put(&manifest, guest(name).precompiled).expect("it is stored");
        manifest
    }

    /// Where the code of a stored component lies.
    fn code(&self, stored: &Manifest) -> PathBuf {
        self.path().join("plugins").join(format!("{}.{}.cwasm", stored.wasm_sha256, stored.code_sha256))
    }

    fn start(&mut self) {
        let (log, events) = (self.path().join("log"), self.path().join("events"));
        let words = ["-v", "--events", events.to_str().expect("UTF-8"), &self.rules];
        self.daemon = Some(Daemon::start(&words, &log));
        let rests = until(|| self.said().contains("cycle 1 is over").then_some(()));
        assert!(rests.is_some(), "{}", self.said());
    }

    fn said(&self) -> String {
        self.daemon.as_ref().map_or(String::new(), Daemon::said)
    }

    /// A command beside the daemon.
    fn run(&self, words: &[&str]) -> Finished {
        let mut command = ruled(words);
        command.env("STATE_DIRECTORY", self.path()).env("RUNTIME_DIRECTORY", self.path());
        finish(command)
    }

    fn status(&self) -> Value {
        let status = self.run(&["status", "--json", "-c", &self.rules]);
        assert_eq!(status.status, 0, "{}", status.err);
        serde_json::from_str(&status.out).expect("an object")
    }

    /// The events so far that hold this text.
    fn events(&self, text: &str) -> Vec<Value> {
        let written = fs::read_to_string(self.path().join("events")).unwrap_or_default();
        let lines = written.lines().filter(|line| line.contains(text));
        lines.map(|line| serde_json::from_str(line).expect("an event")).collect()
    }

    fn event(&self, text: &str) -> Value {
        let found = until(|| self.events(text).into_iter().next());
        found.unwrap_or_else(|| panic!("there is no event with {text:?}: {}", self.said()))
    }

    /// Waits until another two cycles are over.
    fn cycles(&self) {
        let cycle = || self.status()["daemon"]["cycle"].as_u64().expect("a cycle");
        let first = cycle();
        assert!(until(|| (cycle() >= first + 2).then_some(())).is_some(), "{}", self.said());
    }
}

/// The same component with a section that nobody reads: another SHA-256.
fn changed(component: &[u8]) -> Vec<u8> {
    // A custom section of the core specification, section 5.5.3: its number, its size, its name.
    [component, &[0, 5, 4, b'n', b'e', b'x', b't']].concat()
}

const READS: &str = "\
set daemon 1
check plugin first using \"{here}/reads.wasm\"
    grant read \"{here}/line\"
    if failed then alert
";

#[test]
fn a_file_that_is_replaced_runs_when_it_was_added_and_not_before() {
    let component = guest("reads").component;
    let mut watched = Watched::over(READS, "reads.wasm", component);
    write(watched.path(), "line", "hello\n");
    let old = watched.add("reads", component, 1);
    watched.start();
    let sha256 = |status: &Value| status["plugins"][0]["sha256"].as_str().map(str::to_owned);
    assert_eq!(sha256(&watched.status()), Some(old.wasm_sha256.clone()));

    // Half of it, as while it is copied, and then all: the old one goes on, and that is said once.
    let new = changed(component);
    write(watched.path(), "reads.wasm", &new[..new.len() / 2]);
    let event = watched.event("goes on with the plugin as it was");
    watched.cycles();
    write(watched.path(), "reads.wasm", &new);
    watched.cycles();
    assert_eq!(watched.events("goes on with the plugin as it was").len(), 1, "{}", watched.said());
    assert_eq!((event["service"].as_str(), event["event"].as_str()), (Some("first"), Some("checksum")), "{event}");
    assert!(event["message"].as_str().is_some_and(|said| said.contains("`ruled-plugin add ")), "{event}");
    assert_eq!(watched.status()["services"][0]["state"], "ok");
    assert_eq!(watched.status()["plugins"].as_array().map(Vec::len), Some(1));

    let stored = watched.add("reads", &new, 2);
    watched.event("was replaced and added");
    watched.cycles();
    let status = watched.status();
    let plugins = status["plugins"].as_array().expect("plugins");
    assert!(plugins.iter().any(|plugin| plugin["sha256"] == stored.wasm_sha256.as_str()), "{status}");
    assert_eq!(watched.events("was replaced and added").len(), 1);

    // What runs needs the file no more.
    fs::remove_file(watched.path().join("reads.wasm")).expect("removed");
    watched.cycles();
    assert_eq!(watched.status()["services"][0]["state"], "ok", "{}", watched.said());
    assert_eq!(watched.daemon.take().expect("a daemon").end(), 0);
}

#[test]
fn a_probe_that_is_named_by_its_protocol_is_replaced_with_an_event() {
    let rules = "\
set daemon 1
check host greeter with address 127.0.0.1
    if failed port {port} protocol hostile with { deed: \"whole_line\" } then alert
";
    let port = super::super::peer::greets("hello\r\n");
    let component = guest("probe").component;
    let mut watched = Watched::over(&rules.replace("{port}", &port.to_string()), "probe.wasm", component);
    let old = watched.add("probe", component, 1);
    assert_eq!(old.description.name, "hostile");
    watched.start();
    let is_used = |manifest: &Manifest| {
        let status = watched.status();
        let plugins = status["plugins"].as_array().expect("plugins");
        plugins.iter().any(|plugin| plugin["sha256"] == manifest.wasm_sha256.as_str())
    };
    assert!(until(|| is_used(&old).then_some(())).is_some(), "{}", watched.said());

    let new = watched.add("probe", &changed(component), 2);
    let event = watched.event("`protocol hostile` is checked by hostile");
    assert_eq!((event["event"].as_str(), event["state"].as_str()), (Some("checksum"), Some("changed")), "{event}");
    assert!(event["message"].as_str().is_some_and(|said| said.contains(&new.wasm_sha256[..8])), "{event}");
    assert!(until(|| is_used(&new).then_some(())).is_some(), "{}", watched.said());

    // What was removed runs no more: the one before takes its place, and then there is none.
    watched.store().remove(&new.wasm_sha256).expect("removed");
    let back = until(|| (watched.events("`protocol hostile` is checked by hostile").len() == 2).then_some(()));
    assert!(back.is_some(), "{}", watched.said());
    let checks = || {
        let status = watched.status();
        let plugins = status["plugins"].as_array().expect("plugins");
        plugins.iter().filter_map(|plugin| plugin["checks"].as_u64()).sum::<u64>()
    };
    watched.store().remove(&old.wasm_sha256).expect("removed");
    watched.cycles();
    let before = checks();
    watched.cycles();
    assert_eq!(checks(), before, "{}", watched.said());
    // That nobody looks any more is told to everybody who asks, and ends with a plugin that does.
    let unjudged = watched.event("cannot judge host 127.0.0.1 port ");
    assert_eq!(
        (unjudged["service"].as_str(), unjudged["event"].as_str()),
        (Some("greeter"), Some("data")),
        "{unjudged}"
    );
    let validated = watched.run(&["validate", "-c", &watched.rules]);
    assert!(validated.status == 1 && validated.out.contains("cannot judge"), "{}{}", validated.out, validated.err);
    watched.add("probe", component, 3);
    let healed = until(|| (watched.status()["services"][0]["state"] == "ok").then_some(()));
    assert!(healed.is_some(), "{}", watched.said());
}

#[test]
fn what_is_removed_from_the_store_runs_no_more() {
    let component = guest("reads").component;
    let mut watched = Watched::over(READS, "reads.wasm", component);
    write(watched.path(), "line", "hello\n");
    let stored = watched.add("reads", component, 1);
    watched.start();
    watched.store().remove(&stored.wasm_sha256).expect("removed");
    let event = watched.event("was removed; `ruled-plugin add ");
    assert_eq!((event["service"].as_str(), event["event"].as_str()), (Some("first"), Some("data")), "{event}");
    watched.add("reads", component, 2);
    let healed = until(|| (watched.status()["services"][0]["state"] == "ok").then_some(()));
    assert!(healed.is_some(), "{}", watched.said());
}

#[test]
fn what_was_not_added_or_was_changed_since_is_not_run() {
    let component = guest("reads").component;
    let watched = Watched::over(READS, "reads.wasm", component);
    write(watched.path(), "line", "hello\n");
    let check = |watched: &Watched| watched.run(&["check", &watched.rules]);
    let missing = check(&watched);
    assert!(missing.status == 1 && missing.out.contains("error[plugin-not-added]"), "{}{}", missing.out, missing.err);
    let stored = watched.add("reads", component, 1);
    let fine = check(&watched);
    assert_eq!(fine.status, 0, "{}{}", fine.out, fine.err);
    assert!(!fine.out.contains("writable-by-others"), "{}", fine.out);
    let file = watched.path().join("reads.wasm");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("other rights");
    let open = check(&watched);
    assert!(open.out.contains("warning[writable-by-others]: ") && open.out.contains("reads.wasm"), "{}", open.out);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("the rights of before");

    let code = watched.code(&stored);
    let mut bytes = fs::read(&code).expect("code");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&code, bytes).expect("one byte is another");
    let refused = check(&watched);
    assert!(
        refused.status == 1 && refused.out.contains("its SHA-256 is another one"),
        "{}{}",
        refused.out,
        refused.err
    );
    let run = watched.run(&["run", "--once", &watched.rules]);
    assert!(run.status != 0 && run.err.contains("its SHA-256 is another one"), "{}{}", run.out, run.err);
}

#[test]
fn code_that_is_not_what_was_stored_is_an_event() {
    let rules = "set daemon 1\ncheck plugin first using \"{here}/alone.wasm\"\n    if failed then alert\n";
    let component = guest("alone").component;
    let mut watched = Watched::over(rules, "alone.wasm", component);
    watched.add("alone", component, 1);
    watched.start();
    let other = guest("reads").component;
    let stored = watched.add("reads", other, 2);
    let code = watched.code(&stored);
    fs::write(&code, b"something else").expect("other code");
    write(watched.path(), "alone.wasm", other);
    let event = watched.event("its SHA-256 is another one");
    assert_eq!((event["service"].as_str(), event["event"].as_str()), (Some("first"), Some("data")), "{event}");
    assert_eq!(event["state"], "failed", "{event}");
    write(watched.path(), "alone.wasm", component);
    let healed = until(|| (watched.status()["services"][0]["state"] == "ok").then_some(()));
    assert!(healed.is_some(), "{}", watched.said());
}

#[test]
fn a_plugin_that_is_at_fault_again_and_again_is_left_alone_with_an_alert() {
    let rules = "\
set daemon 1
check plugin broken using \"{here}/deeds.wasm\" with { deed: \"panic\" }
    grant connect \"127.0.0.1:9\"
    grant read \"{here}\"
    grant fetch \"http://127.0.0.1:9\"
    if failed then alert
";
    let component = guest("deeds").component;
    let mut watched = Watched::over(rules, "deeds.wasm", component);
    watched.add("deeds", component, 1);
    watched.start();
    let event = watched.event("is in quarantine");
    assert_eq!((event["service"].as_str(), event["state"].as_str()), (Some("broken"), Some("failed")), "{event}");
    watched.cycles();
    assert_eq!(watched.events("the deeds plugin 1.2.3 is in quarantine").len(), 1, "{}", watched.said());
    let status = watched.status();
    let plugin = &status["plugins"][0];
    assert_eq!((plugin["name"].as_str(), plugin["faults"].as_u64()), (Some("deeds"), Some(3)), "{status}");
    assert_eq!(plugin["quarantine"][0]["with"], "broken", "{status}");
    assert!(plugin["last_fault"].as_str().is_some_and(|fault| fault.contains("the guest gives up")), "{status}");
    let shown = watched.run(&["status", "-c", &watched.rules]).out;
    let sha256 = sha256(component);
    for part in ["Component 'deeds'", "1.2.3", &sha256, "faults: 3, CPU: ", "quarantine", "with broken for another"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(plugin["cpu_ms"].as_f64().is_some_and(|spent| spent > 0.0), "{status}");
}

#[test]
fn what_was_added_for_another_version_is_to_be_added_again() {
    let rules = "check host h with address 127.0.0.1\n    if failed port 9 protocol hostile then alert\n";
    let component = guest("probe").component;
    let watched = Watched::over(rules, "probe.wasm", component);
    let old = watched.add("probe", component, 1);
    let listed = |watched: &Watched| watched.run(&["plugin", "list"]).out;
    // What it says about itself is a page of the manual.
    let page = watched.run(&["docs", "protocol", "hostile"]).out;
    assert!(page.contains("### `hostile`") && page.contains("- `deed`, a text"), "{page}");
    assert!(watched.run(&["docs", "protocol"]).out.contains("\nPlugins that were added\n  hostile "));
    assert!(!listed(&watched).contains("another version"), "{}", listed(&watched));
    let manifest = Manifest { engine: "an older one".into(), ..old };
    watched.store().put(&manifest, guest("probe").precompiled).expect("it is stored");
    let check = watched.run(&["check", &watched.rules]);
    for said in [check.out, listed(&watched)] {
        assert!(said.contains("was added for another version of ruled"), "{said}");
        assert!(said.contains("`ruled-plugin add "), "{said}");
    }
}

#[test]
fn a_plugin_that_is_named_in_the_wrong_place_is_told_from_one_that_nobody_knows() {
    let rules = "check host h with address 127.0.0.1\n    if failed port 9 protocol alone then alert\n";
    let component = guest("alone").component;
    let watched = Watched::over(rules, "alone.wasm", component);
    let folder = watched.path().join("plugins");
    let listed = watched.run(&["plugin", "list"]).out;
    assert_eq!(listed, format!("no plugin was added to {}; `ruled-plugin add FILE` adds one\n", folder.display()));
    assert!(watched.run(&["check", &watched.rules]).out.contains("there is no protocol named `alone`"));
    watched.add("alone", component, 1);
    let said = watched.run(&["check", &watched.rules]).out;
    assert!(said.contains("`alone` is a plugin that checks by itself, and no protocol"), "{said}");
    assert!(said.contains("`check plugin alone using \""), "{said}");

    // What is not there is looked for in a folder that depends on who asks.
    write(watched.path(), "other.rules", "check plugin p using \"other.wasm\"\n    if failed then alert\n");
    write(watched.path(), "other.wasm", guest("reads").component);
    let other = watched.path().join("other.rules");
    let said = watched.run(&["check", other.to_str().expect("UTF-8")]).out;
    assert!(said.contains(&format!("ruled's plugins are those in {}", folder.display())), "{said}");

    // A store that cannot be trusted is not an empty one.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o770)).expect("other rights");
    let refused = watched.run(&["plugin", "list"]);
    assert!(refused.status == 1 && refused.err.contains("written by others"), "{}", refused.err);
    assert_eq!(refused.out, "");
}

/// Memory of its own that a process has, in kB.
fn anonymous(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a process of ours");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("a line about it");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn plugins_take_little_memory() {
    let port = super::super::peer::greets("SSH-2.0-x\r\n");
    let plugins = format!(
        "{READS}check plugin second using \"{{here}}/reads.wasm\"\n    grant read \"{{here}}/line\"\n    if failed then alert\n\
         check host greeter with address 127.0.0.1\n    if failed port {port} protocol ssh then alert\n"
    );
    let none = "set daemon 1\ncheck file line with path {here}/line\n    if size > 1 MB then alert\n";
    let had = |rules: &str| {
        let component = guest("reads").component;
        let mut watched = Watched::over(rules, "reads.wasm", component);
        write(watched.path(), "line", "hello\n");
        watched.add("reads", component, 1);
        watched.start();
        watched.cycles();
        anonymous(watched.daemon.as_ref().expect("it runs").pid())
    };
    let (with, without) = (had(&plugins), had(none));
    // Both threads, both engines, a pool and what was loaded. A release build has some 3 MB more than without.
    assert!(with <= without + (6 << 10), "{with} kB with plugins, {without} without");
}

#[test]
fn a_secret_stands_in_nothing_that_a_running_ruled_says() {
    const PASSWORD: &str = "Correct horse battery";
    let service = |deed: &str| {
        format!(
            "check plugin {deed} using \"{{here}}/deeds.wasm\" with {{ deed: \"{deed}\", password: \"{PASSWORD}\" }}\n    \
             grant connect \"127.0.0.1:9\"\n    grant read \"{{here}}\"\n    grant fetch \"http://127.0.0.1:9\"\n    \
             if failed then alert\n    if succeeded then alert\n"
        )
    };
    let deeds = ["betray", "betray_in_failure", "betray_in_options", "betray_in_panic", "betray_in_path"];
    let rules: String = deeds.iter().map(|deed| service(deed)).collect();
    let component = guest("deeds").component;
    let mut watched = Watched::over(&format!("set daemon 1\n{rules}"), "deeds.wasm", component);
    watched.add("deeds", component, 1);
    watched.start();
    watched.event("is in quarantine");
    let file = watched.path().join("deeds.wasm").display().to_string();
    let grants = ["grant connect \"127.0.0.1:9\"", "grant read \"/nowhere\"", "grant fetch \"http://127.0.0.1:9\""];
    let options = format!("with {{ deed: \"betray\", password: \"{PASSWORD}\" }}");
    let once = watched.run(&[["plugin", "run", "-v", &file, &options].as_slice(), &grants].concat());
    let mut all = vec![watched.said(), fs::read_to_string(watched.path().join("events")).expect("events")];
    for words in [["status"].as_slice(), &["status", "--json"], &["why", "betray"], &["why", "betray_in_panic"]] {
        let words = [words, &["-c", &watched.rules]].concat();
        all.push(watched.run(&words).out);
    }
    all.extend([once.out, once.err, watched.run(&["show", &watched.rules]).out]);
    for said in &all {
        assert!(!said.is_empty() || said == &all[all.len() - 2], "{all:?}");
        for part in ["horse", "battery"] {
            assert!(!said.contains(part), "{part:?} stands in {said}");
        }
    }
    assert!(all[0].contains("***") && all[1].contains("***"), "{all:?}");
}
