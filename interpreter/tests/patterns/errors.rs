//! What is said of patterns that cannot be compiled, and the limits.

use interpreter::pattern::{BACKTRACKS_MAX, NESTING_MAX, PATTERN_BYTES_MAX, Pattern, PatternError, Syntax, translate};

fn error(written: &str, syntax: Syntax) -> PatternError {
    match Pattern::new(written, syntax) {
        Ok(_) => panic!("`{written}` is no error"),
        Err(error) => error,
    }
}

#[test]
fn errors_say_what_and_where() {
    for (written, message, at) in [
        ("*.log", "there is nothing to repeat before this sign", 0..1),
        ("é|+", "there is nothing to repeat before this sign", 3..4),
        ("worker (queue", "this parenthesis is never closed", 7..8),
        ("a[b", "this bracket is never closed", 1..2),
        ("a[[:alpha:]", "this bracket is never closed", 1..2),
        ("a{2", "this brace is never closed", 1..2),
        ("a{}", "`{}` does not say how often", 1..3),
        ("a{x}", "an interval holds one or two numbers, such as `{2,5}`", 1..4),
        ("a{1,2,3}", "an interval holds at most two numbers, such as `{2,5}`", 1..6),
        ("a{2,1}", "an interval ends before it begins", 1..6),
        ("a{32768}", "an interval goes up to 32767, not further", 1..8),
        ("C:\\", "the backslash at the end has nothing after it", 2..3),
        ("(a)\\2", "`\\2` names a group that does not end before it", 3..5),
        ("[z-a]", "a range in brackets ends before it begins", 1..4),
        ("[a-[:digit:]]", "a range in brackets cannot end in a class", 1..12),
        ("[a-c-e]", "a hyphen in brackets stands for itself only at the beginning or the end", 4..5),
        ("[[.ab.]]", "only one single character can stand between these signs", 1..7),
    ] {
        let error = error(written, Syntax::Posix);
        assert_eq!((error.message.as_str(), error.at.clone()), (message, Some(at)), "{written}");
        assert_eq!(error.to_string(), message);
    }
    assert!(error("[[:digits:]]", Syntax::Posix).message.starts_with("a class in brackets is one of alnum, alpha"));
}

#[test]
fn errors_of_the_other_syntax_are_one_sentence_too() {
    for (written, message, at) in [
        ("worker (queue", "unclosed group", 7..8),
        ("a\n(", "unclosed group", 2..3),
        ("*", "repetition operator missing expression", 0..0),
        ("\\p{Klingon}", "Unicode property not found", 0..11),
    ] {
        assert_eq!(error(written, Syntax::Regex), PatternError { message: message.to_owned(), at: Some(at) });
    }
    let undecoded = grammar::source::decode(b"caf\xe9").text;
    assert_eq!(error(&undecoded, Syntax::Regex).at, Some(3..7));
}

#[test]
fn a_back_reference_has_no_translation() {
    let error = translate(r"a(b)\1").expect_err("no translation");
    assert_eq!(error.at, Some(4..6));
    assert!(error.message.contains("has no equivalent"), "{error}");
}

#[test]
fn every_limit_is_an_error() {
    let deep = |depth| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    let stacked = |times| format!("a{}", "{2,3}".repeat(times));
    for syntax in [Syntax::Posix, Syntax::Regex] {
        assert!(Pattern::new(&"a".repeat(PATTERN_BYTES_MAX), syntax).is_ok());
        assert!(error(&"a".repeat(PATTERN_BYTES_MAX + 1), syntax).message.contains("at most 16384 bytes"));
        assert!(error("((a{900}){900}){900}", syntax).message.contains("too large"));
        assert!(error(&deep(5_000), syntax).at.is_some());
        assert!(Pattern::new(&deep(NESTING_MAX), syntax).is_ok());
    }
    let deepest = format!("{}a{}", "(b|".repeat(NESTING_MAX), "*c)+".repeat(NESTING_MAX));
    assert!(Pattern::new(&deepest, Syntax::Posix).is_ok());
    assert_eq!(error(&deep(NESTING_MAX + 1), Syntax::Posix).message, "groups can be nested 100 deep, not deeper");
    assert!(error(&stacked(NESTING_MAX + 2), Syntax::Posix).message.contains("repetitions"));
    assert!(error(&stacked(NESTING_MAX), Syntax::Posix).message.contains("too large"));
    assert!(Pattern::new(&format!("a{}", "*".repeat(9_000)), Syntax::Posix).is_ok());
    let referring = error(&format!("{}\\1", deep(NESTING_MAX)), Syntax::Posix);
    assert!(referring.message.contains("back-reference"), "{referring}");
    for longest in ["a{32767}", ".{32767}", "(a{255}){255}"] {
        assert!(!Pattern::new(longest, Syntax::Posix).expect("a pattern").is_match(b"aaa"), "{longest}");
    }
}

#[test]
fn a_catastrophic_back_reference_gives_up() {
    let pattern = Pattern::new(r"^(a*)*(a*)*(a*)*\1\2b$", Syntax::Posix).expect("a pattern");
    assert!(!pattern.is_match("a".repeat(10_000).as_bytes()), "after {BACKTRACKS_MAX} steps back");
    let pattern = Pattern::new(r"(a|aa)*\1b", Syntax::Posix).expect("a pattern");
    assert!(!pattern.is_match("a".repeat(100_000).as_bytes()));
}
