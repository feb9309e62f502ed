//! The pages of what the parser finds; its words stand in the grammar.

use super::Entry;

/// The pages of the parser's findings.
pub(super) const PAGES: &[Entry] = &[
    Entry::reported("joined-operator", "blanks that Monit needs", include_str!("joined_operator.md")),
    Entry::reported("missing-and", "conditions side by side", include_str!("missing_and.md")),
    Entry::reported("missing-set", "a setting without `set`", include_str!("missing_set.md")),
    Entry::reported("missing-then", "a rule without `then`", include_str!("missing_then.md")),
    Entry::reported("mixed-and-or", "`and` and `or` without parentheses", include_str!("mixed_and_or.md")),
    Entry::reported("nul-byte", "a byte that is in no text", include_str!("nul_byte.md")),
    Entry::reported("option-order", "an order of options that Monit refuses", include_str!("option_order.md")),
    Entry::reported("pasted-typography", "signs of a web page", include_str!("pasted_typography.md")),
    Entry::reported("reserved-word", "a word that Monit keeps for itself", include_str!("reserved_word.md")),
    Entry::reported("stray-argument", "words behind a program", include_str!("stray_argument.md")),
    Entry::reported(
        "swallowed-statement",
        "a line that a program takes for itself",
        include_str!("swallowed_statement.md"),
    ),
    Entry::reported("syntax-error", "something that cannot stand there", include_str!("syntax_error.md")),
    Entry::reported("too-deep", "parentheses in parentheses without end", include_str!("too_deep.md")),
    Entry::reported("unclosed-quote", "a text that never ends", include_str!("unclosed_quote.md")),
    Entry::reported("unknown-statement", "a statement that ruled does not know", include_str!("unknown_statement.md")),
];
