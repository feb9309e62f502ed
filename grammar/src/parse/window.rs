//! A long text is read in windows: what pest remembers of a text is seventeen times as long, and what was read just now
//! is still at hand when the tree is made of it.
//!
//! A window ends where it happens to end, most often in the middle of a service, so what stands in it last is read again
//! in the next one. What stands before that must be read as if the whole text lay before pest. **It is, because pest did
//! not come to the end of the window while it read it.** The last `check` sees to that, and everything before it is what
//! is taken:
//!
//! - Whatever seeks an end beyond it (a text its quote, braces a `}`, headers a `]`) has not found one, or no `check` would
//!   have been read there. What has no end cannot be read, and leaves junk before the `check`; a text without one reaches
//!   to the end of the window, and leaves no `check`. In two places alone something else is read in place of what has no
//!   end: [`is_in_search`] knows them.
//! - Whatever takes words that follow each other stops at it, for it is two words, and no text may be the first. A name
//!   may, but behind a name nothing is tried that could fail.
//!
//! Where this cannot be said of any `check`, the window is made wider, if need be as wide as the text.
//! **A rule of the grammar that seeks an end, and gives way to another rule where there is none, must be known to
//! `is_in_search`;** the tests below look for it with windows of a byte.

use super::grammar::{Entry, Rule, read};
use super::mark::mark;
use super::recover::furthest;
use super::tree::{Pairs, Tree, span};
use crate::Dialect;

/// So much of a text is read at once: some dozens of services, and what pest remembers of them fits into a cache.
pub(super) const WINDOW_BYTES: usize = 16 << 10;

/// A window in which nothing is certain is made so many times as wide, and stays so: it is met again in texts that hold
/// what such a window is too narrow for.
const WIDER: usize = 4;

/// Behind a window of this width the rest of the text is read at once, so that a long text with a mistake near its
/// beginning is not read twice. No service is so long.
const WIDE_BYTES: usize = 256 << 10;

/// A text that is read from its beginning to its end.
pub(super) struct Windows<'a> {
    text: &'a str,
    dialect: Dialect,
    /// How wide a window is, up to the next end of a line.
    bytes: usize,
    /// Where the next window begins; nothing behind the last one.
    at: Option<usize>,
    tree: Tree,
}

impl<'a> Windows<'a> {
    /// A text that [`scan`](super::scan::scan) has made harmless.
    pub(super) fn new(text: &'a str, dialect: Dialect, bytes: usize) -> Windows<'a> {
        Windows { text, dialect, bytes, at: Some(0), tree: Tree::default() }
    }

    /// The next items of the text, or the furthest place that pest came to in the rest of it; nothing at its end.
    pub(super) fn read_on(&mut self) -> Option<Result<Pairs<'_>, usize>> {
        let start = self.at?;
        loop {
            let end = self.end(start);
            let window = self.text.get(start..end).unwrap_or_default();
            let is_last = end == self.text.len();
            // A word is marked for itself, so it makes no difference where the window begins.
            let next = match read(Entry::File, self.dialect, &mark(window)) {
                Ok(pairs) => {
                    self.tree.fill(pairs.tokens(), start);
                    if is_last { Some(u32::MAX) } else { self.settled(start, window) }
                }
                Err(error) if is_last => {
                    self.at = None;
                    return Some(Err(start + furthest(&error).0));
                }
                Err(_) => None,
            };
            match next {
                Some(next) => {
                    self.at = (!is_last).then_some(next as usize);
                    return Some(Ok(self.tree.items_before(next)));
                }
                None if self.bytes < WIDE_BYTES => self.bytes = self.bytes.saturating_mul(WIDER),
                None => self.bytes = usize::MAX,
            }
        }
    }

    /// Where a window ends: behind the end of a line, or at the end of the text.
    fn end(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let at_least = start.saturating_add(self.bytes.max(1) - 1);
        let line_end = bytes.get(at_least..).and_then(|rest| memchr::memchr(b'\n', rest));
        line_end.map_or(bytes.len(), |length| at_least + length + 1)
    }

    /// Up to where the items of a window are what they would be in the whole text.
    fn settled(&self, start: usize, window: &str) -> Option<u32> {
        let junk = self.tree.first_junk.unwrap_or(u32::MAX);
        // What stands from the first junk on may be junk only because the window ends.
        let checks = self.tree.items().filter(|item| item.as_rule() == Rule::check).map(|check| span(&check).start);
        let check = checks.take_while(|check| *check < junk).last()?;
        let (before, behind) = window.as_bytes().split_at_checked(check as usize - start)?;
        let in_search =
            is_in_search(before, behind, b'"', b": \t") || is_in_search(before, behind, b'\'', b": \t\r\n\"'");
        (!before.is_empty() && !in_search).then_some(check)
    }
}

/// Whether a text may have been looked for up to the end of a window, before what stands `behind`, and something else
/// been read instead: the value of a header, which may be a text or may merely begin like one, and an argument in
/// single quotes inside a program.
///
/// `opens` is what can stand before the quote of such a text.
fn is_in_search(before: &[u8], behind: &[u8], quote: u8, opens: &[u8]) -> bool {
    let byte_before = |bytes: &[u8], at: usize| at.checked_sub(1).and_then(|before| bytes.get(before)).copied();
    // A protected quote ends no text.
    let last = |bytes: &[u8]| memchr::memrchr_iter(quote, bytes).find(|at| byte_before(bytes, *at) != Some(b'\\'));
    last(behind).is_none()
        && last(before).and_then(|at| byte_before(before, at)).is_some_and(|byte| opens.contains(&byte))
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test without its texts is to fail")]
mod tests {
    use crate::parse;
    use crate::{Dialect, Finding, ast};
    use proptest::prelude::*;

    /// Statements that can be read, mistakes, and whatever is looked for beyond the end of a line.
    const PIECES: &[&str] = &[
        "check process a with pidfile /run/a.pid\n",
        "check process b matching \"b --serve\"\n  start program = \"/bin/b start\" as uid root with timeout 5 seconds\n",
        "  if cpu usage > 80% for 3 cycles\n    then alert\n  else if recovered then exec \"/bin/x 'it is' well\"\n",
        "check host c with address ::1\n  if failed port 80 protocol http with http headers [A: b, C: \"d\"] then alert\n",
        "check program d with path /bin/d one two\n  three\n",
        "check file e path \"/a\"\n  if match \"x\" then alert\n  ignore match 'y'\n",
        "check system $HOST\n",
        "check check with pidfile /run/check.pid\n",
        "check processs f with pidfile /run/f.pid\n",
        "  depends on a,\n  b\n",
        "  depends on a,\n",
        "  group web\n",
        "  if failed port 80 protocol http\n    http headers [A: \"b, C: d\n    E: 'f]\n  then alert\n",
        "  if failed port 80 protocol http http headers [A: \"b\\\"c, D: e]\n  then alert\n",
        "check plugin a using \"a.wasm\" with { b: [\"c\", \"d\"], e: > 5 }\n  grant connect \"f:1\" with ssl as \"g\"\n",
        "check plugin a using \"a.wasm\" with { b: [\"c\n  if depth > 5 then alert\n",
        "  grant read\n",
        "  if failed then alert\n",
        "  start program \"/bin/sh -c 'a b\"\n",
        "  stop program = \"/bin/sh -c ''a 'b c'd\"\n",
        "  exec \"/bin/sh\n",
        "  alert x@y with mail-format { subject: hm\n message: check process z\n with pidfile /z }\n",
        "  alert x@y with mail-format { message: well\n",
        "  alert x@y only on { timeout, nonexist\n",
        "  alert x@y {\n",
        "set daemon 30 start delay\n",
        "set mailserver a,\n",
        "set limits { programOutput: 1 kB\n",
        "set httpd port 2812 allow a:b allow \"c\" : d\n",
        "set ssl { pemfile:\n",
        "set alert x@y\n",
        "mailserver localhost\n",
        "start program \"/bin/x\"\n",
        "if failed host\n",
        "alert\n",
        "else if\n",
        "junk { more \"of it\n",
        "chekc process g with pidfile /run/g.pid\n",
        "# it's \"a remark\n",
        "# \"'tis\n",
        "}\n",
        "]\n",
        "\"\n",
        "'\n",
        "\"'\" ",
        "'",
        "\"",
        "\\'",
        "\\\"",
        ": \"",
        " ",
        "with ",
        ",\n",
        "\r\n",
        "é",
    ];

    fn texts() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(PIECES), 0..30).prop_map(|pieces| pieces.concat())
    }

    type Read = (ast::RuleFile, Vec<Finding>, bool);

    fn is_the_same_in_every_window(text: &str) {
        for (dialect, literal) in [Dialect::Monit, Dialect::Rules].into_iter().flat_map(|d| [(d, true), (d, false)]) {
            let read = |bytes: usize| -> Read { parse::read(text, dialect, literal, bytes) };
            let whole = read(usize::MAX);
            for bytes in [1, 100, 1_000] {
                assert!(read(bytes) == whole, "{bytes} bytes in {} of:\n{text}", dialect.word());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn the_width_of_a_window_makes_no_difference(text in texts()) {
            is_the_same_in_every_window(&text);
        }
    }

    /// What is read must not be merely right because it is all read at once.
    #[test]
    fn a_text_without_mistakes_is_read_in_windows() {
        let service =
            "check process a with pidfile \"/run/it's\"\n  if failed port 80 then exec \"/bin/sh -c 'a b'\"\n";
        let text = service.repeat(1_000);
        for dialect in [Dialect::Monit, Dialect::Rules] {
            let mut windows = super::Windows::new(&text, dialect, 1_000);
            let mut count = 0;
            while let Some(items) = windows.read_on() {
                assert!(items.expect("rules").count() < 20);
                count += 1;
            }
            assert!(count > 80, "only {count} windows");
        }
    }
}
