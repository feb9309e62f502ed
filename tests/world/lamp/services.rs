//! Database, names, shell, logs and plugins.

use super::in_both_dialects;
use crate::rig::skip;

const MARIADB: &str = "/run/mysqld/mysqld.pid";
const NAMED: &str = "/run/named/named.pid";
const SSHD: &str = "/run/sshd.pid";

#[test]
fn servers_that_are_killed_run_again_and_those_who_care_are_told() {
    in_both_dialects("services", |machine| {
        let servers = [("mariadb", MARIADB), ("named", NAMED), ("sshd", SSHD)];
        for (name, _) in servers {
            machine.comes_up(name);
        }
        let pids: Vec<String> = servers.iter().map(|(_, pidfile)| machine.does(&format!("cat {pidfile}"))).collect();
        for (_, pidfile) in servers {
            machine.kills(pidfile);
        }
        for ((name, pidfile), before) in servers.iter().zip(pids) {
            machine.comes_up(name);
            assert_ne!(machine.does(&format!("cat {pidfile}")), before, "{name} is another process");
        }
        // Of the database its keepers are told in a format of their own, and everybody in that of all.
        let mail = machine.mails("dba@example.com", "Subject: database on box: Does not exist");
        assert!(mail.contains("mariadb at ") && mail.contains("process is not running"), "{mail}");
        assert!(mail.contains("(restart)") && mail.contains("watch@example.com"), "{mail}");
        machine.mails("keeper@example.com", "mariadb");
        // Each of them answers.
        for port in [3306, 53, 22] {
            machine.does(&format!(
                "for i in $(seq 100); do perl -MIO::Socket::INET -e \
                 'exit !IO::Socket::INET->new(\"127.0.0.1:{port}\")' && exit; sleep 0.1; done; exit 1"
            ));
        }
    });
}

#[test]
fn a_shell_that_hangs_is_restarted_and_answers_again() {
    in_both_dialects("services", |machine| {
        machine.comes_up("sshd");
        machine.does(&format!("kill -STOP -$(cat {SSHD})"));
        let told = machine.tells_that("sshd", "connection failed", "[SSH] at [127.0.0.1]:22");
        assert_eq!(told["action"], "restart");
        machine.tells("sshd", "connection succeeded");
    });
}

#[test]
fn what_logs_disks_and_plugins_say_is_told() {
    in_both_dialects("services", |machine| {
        machine.comes_up("mariadb");
        // A mirror loses a disk.
        machine.does("echo 'md0 : active raid1 [2/1] [U_]' >/proc/sys/kernel/domainname");
        machine.tells_that("raid", "content changed", "md0 : active raid1 [2/1] [U_]");
        machine.does("echo 'md0 : active raid1 [2/2] [UU]' >/proc/sys/kernel/domainname");
        // Nobody writes to the log any more, and nobody has dumped the database for days.
        machine.does("touch /run/silent; touch -d '3 days ago' /var/backups/site.sql");
        machine.tells_that("syslog", "timestamp failed", "");
        let told = machine.tells_that("backup", "status failed", "FILE_AGE CRITICAL");
        assert_eq!(told["action"], "alert");
        machine.does("rm /run/silent; head -c 1000 /dev/zero >/var/backups/site.sql");
        machine.tells("syslog", "timestamp succeeded");
        machine.tells("backup", "status succeeded");
        if machine.dialect == "rules" {
            // Its figures are held against limits there.
            machine.tells_that("dump", "resource failed", "performance 'size' of 1000 B matches resource limit");
        }
        // The raid is whole again, and no more is told of it.
        machine.passes(2);
        let count = machine.events("raid").len();
        machine.passes(2);
        assert_eq!(machine.events("raid").len(), count, "{}", machine.said());
        // The database's file, and its disk.
        machine.does("chmod 666 /var/lib/mysql/ibdata1");
        machine.tells_that("mariadb_tables", "permission failed", "666");
        machine.does("chmod 660 /var/lib/mysql/ibdata1");
        machine.tells("mariadb_tables", "permission succeeded");
        machine.does("head -c 900M /dev/zero >/var/lib/mysql/full 2>/dev/null; true");
        machine.tells_that("mariadb_disk", "resource failed", "space usage");
        machine.does("rm /var/lib/mysql/full");
        machine.tells("mariadb_disk", "resource succeeded");
        // So much within so little time comes in a few letters, each of which says all.
        machine.mails("dba@example.com", "mariadb_disk");
        machine.mails("keeper@example.com", "md0 : active raid1 [2/1] [U_]");
        machine.mails("keeper@example.com", "FILE_AGE CRITICAL: /var/backups/site.sql is ");
    });
}

#[test]
fn a_host_that_does_not_answer_pings_is_told_and_so_is_its_answer() {
    in_both_dialects("services", |machine| {
        machine.comes_up("named");
        if machine.read("out").contains("ping-not-permitted") {
            skip("echo requests may not be sent here");
            return;
        }
        machine.does("echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all");
        machine.tells("resolver", "icmp failed");
        machine.does("echo 0 >/proc/sys/net/ipv4/icmp_echo_ignore_all");
        machine.tells("resolver", "icmp succeeded");
    });
}
