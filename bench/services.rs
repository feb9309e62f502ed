//! A control file as long as wanted, the same at every run: one system, then services of every other kind in turns,
//! with about 200 bytes each, as people write them. Both dialects read it, and Monit does.

use std::fmt::Write;

/// How many services the measurements are about.
pub(crate) const SIZES: [usize; 2] = [1_000, 10_000];

/// A control file with so many services.
pub(crate) fn control_file(services: usize) -> String {
    let mut text = String::with_capacity(200 * services + 400);
    text.push_str("set daemon 30\nset mailserver localhost\nset alert keeper@example.com not on { instance, pid }\n");
    text.push_str(
        "check system $HOST\n    if loadavg (5min) > 8 for 5 cycles then alert\n    if cpu usage > 95% then alert\n",
    );
    for number in 1..services {
        service(&mut text, number);
    }
    text
}

fn service(text: &mut String, n: usize) {
    let port = 1_024 + n % 60_000;
    let written = match n % 8 {
        0 => writeln!(
            text,
            "\ncheck process worker{n} with pidfile /run/worker{n}.pid\n    start program = \"/bin/true start worker{n}\" with timeout 60 seconds\n    \
             if memory usage > 500 MB for 5 cycles then restart\n    if 3 restarts within 5 cycles then unmonitor"
        ),
        1 => writeln!(
            text,
            "\ncheck process web{n} matching \"web{n} --serve\"\n    stop program = \"/bin/true stop web{n}\" as uid root and gid root\n    \
             if failed port {port} protocol http for 3 cycles then alert\n    group web"
        ),
        2 => writeln!(
            text,
            "\ncheck file log{n} with path /var/log/app{n}.log\n    if size > 100 MB then exec \"/bin/true -f log{n}\"\n    \
             if match \"error [0-9]+\" then alert\n    if timestamp > 15 minutes for 2 cycles then alert"
        ),
        3 => writeln!(
            text,
            "\ncheck directory spool{n} with path /var/spool/app{n}\n    if failed permission 755 then alert\n    \
             if failed uid root then alert\n    if changed timestamp then alert   # somebody came by\n    every 2 cycles"
        ),
        4 => writeln!(
            text,
            "\ncheck filesystem disk{n} with path /srv/disk{n}\n    if space usage > 90% for 5 times within 15 cycles then alert\n    \
             if inode usage > 95% then alert\n    if service time > 100 milliseconds for 3 cycles then alert"
        ),
        5 => writeln!(
            text,
            "\ncheck host shop{n} with address shop{n}.example.com\n    if failed ping count 3 with timeout 5 seconds then alert\n    \
             if failed port 443 protocol https request \"/health\" with timeout 15 seconds for 3 cycles then alert"
        ),
        6 => writeln!(
            text,
            "\ncheck program backup{n} with path \"/bin/true --verify {n}\" timeout 20 seconds\n    every \"30 2 * * 1-5\"\n    \
             if status != 0 for 2 cycles then alert\n    alert keeper{n}@example.com only on {{ status }}"
        ),
        _ => writeln!(
            text,
            "\ncheck network link{n} with interface eth{n}\n    if failed link then alert\n    if saturation > 90% for 3 cycles then alert\n    \
             if total download > 10 GB in last 2 hours then alert"
        ),
    };
    // Writing to memory does not fail.
    written.unwrap_or_default();
}
