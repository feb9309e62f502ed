//! What nobody should write, and what hostile or broken files hold: a clear message each, and no panic.

use std::fs;
use std::path::Path;

use crate::rig::{Finished, finish, ruled, write};

fn check(path: &str) -> Finished {
    let run = finish(ruled(&["check", path]));
    assert!(!run.err.contains("panicked") && !run.out.contains("panicked"), "{}{}", run.out, run.err);
    run
}

/// The rules have errors: exit status 1, and standard output has all of these.
fn refused(path: &str, wanted: &[&str]) {
    let run = check(path);
    assert_eq!(run.status, 1, "{}{}", run.out, run.err);
    for wanted in wanted {
        assert!(run.out.contains(wanted), "`{wanted}` is missing from:\n{}{}", run.out, run.err);
    }
}

/// It cannot be read: exit status 2, and standard error has all of these.
fn unreadable(path: &str, wanted: &[&str]) {
    let run = check(path);
    assert_eq!(run.status, 2, "{}{}", run.out, run.err);
    for wanted in wanted {
        assert!(run.err.contains(wanted), "`{wanted}` is missing from:\n{}{}", run.out, run.err);
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_file_that_is_not_there() {
    unreadable("/nowhere/web.rules", &["/nowhere/web.rules", "no such file"]);
}

#[test]
fn a_file_that_cannot_be_read() {
    // Reading the start of a process's memory fails for everybody, root included.
    unreadable("/proc/self/mem", &["/proc/self/mem"]);
}

#[test]
fn a_folder_without_rules() {
    let folder = folder();
    let path = folder.path().to_str().expect("UTF-8");
    unreadable(path, &[path, "*.rules"]);
}

#[test]
fn a_pipe_that_nobody_writes_to() {
    let folder = folder();
    let path = folder.path().join("pipe.rules");
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    unreadable(path.to_str().expect("UTF-8"), &["pipe.rules", "regular file"]);
}

#[test]
fn nul_bytes() {
    let folder = folder();
    let path = write(folder.path(), "nul.rules", b"set daemon 30\ncheck system \0host\n");
    refused(&path, &["nul-byte", "nul.rules:2"]);
}

#[test]
fn bytes_that_are_not_utf8_are_a_warning_where_they_stand() {
    let folder = folder();
    let path = write(folder.path(), "latin.rules", b"# caf\xe9\nset daemon 30\n");
    let run = check(&path);
    assert_eq!(run.status, 0, "{}", run.out);
    assert!(run.out.contains("not-utf8") && run.out.contains("latin.rules:1"), "{}", run.out);
}

#[test]
fn a_million_opening_parentheses() {
    let folder = folder();
    let path = write(folder.path(), "deep.rules", "(".repeat(1_000_000));
    refused(&path, &["too-deep", "deep.rules:1"]);
    // To Monit a parenthesis is a blank, so there is nothing in this file.
    let path = write(folder.path(), "deep.monitrc", "(".repeat(1_000_000));
    assert_eq!(check(&path).status, 0);
}

#[test]
fn a_file_of_a_hundred_megabytes() {
    let folder = folder();
    let path = folder.path().join("large.rules");
    fs::File::create(&path).and_then(|file| file.set_len(100 << 20)).expect("a sparse file");
    refused(path.to_str().expect("UTF-8"), &["too-large", "64 MB"]);
}

#[test]
fn files_that_include_each_other() {
    let folder = folder();
    let place = folder.path().display();
    let first = write(folder.path(), "first.rules", format!("set daemon 30\ninclude {place}/second.rules\n"));
    write(folder.path(), "second.rules", format!("include {place}/first.rules\n"));
    let run = check(&first);
    assert!(run.out.contains("include-loop"), "{}{}", run.out, run.err);
    assert!(run.out.contains("second.rules"), "{}", run.out);
}

#[test]
fn rubbish_is_told_apart_from_its_neighbours() {
    let folder = folder();
    let text = "set daemon 30\n%%% what is this\ncheck system box\n    if cpu usage > 80 procent then alert\n    \
                if loadavg (1min) > 4 then alrt\n    if swap usage > 20% then alert\n";
    let path = write(folder.path(), "rubbish.rules", text);
    let run = check(&path);
    assert_eq!(run.status, 1);
    for line in ["rubbish.rules:2", "rubbish.rules:4", "rubbish.rules:5"] {
        assert!(run.out.contains(line), "nothing is said about {line}:\n{}", run.out);
    }
    assert!(!run.out.contains("rubbish.rules:6"), "{}", run.out);
}

#[test]
fn a_bad_file_keeps_the_daemon_from_starting() {
    let folder = folder();
    let path = write(folder.path(), "bad.rules", "check process x\n");
    let run = finish(ruled(&["run", "--once", &path]));
    assert_eq!(run.status, 1, "{}{}", run.out, run.err);
    assert!(run.err.contains("bad.rules:1"), "{}{}", run.out, run.err);
}

#[test]
fn words_that_are_no_command() {
    let run = finish(ruled(&["chekc", "web.rules"]));
    assert_eq!(run.status, 2);
    assert!(run.err.contains("check"), "{}", run.err);
}

#[test]
fn a_file_named_by_nonsense_is_escaped() {
    let folder = folder();
    let path = folder.path().join(Path::new("a\u{1b}[31mred.rules"));
    fs::write(&path, "chek system x\n").expect("a file");
    let run = check(path.to_str().expect("UTF-8"));
    assert!(!run.out.contains('\u{1b}'), "{:?}", run.out);
}

#[test]
fn includes_of_what_is_no_file() {
    let folder = folder();
    let place = |name: &str| folder.path().join(name);
    nix::unistd::mkfifo(&place("pipe.inc"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    for (name, target) in
        [("zero", "/dev/zero"), ("nothing", "nowhere"), ("memory", "/proc/self/mem"), ("itself", "itself.inc")]
    {
        std::os::unix::fs::symlink(target, place(&format!("{name}.inc"))).expect("a link");
    }
    fs::create_dir(place("folder.inc")).expect("a folder");
    write(folder.path(), "fine.inc", "check system box\n    if loadavg (1min) > 400 then alert\n");
    let text = format!("set alert a@example.com\ninclude {}/*.inc\n", folder.path().display());
    let path = write(folder.path(), "all.rules", text);
    let wanted = [
        "pipe.inc: it is not a regular file",
        "zero.inc: it is not",
        "nothing.inc: no such file",
        "memory.inc",
        "itself.inc",
    ];
    refused(&path, &wanted);
    // A folder is none of the files that a pattern means.
    assert!(!check(&path).out.contains("folder.inc"));
}

#[test]
fn a_text_of_five_megabytes() {
    let folder = folder();
    let text = format!("check file f with path \"/{}\"\n", "a".repeat(5_000_000));
    refused(&write(folder.path(), "long.rules", text), &["too-large", "longer than 1 MB"]);
}

#[test]
fn a_condition_of_a_hundred_thousand_parts() {
    let folder = folder();
    let conditions = vec!["loadavg (1min) > 400"; 100_000].join(" and ");
    let text = format!("set alert a@example.com\ncheck system box\n    if {conditions} then alert\n");
    let run = check(&write(folder.path(), "wide.rules", text));
    assert!(run.status == 0 || run.status == 1, "{}{}", run.out, run.err);
}

#[test]
fn a_pattern_that_would_fill_the_memory() {
    let folder = folder();
    let text = "check file f with path /f\n    if content = \"(((a{1000}){1000}){1000})\" then alert\n";
    refused(&write(folder.path(), "bomb.rules", text), &["wrong-pattern"]);
}

#[test]
fn a_file_as_other_systems_write_it_means_the_same() {
    let folder = folder();
    let text =
        "set daemon 5\nset alert a@example.com\ncheck file f with path \"/tmp/f\"\n    if size > 1 MB then alert\n";
    for dialect in ["rules", "monit"] {
        let plain = write(folder.path(), "same", text);
        let shown = |path: &str| finish(ruled(&["show", "--dialect", dialect, "--format", "json", path]));
        let meant = shown(&plain);
        assert_eq!(meant.status, 0, "{}{}", meant.out, meant.err);
        write(folder.path(), "same", format!("\u{feff}{}", text.replace('\n', "\r\n")));
        let found = shown(&plain);
        assert_eq!((found.status, &found.out), (0, &meant.out), "{dialect}: {}", found.err);
    }
}

#[test]
fn no_password_is_shown_whether_its_line_can_be_read_or_not() {
    let rules = "\
set mailserver mx.example.com username \"u\" password \"hidden one\" usng tls
check host x with address 127.0.0.1
    if failed port 80 protocol tank with { token: \"hidden-two\" } then alert
    if failed port 80 protocol mysql with { username: \"a\" password: hidden-three } then alert
    if failed port 80 protocol mysql username \"a\" password \"hidden-four then alert
    if failed port 25 protocol smtp username \"u\" password: \"hidden-five\" then alert
    if failed url http://u:hidden-six@host/ and content = then alert
    if failed port 80 protocol mysql username \"a\" password
        \"hidden-eight\" then alrt
    if failed port 80 protocol mysql username \"a\" password \"x\\\"hidden-nine\" then alrt
set httpd port 2812 and allow admin:hidden-seven reed-only
";
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["main.rules", "main.monitrc"] {
        let path = write(folder.path(), name, rules);
        for output in ["full", "concise", "json", "jsonl", "sarif", "github", "junit"] {
            let said = finish(ruled(&["check", "--output", output, &path]));
            assert_eq!(said.status, 1, "{name} as {output}: {}{}", said.out, said.err);
            let shown = format!("{}{}", said.out, said.err);
            assert!(!shown.contains("hidden") && shown.contains("unclosed-quote"), "{name} as {output}: {shown}");
        }
        let refused = finish(ruled(&["run", "--once", &path]));
        assert!(refused.status != 0 && !refused.err.contains("hidden"), "{}", refused.err);
    }
}
