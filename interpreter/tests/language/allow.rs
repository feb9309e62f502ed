//! Comments that allow findings: what each of them covers, and what cannot be allowed.

use crate::rig::{MAIN, found, machine, run};
use grammar::{Dialect, Help};
use interpreter::check::{Checked, Day, Imaginary, check, check_loaded, load_text};

const WHY: &str = "because the test wants it";
const RULE: &str = "    if memory > 0 then alert\n";

/// What is shown, as `line name`, and what is allowed.
fn lines(text: &str, dialect: Dialect, machine: &Imaginary) -> (Vec<String>, Vec<String>) {
    let (source, checked) = run(text, dialect, machine);
    let line = |finding: &grammar::Finding| {
        let place = source.place(finding.span().start);
        let file = place.file.strip_prefix(MAIN).unwrap_or(place.file);
        format!("{file}{} {}", place.line, finding.name)
    };
    // The same rule stands twice in a service, which is another finding.
    let asked = |finding: &&grammar::Finding| finding.name != "shadowed-rule";
    let lines = |findings: &[grammar::Finding]| findings.iter().filter(asked).map(line).collect();
    (lines(&checked.findings), lines(&checked.suppressed))
}

/// The lines on which `always-true` is shown, and those on which it is allowed.
#[track_caller]
fn covers(text: &str, shown: &[&str], allowed: &[&str]) {
    for dialect in [Dialect::Rules, Dialect::Monit] {
        assert_eq!(lines(text, dialect, &machine()), (owned(shown), owned(allowed)), "in {dialect:?}:\n{text}");
    }
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn check_of(name: &str) -> String {
    format!("check process {name} with pidfile /run/{name}\n{RULE}{RULE}")
}

#[test]
fn directly_above_a_check_it_covers_that_check() {
    let (a, b) = (check_of("a"), check_of("b"));
    let text = format!("# ruled: allow always-true {WHY}\n{a}\n{b}");
    covers(&text, &["7 always-true", "8 always-true"], &["3 always-true", "4 always-true"]);
    let text = format!("{a}\n  # ruled: allow always-true {WHY}\n\n# something else\n\n{b}");
    covers(&text, &["2 always-true", "3 always-true"], &["10 always-true", "11 always-true"]);
    let text = format!("# ruled: allow always-true {WHY}\n# something else\n#\n{a}{b}");
    covers(&text, &["8 always-true", "9 always-true"], &["5 always-true", "6 always-true"]);
}

#[test]
fn above_an_empty_line_it_covers_the_file() {
    let (a, b) = (check_of("a"), check_of("b"));
    let all = ["4 always-true", "5 always-true", "7 always-true", "8 always-true"];
    covers(&format!("# ruled: allow always-true {WHY}\n\n{a}{b}"), &[], &all);
    covers(&format!("# ruled: allow always-true {WHY}\n \t\r\n{a}{b}"), &[], &all);
    let all = ["5 always-true", "6 always-true", "8 always-true", "9 always-true"];
    covers(&format!("# ruled: allow always-true {WHY}\n# more\n\n{a}{b}"), &[], &all);
    covers(&format!("\n# ruled: allow always-true {WHY}\n\n{a}{b}"), &[], &all);
    let text = format!("\u{FEFF}# ruled: allow always-true {WHY}\n\n{a}");
    let allowed = owned(&["4 always-true", "5 always-true"]);
    assert_eq!(lines(&text, Dialect::Rules, &machine()), (owned(&[]), allowed));
}

#[test]
fn inside_of_a_check_it_covers_the_next_statement() {
    let text = format!("check process a with pidfile /a\n    # ruled: allow always-true {WHY}\n{RULE}{RULE}");
    covers(&text, &["4 always-true"], &["3 always-true"]);
    let split = "    if memory\n        > 0\n        then alert\n";
    let text = format!("check process a with pidfile /a\n    # ruled: allow always-true {WHY}\n{split}{RULE}");
    covers(&text, &["6 always-true"], &["3 always-true"]);
}

#[test]
fn inside_of_a_statement_it_covers_the_next_line() {
    let text = format!(
        "check process a with pidfile /a\n    if memory\n        # ruled: allow bare-byte-threshold {WHY}\n\n        # more\n        \
         > 200\n        then alert\n{RULE}"
    );
    covers(&text, &["8 always-true"], &["6 bare-byte-threshold"]);
}

#[test]
fn at_the_end_of_a_line_it_covers_the_line() {
    let rule = format!("    if memory > 0 then alert # ruled: allow always-true {WHY}\n");
    let text = format!("check process a with pidfile /a\n{RULE}{rule}{RULE}");
    covers(&text, &["2 always-true", "4 always-true"], &["3 always-true"]);
    let text = format!("check process a with pidfile /a # ruled: allow always-true {WHY}\n{RULE}");
    covers(&text, &["1 unused-allow", "2 always-true"], &[]);
}

#[test]
fn several_names_and_their_use() {
    let text = format!("# ruled: allow always-true, nobody-told,no-such {WHY}\n{}", check_of("a"));
    covers(&text, &["1 unused-allow", "1 unused-allow"], &["3 always-true", "4 always-true"]);
    let text = format!("{}# ruled: allow always-true {WHY}\n", check_of("a"));
    covers(&text, &["2 always-true", "3 always-true", "4 unused-allow"], &[]);
}

#[test]
fn what_is_no_comment_allows_nothing() {
    let text = format!(
        "set mail-format {{ message: \n# ruled: allow always-true {WHY}\n}}\ncheck process a with pidfile \"/a# ruled: allow \
         always-true {WHY}\"\n{RULE}"
    );
    covers(&text, &["5 always-true", "5 nobody-told"], &[]);
    let text = format!("check process a#ruled with pidfile /a\n# if a # ruled: allow always-true {WHY}\n{RULE}");
    covers(&text, &["3 always-true"], &[]);
    let text =
        format!("check process a with pidfile /a\n# ruled: this is ours\n# ruled: alow always-true {WHY}\n{RULE}");
    covers(&text, &["3 unused-allow", "4 always-true"], &[]);
}

#[test]
fn what_is_wrong_with_a_comment_is_said() {
    let headline = |comment: &str| -> Vec<String> {
        let text = format!("check process a with pidfile /a\n    {comment}\n{RULE}");
        let (_, checked) = run(&text, Dialect::Rules, &machine());
        assert!(checked.suppressed.is_empty(), "{comment}");
        let own = checked.findings.into_iter().filter(|finding| finding.name != "always-true");
        own.map(|finding| format!("{}: {}", finding.name, finding.headline)).collect()
    };
    let said = [
        ("allow always-true", "allow-without-reason: this comment does not say why it allows what it names"),
        ("allow always-true because", "allow-without-reason: this comment does not say why it allows what it names"),
        ("allow because x", "unused-allow: this comment names no finding"),
        ("allow always-true until tomorrow because x", "unused-allow: `tomorrow` is no day"),
        ("allow always-true until because x", "unused-allow: no day stands behind `until`"),
        ("allow always-true until 2026-02-30 because x", "unused-allow: `2026-02-30` is no day"),
        ("allow always-true until 2026-11-30 because x", "expired-allow: this finding was allowed until 2026-11-30"),
        ("allow alwais-true because x", "unused-allow: there is no finding named `alwais-true`"),
        ("allow unused-allow because x", "unused-allow: no comment can allow `unused-allow`"),
        ("allow writable-by-others because x", "unused-allow: no comment can allow `writable-by-others`"),
        ("allow replaceable-by-others because x", "unused-allow: no comment can allow `replaceable-by-others`"),
        ("alow always-true because x", "unused-allow: `# ruled: alow` says nothing to ruled"),
    ];
    for (comment, wanted) in said {
        assert_eq!(headline(&format!("# ruled: {comment}")), [wanted], "{comment}");
    }
    let nearly = [
        ("# ruled allow always-true because x", "# ruled allow"),
        ("#RULED : allow always-true because x", "#RULED : allow"),
        ("# ruled: ignore always-true because x", "# ruled: ignore"),
    ];
    for (comment, begin) in nearly {
        assert_eq!(headline(comment), [format!("unused-allow: `{begin}` says nothing to ruled")]);
    }
    let many = format!("# ruled: allow {}always-true because x", "always-true, ".repeat(64));
    assert_eq!(headline(&many), ["unused-allow: this comment names more than 64 findings"]);
    assert!(headline("# ruled: allow missing-program because it is missing elsewhere").is_empty());
    assert!(headline("# ruled: allow ping-not-permitted because it is permitted here").is_empty());
    assert!(headline("# ruled: allow not-a-mount-point because the disk is mounted at night").is_empty());
    assert!(headline("# ruled: allow misread-by-monit because nobody runs Monit here").is_empty());
}

#[test]
fn a_day_ends_what_is_allowed() {
    let text =
        format!("check process a with pidfile /a\n    # ruled: allow always-true until 2026-12-01 {WHY}\n{RULE}");
    let on = |day: Option<Day>| {
        let machine = Imaginary { today: day, ..machine() };
        lines(&text, Dialect::Rules, &machine)
    };
    let allowed = (owned(&[]), owned(&["3 always-true"]));
    assert_eq!(on(None), allowed);
    assert_eq!(on(Day::new(2026, 11, 30)), allowed);
    assert_eq!(on(Day::new(2026, 12, 1)), allowed);
    assert_eq!(on(Day::new(2026, 12, 2)), (owned(&["2 expired-allow", "3 always-true"]), owned(&[])));
}

#[test]
fn an_error_cannot_be_allowed() {
    let text = format!(
        "check file a with path /a\n    # ruled: allow misplaced-test, always-true {WHY}\n    if cpu > 5% then alert\n"
    );
    let (source, Checked { findings, suppressed, program, .. }) = run(&text, Dialect::Rules, &machine());
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((finding.name, source.place(finding.span().start).line), ("misplaced-test", 3));
    assert!(finding.notes.iter().any(|note| note == "the comment on line 2 cannot allow this: an error stops loading"));
    assert!(suppressed.is_empty() && program.is_none());
}

#[test]
fn every_file_has_comments_of_its_own() {
    let main = format!(
        "# ruled: allow always-true {WHY}\n\ncheck process a with pidfile /a\n{RULE}    include /part\n{RULE}\ncheck process b \
         with pidfile /b\n    include /part\n"
    );
    let part = format!("{RULE}    # ruled: allow always-true {WHY}\n{RULE}");
    let machine = machine().with_file("/part", part);
    let (shown, allowed) = lines(&main, Dialect::Rules, &machine);
    assert_eq!(shown, ["/part1 always-true", "/part1 always-true"]);
    assert_eq!(allowed, ["4 always-true", "/part3 always-true", "6 always-true", "/part3 always-true"]);
}

#[test]
fn what_is_found_while_loading_can_be_allowed() {
    let text =
        format!("set daemon 30\n# ruled: allow include-matches-nothing {WHY}\ninclude /none\n\n{}", check_of("a"));
    let (shown, allowed) = lines(&text, Dialect::Rules, &machine());
    assert_eq!(allowed, ["3 include-matches-nothing"]);
    assert!(!shown.iter().any(|line| line.contains("allow")), "{shown:?}");
    // Whoever checks a text without what came of loading it cannot know.
    let loaded = load_text(MAIN, text.as_bytes(), Dialect::Rules, &machine());
    let checked = check(&loaded.source, Dialect::Rules, &crate::rig::protocols(), &machine());
    assert!(!found(&loaded.source, &checked).iter().any(|(_, _, mark)| mark.contains("allow")));
    let whole = check_loaded(&loaded, Dialect::Rules, &crate::rig::protocols(), &machine());
    // What is not in the rest may stand in a part that is missing.
    let others = checked.findings.iter().filter(|finding| finding.name != "nobody-told");
    assert!(whole.findings.iter().eq(others), "{:?}", whole.findings);
    assert!(checked.findings.iter().any(|finding| finding.name == "nobody-told"));
}

#[test]
fn a_fix_removes_the_comment_and_what_belongs_to_it() {
    let fixed = |text: &str| {
        let (source, checked) = run(text, Dialect::Rules, &machine());
        let finding = checked.findings.iter().find(|finding| finding.name == "unused-allow").expect("it is unused");
        let Some(Help::Fix(fix)) = &finding.help else { panic!("{finding:?}") };
        assert!(fix.safe);
        let [edit] = fix.edits.as_slice() else { panic!("{fix:?}") };
        let mut text = source.text().to_owned();
        text.replace_range(edit.span.range(), &edit.text);
        text
    };
    let head = "check process a with pidfile /a";
    let allow = format!("# ruled: allow mail-address {WHY}");
    assert_eq!(
        fixed(&format!("{head}\n    {allow}\n    if cpu > 5% then alert\n")),
        format!("{head}\n    if cpu > 5% then alert\n")
    );
    assert_eq!(fixed(&format!("{head}   {allow}\r\n")), format!("{head}\r\n"));
    assert_eq!(fixed(&format!("{head}   {allow}  # a remark\n")), format!("{head}   # a remark\n"));
    assert_eq!(fixed(&format!("{head}\n{allow}")), format!("{head}\n"));
    let several = |names: &str| format!("{head}\n{RULE}    # ruled: allow {names} {WHY}\n{RULE}");
    assert_eq!(fixed(&several("always-true, mail-address")), several("always-true"));
    assert_eq!(fixed(&several("mail-address, always-true")), several("always-true"));
}
