//! What cannot be shown on a page, and what must hold for every text.

use crate::rig::{MAIN, found, machine, protocols, run};
use grammar::Dialect;
use interpreter::catalog::{OptionKind, ProtocolEntry, ProtocolOptionEntry, Protocols};
use interpreter::check::{DEPTH_MAX, Imaginary, Nowhere, TEXT_BYTES_MAX, check, load, load_all, load_text};
use interpreter::program::{Endpoint, Program, Test};
use proptest::prelude::*;

fn names(text: &[u8], machine: &Imaginary) -> Vec<String> {
    let loaded = load_text(MAIN, text, Dialect::Rules, machine);
    let mut checked = check(&loaded.source, Dialect::Rules, &protocols(), machine);
    checked.findings.extend(loaded.findings);
    found(&loaded.source, &checked).into_iter().map(|(file, line, mark)| format!("{file}:{line} {mark}")).collect()
}

#[test]
fn bytes_that_are_no_text() {
    let machine = machine().with_file("/etc/ruled/latin", b"\n# caf\xe9\n".as_slice());
    assert_eq!(names(b"set daemon 30\0\n", &machine), ["/etc/ruled/main:1 error[nul-byte]"]);
    assert_eq!(names(b"# caf\xe9\n# caf\xe9\n", &machine), ["/etc/ruled/main:1 warning[not-utf8]"]);
    assert_eq!(names(b"include /etc/ruled/latin\n", &machine), ["/etc/ruled/latin:2 warning[not-utf8]"]);
}

#[test]
fn text_that_is_too_large() {
    let large = vec![b'\n'; TEXT_BYTES_MAX / 2 + 1];
    let machine = machine().with_file("/etc/ruled/large", large.clone());
    let text = b"include /etc/ruled/large\ninclude /etc/ruled/large\n";
    assert_eq!(names(text, &machine), ["/etc/ruled/main:2 error[too-large]"]);
    let whole = [large.clone(), large].concat();
    assert_eq!(names(&whole, &machine), ["/etc/ruled/main:1 error[too-large]"]);
}

#[test]
fn includes_that_multiply() {
    // Each file includes the next one twice, so that the last would be read 2^40 times.
    let mut machine = machine();
    for depth in 0..40 {
        let next = format!("include /m/{}\ninclude /m/{}\n", depth + 1, depth + 1);
        machine = machine.with_file(format!("/m/{depth}"), next);
    }
    let machine = machine.with_file("/m/40", "");
    let found = names(b"include /m/0\n", &machine);
    assert!(found.iter().any(|line| line.contains("too-large")), "{}", found.len());
}

#[test]
fn includes_that_go_too_deep() {
    let mut machine = machine();
    for depth in 0..=DEPTH_MAX {
        machine = machine.with_file(format!("/d/{depth}"), format!("include /d/{}\n", depth + 1));
    }
    let found = names(b"include /d/0\n", &machine);
    assert_eq!(found, [format!("/d/{}:1 error[include-too-deep]", DEPTH_MAX - 2)]);
}

#[test]
fn a_file_that_is_not_there() {
    let loaded = load("/etc/ruled/web.rules", Dialect::Rules, &Nowhere);
    assert!(loaded.unreadable.is_some());
    assert_eq!(loaded.findings.len(), 1);
    assert_eq!(loaded.source.place(0).file, "/etc/ruled/web.rules");
}

#[test]
fn the_files_of_a_directory() {
    let machine = machine()
        .with_file("conf/rules.d/a.rules", "include more/b\ncheck process a with pidfile /a\n")
        .with_file("conf/rules.d/more/b", "check process b with pidfile /b\n")
        .with_file("conf/rules.d/c.rules", "check process c with pidfile /c\n depends on d\n");
    let paths = ["conf/rules.d/a.rules", "conf/rules.d/c.rules", "/locked/secret.rules"].map(str::to_owned);
    let loaded = load_all("conf/rules.d", &paths, Dialect::Rules, &machine);
    assert_eq!(loaded.findings.iter().map(|finding| finding.name).collect::<Vec<&str>>(), ["unreadable-file"]);
    let checked = check(&loaded.source, Dialect::Rules, &protocols(), &machine);
    let wanted = ("conf/rules.d/c.rules".to_owned(), 2, "error[undefined-service]".to_owned());
    assert_eq!(found(&loaded.source, &checked), [wanted]);
}

#[test]
fn a_protocol_that_must_be_told_more() {
    let option = |name: &str, kind, required| ProtocolOptionEntry {
        name: name.to_owned(),
        help: "What is said".to_owned(),
        kind,
        required,
    };
    let options = vec![
        option("word", OptionKind::Text, true),
        option("key", OptionKind::Secret, false),
        option("level", OptionKind::Integer(1, 9), false),
        option("wait", OptionKind::Duration, false),
        option("room", OptionKind::Size, false),
        option("loud", OptionKind::Truth, false),
        option("share", OptionKind::Number, false),
    ];
    let entry = ProtocolEntry { name: "greet".to_owned(), summary: "Greets".to_owned(), default_port: None, options };
    let protocols = Protocols { entries: vec![entry] };
    let names = |options: &str| -> Vec<String> {
        let text = format!("check host a with address b\n if failed port 1 protocol greet {options} then alert\n");
        let loaded = load_text(MAIN, text.as_bytes(), Dialect::Rules, &machine());
        let checked = check(&loaded.source, Dialect::Rules, &protocols, &machine());
        let mut names: Vec<String> = checked.findings.iter().map(|finding| finding.name.to_owned()).collect();
        names.extend(checked.program.is_some().then(|| "fine".to_owned()));
        names
    };
    assert_eq!(names(""), ["missing-option"]);
    assert_eq!(names("with { level: 3 }"), ["missing-option"]);
    assert_eq!(names("with { word: \"hello\" }"), ["fine"]);
    assert_eq!(names("with { word: \"hello\", key: \"x\" }"), ["plain-password", "fine"]);
    assert_eq!(names("with { word: \"a\", level: 3, wait: 5 seconds, room: 2 kB, loud: true, share: 0.5 }"), ["fine"]);
    for wrong in ["level: 10", "level: 2.5", "wait: 5 kB", "room: 5 seconds", "loud: 1", "share: \"much\""] {
        assert_eq!(names(&format!("with {{ word: \"a\", {wrong} }}")), ["option-value"], "{wrong}");
    }
}

#[test]
fn the_system_cannot_take_the_name_of_a_service() {
    let text = "check process box with pidfile /run/box.pid\n";
    let (source, checked) = run(text, Dialect::Rules, &machine());
    assert_eq!(found(&source, &checked), [(MAIN.to_owned(), 1, "error[duplicate-service]".to_owned())]);
}

/// The order in which the ports of a process are judged.
fn ports(dialect: Dialect) -> Vec<String> {
    let text = "check process web with pidfile /run/web.pid\n if failed port 1 then alert\n if cpu usage > 1% then alert\n \
                if failed port 2 then alert\n if memory usage > 1 MB then alert\n";
    let (_, checked) = run(text, dialect, &machine());
    let program: Program = checked.program.expect("a program");
    let service = program.services.first().expect("a service");
    let word = |test: &Test| match test {
        Test::Connection(connection) => match &connection.endpoint {
            Endpoint::Port { port, .. } => format!("port {port}"),
            Endpoint::Unix(path) => path.clone(),
        },
        Test::Limit(limit) => format!("{:?}", limit.metric),
        other => format!("{other:?}"),
    };
    service.rules.iter().map(|rule| word(&rule.test)).collect()
}

#[test]
fn rules_are_judged_in_the_order_of_the_dialect() {
    assert_eq!(ports(Dialect::Rules), ["Missing", "port 1", "Cpu", "port 2", "Memory"]);
    assert_eq!(ports(Dialect::Monit), ["Missing", "Memory", "Cpu", "port 2", "port 1"]);
}

#[test]
fn a_chain_of_ten_thousand_services() {
    let mut text = String::new();
    for number in 0..10_000 {
        let next = (number + 1) % 10_000;
        text.push_str(&format!("check process p{number} with pidfile /run/{number}.pid\n    depends on p{next}\n"));
    }
    let (_, checked) = run(&text, Dialect::Rules, &machine());
    let names: Vec<&str> = checked.findings.iter().map(|finding| finding.name).collect();
    assert_eq!(names, ["dependency-cycle"]);
    assert_eq!(checked.findings.first().map(|finding| finding.labels.len()), Some(10_000));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,200}", monit in any::<bool>()) {
        let dialect = if monit { Dialect::Monit } else { Dialect::Rules };
        let (_, checked) = run(&text, dialect, &machine());
        prop_assert!(checked.program.is_some() || !checked.findings.is_empty());
    }

    #[test]
    fn no_order_of_words_is_too_strange(words in proptest::collection::vec(word(), 0..60), monit in any::<bool>()) {
        let dialect = if monit { Dialect::Monit } else { Dialect::Rules };
        let (source, checked) = run(&words.join(" "), dialect, &machine());
        let text = u32::try_from(source.text().len()).expect("a short text");
        for finding in &checked.findings {
            for label in &finding.labels {
                prop_assert!(label.span.start <= label.span.end && label.span.end <= text.max(1), "{:?}", finding);
            }
        }
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let loaded = load_text(MAIN, &bytes, Dialect::Rules, &machine());
        check(&loaded.source, Dialect::Rules, &protocols(), &machine());
    }
}

/// A word of the language, or something between words.
fn word() -> impl Strategy<Value = String> {
    let words = "check process file host system set daemon alert mailserver logfile syslog facility if failed succeeded port \
                 protocol http ssh then restart start stop program = with timeout seconds for 3 cycles times within 5 99999999999 \
                 0.5 memory usage cpu swap size timestamp loadavg (5min) per core > < >= == != 200 MB % kB TB depends on group a b c \
                 else recovered exec \"/bin/x\" '/bin/y z' repeat every uid gid permission 0644 does not exist exists { } { request \
                 : \"/x\" , status method get retry pidfile matching path address /a/b a@b.c include /etc/* # \n \n \n $HOST {x} limit";
    let words: Vec<String> = words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    proptest::sample::select(words)
}
