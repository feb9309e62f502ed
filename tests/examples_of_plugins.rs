//! The plugins that are examples for authors, each with its rules file: what ruled says of them, and what it does in one
//! cycle in which the rules are led to something on this machine.
//!
//! What does not live here: what each of them makes of what it finds, which its own tests try.

mod certificate;
mod json_value;
mod postfix_queue;

use std::fs;
use std::path::Path;

use ruled_manifest::Store;
use serde_json::Value;
use tempfile::TempDir;

use crate::plugin::own;
use crate::rig::{finish, ruled, write};

/// An example that was added, as its author would do it.
struct Example {
    name: &'static str,
    folder: TempDir,
    rules: String,
}

/// What came of a cycle.
struct Cycle {
    /// The events, but those about ruled itself.
    events: Vec<Value>,
    /// What ruled said.
    said: String,
}

impl Example {
    fn new(name: &'static str) -> Example {
        let folder = tempfile::tempdir().expect("a folder");
        let component = own::stored(name, &Store::at(folder.path().join("plugins")));
        write(folder.path(), &format!("{name}.wasm"), component);
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/plugins");
        let rules = fs::read_to_string(examples.join(name).join(format!("{name}.rules"))).expect("its rules");
        Example { name, folder, rules }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("UTF-8").to_owned()
    }

    /// What ruled does in one cycle, where these words of the rules are replaced by others. Whatever the rules say of
    /// several cycles and of mail is left out.
    fn cycle(&self, replaced: &[(&str, &str)]) -> Cycle {
        let mut text = self.rules.clone();
        for (word, other) in replaced {
            assert!(text.contains(word), "{word:?} is not in the rules of {}", self.name);
            text = text.replace(word, other);
        }
        for count in ["3", "5", "30"] {
            text = text.replace(&format!(" for {count} cycles"), "");
        }
        for line in ["set mailserver localhost\n", "set alert keeper@example.com\n"] {
            text = text.replace(line, "");
        }
        let rules = write(self.folder.path(), "it.rules", text);
        let (events, state) = (self.path("events"), self.path("state"));
        let run = self.ruled(&["run", "--once", "-vv", "--events", &events, "--state", &state, &rules]);
        let lines = fs::read_to_string(&events).expect("events");
        // Each cycle is the first one.
        for path in [events, state] {
            fs::remove_file(&path).expect("a file of ours");
        }
        let all = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        Cycle { events: all.filter(|event| event["event"] != "instance").collect(), said: run }
    }

    /// What ruled says, which must do what it is asked for.
    fn ruled(&self, words: &[&str]) -> String {
        let mut command = ruled(words);
        command.env("RULED_PLUGINS", self.path("plugins"));
        let done = finish(command);
        assert_eq!(done.status, 0, "{}{}", done.out, done.err);
        done.out + &done.err
    }

    /// Asserts that nothing is wrong with the rules as they are.
    fn is_checked(&self) {
        let rules = write(self.folder.path(), "its.rules", &self.rules);
        let said = self.ruled(&["check", &rules]);
        assert!(said.contains("nothing is wrong"), "{said}");
    }
}

impl Cycle {
    /// Asserts that nothing was told, and that the summary is in what ruled said.
    fn passes(&self, summary: &str) {
        assert!(self.events.is_empty() && self.said.contains(summary), "{:?}\n{}", self.events, self.said);
    }

    /// Asserts that just this was told: of each service a message with these words in it.
    fn tells(&self, messages: &[(&str, &str)]) {
        let mut told: Vec<(&str, &str)> =
            self.events.iter().map(|event| (word(event, "service"), word(event, "message"))).collect();
        // Services are looked at side by side.
        told.sort_by_key(|(service, _)| *service);
        let is_told = told.len() == messages.len()
            && told.iter().zip(messages).all(|(told, wanted)| told.0 == wanted.0 && told.1.contains(wanted.1));
        assert!(is_told, "{told:#?} and not {messages:?}\n{}", self.said);
    }
}

fn word<'a>(event: &'a Value, name: &str) -> &'a str {
    event[name].as_str().unwrap_or_default()
}
