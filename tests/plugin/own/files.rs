//! Files: only below what is granted, whatever is linked or moved meanwhile, and only files and directories.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ruled::plugin::{CustomCheck, ProbeOutcome};
use tempfile::TempDir;

use super::super::peer;
use super::{Written, deed, failed, faulted, passed, report};
use crate::rig::{finish, skip};

/// A folder with one that is granted in it, and a secret beside that.
fn folders() -> TempDir {
    let place = tempfile::tempdir().expect("a folder");
    let inside = place.path().join("inside");
    fs::create_dir_all(inside.join("deep/deeper")).expect("folders");
    fs::write(inside.join("file"), "content").expect("a file");
    fs::write(inside.join("deep/file"), "deep content").expect("a file");
    fs::write(inside.join("deep/deeper/last"), "").expect("a file");
    fs::set_permissions(inside.join("file"), fs::Permissions::from_mode(0o644)).expect("rights");
    fs::write(place.path().join("secret"), "secret").expect("a file");
    place
}

/// A deed with a path below the folder, of which `inside` is granted.
fn at(what: &str, place: &TempDir, path: &str) -> CustomCheck {
    let path = format!("{}/{path}", place.path().display());
    deed(what).with("text", &path).read(&place.path().join("inside"))
}

#[test]
fn what_is_granted_is_read() {
    let place = folders();
    assert_eq!(passed(at("read", &place, "inside/file")), "content");
    assert_eq!(passed(at("read", &place, "inside//deep/./file")), "deep content");
    assert_eq!(passed(at("inspect", &place, "inside/file")), "File 7 644 true");
    assert!(passed(at("inspect", &place, "inside")).starts_with("Directory "));
    assert_eq!(passed(at("entries", &place, "inside")), "deep Directory, file File");
    assert_eq!(passed(at("count", &place, "inside")), "3 2 0 0");
    // The end of a file, and behind it.
    assert_eq!(passed(at("read_far", &place, "inside/file")), "[]");
    // A file can be granted by itself.
    let file = place.path().join("inside/file");
    assert_eq!(passed(deed("read").with("text", file.to_str().expect("UTF-8")).read(&file)), "content");
    // A rule's own path may be a link, and end with a slash.
    let link = place.path().join("link");
    symlink(place.path().join("inside"), &link).expect("a link");
    let through = format!("{}/file", link.display());
    assert_eq!(passed(deed("read").with("text", &through).read(Path::new(&format!("{}/", link.display())))), "content");
}

#[test]
fn a_link_of_somebody_else_on_the_way_to_what_is_granted_leads_only_to_what_is_his() {
    if !rustix::process::geteuid().is_root() {
        return skip("only root can give a link away");
    }
    let somebody = Some(65_534);
    let place = folders();
    let link = place.path().join("link");
    let through = || deed("read").with("text", link.to_str().expect("UTF-8")).read(&link);
    let file = place.path().join("inside/file");
    symlink(&file, &link).expect("a link");
    assert_eq!(passed(through()), "content");
    std::os::unix::fs::lchown(&link, somebody, None).expect("another owner");
    let sentence = failed(through());
    assert!(sentence.contains("leads over a link of the user 65534 to what is not his"), "{sentence}");
    assert_eq!(passed(through().telling()), "NotGranted");
    std::os::unix::fs::chown(&file, somebody, None).expect("another owner");
    assert_eq!(passed(through()), "content");
    // The kernel's own files are granted by their own names only, whoever put a link there.
    for leads_to in ["/proc/self/environ", "/proc/self/mem", "link"] {
        fs::remove_file(&link).expect("removed");
        symlink(leads_to, &link).expect("a link");
        assert_eq!(passed(through().telling()), "NotGranted", "{leads_to}");
    }
    let version = Path::new("/proc/version");
    assert!(passed(deed("read").with("text", "/proc/version").read(version)).contains("Linux"));
}

#[test]
fn what_is_counted_again_and_again_has_an_end() {
    let place = tempfile::tempdir().expect("a folder");
    for number in 0..10_000 {
        fs::write(place.path().join(number.to_string()), "").expect("a file");
    }
    let counts = deed("count_on").with("text", place.path().to_str().expect("UTF-8")).read(place.path());
    assert_eq!(passed(counts), "100 TooLong");
}

#[test]
fn paths_that_lead_out_are_refused() {
    let place = folders();
    let secret = place.path().join("secret");
    let inside = place.path().join("inside");
    symlink("../secret", inside.join("relative")).expect("a link");
    symlink(&secret, inside.join("absolute")).expect("a link");
    symlink("..", inside.join("up")).expect("a link");
    symlink("/", inside.join("root")).expect("a link");
    symlink("deep/../file", inside.join("around")).expect("a link");
    symlink("loop", inside.join("loop")).expect("a link");
    // What stays inside is followed.
    assert_eq!(passed(at("read", &place, "inside/around")), "content");
    for path in ["inside/relative", "inside/absolute", "inside/up/secret", "inside/root/etc/passwd", "inside/loop"] {
        let sentence = failed(at("read", &place, path));
        assert!(sentence.contains("leads "), "{path}: {sentence}");
        assert_eq!(passed(at("read", &place, path).telling()), "NotGranted", "{path}");
        assert_eq!(passed(at("inspect", &place, path).telling()), "NotGranted", "{path}");
    }
    for path in ["inside/../secret", "inside/deep/../../secret", "secret", "inside-not", "inside/..", "other"] {
        let sentence = faulted(at("read", &place, path));
        let is_said = sentence.contains("`..`") || sentence.contains("write `grant read");
        assert!(is_said, "{path}: {sentence}");
        assert_eq!(passed(at("read", &place, path).telling()), "NotGranted", "{path}");
    }
    for path in ["/etc/passwd", "", "relative", "\u{0}", "/proc/self/mem", &format!("{}\u{0}/x", inside.display())] {
        let asked = deed("read").with("text", path).read(&inside);
        let sentence = faulted(asked);
        assert!(sentence.starts_with("the plugin asks for "), "{path:?}: {sentence}");
    }
    // A link may be looked at as one, and its name is no secret.
    assert_eq!(passed(at("inspect_link", &place, "inside/absolute")), "Link");
    assert!(passed(at("entries", &place, "inside")).contains("absolute Link"));
    // Links are counted, and not followed.
    assert_eq!(passed(at("count", &place, "inside")), "3 2 6 0");
}

#[test]
fn only_files_and_directories_are_opened() {
    let place = folders();
    let inside = place.path().join("inside");
    nix::unistd::mkfifo(&inside.join("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    let _socket = std::os::unix::net::UnixListener::bind(inside.join("socket")).expect("a socket");
    for (name, said) in [("pipe", "is a pipe"), ("socket", "is a socket")] {
        let sentence = failed(at("read", &place, &format!("inside/{name}")));
        assert!(sentence.contains(said) && sentence.contains("not opened"), "{sentence}");
        assert!(passed(at("inspect", &place, &format!("inside/{name}"))).starts_with("Other "));
    }
    let sentence = failed(at("read", &place, "inside/deep"));
    assert!(sentence.ends_with("is a directory, and no file"), "{sentence}");
    let sentence = failed(at("entries", &place, "inside/file"));
    assert!(sentence.ends_with("is a file, and no directory"), "{sentence}");
    let sentence = failed(at("read", &place, "inside/gone"));
    assert!(sentence.starts_with("there is no ") && sentence.ends_with("inside/gone"), "{sentence}");
    assert_eq!(passed(at("read", &place, "inside/gone").telling()), "NotFound");
    let device = deed("read").with("text", "/dev/zero").read(Path::new("/dev"));
    assert!(failed(device).contains("is a device"));
    // What a rule names by itself is not even opened where it is no file.
    let device = deed("read").with("text", "/dev/zero").read(Path::new("/dev/zero"));
    assert!(failed(device).contains("is a device"));
}

#[test]
fn nothing_of_a_process_is_read() {
    let own = format!("/proc/{}/environ", std::process::id());
    for path in ["/proc/self/mem", "/proc/self/environ", "/proc/thread-self/fd/0", "/proc/self/root/etc/passwd", &own] {
        let sentence = failed(deed("read").with("text", path).read(Path::new("/proc")));
        assert!(sentence.contains("the kernel's own"), "{path}: {sentence}");
    }
    // Whether the kernel lets us look into another process or not, the check does not see it.
    let other = deed("read").with("text", "/proc/1/root/etc/passwd").read(Path::new("/proc"));
    assert!(["NotGranted", "Unreachable"].contains(&passed(other.telling()).as_str()));
    let counts = deed("count").with("text", "/proc").read(Path::new("/proc"));
    assert!(failed(counts).contains("the kernel's own"));
    // What a rule names by itself is meant.
    assert!(!passed(deed("read").with("text", "/proc/version").read(Path::new("/proc/version"))).is_empty());
}

#[test]
fn large_files_are_read_in_bounded_pieces() {
    let place = folders();
    let path = place.path().join("inside/large");
    let mut file = fs::File::create(&path).expect("a file");
    // 10 GiB, of which next to nothing is on the disk.
    file.set_len(10 << 30).expect("a length");
    std::os::unix::fs::FileExt::write_at(&file, b"end", 10 << 30).expect("its end");
    file.flush().expect("written");
    assert_eq!(passed(at("read_far", &place, "inside/large")), format!("{:?}", b"end"));
    assert_eq!(passed(at("read_at_most", &place, "inside/large")), "1048576");
    assert_eq!(passed(at("read", &place, "inside/large").telling()), "TooLong");
    assert_eq!(faulted(at("read_on", &place, "inside/large")), "the deeds plugin read more than 8 MiB of files");
}

#[test]
fn what_is_swapped_while_it_is_read_changes_nothing() {
    let place = folders();
    let inside = place.path().join("inside");
    let (asks, asked) = mpsc::channel();
    let port = peer::serve(move |mut stream| {
        let mut line = [0; 5];
        stream.read_exact(&mut line).expect("a line");
        let (done, is_done) = mpsc::channel();
        asks.send(done).expect("the test waits");
        is_done.recv().expect("the test answers");
        stream.write_all(b"go\n").expect("sent");
    });
    for swap in ["link", "file", "folder"] {
        fs::write(inside.join("deep/swapped"), "old content").expect("a file");
        let (reported, is_reported) = mpsc::channel();
        let check = at("read_in_pieces", &place, "inside/deep/swapped").connect("127.0.0.1", port, None);
        thread::spawn(move || reported.send(report(check)).expect("the test waits"));
        let done: mpsc::Sender<()> = asked.recv_timeout(Duration::from_secs(20)).expect("it has read the first piece");
        let (path, aside) = (inside.join("deep/swapped"), inside.join("aside"));
        match swap {
            "folder" => {
                fs::rename(inside.join("deep"), &aside).expect("moved");
                symlink("..", inside.join("deep")).expect("a link");
                fs::write(place.path().join("swapped"), "a secret!!!").expect("a file");
            }
            _ => {
                fs::remove_file(&path).expect("removed");
                match swap {
                    "link" => symlink("../../secret", &path).expect("a link"),
                    _ => fs::write(&path, "new content").expect("a file"),
                }
            }
        }
        done.send(()).expect("the server waits");
        let report = is_reported.recv_timeout(Duration::from_secs(20)).expect("a report");
        let ProbeOutcome::Passed { summary, .. } = &report.outcome else { panic!("{swap}: {report:?}") };
        assert_eq!(summary, "old content", "{swap}");
        if swap == "folder" {
            // The next check follows the path anew.
            assert_eq!(passed(at("read", &place, "inside/deep/swapped").telling()), "NotGranted");
        } else {
            fs::remove_file(&path).expect("removed");
        }
    }
}

#[test]
fn a_swap_at_any_moment_lets_nothing_out() {
    let place = folders();
    let inside = place.path().join("inside");
    fs::write(inside.join("target"), "content").expect("a file");
    let (stop, stopped) = mpsc::channel::<()>();
    let swapping = thread::spawn(move || {
        // `door` is the folder that is granted, and the one above it, by turns.
        let mut turns = 0_u64;
        while stopped.try_recv().is_err() {
            for target in [".", ".."] {
                symlink(target, inside.join("new")).expect("a link");
                fs::rename(inside.join("new"), inside.join("door")).expect("renamed");
                turns += 1;
            }
        }
        turns
    });
    let mut seen = [0, 0, 0];
    for _ in 0..200 {
        match report(at("read", &place, "inside/door/secret").telling()).outcome {
            ProbeOutcome::Passed { summary, .. } if summary == "NotGranted" => seen[0] += 1,
            ProbeOutcome::Passed { summary, .. } if summary == "NotFound" => seen[1] += 1,
            // The kernel gives up on a path that moves all the time.
            ProbeOutcome::Passed { summary, .. } if summary == "Unreachable" => seen[2] += 1,
            other => panic!("what is outside was read: {other:?}"),
        }
    }
    stop.send(()).expect("it goes on");
    let turns = swapping.join().expect("it ends");
    assert!(turns > 0, "nothing was swapped");
    println!("{turns} swaps; refused, not there and given up on: {seen:?}");
}

#[test]
fn what_may_not_be_read_is_not_the_services_fault() {
    const TEST: &str = "plugin::own::files::what_may_not_be_read_is_not_the_services_fault";
    const AGAIN: &str = "RULED_TEST_WITHOUT_CAPABILITIES";
    if rustix::process::geteuid().is_root() && std::env::var_os(AGAIN).is_none() {
        // Root may read everything, so this test is run again as a root without capabilities.
        let mut command = Command::new("setpriv");
        command.args(["--inh-caps=-all", "--bounding-set=-all"]).arg(std::env::current_exe().expect("this test"));
        command.args([TEST, "--exact", "--nocapture"]).env(AGAIN, "1");
        let run = finish(command);
        assert!(run.status == 0 && run.out.contains("1 passed"), "{}{}", run.out, run.err);
        return;
    }
    let place = folders();
    let path = place.path().join("inside/file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("other rights");
    assert!(faulted(at("read", &place, "inside/file")).ends_with("cannot be read: permission denied"));
}
