//! `ruled fmt`: what it does to files, and what it leaves alone.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use crate::rig::{Finished, finish, ruled, write};

const LOOSE: &str = "set daemon   30\ncheck system box\nif loadavg (1min) > 4 then exec \"/bin/true  x\" # busy\n";
const NEAT: &str = "set daemon 30\n\ncheck system box\n    if loadavg (1min) > 4 then exec \"/bin/true  x\"  # busy\n";
const BROKEN: &str = "set daemon   30\ncheck system box\nif loadavg (1min) > 4 then explode\n";

fn fmt(words: &[&str]) -> Finished {
    finish(ruled(&[&["fmt"], words].concat()))
}

/// Runs it with a text on standard input.
fn pipe(words: &[&str], text: &str) -> Finished {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write(folder.path(), "input", text);
    let mut command = ruled(&[&["fmt"], words].concat());
    command.stdin(File::open(file).expect("a file"));
    finish(command)
}

fn read(path: &str) -> String {
    fs::read_to_string(path).expect("a file")
}

/// How many files stand in a folder, so that nothing is left behind.
fn count(folder: &Path) -> usize {
    fs::read_dir(folder).expect("a folder").count()
}

#[test]
fn a_file_is_written_in_place_with_its_mode() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "box.rules", LOOSE);
    fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("a mode");
    let done = fmt(&[&path]);
    assert_eq!((done.status, done.out.as_str()), (0, format!("formatted {path}\n").as_str()), "{}", done.err);
    assert_eq!(read(&path), NEAT);
    let after = fs::metadata(&path).expect("a file");
    assert_eq!(after.mode() & 0o7777, 0o640);
    assert_eq!(count(folder.path()), 1);
    // What has its shape already is not touched.
    let again = fmt(&[&path]);
    assert_eq!((again.status, again.out.as_str()), (0, ""));
    assert_eq!(fs::metadata(&path).expect("a file").ino(), after.ino());
}

#[test]
fn a_symbolic_link_is_followed_and_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "real.rules", LOOSE);
    let link = folder.path().join("link.rules");
    symlink("real.rules", &link).expect("a link");
    assert_eq!(fmt(&[link.to_str().expect("UTF-8")]).status, 0);
    assert_eq!(read(&path), NEAT);
    assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
}

#[test]
fn a_check_lists_and_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let loose = write(folder.path(), "loose.rules", LOOSE);
    let neat = write(folder.path(), "neat.rules", NEAT);
    let done = fmt(&["--check", &neat, &loose]);
    assert_eq!((done.status, done.out), (1, format!("{loose}\n")));
    assert_eq!(read(&loose), LOOSE);
    assert_eq!(fmt(&["--check", &neat]).status, 0);
    assert_eq!(fmt(&["--check", "--quiet", &loose]).out, "");
}

#[test]
fn a_difference_is_a_patch() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "box.rules", LOOSE);
    let done = fmt(&["--diff", &path]);
    assert_eq!(done.status, 1);
    let expected = format!(
        "--- {path}\n+++ {path}\n@@ -1,3 +1,4 @@\n-set daemon   30\n+set daemon 30\n+\n check system box\n\
         -if loadavg (1min) > 4 then exec \"/bin/true  x\" # busy\n\
         +    if loadavg (1min) > 4 then exec \"/bin/true  x\"  # busy\n"
    );
    assert_eq!(done.out, expected);
    assert_eq!(read(&path), LOOSE);
    let neat = write(folder.path(), "box.rules", NEAT);
    let none = fmt(&["--diff", &neat]);
    assert_eq!((none.status, none.out.as_str()), (0, ""));
}

#[test]
fn standard_input_goes_to_standard_output() {
    for words in [[].as_slice(), &["-"], &["--stdin-name", "box.rules", "-"]] {
        let done = pipe(words, LOOSE);
        assert_eq!((done.status, done.out.as_str()), (0, NEAT), "{}", done.err);
    }
    // The name chooses the dialect, and the option wins.
    let ours = "check system box\n    if cpu>50% then alert\n";
    assert_eq!(pipe(&["-"], ours).status, 1);
    assert_eq!(pipe(&["--stdin-name", "box.rules"], ours).out, ours);
    assert_eq!(pipe(&["--dialect", "rules"], ours).out, ours);
    let broken = pipe(&["--stdin-name", "box.rules", "-"], BROKEN);
    assert_eq!((broken.status, broken.out.as_str()), (1, ""));
    assert!(broken.err.contains("box.rules:3:"), "{}", broken.err);
}

#[test]
fn a_folder_is_all_its_rules_each_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let loose = write(folder.path(), "a.rules", LOOSE);
    let broken = write(folder.path(), "b.rules", BROKEN);
    let part = write(folder.path(), "c.rules", "if cpu usage   > 5% then alert\n");
    let other = write(folder.path(), "d.txt", LOOSE);
    let done = fmt(&[folder.path().to_str().expect("UTF-8")]);
    assert_eq!(done.status, 1);
    assert_eq!(done.out, format!("formatted {loose}\nformatted {part}\n"));
    assert!(done.err.contains(&format!("{broken}:3:")), "{}", done.err);
    assert_eq!((read(&broken), read(&other)), (BROKEN.to_owned(), LOOSE.to_owned()));
    // A part of a service of another file.
    assert_eq!(read(&part), "    if cpu usage > 5% then alert\n");
    let empty = tempfile::tempdir().expect("a folder");
    assert_eq!(fmt(&[empty.path().to_str().expect("UTF-8")]).status, 2);
}

#[test]
fn what_cannot_be_read_or_meant_is_usage() {
    let folder = tempfile::tempdir().expect("a folder");
    let loose = write(folder.path(), "loose.rules", LOOSE);
    let done = fmt(&["/nowhere.rules", &loose]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("cannot read /nowhere.rules"), "{}", done.err);
    assert_eq!(read(&loose), NEAT);
    assert_eq!(fmt(&["/dev/null"]).status, 2);
    assert_eq!(fmt(&["--dialect", "latin", &loose]).status, 2);
}

#[test]
fn bytes_that_are_not_utf8_survive() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "monitrc", b"check  process caf\xe9 matching \"\xff  \xfe\" # \xe9\r\n");
    let done = fmt(&[&path]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert_eq!(fs::read(&path).expect("a file"), b"check process caf\xe9 matching \"\xff  \xfe\"  # \xe9\n");
}

#[test]
fn its_help_shows_what_it_does() {
    let help = fmt(&["--help"]).out;
    let shown: Vec<&str> = help.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    let after: Vec<&str> = shown
        .iter()
        .skip_while(|line| **line != "becomes")
        .skip(2)
        .take_while(|line| !line.is_empty())
        .copied()
        .collect();
    let before: Vec<&str> = shown
        .iter()
        .take_while(|line| **line != "becomes")
        .skip_while(|line| !line.starts_with("check process"))
        .copied()
        .collect();
    assert_eq!(pipe(&["-"], &before.join("\n")).out, after.join("\n") + "\n", "{help}");
}
