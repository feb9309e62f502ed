//! `check …` statements and what stands in them.

use pest::iterators::Pair;

use super::text::unquote;
use super::{Builder, Rule as Part, part, span};
use crate::ast::{Check, CheckStatement, Method, MethodKind, Program, ServiceKind, Target};
use crate::{Dialect, Span, Spanned};

impl Builder {
    /// One `check` with all its statements.
    pub(super) fn check(&mut self, pair: Pair<'_, Part>) -> Option<Check> {
        let whole = span(&pair);
        let head = part(&pair, Part::check_head)?;
        let kind_pair = part(&head, Part::service_kind)?;
        let kind = match kind_pair.clone().into_inner().next()?.as_rule() {
            Part::kw_process => ServiceKind::Process,
            Part::kw_file => ServiceKind::File,
            Part::kw_host => ServiceKind::Host,
            _ => ServiceKind::System,
        };
        let name = self.name(&part(&head, Part::service_name)?);
        let target = part(&head, Part::target).and_then(|target| self.target(&target));
        let statements = pair.into_inner().filter_map(|inner| self.statement(inner)).collect();
        Some(Check { span: whole, head: span(&head), kind: span(&kind_pair).with(kind), name, target, statements })
    }

    /// A `check` whose head cannot be read: said once, and its rules are read for their own mistakes.
    pub(super) fn broken_check(&mut self, pair: Pair<'_, Part>) {
        for inner in pair.into_inner() {
            if inner.as_rule() == Part::broken_head {
                self.junk(&inner, true);
            } else {
                self.statement(inner);
            }
        }
    }

    fn target(&mut self, pair: &Pair<'_, Part>) -> Option<Target> {
        let target = pair.clone().into_inner().next()?;
        let word = target.clone().into_inner().last()?;
        let text = self.name(&word);
        Some(match target.as_rule() {
            Part::pidfile => Target::Pidfile(text),
            Part::matching => Target::Matching(text),
            Part::target_path => Target::Path(text),
            _ => Target::Address(text),
        })
    }

    fn statement(&mut self, pair: Pair<'_, Part>) -> Option<CheckStatement> {
        let at = span(&pair);
        match pair.as_rule() {
            Part::rule => self.rule(&pair).map(|rule| CheckStatement::Rule(Box::new(rule))),
            Part::method => self.method(&pair).map(CheckStatement::Method),
            Part::depends => {
                let names = pair.into_inner().filter(|inner| inner.as_rule() == Part::dependency);
                Some(CheckStatement::DependsOn { span: at, names: names.map(|name| self.name(&name)).collect() })
            }
            Part::group => {
                pair.into_inner().last().map(|name| CheckStatement::Group { span: at, name: self.name(&name) })
            }
            Part::alert => self.recipient(&part(&pair, Part::recipient)?).map(CheckStatement::Alert),
            Part::noalert => {
                let address = self.name(&part(&pair, Part::mail)?);
                Some(CheckStatement::NoAlert { span: at, address })
            }
            Part::junk_part => {
                self.junk(&pair, false);
                None
            }
            _ => None,
        }
    }

    fn method(&mut self, pair: &Pair<'_, Part>) -> Option<Method> {
        let kind = part(pair, Part::method_kind)?;
        let which = match kind.clone().into_inner().next()?.as_rule() {
            Part::kw_start => MethodKind::Start,
            Part::kw_stop => MethodKind::Stop,
            _ => MethodKind::Restart,
        };
        Some(Method {
            span: span(pair),
            kind: span(&kind).with(which),
            program: self.program(&part(pair, Part::program)?)?,
            uid: part(pair, Part::uid).and_then(|uid| self.user(&uid)),
            gid: part(pair, Part::gid).and_then(|gid| self.user(&gid)),
            timeout: part(pair, Part::timeout).and_then(|timeout| self.timeout(&timeout)),
        })
    }

    /// The name or number behind `uid` or `gid`.
    pub(super) fn user(&mut self, pair: &Pair<'_, Part>) -> Option<Spanned<String>> {
        part(pair, Part::text).map(|name| self.name(&name))
    }

    /// A program with its words.
    pub(super) fn program(&mut self, pair: &Pair<'_, Part>) -> Option<Program> {
        let form = pair.clone().into_inner().next()?;
        let mut words = Vec::new();
        for word in form.into_inner() {
            match word.as_rule() {
                Part::double => words.extend(split(&word, self.dialect)),
                _ => words.push(self.name(&word)),
            }
        }
        (!words.is_empty()).then(|| Program { span: span(pair), words })
    }
}

/// The words inside a quoted program: separated by blanks; a word that is exactly `'…'` is one argument.
fn split(pair: &Pair<'_, Part>, dialect: Dialect) -> Vec<Spanned<String>> {
    let (start, text) = (pair.as_span().start(), pair.as_str());
    let blank = |letter: char| letter.is_ascii_whitespace();
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let skipped = rest.len() - rest.trim_start_matches(blank).len();
        let rest = rest.get(skipped..).unwrap_or_default();
        at += skipped;
        let quoted = rest.strip_prefix('\'').and_then(|inner| {
            let inside = inner.find('\'')?;
            let behind = inner.get(inside + 1..)?;
            (behind.is_empty() || behind.starts_with(blank)).then_some(inside + 2)
        });
        let length = quoted.unwrap_or_else(|| rest.find(blank).unwrap_or(rest.len()));
        let Some(word) = rest.get(..length).filter(|word| !word.is_empty()) else { break };
        let value = if quoted.is_some() { unquote(word, dialect) } else { word.replace("\\\"", "\"") };
        words.push(Span::new(start + at, start + at + length).with(value));
        at += length;
    }
    words
}
