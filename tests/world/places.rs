//! The directories that are watched for changes, and the ways to files.

use std::collections::BTreeSet;
use std::fs;
use std::mem::MaybeUninit;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use interpreter::engine::ServiceId;
use interpreter::program::{Behaviour, Target};
use ruled::observe::Sight;
use ruled::world::changes::Changes;
use ruled::world::places::Places;
use ruled::world::places::way::{Stop, stops};

use super::{eventually, run};

fn file(path: &Path) -> Sight {
    Sight::new(&Target::File(path.display().to_string()), &Behaviour::RULES)
}

/// Places that watch these files as services 0, 1, ….
fn watching(paths: &[&Path]) -> Places {
    let places = Places::open();
    let services = || (0_u32..).map(ServiceId).zip(paths);
    places.heed(1, services().map(|(service, _)| service));
    services().for_each(|(service, path)| places.prepare(1, service, &file(path)));
    places
}

fn read(places: &Places) -> Vec<u32> {
    let mut buffer = vec![MaybeUninit::uninit(); 16 * 1024];
    let mut services = BTreeSet::new();
    loop {
        let told = places.read(&mut buffer);
        services.extend(told.services);
        if told.is_all {
            return services.into_iter().map(|service| service.0).collect();
        }
    }
}

#[test]
fn only_the_files_of_services_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let (one, two) = (path("one"), path("two"));
    let places = watching(&[&one, &two]);
    assert_eq!(places.count(), (1, 2));
    fs::write(path("other"), "x").expect("written");
    assert_eq!(read(&places), [0; 0]);
    fs::write(&two, "x").expect("written");
    assert_eq!(read(&places), [1]);
    fs::rename(path("other"), &one).expect("renamed");
    assert_eq!(read(&places), [0]);
    // Another program has other services, and what was looked at for the one before arms nothing.
    places.heed(2, [ServiceId(0)]);
    places.prepare(1, ServiceId(1), &file(&two));
    assert_eq!(places.count(), (0, 0));
    places.prepare(2, ServiceId(0), &file(&two));
    fs::write(&two, "y").expect("written");
    assert_eq!(read(&places), [0]);
}

#[test]
fn a_place_is_watched_as_long_as_somebody_needs_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["one", "two"] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
        fs::write(folder.path().join(name).join("f"), name).expect("written");
    }
    let link = folder.path().join("f");
    symlink("one/f", &link).expect("a link");
    let places = watching(&[&link]);
    assert_eq!(places.count(), (2, 1));
    fs::remove_file(&link).expect("removed");
    symlink("two/f", &link).expect("a link");
    assert_eq!(read(&places), [0]);
    places.prepare(1, ServiceId(0), &file(&link));
    assert_eq!(places.count(), (2, 1));
    fs::write(folder.path().join("one/f"), "nobody's").expect("written");
    assert_eq!(read(&places), [0; 0]);
    fs::write(folder.path().join("two/f"), "changed").expect("written");
    assert_eq!(read(&places), [0]);
    fs::remove_dir_all(folder.path().join("two")).expect("removed");
    assert_eq!((read(&places).as_slice(), places.count().0), ([0].as_slice(), 1));
}

#[test]
fn a_link_that_is_turned_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("today"), "").expect("written");
    fs::write(path("tomorrow"), "").expect("written");
    symlink("today", path("log")).expect("a link");
    let places = watching(&[&path("log")]);
    symlink("tomorrow", path("next")).expect("a link");
    fs::rename(path("next"), path("log")).expect("turned");
    assert_eq!(read(&places), [0]);
    places.prepare(1, ServiceId(0), &file(&path("log")));
    fs::write(path("today"), "x").expect("written");
    assert_eq!(read(&places), [0; 0]);
    fs::write(path("tomorrow"), "x").expect("written");
    assert_eq!(read(&places), [0]);
}

#[test]
fn when_the_kernel_loses_count_everything_is_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let (one, two) = (path("one"), path("two"));
    let places = watching(&[&one, &two]);
    let longest = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").expect("a limit");
    let (a, b) = (fs::File::create(path("a")).expect("a file"), fs::File::create(path("b")).expect("a file"));
    for _ in 0..longest.trim().parse::<u64>().expect("a number") {
        // By turns, because the kernel tells what repeats itself once.
        a.set_len(1).expect("a size");
        b.set_len(1).expect("a size");
    }
    assert_eq!(read(&places), [0, 1]);
    fs::write(&one, "x").expect("written");
    assert_eq!(read(&places), [0]);
}

#[test]
fn what_the_kernel_makes_up_is_not_watched() {
    let places = watching(&[Path::new("/proc/self/status"), Path::new("/sys/kernel/uevent_seqnum")]);
    assert_eq!(places.count(), (0, 0));
    assert_eq!(places.trouble(), None);
}

#[test]
fn changes_are_read_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = folder.path().join("one");
    let places = Arc::new(watching(&[&one]));
    run(async {
        let mut changes = Changes::of(Arc::clone(&places));
        for text in ["a", "b", "c"] {
            fs::write(&one, text).expect("written");
            assert_eq!(changes.next().await, BTreeSet::from([ServiceId(0)]));
        }
        assert_eq!(read(&places), [0; 0]);
    });
}

#[test]
fn the_way_to_a_file_ends_where_something_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a folder");
    let stop = |directory: &str, name: &str, is_end| Stop {
        directory: if directory.is_empty() { root.clone() } else { root.join(directory) },
        name: name.into(),
        is_end,
    };
    assert_eq!(stops(&root.join("f")), [stop("", "f", true)]);
    assert_eq!(stops(&root.join("a/b/f")), [stop("", "a", false)]);
    fs::create_dir_all(root.join("a/b")).expect("folders");
    assert_eq!(stops(&root.join("a/./b/../b/f")), [stop("a/b", "f", true)]);
    symlink("../a/b", root.join("a/link")).expect("a link");
    symlink(root.join("a/link/f"), root.join("far")).expect("a link");
    let way = [stop("", "far", false), stop("a", "link", false), stop("a/b", "f", true)];
    assert_eq!(stops(&root.join("far")), way);
    symlink("circle", root.join("circle")).expect("a link");
    assert!(eventually(|| stops(&root.join("circle/f")).len() < 50));
    fs::write(root.join("a/b/f"), "").expect("a file");
    assert_eq!(stops(&root.join("a/b/f/g")), [stop("a/b/f", "g", true)]);
}
