//! Pictures of every finding as people and programs see it. They are made anew by
//! `INSTA_UPDATE=always cargo test -p interpreter --test language`.

use std::collections::BTreeSet;
use std::path::Path;

use grammar::finding::{concise, json, terminal};
use grammar::{Dialect, Finding, Source};
use interpreter::check::{DEPTH_MAX, Imaginary, Surroundings, TEXT_BYTES_MAX, check_loaded, load_text};
use interpreter::lint;

use crate::rig::{MAIN, examples, machine, protocols, run};

/// Where the pictures of the findings are, from this file.
const FINDINGS: &str = "../snapshots/findings";
/// Where the other pictures are.
const LOOKS: &str = "../snapshots/looks";

const WIDE: terminal::Look = terminal::Look { color: false, width: 100 };

fn snapshot(folder: &str, name: &str, picture: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => folder }, {
        insta::assert_snapshot!(name, picture);
    });
}

/// A text that has a finding, with all its findings: the first example of the page, or what no page can show.
fn shown(name: &str, page: &str) -> (Source, Vec<Finding>) {
    for example in examples(page) {
        if example.expected().iter().any(|(_, _, mark)| mark.ends_with(&format!("[{name}]"))) {
            let (source, checked) = example.check();
            return (source, checked.findings);
        }
    }
    match name {
        "include-too-deep" => {
            let file = |machine: Imaginary, depth| {
                machine.with_file(format!("/d/{depth}"), format!("include /d/{}\n", depth + 1))
            };
            loaded(b"include /d/0\n", &(0..=DEPTH_MAX).fold(machine(), file))
        }
        "misread-by-monit" => {
            let text = b"check process web with pidfile /run/web.pid\n    if cpu > 90% or memory > 1 GB then alert\n";
            let source = load_text(MAIN, text, Dialect::Rules, &machine()).source;
            let checked = interpreter::check::check(&source, Dialect::Rules, &protocols(), &machine());
            let program = checked.program.expect("the text is right");
            let findings = interpreter::portable::as_monit(&source, &program, &protocols(), &machine());
            (source, findings)
        }
        "not-utf8" => loaded(b"set daemon 30   # caf\xe9\n", &machine()),
        "nul-byte" => loaded(b"set daemon 30\0\n", &machine()),
        "replaceable-by-others" => loaded(b"set daemon 30\n", &OpenFolder(machine())),
        "too-large" => loaded(&vec![b'\n'; TEXT_BYTES_MAX + 1], &machine()),
        "writable-by-others" => loaded(b"set daemon 30\n", &Open(machine())),
        _ => panic!("the page of {name} shows no text that has it"),
    }
}

fn loaded(text: &[u8], surroundings: &dyn Surroundings) -> (Source, Vec<Finding>) {
    let loaded = load_text(MAIN, text, Dialect::Rules, surroundings);
    let checked = check_loaded(&loaded, Dialect::Rules, &protocols(), surroundings);
    (loaded.source, checked.findings)
}

/// A machine on which everybody may write every file.
struct Open(Imaginary);

impl Surroundings for Open {
    fn behind(&self) -> Option<&dyn Surroundings> {
        Some(&self.0)
    }

    fn strangers_may_write(&self, _path: &str) -> Option<String> {
        Some("everybody".to_owned())
    }
}

/// A machine on which everybody may write the folder of the rules.
struct OpenFolder(Imaginary);

impl Surroundings for OpenFolder {
    fn behind(&self) -> Option<&dyn Surroundings> {
        Some(&self.0)
    }

    fn replaceable_in(&self, _path: &str) -> Option<String> {
        Some("/etc/ruled".to_owned())
    }
}

#[test]
fn every_finding_has_its_picture() {
    for entry in lint::list() {
        let (source, findings) = shown(entry.name, entry.page);
        let finding = findings.iter().find(|finding| finding.name == entry.name);
        let finding = finding.unwrap_or_else(|| panic!("the text of {} does not have it", entry.name));
        let full = terminal::render(finding, &source, WIDE);
        let (concise, json) = (concise::render(finding, &source), json::render(finding, &source));
        let rule = "─".repeat(40);
        snapshot(FINDINGS, entry.name, &format!("{full}\n{rule}\n{concise}\n{rule}\n{json}"));
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests read the files that hold them")]
fn there_are_pictures_of_the_findings_and_of_nothing_else() {
    // While pictures are made anew, the tests run side by side.
    if std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always") {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/language").join(FINDINGS);
    let files = std::fs::read_dir(folder).expect("there are pictures").map(|file| file.expect("a file").file_name());
    let files: BTreeSet<String> =
        files.filter_map(|file| Some(file.to_str()?.strip_suffix(".snap")?.to_owned())).collect();
    let names: BTreeSet<String> = lint::list().iter().map(|entry| entry.name.to_owned()).collect();
    assert_eq!(files, names, "`INSTA_UPDATE=always cargo test -p interpreter --test language` makes missing pictures");
}

/// A picture of all findings of a text, with the text above it.
fn picture(name: &str, text: &str, look: terminal::Look) {
    let (source, checked) = run(text, Dialect::Rules, &machine());
    assert!(!checked.findings.is_empty(), "{text}");
    let findings: Vec<String> =
        checked.findings.iter().map(|finding| terminal::render(finding, &source, look)).collect();
    snapshot(LOOKS, name, &format!("{text}{}\n{}", "─".repeat(look.width), findings.join("\n\n")));
}

const NGINX: &str = "check process nginx with pidfile /run/nginx.pid\n    start program = \"/usr/bin/systemctl start nginx\"\n    \
                     if memory usage > 200 for 5 cycles then restart\n";

#[test]
fn in_colour_and_without() {
    picture("color", NGINX, terminal::Look { color: true, width: 100 });
    picture("no-color", NGINX, WIDE);
    picture("error-in-color", "set daemon thirty\n", terminal::Look { color: true, width: 100 });
}

#[test]
fn on_a_narrow_terminal() {
    let narrow = terminal::Look { color: false, width: 40 };
    picture("narrow", NGINX, narrow);
    let long = "check process a-name-that-is-rather-long with pidfile /run/services/a-name-that-is-rather-long/pid\n    \
                depends on databse, cache\n\ncheck process database with pidfile /b\n";
    picture("narrow-and-long", long, narrow);
    picture(
        "narrow-and-wide",
        "check process \"数据库数据库数据库数据库数据库\" with pidfile /run/数据库 depends on 数据\n",
        narrow,
    );
}

#[test]
fn under_wide_signs() {
    let services = [
        ("cjk", "check process 数据库 with pidfile /run/a.pid if memory > 0 then alert\n"),
        ("emoji", "check process \"🚀 app 👩‍💻\" with pidfile /run/a.pid if memory > 0 then alert\n"),
        ("combining", "check process \"cafe\u{301} n\u{303}\" with pidfile /run/a.pid if memory > 0 then alert\n"),
        ("half-width", "check process ｱﾌﾟﾘ with pidfile /run/a.pid if memory > 0 then alert\n"),
        ("hidden", "check process \"a\u{200B}b\u{202E}c\u{7}d\" with pidfile /run/a.pid if memory > 0 then alert\n"),
        ("in-the-span", "check process web with pidfile /run/a.pid depends on 数据库é🚀\n"),
        ("in-the-label", "check process 数据库 with pidfile /run/a.pid depends on x\n"),
    ];
    for (name, text) in services {
        picture(&format!("wide-{name}"), text, WIDE);
    }
}

#[test]
fn behind_tabs() {
    picture("tabs", "check process web with pidfile /run/a.pid\n\tif memory\t>\t0\tthen\talert\n", WIDE);
    picture("tabs-and-wide", "check process 数据\twith pidfile /run/a.pid\n\t\tif memory > 200 then alert\n", WIDE);
    picture(
        "tabs-in-the-span",
        "check process web with pidfile /run/a.pid\n\tdepends on \"a\tb\"\tif\tmemory > 0 then alert\n",
        WIDE,
    );
}
