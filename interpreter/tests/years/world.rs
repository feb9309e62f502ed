//! Hosts that do not exist: control files made from a seed.

use std::fmt::Write;

use grammar::Dialect;
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check, load_text};
use interpreter::program::Program;
use interpreter::simulate::Random;

/// A control file, and the program that it means.
pub(crate) struct World {
    pub(crate) dialect: Dialect,
    pub(crate) text: String,
    pub(crate) program: Program,
}

/// The world of a seed: some processes that need each other, files, a filesystem, a remote host, the machine itself.
pub(crate) fn world(seed: u64) -> World {
    let mut random = Random::new(seed ^ 0x5eed);
    let dialect = if random.one_in(2) { Dialect::Monit } else { Dialect::Rules };
    let mut text = "set daemon 60\n".to_owned();
    mail(&mut text, &mut Random::new(seed ^ 0x6d61_696c));
    let processes = 2 + random.below(3);
    for place in 0..processes {
        process(&mut text, place, dialect, &mut random);
    }
    file(&mut text, &mut random);
    data(&mut text, &mut Random::new(seed ^ 0x6461_7461));
    let cycles = 1 + random.below(9);
    writeln!(
        text,
        "check filesystem disk with path /srv\n  if space usage > 80% for {cycles} cycles then alert\n  if inode usage > 90% then alert"
    )
    .expect("memory");
    let cycles = 1 + random.below(9);
    writeln!(
        text,
        "check system machine\n  if memory usage > 75% for {cycles} cycles then alert\n  if cpu usage > 90% for 2 cycles then alert"
    )
    .expect("memory");
    if random.one_in(2) {
        text.push_str(
            "check host other with address other.example.com\n  if failed port 443 for 3 cycles then alert\n",
        );
    }
    if dialect == Dialect::Rules {
        plugin(&mut text, &mut Random::new(seed ^ 0x706c_7567));
    }
    let program = checked(&text, dialect);
    World { dialect, text, program }
}

/// Who is told, and by which servers.
fn mail(text: &mut String, random: &mut Random) {
    let servers = ["one.example.com", "two.example.com", "three.example.com"];
    let count = 1 + usize::try_from(random.below(3)).expect("few");
    writeln!(text, "set mailserver {} with timeout 20 seconds", servers[..count].join(", ")).expect("memory");
    let reminder = match random.below(3) {
        0 => format!(" with reminder on {} cycles", 10 + random.below(100)),
        _ => String::new(),
    };
    writeln!(text, "set alert ops@example.com{reminder}").expect("memory");
    if random.one_in(3) {
        let filter =
            if random.one_in(2) { " but not on { instance, action }" } else { " only on { nonexist, timeout }" };
        writeln!(text, "set alert boss@example.com{filter}").expect("memory");
    }
}

fn process(text: &mut String, place: u64, dialect: Dialect, random: &mut Random) {
    writeln!(text, "check process p{place} with pidfile /run/p{place}.pid").expect("memory");
    if !random.one_in(6) {
        let timeout = 5 + random.below(40);
        writeln!(text, "  start program = \"/bin/start p{place}\" with timeout {timeout} seconds").expect("memory");
        // Without a stop program Monit stops nothing.
        if dialect == Dialect::Monit || !random.one_in(3) {
            let timeout = 5 + random.below(20);
            writeln!(text, "  stop program = \"/bin/stop p{place}\" with timeout {timeout} seconds").expect("memory");
        }
    }
    let port = 8000 + place;
    match random.below(4) {
        0 => writeln!(text, "  if failed port {port} then restart"),
        1 => writeln!(text, "  if failed port {port} for 3 cycles then restart"),
        2 => writeln!(text, "  if failed port {port} with timeout 4 seconds and retry 2 then alert"),
        _ => Ok(()),
    }
    .expect("memory");
    match random.below(4) {
        0 => text.push_str("  if memory usage > 50% for 4 cycles then restart\n"),
        1 => text.push_str("  if cpu usage > 80% 3 times within 5 cycles then alert\n"),
        2 => text.push_str("  if children > 100 for 2 cycles then exec \"/bin/page\"\n"),
        _ => {}
    }
    if random.one_in(3) {
        let times = 2 + random.below(4);
        let cycles = times * (2 + random.below(3));
        writeln!(text, "  if {times} restarts within {cycles} cycles then unmonitor").expect("memory");
    }
    for needed in (0..place).filter(|_| random.one_in(3)) {
        writeln!(text, "  depends on p{needed}").expect("memory");
    }
}

fn file(text: &mut String, random: &mut Random) {
    text.push_str("check file log with path /var/log/app.log\n");
    if random.one_in(2) {
        text.push_str("  if failed permission 0644 then alert\n");
    }
    match random.below(3) {
        0 => text.push_str("  if size > 100 MB then exec \"/bin/rotate\"\n"),
        1 => text.push_str("  if changed sha256 checksum then alert\n"),
        _ => text.push_str("  if content = \"fatal error\" then alert\n"),
    }
}

/// A file with rules of all rates. The first runs programs, which are ordered before the others are told.
fn data(text: &mut String, random: &mut Random) {
    text.push_str("check file data with path /srv/data\n");
    for (place, asks) in ["failed permission 0644", "size > 10 MB", "failed uid 1000"].into_iter().enumerate() {
        let action = if place == 0 { "exec \"/bin/page\"" } else { "alert" };
        let rate = match random.below(4) {
            0 => String::new(),
            1 => format!(" for {} cycles", 2 + random.below(6)),
            _ => {
                let cycles = 3 + random.below(20);
                format!(" {} times within {cycles} cycles", 1 + random.below(cycles - 1))
            }
        };
        let recovery = match random.below(3) {
            0 => {
                let cycles = 2 + random.below(10);
                format!(" else if succeeded {} times within {cycles} cycles then {action}", 1 + random.below(cycles))
            }
            _ => format!(" else if succeeded then {action}"),
        };
        writeln!(text, "  if {asks}{rate} then {action}{recovery}").expect("memory");
    }
}

/// A check of a plugin: how it ends, and what it measures.
fn plugin(text: &mut String, random: &mut Random) {
    let timeout = 5 + random.below(20);
    writeln!(
        text,
        "check plugin orders using \"orders.wasm\" with {{ queue: \"main\" }} timeout {timeout} seconds\n  grant connect \"mq.example.com:5671\" with ssl"
    )
    .expect("memory");
    let cycles = 1 + random.below(9);
    match random.below(4) {
        0 => {}
        1 => text.push_str("  if failed then alert\n"),
        _ => writeln!(text, "  if failed for {cycles} cycles then alert").expect("memory"),
    }
    let action = if random.one_in(3) { "exec \"/bin/add-worker\"" } else { "alert" };
    match random.below(3) {
        0 => writeln!(text, "  if depth > 1000 for {cycles} cycles then {action}"),
        1 => writeln!(text, "  if latency > 1500 ms 2 times within {} cycles then {action}", 2 + cycles),
        _ => writeln!(text, "  if depth > 1000 or consumers > 50 then {action}"),
    }
    .expect("memory");
    match random.below(3) {
        0 => writeln!(text, "  if jobs > 50 per second for {cycles} cycles then alert").expect("memory"),
        1 => text.push_str("  if changed leader then alert\n"),
        _ => {}
    }
}

fn checked(text: &str, dialect: Dialect) -> Program {
    let machine = Imaginary::new();
    let loaded = load_text("/etc/ruled/main", text.as_bytes(), dialect, &machine);
    let checked = check(&loaded.source, dialect, &Protocols { entries: Vec::new() }, &machine);
    checked.program.unwrap_or_else(|| panic!("it is not loaded:\n{text}\n{:#?}", checked.findings))
}
