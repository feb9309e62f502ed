//! Patterns that lines and texts are held against, and files of them.

use grammar::Spanned;
use grammar::ast::{self, Check, ServiceKind};
use grammar::source::decode_owned;

use super::{Context, PathState};
use crate::lint;
use crate::lint::missing_file::Wanted;
use crate::pattern::{Pattern, Syntax, is_plain, never};
use crate::program::ContentTest;

/// How many patterns of a file are looked at; a file of more is none of patterns.
const PATTERNS_MAX: usize = 65_536;

impl Context<'_> {
    /// The patterns of a test: one, or those of a file. A file that is not there has none, and is a warning.
    pub(super) fn content(&mut self, check: &Check, written: &ast::ContentTest) -> Option<Vec<ContentTest>> {
        let negated = written.negated;
        let word = self.text(written.span).get(.."content".len()).unwrap_or_default();
        if self.is_monit() && check.kind.node == ServiceKind::Program && !word.eq_ignore_ascii_case("content") {
            let reason = "of a program it knows `content = …` only";
            self.report(lint::not_portable::refused(written.span, "Monit refuses this here", reason));
        }
        if !written.from_file {
            self.is_pattern(&written.pattern, &written.pattern.node)?;
            return Some(vec![ContentTest { negated, pattern: written.pattern.node.clone() }]);
        }
        if self.is_monit() && check.kind.node == ServiceKind::Program {
            let reason = "it takes files of patterns in `check file` only";
            self.report(lint::not_portable::finding(written.span, "Monit refuses a path here", reason));
        }
        let path = &written.pattern;
        let Ok(bytes) = self.surroundings.read(&path.node) else {
            self.report_missing_file(path);
            return Some(Vec::new());
        };
        let text = decode_owned(bytes).text;
        let lines = text.lines().filter(|line| !line.is_empty()).take(PATTERNS_MAX);
        let mut patterns = Vec::new();
        for line in lines {
            self.is_pattern(path, line)?;
            patterns.push(ContentTest { negated, pattern: line.to_owned() });
        }
        Some(patterns)
    }

    /// Says so when a text is no pattern, or one that matches nothing.
    pub(super) fn is_pattern(&mut self, place: &Spanned<String>, pattern: &str) -> Option<()> {
        if is_plain(pattern) || self.sound_patterns.contains(pattern) {
            return Some(());
        }
        match Pattern::new(pattern, Syntax::from(self.dialect)) {
            Ok(_) => {
                match never(pattern, Syntax::from(self.dialect)) {
                    // It is said again wherever the pattern stands.
                    Some(reason) => self.report(lint::matches_nothing::finding(place.span, reason)),
                    None => {
                        self.sound_patterns.insert(pattern.to_owned());
                    }
                }
                Some(())
            }
            Err(error) if place.node == pattern => self.refuse(lint::wrong_pattern::finding(place, &error.to_string())),
            Err(error) => self.refuse(lint::wrong_pattern::in_file(place, pattern, &error.to_string())),
        }
    }

    fn report_missing_file(&mut self, path: &Spanned<String>) {
        let state = match self.surroundings.path(&path.node) {
            PathState::File => PathState::Unreadable,
            // Whoever has no machine does not say that there are no files.
            PathState::Unknown => return,
            other => other,
        };
        self.report(lint::missing_file::finding(path, Wanted::File, state));
    }
}
