//! `/proc`, as far as it is trusted: not at all.

use ruled::observe::procfs::{self, CpuTimes, Mounts, ProcessStat};

const REST: &str =
    "S 7 12 12 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 3 0 98765 1000000 321 18446744073709551615 1 1 0 0";

#[test]
fn a_name_cannot_forge_fields() {
    for name in ["sleep", "a) b (c", ") S 1 1 1", "x\ny", "((", "))", "a b", ""] {
        let line = format!("42 ({name}) {REST}\n");
        let stat = ProcessStat::parse(line.as_bytes()).unwrap_or_else(|| panic!("{name:?} is read"));
        assert_eq!((stat.pid, stat.name.as_str(), stat.parent), (42, name, 7));
        assert_eq!((stat.user_ticks, stat.system_ticks, stat.threads), (250, 50, 3));
        assert_eq!((stat.start_ticks, stat.resident_pages, stat.state), (98765, 321, 'S'));
        assert!(!stat.has_ended());
    }
}

#[test]
fn what_is_no_status_is_nothing() {
    for text in ["", "42", "42 (x", "42 (x)", "42 (x) S", "x (y) S 1", "42 (x) S 1 2 3", ")("] {
        assert_eq!(ProcessStat::parse(text.as_bytes()), None, "{text:?}");
    }
    assert!(ProcessStat::parse(format!("42 (\u{fffd}\u{1}) {REST}").as_bytes()).is_some());
    let invalid_name = [b"42 (\xff\xfe) ", REST.as_bytes()].concat();
    assert!(ProcessStat::parse(&invalid_name).is_some());
}

#[test]
fn this_process_is_there_and_another_is_not() {
    let own = std::process::id();
    let stat = procfs::process(own).expect("readable").expect("there");
    assert_eq!(stat.pid, own);
    assert!(stat.resident_pages > 0 && stat.threads > 0);
    assert!(procfs::command_line(own).expect("readable").is_some_and(|line| !line.is_empty()));
    // Beyond the highest number that the kernel gives out (pid_max is at most 4,194,304).
    assert_eq!(procfs::process(u32::MAX).expect("readable"), None);
    assert!(procfs::pids().expect("readable").contains(&own));
}

#[test]
fn processors_add_up() {
    let text = "cpu  10 20 30 400 50 6 7 8 9 10\ncpu0 1 2 3 4 5\ncpu1 1 2 3 4 5\nintr 1 2 3\ncpu2 no\n";
    let times = CpuTimes::parse(text.as_bytes()).expect("read");
    let all = CpuTimes {
        user: 30,
        nice: 20,
        system: 43,
        hard_interrupts: 6,
        soft_interrupts: 7,
        stolen: 8,
        guest: 9,
        guest_nice: 10,
        wait: 50,
        total: 531,
        cores: 2,
    };
    assert_eq!(times, all);
    assert_eq!(CpuTimes::parse(b"cpu  1 2\n"), None);
    assert_eq!(CpuTimes::parse(b""), None);
    assert!(procfs::cpu_times().expect("readable").total > 0);
}

#[test]
fn mounts_are_told_by_the_path_alone() {
    let table = "1 1 0:1 / / rw - ext4 x rw\n2 1 0:2 / /mnt/a\\040b rw - nfs x rw\n3 1 0:3 / /mnt rw - nfs x rw\n";
    let mounts = Mounts::parse(table.as_bytes());
    let holding = |path: &str| mounts.mount_of(path).map(|mount| (mount.place.as_str(), mount.is_local()));
    assert_eq!(holding("/mnt/a b/file"), Some(("/mnt/a b", false)));
    assert_eq!(holding("/mnt/a"), Some(("/mnt", false)));
    assert_eq!(holding("/mntx"), Some(("/", true)));
    assert_eq!(Mounts::default().mount_of("/"), None);
    let table = "1 1 8:1 / / rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n2 1 0:9 / /mnt ro - nfs4 nas:/export \
                 rw,vers=4\n3 1 0:8 / /mnt rw - tmpfs tmpfs rw\n";
    let mounts = Mounts::parse(table.as_bytes());
    let root = mounts.of_source("/dev/sda1").expect("mounted");
    assert_eq!((root.place.as_str(), root.options.as_str()), ("/", "rw,noatime,errors=remount-ro"));
    assert_eq!(mounts.of_device("8:1"), Some(root));
    assert_eq!(mounts.mount_of("/mnt/x").map(|mount| mount.source.as_str()), Some("tmpfs"), "the last one is seen");
}
