//! `check plugin …`: its head, its grants, and what is asked of its metrics. All of it is of the `rules` dialect.

use super::grammar::Rule;
use super::text::Wanted;
use super::{Builder, Pair, leaf, span};
use crate::ast::{
    self, Grant, GrantKind, PluginTarget, PluginTest, ProtocolOption, ServiceKind, Target, TlsBlock, TlsOption, Unit,
};
use crate::{Finding, Span, Spanned};

impl Builder<'_> {
    /// `check plugin NAME using "FILE" with { … }`; nothing where it has no name.
    pub(super) fn plugin_head(
        &mut self,
        pair: Pair<'_>,
    ) -> Option<(Spanned<ServiceKind>, Spanned<String>, Option<Target>)> {
        let (mut kind, mut name, mut target) = (None, None, None::<PluginTarget>);
        let mut options = Vec::new();
        for part in pair.into_inner() {
            let here = span(&part);
            match part.as_rule() {
                Rule::kw_check => {}
                Rule::kind_plugin => kind = Some(here.with(ServiceKind::Plugin)),
                Rule::using_path => {
                    let finding = Finding::error("syntax-error", here, "the file of a plugin stands behind `using`");
                    self.report(finding.fix("write `using`", self.with_word_before(here), "using", true));
                }
                Rule::plugin_file => {
                    let file = self.text(&part.into_inner().next()?, Wanted::Text);
                    target = Some(PluginTarget { file, options: Vec::new(), timeout: None });
                }
                Rule::block => options.extend(self.block(part)),
                Rule::timeout => {
                    let length = self.timeout(part);
                    if let Some(target) = &mut target {
                        target.timeout = length;
                    }
                }
                _ => name = Some(part),
            }
        }
        let (kind, name) = (kind?, name?);
        let word = self.written(&name);
        let stands_for_name =
            name.as_rule() != Rule::quoted && ["using", "with"].iter().any(|one| word.eq_ignore_ascii_case(one));
        if stands_for_name {
            self.nameless_plugin(leaf(&name), target.as_ref());
            return None;
        }
        let name = self.plain_name(&name);
        let target = target.map(|target| Target::Plugin(Box::new(PluginTarget { options, ..target })));
        Some((kind, name, target))
    }

    /// A place with the `with` that stands before it, if one does.
    fn with_word_before(&self, place: Span) -> Span {
        let before = self.text.get(..place.start as usize).unwrap_or_default();
        let word = before.trim_end();
        let is_with =
            word.len() >= 4 && word.get(word.len() - 4..).is_some_and(|word| word.eq_ignore_ascii_case("with"));
        if is_with { Span::new(word.len() - 4, place.end as usize) } else { place }
    }

    fn nameless_plugin(&mut self, place: Span, target: Option<&PluginTarget>) {
        let file = target.map_or("", |target| target.file.node.as_str());
        let called = file.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let called = if !called.is_empty() && called.chars().all(plain) { called } else { "NAME" };
        let finding = Finding::error("syntax-error", place, "this plugin has no name")
            .here("the name of a plugin stands before this word");
        let before = Span { start: place.start, end: place.start };
        self.report(finding.fix("give it a name", before, format!("{called} "), false));
    }

    /// The options in braces.
    pub(super) fn block(&mut self, block: Pair<'_>) -> Vec<ProtocolOption> {
        let pairs = block.into_inner().filter(|pair| pair.as_rule() == Rule::block_pair);
        pairs.filter_map(|pair| self.block_pair(pair)).collect()
    }

    /// `grant connect`, `grant read` or `grant fetch`.
    pub(super) fn grant(&mut self, pair: Pair<'_>) -> Option<Grant> {
        let place = span(&pair);
        let granted = pair.into_inner().nth(1)?;
        let form = granted.as_rule();
        let mut parts = granted.into_inner().skip(1);
        let mut given = self.text(&parts.next()?, Wanted::Text);
        let kind = match form {
            Rule::grant_read => {
                parts.for_each(|part| self.second_grant(leaf(&part), "read", "path"));
                GrantKind::Read(given)
            }
            Rule::grant_fetch => {
                parts.for_each(|part| self.second_grant(leaf(&part), "fetch", "server"));
                GrantKind::Fetch(given)
            }
            _ => {
                let (mut tls, mut name) = (Vec::new(), None);
                for part in parts {
                    match part.as_rule() {
                        Rule::tls_block => {
                            let here = span(&part);
                            let settings = part.into_inner().last().map(|braces| self.tls_settings(braces));
                            tls.push(TlsOption::Block(TlsBlock { span: here, options: settings.unwrap_or_default() }));
                        }
                        Rule::grant_name => {
                            let part = part.into_inner().next()?;
                            if self.is_connection_name(leaf(&part), name.as_ref()) {
                                name = Some(self.text(&part, Wanted::Text));
                            }
                        }
                        Rule::port => given.node = self.port_apart(&given, &part),
                        _ => tls.push(TlsOption::Plain(span(&part))),
                    }
                }
                GrantKind::Connect { endpoint: given, tls, name }
            }
        };
        Some(Grant { span: place, kind })
    }

    /// A second text is the name of the connection only behind `as`, and there is one.
    fn is_connection_name(&mut self, name: Span, before: Option<&Spanned<String>>) -> bool {
        let written = self.text.get(..name.start as usize).unwrap_or_default();
        let word = written.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
        let at = Span { start: name.start, end: name.start };
        match before {
            _ if word.eq_ignore_ascii_case("as") && before.is_none() => return true,
            Some(before) if word.eq_ignore_ascii_case("as") => {
                let finding = Finding::error("syntax-error", name, "a connection has one name");
                self.report(finding.also(before.span, "this is the first").help("leave one out"));
            }
            _ if self.slice(name).contains(':') => self.second_grant(name, "connect", "connection"),
            _ => {
                let finding = Finding::error("syntax-error", name, "one `grant connect` names one connection")
                    .here("a second text is what the plugin calls the connection, and stands behind `as`");
                self.report(finding.fix("write `as` before the name", at, "as ", false));
            }
        }
        false
    }

    /// A text behind the one that is granted.
    fn second_grant(&mut self, text: Span, word: &str, thing: &str) {
        let before = self.text.get(..text.start as usize).unwrap_or_default();
        let between = Span::new(before.trim_end_matches([' ', '\t', ',']).len(), text.start as usize);
        let finding = Finding::error("syntax-error", text, format!("one `grant {word}` names one {thing}"));
        let named = before.trim_end().strip_suffix("as").filter(|rest| rest.ends_with(char::is_whitespace));
        if let Some(rest) = named {
            let name = Span::new(rest.trim_end().len(), text.end as usize);
            let finding = finding.here("only a connection has a name of its own");
            return self.report(finding.fix("leave the name out", name, "", false));
        }
        self.report(finding.fix("grant each by itself", between, format!("\n    grant {word} "), false));
    }

    /// `grant connect HOST port PORT`: as it should be.
    fn port_apart(&mut self, host: &Spanned<String>, port: &Pair<'_>) -> String {
        let place = span(port);
        let number = self.slice(place).trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
        let end = place.start as usize + self.slice(place).trim_end().len();
        let both = format!("{}:{number}", host.node);
        let finding =
            Finding::error("syntax-error", place, "a port that is granted stands behind its host and a colon");
        let all = Span::new(host.span.start as usize, end);
        self.report(finding.fix("write both in one text", all, format!("\"{both}\""), false));
        both
    }

    /// `failed` alone, a metric against a limit, or a change of a metric.
    pub(super) fn plugin_test(&mut self, pair: Pair<'_>) -> Option<PluginTest> {
        let form = pair.as_rule();
        let mut parts = pair.into_inner();
        if form == Rule::plugin_outcome {
            let failed = parts.next()?.as_rule() == Rule::kw_failed;
            return Some(PluginTest::Outcome(if failed { ast::Wanted::Failed } else { ast::Wanted::Succeeded }));
        }
        let (mut metric, mut operator, mut value, mut per_second) = (None, None, None, None);
        for part in parts {
            match part.as_rule() {
                Rule::kw_changed => {}
                Rule::operator | Rule::wrong_operator => operator = Some(self.operator(&part)),
                Rule::signed_quantity => value = Some(self.quantity(part)),
                Rule::per_second => per_second = Some(span(&part)),
                _ => metric = Some(self.text(&part, Wanted::Text)),
            }
        }
        let metric = metric?;
        if form == Rule::plugin_changed {
            return Some(PluginTest::Changed { metric });
        }
        let mut value = value?;
        if let Some(unit) = value.unit.filter(|unit| self.stands_behind_per(value.number.span, unit.span)) {
            if unit.node != Unit::Second {
                let finding =
                    Finding::error("syntax-error", unit.span, "what a counter grows by is asked for per second");
                self.report(finding.fix("write `second`", unit.span, "second", false));
            }
            (per_second, value.unit, value.span) = (Some(unit.span), None, value.number.span);
        }
        Some(PluginTest::Limit { metric, operator: operator?, value, per_second })
    }

    /// Whether `per` stands between a number and its unit, which makes a rate of a time.
    fn stands_behind_per(&self, number: Span, unit: Span) -> bool {
        let between = self.text.get(number.end as usize..unit.start as usize).unwrap_or_default();
        between.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word.eq_ignore_ascii_case("per"))
    }
}
