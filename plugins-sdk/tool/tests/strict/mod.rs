//! Scripts are strict: what a plugin does beside what is written down fails the test, and its author learns what it was. The
//! scripts here say in a comment why a test must fail; they are played to the probe of the template, and to the examples for
//! authors.

use crate::author::{Author, root, there_is_ruled};

/// How a comment begins that says why a test fails.
const FAILS: &str = "# FAILED: ";

/// Tries a component with a script, and compares all that is said with what the script says of it.
pub(crate) fn comes_out(author: &Author, folder: &str, component: &str, script: &str) {
    let (mut tests, mut is_any_wrong) = (Vec::new(), false);
    for (index, line) in script.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix("test ") {
            tests.push((name, index + 1, None));
        } else if let (Some(why), Some(last)) = (line.strip_prefix(FAILS), tests.last_mut()) {
            (last.2, is_any_wrong) = (Some(why), true);
        }
    }
    let said = tests.iter().map(|(name, line, why)| match why {
        None => format!("ok      {name}\n"),
        Some(why) => format!("FAILED  {name} (strict.script:{line}): {why}\n"),
    });
    let passed = tests.iter().filter(|test| test.2.is_none()).count();
    let wanted = said.collect::<String>() + &format!("{passed} passed, {} failed\n", tests.len() - passed);
    std::fs::write(author.path(folder).join("strict.script"), script).expect("it is written");
    let words = ["test", component, "strict.script"];
    let found = if is_any_wrong { author.fails_saying(folder, &words) } else { author.does(folder, &words) };
    assert_eq!(found, wanted);
}

#[test]
fn examples_are_built_tried_with_their_scripts_and_added() {
    if !there_is_ruled() {
        return;
    }
    let author = Author::new(&[]);
    for name in ["certificate", "json_value", "postfix_queue"] {
        let (folder, component) = (root().join("examples/plugins").join(name), format!("{name}.wasm"));
        let said = author.does("", &["build", folder.to_str().expect("UTF-8"), "--output", &component]);
        assert!(said.contains(&format!("{component}: ")), "{said}");
        let script = folder.join(format!("{name}.script"));
        let said = author.does("", &["test", &component, script.to_str().expect("UTF-8")]);
        assert!(said.ends_with(" passed, 0 failed\n") && !said.starts_with("0 passed"), "{said}");
        assert!(author.does("", &["inspect", &component]).starts_with(&format!("{name} 0.1.0 (check, ")));
        assert!(author.does("", &["add", &component]).contains("\n  a rule must say: grant "));
        let rules = std::fs::read_to_string(folder.join(format!("{name}.rules"))).expect("its rules");
        author.write(&format!("{name}.rules"), rules);
        assert!(author.ruled("", &["check", &format!("{name}.rules")]).contains(": nothing is wrong"));
    }
    packs_what_carries_its_world(&author, "json_value");
    comes_out(&author, "", "json_value.wasm", include_str!("fetching.script"));
    comes_out(&author, "", "certificate.wasm", include_str!("connecting.script"));
    author.write("wrong.script", "\ntest it\ngrant fetch \"http://127.0.0.1:{apy}\"\nconnection api\npasses\n");
    let said = author.fails("", &["test", "json_value.wasm", "wrong.script"]);
    assert!(said.contains("wrong.script, line 2: there is no `connection apy` whose port {apy} could be"), "{said}");
}

/// What cargo makes of a plugin in Rust carries its world: `pack` makes of it what `build` does, and of no other world.
fn packs_what_carries_its_world(author: &Author, name: &str) {
    let module = root().join("target/guests/wasm32-unknown-unknown/release").join(format!("{name}.wasm"));
    author.write("carries.wasm", std::fs::read(module).expect("cargo has built it"));
    author.does("", &["pack", "carries.wasm"]);
    let component = |file: &str| std::fs::read(author.path(file)).expect("it is there");
    assert_eq!(component("carries.component.wasm"), component(&format!("{name}.wasm")));
    let said = author.fails("", &["pack", "carries.wasm", "--world", "check"]);
    assert!(said.contains("carries.wasm carries its world; take `--world` out"), "{said}");
}
