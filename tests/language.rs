//! The language from outside: what is missing here, what strangers may write, includes as files, import, Monit's view.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::rig::{Finished, finish, ruled, write};

fn run(words: &[&str]) -> Finished {
    finish(ruled(words))
}

#[test]
fn what_is_missing_here_is_a_warning_elsewhere_and_an_error_here() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("missing-program", "check file f with path /x\n    start program = \"/nowhere/x\"\n"),
        ("unknown-user", "check file f with path /x\n    if failed uid nobodyatall then alert\n"),
        (
            "missing-file",
            "check host h with address a.b\n    if failed port 443 with ssl with options { pemfile: /nowhere/x } then alert\n",
        ),
        (
            "missing-file",
            "check host h with address a.b\n    if failed port 443 with ssl with options { cacertificatepath: /nowhere } then alert\n",
        ),
    ] {
        let file = write(folder.path(), "missing.rules", text);
        let found = run(&["check", "--output", "concise", &file]);
        assert_eq!(found.status, 0, "{}", found.out);
        assert!(found.out.contains(&format!("warning[{name}]")), "{}", found.out);
        let found = run(&["check", "--here", "--output", "concise", &file]);
        assert_eq!(found.status, 1, "{}", found.out);
        assert!(found.out.contains(&format!("error[{name}]")), "{}", found.out);
        let found = run(&["run", "--once", "--dry", &file]);
        assert_eq!(found.status, 1, "{}{}", found.out, found.err);
        assert!(found.err.contains("nothing is watched"), "{}", found.err);
    }
}

#[test]
fn a_file_that_strangers_may_write_is_refused_at_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = write(folder.path(), "inner.inc", "check system box\n    if loadavg (1min) > 400 then alert\n");
    let outer = write(folder.path(), "outer.rules", format!("set alert a@example.com\ninclude {inner}\n"));
    let good = run(&["run", "--once", "--dry", &outer]);
    assert_eq!(good.status, 0, "{}{}", good.out, good.err);
    for open in [&inner, &outer] {
        fs::set_permissions(open, fs::Permissions::from_mode(0o666)).expect("the mode is ours");
        let found = run(&["check", "--output", "concise", &outer]);
        assert_eq!(found.status, 0, "{}", found.out);
        assert!(
            found.out.contains("warning[writable-by-others]") && found.out.contains(open.as_str()),
            "{}",
            found.out
        );
        let refused = run(&["run", "--once", "--dry", &outer]);
        assert_eq!(refused.status, 1, "{}{}", refused.out, refused.err);
        fs::set_permissions(open, fs::Permissions::from_mode(0o600)).expect("the mode is ours");
    }
}

#[test]
fn a_folder_in_which_everybody_may_replace_the_rules_is_told_of_and_not_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = folder.path().join("open");
    fs::create_dir_all(open.join("inner")).expect("folders");
    let set = |mode: u32| fs::set_permissions(&open, fs::Permissions::from_mode(mode)).expect("the mode is ours");
    let text = "set alert a@example.com\ncheck system box\n    if loadavg (1min) > 400 then alert\n";
    for name in ["ours.rules", "theirs.monitrc"] {
        let inner = write(&open.join("inner"), name, text);
        let outer = write(&open, name, format!("include {inner}\n"));
        let link = folder.path().join(name).display().to_string();
        std::os::unix::fs::symlink(&outer, &link).expect("a link");
        for (mode, is_told) in [(0o755, false), (0o1777, false), (0o777, true), (0o703, true)] {
            set(mode);
            for path in [&inner, &outer, &link] {
                let found = run(&["check", "--output", "concise", path]);
                assert_eq!(found.status, 0, "{}", found.out);
                let times = found.out.matches("warning[replaceable-by-others]").count();
                assert_eq!(times, usize::from(is_told), "{mode:o} {path}: {}", found.out);
            }
        }
        let found = run(&["run", "--once", "--dry", &outer]);
        assert_eq!(found.status, 0, "{}{}", found.out, found.err);
        let wanted = format!("as in `chmod o-w {}`", open.display());
        assert!(found.err.contains("replaceable-by-others"), "{}", found.err);
        assert!(found.err.contains(&wanted), "{}", found.err);
    }
}

#[test]
fn a_plain_folder_is_no_filesystem() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = folder.path().join("plain").display().to_string();
    let link = folder.path().join("link").display().to_string();
    fs::create_dir(&plain).expect("a folder");
    std::os::unix::fs::symlink(&plain, &link).expect("a link");
    let root = folder.path().join("root").display().to_string();
    std::os::unix::fs::symlink("/", &root).expect("a link");
    let missing = format!("{plain}/missing");
    for (path, is_told) in [(&plain, true), (&link, true), (&root, false), (&missing, false), (&"/".to_owned(), false)]
    {
        for name in ["disk.rules", "disk.monitrc"] {
            let text = format!("check filesystem disk with path {path}\n    if space usage > 99% then unmonitor\n");
            let file = write(folder.path(), name, text);
            let found = run(&["check", &file]);
            assert_eq!(found.status, 0, "{}", found.out);
            assert_eq!(found.out.contains("warning[not-a-mount-point]"), is_told, "{}", found.out);
            assert_eq!(found.out.contains(&format!("nothing is mounted on {path}")), is_told, "{}", found.out);
        }
    }
}

#[test]
fn includes_nest_deep_and_end_where_the_limit_is() {
    const LIMIT: usize = 1_024;
    let folder = tempfile::tempdir().expect("a folder");
    let path = |number: usize| folder.path().join(format!("{number}.inc")).display().to_string();
    for number in 1..=LIMIT + 1 {
        let next = if number <= LIMIT { format!("include {}\n", path(number + 1)) } else { String::new() };
        fs::write(path(number), format!("{next}# {number}\n")).expect("a file is written");
    }
    let deep = write(folder.path(), "deep.monitrc", format!("include {}\nset daemon 30\n", path(3)));
    assert_eq!(run(&["check", &deep]).status, 0);
    let too_deep = write(folder.path(), "too_deep.monitrc", format!("include {}\nset daemon 30\n", path(1)));
    let found = run(&["check", "--output", "concise", &too_deep]);
    assert!(found.out.contains("[include-too-deep]"), "{}", found.out);
}

#[test]
fn includes_are_read_wherever_they_stand() {
    let folder = tempfile::tempdir().expect("a folder");
    let half = write(folder.path(), "half.inc", "> 50% for 3 cycles then alert\n");
    for (number, name) in ["one", "two", "three"].into_iter().enumerate() {
        write(folder.path(), &format!("part{number}.conf"), format!("check file {name} with path /{name}\r\n"));
    }
    let mut text = format!("check system box\n    if cpu usage include {half}\n");
    writeln!(text, "include {}/part*.conf", folder.path().display()).expect("a text grows");
    let names = |dialect: &str, file: &str| -> Vec<String> {
        let shown = run(&["show", "--dialect", dialect, file]);
        let program: serde_json::Value = serde_json::from_str(&shown.out).expect("a program");
        assert_eq!(program["services"][0]["tests"][0]["value"], 50, "{}", shown.out);
        let services = program["services"].as_array().expect("a list");
        services.iter().filter_map(|one| one["name"].as_str().map(str::to_owned)).collect()
    };
    let file = write(folder.path(), "main", &text);
    assert_eq!(names("monit", &file), ["box", "three", "two", "one"], "Monit reads the last match first");
    assert_eq!(names("rules", &file), ["box", "one", "two", "three"]);
}

#[test]
fn import_writes_what_means_the_same_and_never_over_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("inner.inc");
    fs::write(&inner, b"    # caf\xe9\n    if failed port 65616 responsetime 3 s then alert\n")
        .expect("a file is written");
    let text = format!("# the shop\ncheck host shop with address 127.0.0.1\ninclude {}\n", inner.display());
    let file = write(folder.path(), "monitrc", &text);
    let out = folder.path().join("shop.rules").display().to_string();
    let found = run(&["import", &file, "-o", &out]);
    assert_eq!(found.status, 0, "{}{}", found.out, found.err);
    let bytes = fs::read(&out).expect("it was written");
    assert!(bytes.windows(6).any(|bytes| bytes == b"# caf\xe9"), "bytes are kept");
    let written = String::from_utf8_lossy(&bytes);
    assert!(written.contains("# the shop") && written.contains("port 80 responsetime = 3 s"), "{written}");
    assert_eq!(run(&["check", &out]).status, 0);
    assert_eq!(run(&["fmt", "--check", &out]).status, 0, "what is imported has the customary shape");
    assert_eq!(run(&["import", &file, "-o", &out]).status, 2, "nothing is written over");
    assert_eq!(run(&["import", "/nowhere"]).status, 2);
    let bad = write(folder.path(), "bad", "check proces x\n");
    assert_eq!(run(&["import", &bad]).status, 1);
}

#[test]
fn monit_is_asked_about_our_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    let fine = write(folder.path(), "fine.rules", "check system box\n    if cpu usage > 80% then alert\n");
    let found = run(&["check", "--as", "monit", &fine]);
    assert_eq!(found.status, 0, "{}", found.out);
    let ours = "check system box\n    if cpu usage>80% then alert\n";
    let ours = write(folder.path(), "ours.rules", ours);
    let found = run(&["check", "--as", "monit", "--output", "concise", &ours]);
    assert_eq!(found.status, 1, "{}", found.out);
    assert!(found.out.contains("ours.rules:2:"), "{}", found.out);
    let misread = "check system box\n    if cpu usage > 80% and memory usage > 50% then alert\n";
    let misread = write(folder.path(), "misread.rules", misread);
    let found = run(&["check", "--as", "monit", "--output", "concise", &misread]);
    assert!(found.status == 1 && found.out.contains("error[misread-by-monit]"), "{}", found.out);
}
