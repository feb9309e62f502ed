//! The comments of a text, for those who read what is said in them.

use super::grammar::{Rule, lexemes};
use super::{scan, span};
use crate::{Dialect, Span};

/// The comments in the order in which they stand, each from its `#` to the end of its line.
///
/// What merely holds a `#` is none: quoted texts, words, the parts of a mail's format, the headers of a request.
pub fn comments(text: &str, dialect: Dialect) -> Vec<Span> {
    let scanned = scan::scan(text, dialect, true);
    let lexemes = lexemes(dialect, &scanned.text);
    lexemes.items().filter(|lexeme| lexeme.as_rule() == Rule::lex_comment).map(|lexeme| span(&lexeme)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, dialect: Dialect) -> Vec<&str> {
        comments(text, dialect).into_iter().filter_map(|span| text.get(span.range())).collect()
    }

    #[test]
    fn only_a_comment_is_one() {
        let text = "# one\nset mail-format {\n  subject: # not\n  message: # not\n # not\n}\ncheck process a#not with \
                    pidfile \"/run/# not\" # two\n  if failed port 80 protocol http\n    http headers [X: # not]\n  \
                    then exec \"/bin/a # not\" ### three\n";
        for dialect in [Dialect::Monit, Dialect::Rules] {
            assert_eq!(written(text, dialect), ["# one", "# two", "### three"]);
        }
        assert_eq!(written("# end", Dialect::Rules), ["# end"]);
    }
}
