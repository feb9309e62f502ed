//! Patterns of POSIX against glibc: a table of what it says, and random patterns.

#[path = "patterns/errors.rs"]
mod errors;
#[path = "patterns/random.rs"]
mod random;
#[path = "patterns/table.rs"]
mod table;

use grammar::Dialect;
use interpreter::pattern::{Pattern, Syntax, translate};

use self::random::Random;
use self::table::{Row, Table, glibc};

/// How many random patterns a run of the tests tries. Two hundred thousand take a minute.
const RANDOM_PATTERNS: usize = 4_000;
/// Where the random patterns begin; another number gives others.
const SEED: u64 = 20_260_101;

/// What a pattern says of the texts of a row, as the table writes it.
fn verdict(row: &Row, compiled: Option<Pattern>) -> String {
    let Some(pattern) = compiled else { return "error".to_owned() };
    row.texts.iter().map(|text| if pattern.is_match(text) { '1' } else { '0' }).collect()
}

#[test]
fn patterns_say_what_the_table_says() {
    let table = Table::stored();
    assert!(table.rows.len() >= 100, "{} patterns", table.rows.len());
    for row in &table.rows {
        assert_eq!(row.texts.len(), 10, "{row}");
        let pattern = Pattern::new(&row.pattern, Syntax::Posix).ok();
        assert_eq!(verdict(row, pattern), row.verdict, "{row}");
    }
}

#[test]
fn the_table_says_what_glibc_says() {
    let stored = table::stored_text();
    assert_eq!(glibc(&stored), stored, "patterns/glibc.tsv is not what patterns/glibc.c makes of it");
}

#[test]
fn translations_say_what_the_table_says() {
    for row in &Table::stored().rows {
        let translated = match translate(&row.pattern) {
            Ok(translated) => translated,
            Err(error) => {
                assert!(row.verdict == "error" || error.message.contains("back-reference"), "{row}: {error}");
                continue;
            }
        };
        let pattern = Pattern::new(&translated, Syntax::Regex).unwrap_or_else(|error| panic!("{row}: {error}"));
        assert_eq!(verdict(row, Some(pattern)), row.verdict, "{row}: `{translated}`");
    }
}

#[test]
fn random_patterns_say_what_glibc_says() {
    let differences = random_differences(SEED, RANDOM_PATTERNS);
    assert!(differences.is_empty(), "seed {SEED}: {} differences\n{}", differences.len(), differences.join("\n"));
}

/// Where random patterns or their translations differ from glibc, but for what `random::is_settled` leaves out.
fn random_differences(seed: u64, patterns: usize) -> Vec<String> {
    let answered = Table::read(&glibc(&random::table(&mut Random::of(seed), patterns)));
    let mut differences = Vec::new();
    for row in answered.rows.iter().filter(|row| row.verdict != "slow") {
        let ours = verdict(row, Pattern::new(&row.pattern, Syntax::Posix).ok());
        let refusal = ours == "error" || row.verdict == "error";
        let differs = if refusal {
            ours != row.verdict
        } else {
            let verdicts = ours.chars().zip(row.verdict.chars()).zip(row.texts.iter());
            verdicts
                .filter(|(_, text)| random::is_settled(&row.pattern, text))
                .any(|((ours, theirs), _)| ours != theirs)
        };
        if differs {
            differences.push(format!("{row}; ours {ours}"));
        }
        let translated = translate(&row.pattern).ok().map(|written| Pattern::new(&written, Syntax::Regex).ok());
        if translated.is_some_and(|translated| verdict(row, translated) != ours) {
            differences.push(format!("{row}; ours {ours}, not so its translation"));
        }
    }
    differences
}

#[test]
fn the_dialect_decides_the_syntax() {
    assert_eq!(Syntax::from(Dialect::Monit), Syntax::Posix);
    assert_eq!(Syntax::from(Dialect::Rules), Syntax::Regex);
    let digit = |syntax| Pattern::new(r"^\d$", syntax).expect("a pattern");
    assert!(digit(Syntax::Posix).is_match(b"d") && !digit(Syntax::Posix).is_match(b"7"));
    assert!(digit(Syntax::Regex).is_match(b"7") && !digit(Syntax::Regex).is_match(b"d"));
    assert_eq!(digit(Syntax::Regex), digit(Syntax::Regex));
    assert_ne!(digit(Syntax::Regex), digit(Syntax::Posix));
    assert_eq!((digit(Syntax::Posix).written(), digit(Syntax::Posix).syntax()), (r"^\d$", Syntax::Posix));
}

#[test]
fn bytes_that_are_not_utf8_are_matched_as_bytes() {
    let written = grammar::source::decode(b"caf\xe9 [\xe0-\xef]+$").text;
    let pattern = Pattern::new(&written, Syntax::Posix).expect("a pattern");
    assert!(pattern.is_match(b"un caf\xe9 \xe9\xe8"));
    assert!(!pattern.is_match("un café é".as_bytes()));
    let translated = translate(&written).expect("a translation");
    assert_eq!(translated, r"(?-u)caf\xE9 [\xE0-\xEF]+$");
    assert!(Pattern::new(&translated, Syntax::Regex).expect("a pattern").is_match(b"caf\xe9 \xe9"));
}

#[test]
fn a_text_ends_before_its_first_byte_zero() {
    let pattern = Pattern::new("^a*$", Syntax::Posix).expect("a pattern");
    assert!(pattern.is_match(b"aa\0b"));
    assert!(!Pattern::new("b", Syntax::Posix).expect("a pattern").is_match(b"aa\0b"));
    assert!(Pattern::new("b", Syntax::Regex).expect("a pattern").is_match(b"aa\0b"));
}

#[test]
fn translations_stay_readable() {
    for (posix, expected) in [
        ("nginx: master", "nginx: master"),
        ("/usr/sbin/sshd( -D)?$", "/usr/sbin/sshd( -D)?$"),
        (".*error.*", ".*error.*"),
        ("foo.*bar", "(?s-u)foo.*bar"),
        ("(error|crit(ical)?):", "(error|crit(ical)?):"),
        ("[[:digit:]]{1,3}%", "[[:digit:]]{1,3}%"),
        (r"\d+\.log", r"d+\.log"),
        (r"\<oom\>", r"(?-u)\<oom\>"),
        ("[^ ]+ ERROR", "(?-u)[^ ]+ ERROR"),
        ("[]a-]", r"[\]a-]"),
        ("[a\\]", r"[a\\]"),
        ("a**", "a*"),
        ("a+?", "a*"),
        ("a{2}{3}", "a{6}"),
        ("a{2,3}*", "(?:a{2,3})*"),
        ("a{,2}", "a{0,2}"),
        ("f)}", r"f\)}"),
        ("größer", "größer"),
        ("gröss+e[äö]", r"(?-u)gröss+e[\xC3\xA4\xC3\xB6]"),
        ("é+", r"(?-u)\xC3\xA9+"),
        ("\\`a\\'", r"\Aa\z"),
        ("a\tb", r"a\tb"),
        ("", ""),
    ] {
        assert_eq!(translate(posix).as_deref(), Ok(expected), "{posix}");
    }
}
