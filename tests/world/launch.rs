//! Programs that run as somebody else.

use std::process::{Command, Output};

fn launch(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ruled")).arg("launch").args(arguments).output().expect("ruled runs")
}

#[test]
fn the_program_takes_the_place_of_ruled() {
    let output = launch(&["--umask", "027", "--nofile", "64", "--", "sh", "-c", "umask; ulimit -n; exit 9"]);
    assert_eq!(output.status.code(), Some(9));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0027\n64\n");
}

#[test]
fn rights_are_given_up_for_good() {
    let output = launch(&["--uid", "65534", "--gid", "65534", "--", "sh", "-c", "id -u; id -g; id -G; echo $HOME"]);
    if rustix::process::geteuid().is_root() {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("65534"));
        assert_eq!(lines.next(), Some("65534"));
        assert_eq!(lines.next(), Some("65534"), "no group of ours is kept");
        assert_ne!(lines.next(), Some("/root"));
    } else {
        assert_eq!(output.status.code(), Some(126));
        assert!(String::from_utf8_lossy(&output.stderr).contains("operation not permitted"));
    }
}

#[test]
fn what_cannot_be_run_is_said() {
    let output = launch(&["--", "/nowhere/at/all"]);
    assert_eq!(output.status.code(), Some(127));
    let words = "ruled: cannot run /nowhere/at/all: no such file or directory\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), words);
    for wrong in [&["--uid", "root", "--", "true"][..], &["--what", "1", "--", "true"], &["--uid"], &[], &["--"]] {
        assert_eq!(launch(wrong).status.code(), Some(126), "{wrong:?}");
    }
}
