//! The customary shape: what becomes of a text, what stays as it is, and what holds for every text.

use grammar::print::{Unformatted, format};
use grammar::{Dialect, Severity, Source, parse};
use std::path::{Path, PathBuf};

/// Fails unless both dialects make the second text of the first, and nothing more of the second.
#[track_caller]
fn becomes(before: &str, after: &str) {
    for dialect in [Dialect::Monit, Dialect::Rules] {
        becomes_in(dialect, before, after);
    }
}

#[track_caller]
fn becomes_in(dialect: Dialect, before: &str, after: &str) {
    match format(before, dialect) {
        Ok(formatted) => assert_eq!(formatted, after, "{dialect:?}"),
        Err(why) => panic!("{dialect:?}: {why:?}"),
    }
    assert_eq!(format(after, dialect).as_deref(), Ok(after), "{dialect:?}");
}

#[track_caller]
fn stays(text: &str) {
    becomes(text, text);
}

#[test]
fn words_are_one_blank_apart() {
    becomes(
        "set   daemon\t30\ncheck \t system  box\n    if loadavg (1min)  >  4   for 3 cycles\tthen alert   \n",
        "set daemon 30\n\ncheck system box\n    if loadavg (1min) > 4 for 3 cycles then alert\n",
    );
}

#[test]
fn checks_of_plugins_are_laid_out_as_others() {
    becomes_in(
        Dialect::Rules,
        "check   plugin orders using  \"a.wasm\" with {queue:\"orders\",  hosts: [ \"a\",\"b\" ]}  timeout 5s grant connect \
         \"mq:1\"  with ssl   as \"x\" grant   read \"/a  b\" if  failed then alert if depth>5 per  second then alert",
        "check plugin orders using \"a.wasm\" with {queue:\"orders\", hosts: [ \"a\",\"b\" ]} timeout 5s\n    grant connect \
         \"mq:1\" with ssl as \"x\"\n    grant read \"/a  b\"\n    if failed then alert\n    if depth>5 per second then \
         alert\n",
    );
}

#[test]
fn statements_begin_their_own_line() {
    becomes(
        "set daemon 30 check process a pidfile /a start program \"/a\" stop = \"/b\" group g if cpu > 5% then alert \
         if memory > 1 MB then restart else if recovered then alert check system b",
        "set daemon 30\n\ncheck process a pidfile /a\n    start program \"/a\"\n    stop = \"/b\"\n    group g\n    \
         if cpu > 5% then alert\n    if memory > 1 MB then restart else if recovered then alert\n\ncheck system b\n",
    );
}

#[test]
fn what_is_glued_stays_legal() {
    becomes(
        "check process a pidfile /a start program=\"/a\"if cpu > 5% then alert",
        "check process a pidfile /a\n    start program=\"/a\"\n    if cpu > 5% then alert\n",
    );
}

#[test]
fn lines_are_never_joined() {
    becomes(
        "set mailserver\nlocalhost,\nmail.example.com port 25\ncheck process a\nwith pidfile /a\nif cpu > 5%\n\
         for 3 cycles\nthen alert\n",
        "set mailserver\n    localhost,\n    mail.example.com port 25\n\ncheck process a\n        with pidfile /a\n    \
         if cpu > 5%\n        for 3 cycles\n        then alert\n",
    );
}

#[test]
fn braces_indent_what_stands_in_them() {
    becomes(
        "set alert a@b only on {\nnonexist,\n# no more\ntimeout\n}\ncheck system b\nalert c@d\nonly on\n{\ntimeout }\n",
        "set alert a@b only on {\n    nonexist,\n    # no more\n    timeout\n}\n\ncheck system b\n    alert c@d\n        \
         only on\n    {\n        timeout }\n",
    );
}

#[test]
fn one_empty_line_stands_before_each_check() {
    becomes(
        "\n\n\nset daemon 30\n\n\n\nset logfile syslog\ncheck system a\n\n\n    if cpu > 5% then alert\n\n\n\n\
         check process b pidfile /b\n\n\n",
        "set daemon 30\n\nset logfile syslog\n\ncheck system a\n\n    if cpu > 5% then alert\n\ncheck process b pidfile /b\n",
    );
}

#[test]
fn comments_stand_where_their_statement_stands() {
    becomes(
        "# about the file\n  # and more\nset daemon 30 # seconds\n# about a\ncheck process a pidfile /a\t# its file\n\
         # about cpu\nif cpu > 5% # much\n# too much\nthen alert\n  # the last of a\n# about b\ncheck system b\n\n\
         # about the file\n",
        "# about the file\n# and more\nset daemon 30  # seconds\n\n# about a\ncheck process a pidfile /a  # its file\n    \
         # about cpu\n    if cpu > 5%  # much\n        # too much\n        then alert\n    # the last of a\n\n\
         # about b\ncheck system b\n\n# about the file\n",
    );
}

#[test]
fn comments_at_the_end_of_a_check_stay_in_it() {
    becomes(
        "check process a pidfile /a\nif cpu > 5% then alert\n# if memory > 1 MB then alert\n\n   # nor this\n\n\
         # ---- next ----\n\ncheck system b\n  if cpu > 5% then alert\n# vim: set ft=monit\n",
        "check process a pidfile /a\n    if cpu > 5% then alert\n    # if memory > 1 MB then alert\n\n    # nor this\n\n\
         # ---- next ----\n\ncheck system b\n    if cpu > 5% then alert\n# vim: set ft=monit\n",
    );
}

#[test]
fn comments_keep_what_they_say() {
    becomes(
        "#   a \"quote,  it's   open\t \n#\tset   daemon 5 \\\nset daemon 30#x   y\n",
        "#   a \"quote,  it's   open\n#\tset   daemon 5 \\\nset daemon 30#x   y\n",
    );
}

#[test]
fn texts_and_programs_keep_their_blanks() {
    becomes(
        "check process a   matching \"a  b\t c\"\n  start program \"/bin/sh -c  'x   y'\n     and\there  \n  \"   as uid x\n",
        "check process a matching \"a  b\t c\"\n    start program \"/bin/sh -c  'x   y'\n     and\there  \n  \" as uid x\n",
    );
}

#[test]
fn quotes_end_where_the_dialect_says() {
    let before = "check process a matching \"a\\\"  b\"   # it's\n";
    becomes_in(Dialect::Rules, before, "check process a matching \"a\\\"  b\"  # it's\n");
}

#[test]
fn parts_of_a_mail_format_keep_their_blanks() {
    becomes(
        "set mail-format {\nfrom:   Monit  <a@b.example>\n   reply-to: c@d.example\nsubject: $SERVICE   $EVENT  \n  \
         message: Dear   all,\n  # it's   $ACTION\n\n\n      \"on\"  {   $HOST\n      }\n\
         check system a alert x@y.example with mail-format  {\nsubject: a   b }  group g\n",
        "set mail-format {\n    from:   Monit  <a@b.example>\n    reply-to: c@d.example\n    subject: $SERVICE   $EVENT\n    \
         message: Dear   all,\n  # it's   $ACTION\n\n\n      \"on\"  {   $HOST\n}\n\n\
         check system a\n    alert x@y.example with mail-format {\n        subject: a   b }\n    group g\n",
    );
}

#[test]
fn headers_and_addresses_of_requests_keep_their_blanks() {
    becomes(
        "check host h address h.example\nif failed port 80 protocol http   with http headers [Host:   a.b,  X-Note: its   me ,\n   \
         Cookie: \"a,  b\"]   and request   \"/x  y\" then alert\n\
         if failed url http://u:p@h.example/a#c;(d)   content == \"x  y\" then alert\n",
        "check host h address h.example\n    if failed port 80 protocol http with http headers [Host:   a.b,  X-Note: its   me ,\n   \
         Cookie: \"a,  b\"] and request \"/x  y\" then alert\n    \
         if failed url http://u:p@h.example/a#c;(d) content == \"x  y\" then alert\n",
    );
}

#[test]
fn settings_of_several_lines_are_indented_by_one_level() {
    becomes(
        "set limits { programOutput: 512   B,\nnetworkTimeout:  5 seconds\n  }\nset httpd port 2812 and\n  use address localhost\n\
         allow   admin:\"it's  me\" # him\n",
        "set limits { programOutput: 512 B,\n    networkTimeout: 5 seconds\n}\nset httpd port 2812 and\n    use address localhost\n    \
         allow admin:\"it's  me\"  # him\n",
    );
}

#[test]
fn an_unquoted_program_keeps_its_line() {
    becomes(
        "check process a pidfile /a\nstart program /bin/a   one  two\n\nstop program /bin/a   d\n",
        "check process a pidfile /a\n    start program /bin/a one two\n\n    stop program /bin/a d\n",
    );
    // To Monit the second line is an argument, and so it is shown.
    let text = "check process a pidfile /a\n    start program \"/bin/a\"\n    nonsense\n";
    let shown = "check process a pidfile /a\n    start program \"/bin/a\"\n        nonsense\n";
    becomes_in(Dialect::Monit, text, shown);
}

#[test]
fn lists_of_names_are_left_alone() {
    becomes(
        "check process a pidfile /a\n  depends   on   b ,\n c,\td   group   \"g\"\n",
        "check process a pidfile /a\n    depends on b ,\n c,\td\n    group \"g\"\n",
    );
}

#[test]
fn includes_stand_in_the_check_or_at_the_margin() {
    becomes(
        "  include   /etc/a/*\nset daemon 30   include \"/etc/b  c\"\ncheck process a pidfile /a\ninclude /etc/d\n\
         include  /etc/#e # f\n  include /etc/g\nif cpu > 5% then alert\n",
        "include /etc/a/*\nset daemon 30\ninclude \"/etc/b  c\"\n\ncheck process a pidfile /a\ninclude /etc/d\n\
         include /etc/#e  # f\n    include /etc/g\n    if cpu > 5% then alert\n",
    );
}

#[test]
fn noise_and_signs_stay_with_their_statement() {
    becomes(
        "check system a\n(if cpu > 5% then alert);   and if memory > 5% then alert\n  and if swap > 5% then alert\n",
        "check system a\n    (if cpu > 5% then alert); and\n    if memory > 5% then alert\n    and if swap > 5% then alert\n",
    );
}

#[test]
fn line_ends_and_marks_of_other_systems_go() {
    becomes(
        "\u{FEFF}set daemon 30\r\n\r\n\r\n# a\r\ncheck system a\r\n\tif cpu > 5% then alert\r\n",
        "set daemon 30\n\n# a\ncheck system a\n    if cpu > 5% then alert\n",
    );
    becomes("", "");
    becomes(" \r\n\t\n", "");
    stays("# nothing but this\n");
}

#[test]
fn a_text_may_go_on_with_the_service_of_another() {
    becomes(
        "# for every web server\n if failed port 80  protocol http then restart\n\n\n if cpu > 5% then alert group   web\n",
        "    # for every web server\n    if failed port 80 protocol http then restart\n\n    if cpu > 5% then alert\n    \
         group web\n",
    );
}

#[test]
fn words_and_operators_that_touch_are_not_pulled_apart() {
    becomes_in(
        Dialect::Rules,
        "check system a\nif cpu>50%   then alert\nif memory usage > 100MB then exec \"/x\"\n",
        "check system a\n    if cpu>50% then alert\n    if memory usage > 100MB then exec \"/x\"\n",
    );
}

#[test]
fn bytes_that_are_not_utf8_are_words() {
    let decoded = grammar::source::decode(b"check process caf\xe9   pidfile  \"/\xff  \xfe\"\n");
    let formatted = format(&decoded.text, Dialect::Monit).expect("it can be read");
    let bytes = grammar::source::encode_back(&formatted);
    assert_eq!(bytes.as_ref(), b"check process caf\xe9 pidfile \"/\xff  \xfe\"\n");
}

#[test]
fn what_has_errors_is_not_formatted() {
    let text = "set daemon 30\ncheck system a\n  if cpu > 5% then explode\n";
    let Err(Unformatted::Unreadable(findings)) = format(text, Dialect::Rules) else { panic!("it was formatted") };
    assert!(findings.iter().any(|finding| finding.severity == Severity::Error));
    assert_eq!(Source::new("x", text).place(findings[0].span().start).line, 3);
    // Of a part of a service, too, the finding is at its place.
    let part = "if cpu > 5% then alert\nif cpu > 5% then explode\nif cpu > 6% then alert\n";
    let Err(Unformatted::Unreadable(findings)) = format(part, Dialect::Rules) else { panic!("it was formatted") };
    assert_eq!(findings.len(), 1);
    assert_eq!(Source::new("x", part).place(findings[0].span().start).line, 2);
}

/// Every text of rules in the repository that has no errors: examples, and the blocks of pages.
#[expect(clippy::disallowed_methods, reason = "the texts stand in files")]
fn texts() -> Vec<(String, Dialect, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["examples", "tests", "interpreter/src/lint"] {
        collect(&root.join(folder), &mut files);
    }
    files.push(root.join("README.md"));
    let mut texts = Vec::new();
    for path in files {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).expect("a page is text");
        if !name.ends_with(".md") {
            texts.push((name.clone(), Dialect::of_file_name(&name), text));
            continue;
        }
        for block in text.split("```").skip(1).step_by(2) {
            let (language, block) = block.split_once('\n').unwrap_or_default();
            let dialect = match language.trim() {
                "rules" | "" => Dialect::Rules,
                "monit" => Dialect::Monit,
                _ => continue,
            };
            texts.push((name.clone(), dialect, block.to_owned()));
        }
    }
    let all = texts.len();
    texts.retain(|(_, dialect, text)| !matches!(format(text, *dialect), Err(Unformatted::Unreadable(_))));
    assert!(texts.len() >= 10, "of {all} texts only {} can be read", texts.len());
    texts
}

#[expect(clippy::disallowed_methods, reason = "the texts stand in files")]
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let is_text = path.extension().is_some_and(|end| end == "rules" || end == "md" || end == "monitrc");
        if path.is_dir() {
            collect(&path, files);
        } else if is_text || path.ends_with("monitrc") {
            files.push(path);
        }
    }
    files.sort();
}

/// What a text says, without the places where it says it; a part of a service is read as one.
fn tree(text: &str, dialect: Dialect) -> String {
    let part = parse(&Source::new("", text), dialect).findings.iter().any(|one| one.severity == Severity::Error);
    let head = if part { "check process x with pidfile /x\n" } else { "" };
    let parsed = parse(&Source::new("", format!("{head}{text}")), dialect);
    let said = format!("{:?}", parsed.file);
    said.split("Span { ").map(|part| part.split_once('}').map_or(part, |(_, behind)| behind)).collect()
}

fn words(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && *character != '\u{FEFF}').collect()
}

/// What holds for every text that can be formatted; returns what it becomes.
#[track_caller]
fn holds(name: &str, dialect: Dialect, text: &str) -> String {
    let formatted = format(text, dialect).unwrap_or_else(|why| panic!("{name}: {why:?}\n{text}"));
    assert_eq!(words(&formatted), words(text), "{name}");
    assert_eq!(tree(&formatted, dialect), tree(text, dialect), "{name}\n{text}");
    assert_eq!(format(&formatted, dialect).as_deref(), Ok(formatted.as_str()), "{name}");
    assert!(formatted.is_empty() || formatted.ends_with('\n') && !formatted.starts_with('\n'), "{name}");
    formatted
}

#[test]
fn the_texts_of_the_repository_say_what_they_said() {
    for (name, dialect, text) in texts() {
        holds(&name, dialect, &text);
    }
}

#[test]
fn texts_with_other_blanks_say_the_same_and_look_the_same() {
    let mut dice = Dice(0x5EED);
    for (name, dialect, text) in texts() {
        let customary = holds(&name, dialect, &text);
        for _ in 0..8 {
            let other = respaced(&text, dialect, &mut dice, false);
            assert_eq!(holds(&name, dialect, &other), customary, "{name}\n{other}");
            let torn = respaced(&text, dialect, &mut dice, true);
            holds(&name, dialect, &torn);
        }
    }
}

/// Numbers without pattern, the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }
}

/// The text with other blanks, where blanks mean nothing. With `torn`, with other margins and empty lines too.
fn respaced(text: &str, dialect: Dialect, dice: &mut Dice, torn: bool) -> String {
    let mut other = String::new();
    let mut quote = None;
    let mut at_margin = true;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let bare = line.trim();
        // What is particular about blanks keeps them, up to the end of the text.
        if ["depend", "headers", "mail-format", "include"].iter().any(|word| bare.to_lowercase().contains(word)) {
            other.push_str(line);
            other.extend(lines);
            return other;
        }
        let keeps_margin = !torn && (bare.starts_with('#') || bare.is_empty());
        let mut characters = line.chars().peekable();
        let mut before = ' ';
        let mut comment = false;
        while let Some(character) = characters.next() {
            let outside = quote.is_none() && !comment;
            match character {
                '\\' if quote.is_some() && dialect == Dialect::Rules => {
                    other.push(character);
                    other.extend(characters.next());
                }
                '\n' if quote.is_none() => {
                    other.push_str(["", " ", "\t", "\r", " \r"][dice.below(5)]);
                    other.push('\n');
                    if torn && dice.below(6) == 0 {
                        other.push_str([" \n", "\n\n\n"][dice.below(2)]);
                    }
                    at_margin = true;
                    continue;
                }
                ' ' if outside && at_margin && keeps_margin => other.push(' '),
                ' ' if outside => {
                    while characters.next_if_eq(&' ').is_some() {}
                    let more = [" ", "  ", "    ", " \t", "\t"][dice.below(if at_margin { 5 } else { 4 })];
                    // A comment and the statement below it keep to each other.
                    other.push_str(if at_margin && !torn { " " } else { more });
                }
                _ => {
                    match (character, quote) {
                        ('"' | '\'', None) if !comment => quote = Some(character),
                        (_, Some(open)) if character == open => quote = None,
                        ('#', None) if before.is_whitespace() => comment = true,
                        _ => {}
                    }
                    other.push(character);
                    at_margin = false;
                }
            }
            before = character;
        }
    }
    other
}
