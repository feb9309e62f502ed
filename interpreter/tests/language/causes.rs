//! The mistakes that people make most: each is named by its cause, at its line, and where a change makes the text load
//! the change is offered.

use grammar::{Dialect, Severity};

use crate::rig::{machine, mended, run};

/// A text of Monit's, the line and the name of its only error, a part of what is said, and whether the offered changes
/// make it load.
struct Case {
    text: &'static str,
    line: u32,
    name: &'static str,
    says: &'static str,
    loads: bool,
}

const fn case(text: &'static str, line: u32, name: &'static str, says: &'static str, loads: bool) -> Case {
    Case { text, line, name, says, loads }
}

const CASES: &[Case] = &[
    // Templates that nobody filled in.
    case("set daemon 30\nset httpd port @PORT@\n allow me:geheim\n", 2, "placeholder", "`@PORT@`", true),
    case("set httpd port 1\n allow %USER%:%PASS%\n", 2, "placeholder", "`%USER%` and `%PASS%`", true),
    case("set alert $OPERATOR not on { pid }\n", 1, "placeholder", "`$OPERATOR`", true),
    case("set alert <your-address> not { pid }\n", 1, "placeholder", "`<your-address>`", true),
    case("set alert OPERATOR_MAIL\n", 1, "placeholder", "`OPERATOR_MAIL`", true),
    case("set daemon 30\nEXTRA_RULES\n", 2, "placeholder", "`EXTRA_RULES`", true),
    case("set logfile ${HOME_OF_IT}/log\n", 1, "placeholder", "`${HOME_OF_IT}`", true),
    case(
        "check process {app}-{n} matching \"shop\"\n if cpu > 5% then alert\n",
        1,
        "placeholder",
        "`{app}` and `{n}`",
        true,
    ),
    case(
        "check host a with address shop\n if failed host ${its name} port 80 then alert\n",
        2,
        "placeholder",
        "`${its name}`",
        false,
    ),
    case("set mail-format {\n from: A <${SENDER}>\n}\nset daemon 30\n", 2, "placeholder", "`${SENDER}`", true),
    case(
        "set mailserver %%HOST%% port %%PORT%%\n username \"u\" password \"p\"\n",
        1,
        "placeholder",
        "`%%PORT%%`",
        true,
    ),
    case("{% if big %}\nset daemon 30\n", 1, "placeholder", "`{% if big %}`", true),
    // Web pages.
    case("check process a with pidfile /a\n start program = “/bin/a start”\n", 2, "pasted-typography", "`“`", true),
    case("check file a with path \"/a”\n if size > 1 MB then alert\n", 1, "pasted-typography", "`”`", true),
    case("set\u{a0}daemon 30\n", 1, "pasted-typography", "a blank that is none", true),
    case("set mail–format { from: a@b.c }\n", 1, "pasted-typography", "`–`", true),
    case("che\u{200b}ck process a with pidfile /a\n group web\n", 1, "pasted-typography", "nobody sees", true),
    case("<p><b>x</b></p><i>y</i> <a>1</a><a>2</a>\nset daemon\n", 1, "syntax-error", "web page", false),
    case(
        "set daemon 30\nIf it is slow, you should use another one, as\n the other one is faster.\n",
        2,
        "syntax-error",
        "words for people",
        true,
    ),
    // Words that Monit keeps for itself.
    case("check file a with path /a\n if failed gid disk then alert\n", 2, "reserved-word", "`disk`", true),
    case("set httpd port 1\n allow username:geheim\n", 2, "reserved-word", "`username`", true),
    case("set mailserver a\n username USERNAME password \"p\"\n", 2, "reserved-word", "`USERNAME`", true),
    // What is missing.
    case("mailserver localhost\n", 1, "missing-set", "`set`", true),
    case(
        "check process matching \"/sbin/pager -F /swap\"\n if cpu > 5% then alert\n",
        1,
        "syntax-error",
        "no name",
        true,
    ),
    case(
        "check file a with path /a\n if match\n  \"lost\"\n if size > 1 MB then alert\n",
        3,
        "syntax-error",
        "expected `then`",
        true,
    ),
    case(
        "set httpd port 1\n use address #10.0.0.1\n allow 0.0.0.0/0\n allow me:geheim\n",
        2,
        "syntax-error",
        "`address` has nothing",
        false,
    ),
    case(
        "check host a with address shop\n if failed host #example port 1 then alert\n",
        2,
        "syntax-error",
        "`#example` is a comment",
        false,
    ),
    case("check process a with pidfile /a\n start program = \"\"\n", 2, "syntax-error", "no program", false),
    // What stands in the wrong place.
    case(
        "check process a with pidfile /a\n set alert a@b.c\n depends on c\n group d\ncheck file c with path /c\n",
        3,
        "syntax-error",
        "belongs to no service",
        true,
    ),
    case("check process a with pidfile /a\n user nobody\n", 2, "unknown-statement", "`user`", false),
    case(
        "check process a with pidfile /a\n group web (for this, that)\n",
        2,
        "syntax-error",
        "remark in parentheses",
        true,
    ),
    case("set httpd port 1\n allow me:two words\n", 2, "syntax-error", "password with a blank", true),
    case("check directory a with path /a\n if size > 2 GB then alert\n", 2, "misplaced-test", "no size", false),
    case("check file a with path \"the path\"\n", 1, "syntax-error", "not a path", false),
    case("check file a with path /a\ncheck file a with path /b\n", 2, "duplicate-service", "two services", false),
    // Words of other versions, and words that nobody has.
    case("set mailserver a using sslv3\n", 1, "obsolete-tls", "SSL 3", true),
    case("set mailfrom a@b.c\n", 1, "unknown-statement", "`set mailfrom`", true),
    case("set mailsubject \"Look here\"\n", 1, "unknown-statement", "`set mailsubject`", true),
    case("set mail-fromat { from: a@b.c }\n", 1, "unknown-statement", "`set mail-fromat`", true),
    case("set alert a@b.c on { match }\n", 1, "unknown-event", "`match`", true),
    case(
        "check host a with address shop\n if failed port 22 protocol dropbear then alert\n",
        2,
        "unknown-protocol",
        "`dropbear`",
        true,
    ),
];

#[test]
fn the_cause_is_named_and_the_change_is_offered() {
    let machine = machine();
    let mut wrong = Vec::new();
    for case in CASES {
        let (source, checked) = run(case.text, Dialect::Monit, &machine);
        let errors: Vec<_> = checked.findings.iter().filter(|one| one.severity == Severity::Error).collect();
        let said: Vec<String> = errors
            .iter()
            .map(|one| format!("{}: {}[{}]", source.place(one.span().start).line, one.headline, one.name))
            .collect();
        let named = matches!(errors.as_slice(), [one] if one.name == case.name
            && source.place(one.span().start).line == case.line && one.headline.contains(case.says));
        if !named {
            wrong.push(format!("{:?}\n  has {said:#?}", case.text));
        }
        let after = mended(case.text, Dialect::Monit, &machine);
        if run(&after, Dialect::Monit, &machine).1.program.is_some() != case.loads {
            wrong.push(format!("{:?}\n  becomes {after:?}", case.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_mended_says_what_was_meant() {
    for (text, expected) in [
        (
            "check process a with pidfile /a\n start program = “/bin/a –x ’y z’”\n",
            " start program = \"/bin/a -x 'y z'\"\n",
        ),
        ("set\u{a0}alert\u{202f}a@b.c\n", "set alert a@b.c\n"),
        ("set mail–format { from: a@b.c }\n", "set mail-format { from: a@b.c }\n"),
        ("set mailfrom a@b.c # us\n", "set mail-format { from: a@b.c } # us\n"),
        ("set httpd port 1\n allow me:two words # x\n", " allow me:\"two words\" # x\n"),
    ] {
        let after = mended(text, Dialect::Monit, &machine());
        assert!(after.ends_with(expected), "{text:?} becomes {after:?}");
    }
}

#[test]
fn a_line_of_a_template_spoils_no_other() {
    let text = "set httpd port ${PORT}\n allow <user>:<password>\nset alert {{ mail }}\ncheck process {{ name }}\n  with pidfile /run/{{ name }}.pid\n  depends on {{ other }}\n  if cpu > ${LIMIT}% then alert\n  if memory > 5% then alrt\n";
    let (source, checked) = run(text, Dialect::Monit, &machine());
    let errors = checked.findings.iter().filter(|one| one.severity == Severity::Error);
    let found: Vec<(u32, &str)> = errors.map(|one| (source.place(one.span().start).line, one.name)).collect();
    let marks = [1, 3, 4, 5, 6, 7].map(|line| (line, "placeholder"));
    let expected: Vec<(u32, &str)> = marks.into_iter().chain([(8, "syntax-error")]).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_name_in_braces_is_a_mark_but_in_a_program() {
    let marks = |text: &str| {
        let (source, checked) = run(text, Dialect::Monit, &machine());
        let marks = checked.findings.iter().filter(|one| one.name == "placeholder");
        marks.map(|one| source.place(one.span().start).line).collect::<Vec<u32>>()
    };
    let text = "check process a with pidfile \"/run/${SERVICE}.pid\"\n start program = \"/bin/sh -c 'echo ${HOST}'\"\n if cpu > 5% then exec \"/bin/tell ${SERVICE}\"\ncheck program b with path \"/bin/tell ${HOST}\"\n if status != 0 then alert\n";
    assert_eq!(marks(text), [1]);
    assert_eq!(marks(&text.replace("${SERVICE}.pid", "a.pid")), [] as [u32; 0]);
}

#[test]
fn what_can_be_meant_is_left_alone() {
    for text in [
        "# “quotes” – and {{ marks }} in a comment\nset daemon 30\n",
        "check process a with pidfile /a\n start program = \"/bin/sh -c 'echo “${HOME}” {{ x }} – $PORT'\"\n group web\n",
        "set mail-format { message: “$EVENT” of $SERVICE – <b>look</b> %HOST% }\n",
        "check host a with address shop\n if failed port 80 protocol http request \"/%E4%BD%A0\" then alert\n",
        "check system $HOST\n if cpu > 5% then alert\n",
        "check process müller with pidfile /a\n group größe\n",
    ] {
        let (_, checked) = run(text, Dialect::Monit, &machine());
        let names: Vec<&str> = checked.findings.iter().map(|one| one.name).collect();
        let wrong = ["placeholder", "pasted-typography", "swallowed-statement", "matches-nothing"];
        assert!(names.iter().all(|name| !wrong.contains(name)), "{text:?} has {names:?}");
        assert!(checked.program.is_some(), "{text:?}");
    }
}
