//! What the README shows is what happens.

use std::fs;
use std::path::Path;

use grammar::Dialect;
use grammar::finding::terminal::{Look, render};
use interpreter::check::{self, Checked, Imaginary};

use crate::rig::{finish, ruled};

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).expect("the README")
}

/// The blocks between lines of three back-ticks, in their order.
fn blocks() -> Vec<String> {
    let page = readme();
    page.split("```").skip(1).step_by(2).map(|block| block.trim_start_matches('\n').to_string()).collect()
}

fn checked(name: &str, text: &str) -> (grammar::Source, Checked) {
    let machine = Imaginary::new().with_host_name("box");
    let loaded = check::load_text(name, text.as_bytes(), Dialect::Rules, &machine);
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    let checked = check::check(&loaded.source, Dialect::Rules, &ruled::protocols::stock(), &machine);
    (loaded.source, checked)
}

#[test]
fn the_first_rules_are_good() {
    let (_, checked) = checked("web.rules", &blocks()[0]);
    assert_eq!(checked.findings, Vec::new());
}

#[test]
fn the_first_finding_is_what_ruled_says() {
    let blocks = blocks();
    let text = blocks[0].replace("500 MB", "500");
    let (source, checked) = checked("web.rules", &text);
    let [finding] = checked.findings.as_slice() else { panic!("{:?}", checked.findings) };
    assert_eq!(render(finding, &source, Look { color: false, width: 120 }), blocks[1].trim_end());
}

#[test]
fn the_commands_are_those_that_there_are() {
    let help = finish(ruled(&["--help"])).out;
    let page = readme();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // Lines that go on with a sentence begin with more blanks.
    let names = commands.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        assert!(page.contains(&format!("ruled {name}")), "the README does not show `ruled {name}`");
        let help = finish(ruled(&[name, "--help"]));
        assert_eq!(help.status, 0, "{name}");
        let manual = finish(ruled(&["man", name]));
        assert!(manual.status == 0 && manual.out.contains(&format!(".TH \"ruled {name}\" 1 ")), "{}", manual.out);
    }
}

#[test]
fn both_commands_can_be_run() {
    for name in ["try", "test", ".ci/run"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
        let mode = fs::metadata(&path).expect("a command").permissions();
        assert!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o111 != 0, "{name} cannot be run");
    }
}

#[test]
fn the_examples_that_it_names_are_good() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/lamp");
    let page = readme();
    for name in ["apache.rules", "apache.monitrc", "services.rules", "services.monitrc"] {
        assert!(page.contains(&format!("`{name}`")), "the README does not name {name}");
        let mut command = ruled(&["check", name]);
        command.current_dir(&examples);
        let checked = finish(command);
        assert_eq!(checked.status, 0, "{}{}", checked.out, checked.err);
    }
}
