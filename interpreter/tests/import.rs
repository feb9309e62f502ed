//! Rules of Monit's, written again in our dialect with the same meaning; and what Monit would make of ours.

use grammar::{Dialect, Severity, Source};
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check};
use interpreter::import::{Imported, Unimported, import};
use interpreter::portable::as_monit;

fn machine() -> Imaginary {
    Imaginary::default()
}

fn imported(text: &str) -> String {
    match import(&Source::new("monitrc", text), &Protocols::default(), &machine()) {
        Ok(Imported { text, .. }) => text,
        Err(error) => panic!("{text}\ncannot be imported: {error:?}"),
    }
}

const PROCESS: &str = "check process x with pidfile /run/x.pid\n";

/// Pairs of a statement of Monit's and what must stand in the text that comes of it.
const CASES: &[(&str, &str)] = &[
    ("    start program = \"/bin/x one\" two c\n", "start program = \"/bin/x one two c\""),
    ("    start program /bin/x one\n        two\n", "start program \"/bin/x one two\""),
    ("    start program = \"/bin/x 'a \"b\" c'\"\n", r#"start program = "/bin/x 'a \0x22b\0x22 c'""#),
    ("    start program = \"/bin/x ' a ' c\"\n", "start program = \"/bin/x a c\""),
    ("    start program = # why\n \"/bin/x a\"\n", "# why"),
    ("    if cpu > 50% and memory > 10 MB then alert\n", "# Monit ignores: cpu > 50% and"),
    ("    if cpu > 50% and memory > 10 MB then alert\n", "if memory > 10 MB then alert"),
    ("    if memory > 4294967396 B then alert\n", "if memory > 100 B then alert"),
    ("    if loadavg > 4 then alert\n", "# Monit never makes this test in a process entry: if loadavg > 4 then alert"),
    (
        "    if failed uid 1 then alert\n    if failed uid 2 then stop\n",
        "one such test for each service, the last: if failed uid 1",
    ),
    ("    if failed port 80 responsetime 5 s then alert\n", "responsetime = 5 s"),
    ("    if failed port 65616 then alert\n", "failed port 80 then"),
    ("    if failed port 443 protocol https then alert\n", "set ssl { verify: disable }"),
    ("    if failed port 25 expect \"^2[0-9]+ \\d\" then alert\n", "expect \"^2[0-9]+ d\""),
    ("    group '  web  '\n", "group \"web\""),
    ("    # kept\n    if cpu > 5% then alert # kept, too\n", "# kept, too"),
];

#[test]
fn what_the_dialects_read_differently_is_written_in_another_way() {
    for (statement, wanted) in CASES {
        let text = imported(&format!("{PROCESS}{statement}"));
        assert!(text.contains(wanted), "{statement:?} became\n{text}\nwithout {wanted:?}");
    }
}

#[test]
fn what_means_the_same_in_both_stays_as_it_is() {
    let text = "# the shop\nset daemon 30\n\ncheck process x with pidfile /run/x.pid\n    \
                start program = \"/bin/x a\"  # by hand\n    if cpu usage > 50% for 3 cycles then restart\n";
    assert_eq!(imported(text), text);
}

#[test]
fn the_default_checksum_is_named() {
    let text =
        imported("check file f with path /x\n    if failed checksum then alert\n    if changed checksum then alert\n");
    assert!(text.contains("if changed md5 checksum then alert"), "{text}");
}

#[test]
fn a_file_of_patterns_is_said_to_be_one() {
    let machine = Imaginary::default().with_file("/etc/patterns", "^error\nfatal\n");
    let source = Source::new("monitrc", "check file f with path /x\n    if content = \"/etc/patterns\" then alert\n");
    let text = import(&source, &Protocols::default(), &machine).expect("it can be said").text;
    assert!(text.contains("content = patterns from \"/etc/patterns\""), "{text}");
}

#[test]
fn what_cannot_be_said_is_refused_with_its_place() {
    let text = format!("{PROCESS}check file f with path /x\n    if content = \"(a)\\1\" then alert\n");
    match import(&Source::new("monitrc", text), &Protocols::default(), &machine()) {
        Err(Unimported::Unsayable(findings)) => assert_eq!(findings.len(), 1),
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        import(&Source::new("monitrc", "check proces\n"), &Protocols::default(), &machine()),
        Err(Unimported::Wrong(_))
    ));
}

#[test]
fn monit_is_asked_what_it_would_make_of_our_rules() {
    let ask = |text: &str| {
        let source = Source::new("web.rules", text);
        let program = check(&source, Dialect::Rules, &Protocols::default(), &machine()).program.expect("it is right");
        let findings = as_monit(&source, &program, &Protocols::default(), &machine());
        assert!(findings.iter().all(|finding| finding.severity == Severity::Error));
        findings.iter().map(|one| (source.place(one.span().start).line, one.name)).collect::<Vec<_>>()
    };
    assert_eq!(ask(&format!("{PROCESS}    if cpu > 50% then alert\n")), []);
    // Refused: a unit that is glued to its number. Misread: two conditions, of which Monit takes the last.
    assert_eq!(ask(&format!("{PROCESS}    if memory > 100MB then alert\n")), [(2, "not-portable")]);
    let misread = ask(&format!("{PROCESS}    if cpu > 50% and memory > 100 MB then alert\n"));
    assert!(!misread.is_empty() && misread.iter().all(|one| *one == (2, "misread-by-monit")), "{misread:?}");
    assert_eq!(ask("check system s\n    if loadavg > 4 then alert\n"), []);
}
