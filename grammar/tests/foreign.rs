//! What was never meant for the language: marks of templates and signs of web pages are named where they stand, and
//! what is meant is left alone.

use grammar::ast::EVENT_WORDS;
use grammar::{Dialect, Finding, Fix, Help, Severity, Source, parse};

/// Every finding: its line, its name, and whether it is an error.
fn found(text: &str, dialect: Dialect) -> Vec<(u32, &'static str, bool)> {
    let source = Source::new("text", text);
    let line = |finding: &Finding| source.place(finding.span().start).line;
    let findings = parse(&source, dialect).findings;
    findings.iter().map(|one| (line(one), one.name, one.severity == Severity::Error)).collect()
}

/// Every finding of this name.
fn named(text: &str, dialect: Dialect, name: &str) -> Vec<Finding> {
    let findings = parse(&Source::new("text", text), dialect).findings;
    findings.into_iter().filter(|one| one.name == name).collect()
}

fn fix(finding: &Finding) -> Option<&Fix> {
    match &finding.help {
        Some(Help::Fix(fix)) => Some(fix),
        _ => None,
    }
}

#[test]
fn a_text_that_is_closed_on_a_later_line_is_left_alone() {
    let quoted = [("'", "it’s"), ("'", "‘its’"), ("\"", "say “so”"), ("\"", "„so”")];
    for (quote, said) in quoted {
        let text = format!(
            "set daemon 30\ncheck file f with path /x\n if content = {quote}{said}\n a text{quote} then alert\ncheck process p with pidfilee /x\n"
        );
        let found = found(&text, Dialect::Rules);
        assert!(matches!(found[..], [(5, _, true)]), "{said}: {found:?}");
    }
}

#[test]
fn a_text_that_is_closed_by_a_sign_of_a_web_page_is_closed_there() {
    for (quoted, meant) in [("'/a’", "'/a'"), ("\"/a”", "\"/a\""), ("'/it’s’", "'/it’s'")] {
        for rest in ["\n if size > 1 MB then alert\n", ""] {
            let text = format!("check file f with path {quoted}{rest}");
            let signs = named(&text, Dialect::Rules, "pasted-typography");
            let [Some(fix)] = signs.iter().map(fix).collect::<Vec<_>>()[..] else { panic!("{text:?}: {signs:?}") };
            let mut after = text.clone();
            fix.edits.iter().rev().for_each(|edit| after.replace_range(edit.span.range(), &edit.text));
            assert_eq!(after, format!("check file f with path {meant}{rest}"));
        }
    }
}

#[test]
fn what_loads_as_it_stands_is_changed_by_nobody_who_was_not_asked() {
    for line in ["group shop–web", "group a\u{a0}b", "group “shop”", "start program = \"/bin/a\" as uid a–b"] {
        let signs = named(&format!("check process p with pidfile /x\n {line}\n"), Dialect::Rules, "pasted-typography");
        let [one] = &signs[..] else { panic!("{line}: {signs:?}") };
        assert_eq!((one.severity, fix(one).map(|fix| fix.safe)), (Severity::Warning, Some(false)), "{line}");
    }
    let wide = named("check file f with path /srv/日本語－x\n", Dialect::Monit, "pasted-typography");
    assert_eq!(wide.iter().map(|one| fix(one).map(|fix| fix.safe)).collect::<Vec<_>>(), [Some(false)]);
    let broken = named(
        "check process p with pidfile /x\n start program = “/bin/a start”\n",
        Dialect::Monit,
        "pasted-typography",
    );
    assert_eq!(broken.iter().map(|one| fix(one).map(|fix| fix.safe)).collect::<Vec<_>>(), [Some(true)]);
}

#[test]
fn a_quote_in_a_word_is_told_of_and_left_to_its_author() {
    for line in
        [" group a“b", " group a/‘b’", " group a“b” ", " start program = \"/bin/a\" as uid x”y", " group we«b»2–3"]
    {
        let signs = named(&format!("check process p with pidfile /x\n{line}\n"), Dialect::Rules, "pasted-typography");
        let [one] = &signs[..] else { panic!("{line}: {signs:?}") };
        assert_eq!(one.help, Some(Help::Sentence("write plain signs".to_owned())), "{line}");
    }
    for dialect in [Dialect::Monit, Dialect::Rules] {
        let signs = named("check process p with pidfile /run/“x”.pid\n", dialect, "pasted-typography");
        assert_eq!(signs.iter().map(|one| (one.severity, fix(one))).collect::<Vec<_>>(), [(Severity::Warning, None)]);
    }
    let wrong = "check process p with pidfile /run/“x”.pid grup\n";
    assert!(named(wrong, Dialect::Rules, "pasted-typography").iter().all(|one| fix(one).is_none()));
}

#[test]
fn a_mark_in_a_mail_ends_no_mail() {
    for mark in ["${mail}", "{{ mail }}", "{{{ mail }}}", "{% if mail %}", "<%= {mail} %>"] {
        for part in ["from:", "reply-to:", "subject: to"] {
            let text = format!(
                "set mail-format {{\n  {part} {mark} – “x”\n  message: “$EVENT” – <b> isn't {{\n it\n}}\nset daemon 30\n"
            );
            let found = found(&text, Dialect::Monit);
            assert!(matches!(found[..], [(2, "placeholder", true)]), "{part} {mark}: {found:?}");
        }
        let text = format!("set mail-format {{ message: “$EVENT” {mark}\n – “x” }}\nset daemon 30\n");
        let found = found(&text, Dialect::Monit);
        assert!(matches!(found[..], [(1, "placeholder", true)]), "{mark}: {found:?}");
    }
}

/// What is said about a text first.
fn headline(text: &str, dialect: Dialect) -> String {
    let findings = parse(&Source::new("text", text), dialect).findings;
    findings.first().map(|one| one.headline.clone()).unwrap_or_default()
}

#[test]
fn a_web_page_is_told_by_its_tags() {
    for text in [
        "<p><b>x</b></p><i>y</i> <a>1</a><a>2</a>\nset daemon\n",
        "\u{feff}\n  <html><h1>a</h1><p>set daemon 30</p><p>x</p><p>x</p></html>\n",
        "='right'>Read</th><th class='left'>Write</th></tr><tr><td>a</td><td>b</td></tr>\n",
    ] {
        for dialect in [Dialect::Monit, Dialect::Rules] {
            assert_eq!(headline(text, dialect), "this is a web page, and no file of rules", "{text}");
        }
    }
}

#[test]
fn tags_in_texts_and_comments_are_no_web_page() {
    let tags = "</a></b></c></d></e>";
    for (text, line) in [
        (format!("sett 30 # {tags}\n"), 1),
        (format!("check file f with path /x\n if content = \"{tags}\" thn alert\n"), 2),
        (format!("if content = \"{tags}\" thn alert\n"), 1),
        (format!("# {tags}\nsett 30 # {tags}\n"), 2),
        (format!("set daemon 30\ncheck file f with path /x\n if content = {tags} thn alert\n"), 3),
        (format!("<user> {{\n# {tags}\n sett x # {tags}\n"), 1),
    ] {
        for dialect in [Dialect::Monit, Dialect::Rules] {
            assert!(!headline(&text, dialect).contains("web page"), "{text}");
            assert_eq!(found(&text, dialect).first().map(|(line, ..)| *line), Some(line), "{text}");
        }
    }
}

#[test]
fn events_in_braces_are_no_marks() {
    for event in EVENT_WORDS {
        let text =
            format!("set alert a@b.c{{{event}}}\nset alert a@b.c only on {{{event}}}\nset alert x{{here}}@b.c\n");
        let found = found(&text, Dialect::Monit);
        assert!(matches!(found[..], [(3, "placeholder", true)]), "{event}: {found:?}");
    }
    let text = "set alert a@b.c{uptime}\nsett x\n";
    assert!(matches!(found(text, Dialect::Monit)[..], [(2, _, true)]));
}

#[test]
fn names_in_braces_are_filled_in_by_nobody_but_a_shell() {
    for (text, line) in [
        ("set daemon 30\ncheck process p with pidfile /run/${SERVICE}.pid\n", 2),
        ("check system ${HOST}\n", 1),
        ("set mail-format {\n from: ruled@${HOST}\n subject: $SERVICE\n message: “$EVENT”\n}\n", 2),
    ] {
        for dialect in [Dialect::Monit, Dialect::Rules] {
            let found = found(text, dialect);
            assert!(matches!(found[..], [(at, "placeholder", true)] if at == line), "{text}: {found:?}");
        }
    }
    let shell = "check process p with pidfile /x\n start program = \"/bin/sh -c 'echo ${HOST} ${SERVICE}'\"\n if cpu > 5% then exec \"/bin/tell ${HOST}\"\ncheck program q with path \"/bin/tell ${HOST}\"\n";
    for dialect in [Dialect::Monit, Dialect::Rules] {
        assert_eq!(found(shell, dialect), []);
        assert_eq!(found(&format!("{shell}sett x\n"), dialect).len(), 1);
    }
}
