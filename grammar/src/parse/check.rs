//! `check …`: a service with what stands in it.

use super::expected::STATEMENTS;
use super::grammar::Rule;
use super::text::Wanted;
use super::usual::{self, Place};
use super::{Builder, Pair, Pairs, small, span};
use crate::ast::{Action, ActionKind};
use crate::ast::{
    Check, CheckStatement, Every, Mode, OnReboot, PluginPart, ProgramTarget, RestartLimit, Schedule, ServiceKind,
    Target,
};
use crate::{Finding, Span, Spanned, suggest};

impl Builder<'_> {
    /// A `check` with its statements; nothing when nobody knows what kind of thing it watches.
    pub(super) fn check(&mut self, pair: Pair<'_>) -> Option<Check> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let head = parts.next()?;
        let head_place = span(&head);
        self.in_plugin = head.as_rule() == Rule::plugin_head;
        let check = match head.as_rule() {
            Rule::check_other => self.other_head(head),
            Rule::plugin_head => self.plugin_head(head),
            _ => self.head(head),
        };
        let known = self.findings.len();
        let mut statements = Vec::new();
        let mut end = head_place;
        let mut before = Some(head_place);
        let (mut lost, mut torn) = (false, false);
        for part in parts {
            let here = span(&part);
            if part.as_rule() == Rule::junk_in {
                lost |= self.holds_lost_head(here);
                torn |= statements.is_empty();
                self.junk(here, before.take(), true);
            } else if lost {
                drop(self.statement(part));
                before = Some(here);
            } else {
                statements.extend(self.statement(part));
                end = here;
                before = Some(here);
            }
        }
        self.in_plugin = false;
        let Some((kind, name, target)) = check else {
            // Of a service of an unknown kind nobody can say what belongs into it.
            self.findings.truncate(known);
            return None;
        };
        let span = Span { start: place.start, end: end.end };
        Some(Check { span, head: head_place, kind, name, target, torn, statements })
    }

    fn head(&mut self, pair: Pair<'_>) -> Option<(Spanned<ServiceKind>, Spanned<String>, Option<Target>)> {
        let mut parts = pair.into_inner();
        let check = parts.next()?;
        let first = parts.next()?;
        let (kind, name) = match first.as_rule() {
            Rule::kind | Rule::kind_program => {
                let kind = ServiceKind::of(self.written(&first))?;
                let name = parts.next()?;
                self.judge_name(&first, &name);
                (span(&first).with(kind), name)
            }
            // Monit's old form: without a kind it is a process.
            _ => (span(&check).with(ServiceKind::Process), first),
        };
        let name = self.plain_name(&name);
        let target = match kind.node {
            ServiceKind::Program => self.program_target(parts),
            kind => parts.next().and_then(|target| self.target(target, kind)),
        };
        if target.is_none() && self.is_nameless(kind, &name) {
            return None;
        }
        Some((kind, name, target))
    }

    /// Says so when the place of the name is taken by the word that says how a service is found.
    fn is_nameless(&mut self, kind: Spanned<ServiceKind>, name: &Spanned<String>) -> bool {
        const FOUND_BY: [&str; 7] = ["matching", "match", "pidfile", "path", "address", "interface", "with"];
        let rest = self.text.get(name.span.end as usize..).unwrap_or_default();
        let follows = rest.lines().next().unwrap_or_default().trim_start();
        let word = FOUND_BY.iter().any(|word| name.node.eq_ignore_ascii_case(word));
        if !word || follows.is_empty() || kind.node == ServiceKind::System {
            return false;
        }
        // The last part of the path, up to its arguments, is what most people would call it.
        let given = follows.trim_start_matches(['"', '\'', '^']).split([' ', '"', '\'']).next().unwrap_or_default();
        let called = given.rsplit('/').next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let called: String = called.chars().take_while(|c| plain(*c)).collect();
        let called = if called.is_empty() { "NAME".to_owned() } else { called };
        let word = kind.node.word();
        let finding = Finding::error("syntax-error", name.span, format!("this {word} has no name"))
            .here(format!("the name of a {word} stands before this word"));
        let before = Span { start: name.span.start, end: name.span.start };
        self.report(finding.fix("give it a name", before, format!("{called} "), false));
        true
    }

    /// `path "PROGRAM" …`, as far as it is there.
    fn program_target(&mut self, parts: Pairs<'_>) -> Option<Target> {
        let mut target = None;
        for part in parts {
            let here = span(&part);
            match (part.as_rule(), &mut target) {
                (Rule::program, target) => {
                    let program = self.program(part, false)?;
                    *target = Some(ProgramTarget { program, uid: None, gid: None, timeout: None });
                }
                (Rule::uid, Some(target)) => target.uid = self.identity(part),
                (Rule::gid, Some(target)) => target.gid = self.identity(part),
                (Rule::timeout, Some(target)) => {
                    target.timeout = self.timeout(part);
                    continue;
                }
                _ => continue,
            }
            if let Some(timeout) = target.as_ref().and_then(|target| target.timeout.as_ref()) {
                self.need_before_timeout(here, timeout.span);
            }
        }
        target.map(Target::Program)
    }

    fn judge_name(&mut self, kind: &Pair<'_>, name: &Pair<'_>) {
        let (kind_place, place) = (span(kind), span(name));
        let gap = Span { start: kind_place.end, end: place.start };
        if gap.start == gap.end && name.as_rule() != Rule::quoted {
            let (kind, name) = (self.written(kind), self.written(name));
            let whole = kind_place.to(place);
            let finding =
                Finding::warning("syntax-error", whole, format!("`{kind}{name}` is read as a {kind} named `{name}`"))
                    .note("Monit reads it the same way")
                    .fix("put a blank between them", gap, " ", true);
            self.report(finding);
        } else if self.is_monit()
            && self.written(kind).eq_ignore_ascii_case("process")
            && self.slice(gap).contains('\n')
        {
            let finding =
                Finding::warning("not-portable", place, "Monit wants the name on the same line as `check process`");
            self.report(finding);
        }
    }

    fn target(&mut self, pair: Pair<'_>, kind: ServiceKind) -> Option<Target> {
        let mut parts = pair.into_inner();
        let found_by = parts.next()?.as_rule();
        let given = parts.next()?;
        Some(match found_by {
            Rule::kw_pidfile => Target::Pidfile(self.text(&given, Wanted::Path)),
            Rule::kw_match => Target::Matching(self.text(&given, Wanted::Text)),
            Rule::kw_address => Target::Address(self.text(&given, Wanted::Word)),
            Rule::kw_interface => Target::Interface(self.text(&given, Wanted::Word)),
            _ if kind == ServiceKind::Filesystem => Target::Path(self.text(&given, Wanted::Text)),
            _ => Target::Path(self.text(&given, Wanted::Path)),
        })
    }

    /// A head whose kind is misspelt or unknown; a kind that is certainly meant is taken.
    fn other_head(&mut self, pair: Pair<'_>) -> Option<(Spanned<ServiceKind>, Spanned<String>, Option<Target>)> {
        let mut parts = pair.into_inner();
        let word = parts.nth(1)?;
        let (place, written) = (span(&word), self.written(&word));
        if self.is_monit() && written.eq_ignore_ascii_case("plugin") {
            let finding = Finding::error("not-portable", place, "Monit knows no checks of plugins")
                .here("only files named `*.rules` have them")
                .help("move the check to a `.rules` file");
            self.report(finding);
            return None;
        }
        let headline = format!("`check {written}` is not understood");
        let finding = Finding::error("unknown-statement", place, headline);
        let kinds = ServiceKind::ALL.into_iter().filter(|kind| *kind != ServiceKind::Plugin || !self.is_monit());
        let near = suggest::nearest(written, kinds.map(ServiceKind::word));
        let Some(kind) = near.first().and_then(|near| ServiceKind::of(near)) else {
            let any = "write `check process`, `check file`, `check host` or another kind, then the name of the service";
            let help = usual::instead(written, Place::Kind).unwrap_or(any);
            self.report(finding.here("no kind of service has this name").help(help));
            return None;
        };
        let fix = format!("did you mean `{}`?", kind.word());
        self.report(finding.here("no kind of service has this name").fix(fix, place, kind.word(), false));
        let name = self.plain_name(&parts.next()?);
        let target = parts.next().and_then(|target| self.target(target, kind));
        Some((place.with(kind), name, target))
    }

    /// A statement that stands in no check: it is judged, and left out.
    pub(super) fn stray(&mut self, pair: Pair<'_>) {
        let place = span(&pair);
        let word = self.slice(place).split_ascii_whitespace().next().unwrap_or_default();
        let here = Span::new(place.start as usize, place.start as usize + word.len());
        // After a `check` that could not be read, it belongs to that one.
        if !self.orphaned {
            let finding = Finding::error("syntax-error", here, format!("this `{word}` belongs to no service"));
            let finding = match self.alert_behind_check.take() {
                Some(alert) => {
                    // What else follows has the same cause.
                    self.orphaned = true;
                    let set = Span { start: alert.start, end: alert.start + self.word_and_blanks(alert) };
                    finding.here("it is meant for the service above").also(alert, "this `set` ends the service").fix(
                        "leave `set` out: inside a service a recipient is named by `alert`",
                        set,
                        "",
                        false,
                    )
                }
                None => finding.here("no `check` stands before it").help("put it below the `check` that it is about"),
            };
            self.report(finding);
        }
        pair.into_inner().for_each(|statement| drop(self.statement(statement)));
    }

    /// How long the first word of a statement is, with the blanks behind it.
    fn word_and_blanks(&self, place: Span) -> u32 {
        let text = self.slice(place);
        let word = text.find(char::is_whitespace).unwrap_or(text.len());
        let blanks = text.get(word..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        Span::new(0, word + blanks).end
    }

    fn statement(&mut self, pair: Pair<'_>) -> Option<CheckStatement> {
        let place = span(&pair);
        Some(match pair.as_rule() {
            Rule::rule | Rule::plugin_rule => CheckStatement::Rule(Box::new(self.rule(pair)?)),
            Rule::method => CheckStatement::Method(Box::new(self.method(pair)?)),
            Rule::depends => CheckStatement::DependsOn { span: place, names: self.names(pair) },
            Rule::group => {
                let name = pair.into_inner().nth(1)?;
                let name = self.plain_name(&name);
                if self.is_monit() && name.node.contains([' ', '\t']) {
                    self.report(Finding::warning(
                        "not-portable",
                        name.span,
                        "Monit takes no blanks in the name of a group",
                    ));
                }
                CheckStatement::Group { span: place, name }
            }
            Rule::restart_limit => CheckStatement::RestartLimit(Box::new(self.restart_limit(pair)?)),
            Rule::ignore => {
                let content = self.content(pair.into_inner().nth(1)?)?;
                CheckStatement::Ignore { span: place, content }
            }
            Rule::mode_of => {
                let word = pair.into_inner().nth(1)?;
                let mode = match &*small(self.written(&word)) {
                    "active" => Mode::Active,
                    "passive" => Mode::Passive,
                    _ => Mode::Manual,
                };
                CheckStatement::Mode { span: place, mode: span(&word).with(mode) }
            }
            Rule::onreboot => {
                let word = pair.into_inner().nth(1)?;
                CheckStatement::OnReboot { span: place, start: self.on_reboot(&word) }
            }
            Rule::grant => CheckStatement::Grant(Box::new(self.grant(pair)?)),
            Rule::block => {
                let part = PluginPart { span: place, options: self.block(pair), timeout: None };
                CheckStatement::PluginPart(Box::new(part))
            }
            Rule::timeout => {
                let part = PluginPart { span: place, options: Vec::new(), timeout: self.timeout(pair) };
                CheckStatement::PluginPart(Box::new(part))
            }
            Rule::every => CheckStatement::Every(self.every(pair)?),
            Rule::alert => CheckStatement::Alert(Box::new(self.recipient(pair)?)),
            Rule::noalert => {
                let address = pair.into_inner().nth(1)?;
                CheckStatement::NoAlert { span: place, address: self.text(&address, Wanted::Mail) }
            }
            Rule::unset => {
                let setting = self.without_set(pair);
                self.unset.extend(setting);
                return None;
            }
            _ => return None,
        })
    }

    fn every(&mut self, pair: Pair<'_>) -> Option<Every> {
        let place = span(&pair);
        let mut excluded = false;
        for part in pair.into_inner() {
            let schedule = match part.as_rule() {
                Rule::kw_not => {
                    excluded = true;
                    continue;
                }
                Rule::kw_every => continue,
                Rule::quoted => {
                    let fields = self.unquoted(self.written(&part)).trim().to_owned();
                    Schedule::Cron { fields: span(&part).with(fields), excluded }
                }
                _ => {
                    if excluded {
                        let headline = "`not every` takes minutes, as in `not every \"* 0-3 * * 0\"`";
                        self.report(Finding::error("syntax-error", place, headline));
                    }
                    Schedule::Cycles(self.value(&part))
                }
            };
            return Some(Every { span: place, schedule });
        }
        None
    }

    fn restart_limit(&mut self, pair: Pair<'_>) -> Option<RestartLimit> {
        let place = span(&pair);
        let (mut numbers, mut action) = (Vec::new(), None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kw_if | Rule::kw_restarts | Rule::kw_cycles | Rule::kw_then => {}
                Rule::no_then => self.without_then(&part),
                Rule::kw_timeout => action = Some(Action { span: span(&part), kind: ActionKind::Unmonitor }),
                Rule::exec | Rule::action_word => action = self.action(part),
                _ => numbers.push(self.value(&part)),
            }
        }
        let mut numbers = numbers.into_iter();
        Some(RestartLimit { span: place, restarts: numbers.next()?, cycles: numbers.next()?, action: action? })
    }

    fn names(&mut self, pair: Pair<'_>) -> Vec<Spanned<String>> {
        let mut names: Vec<Spanned<String>> = Vec::new();
        let parts: Vec<Pair<'_>> = pair.into_inner().collect();
        if self.ends_in_a_comma(&parts) {
            let is_name =
                |part: &&Pair<'_>| !matches!(part.as_rule(), Rule::kw_depends | Rule::kw_on | Rule::glued_name);
            let names: Vec<&Pair<'_>> = parts.iter().filter(is_name).collect();
            let before = names.get(..names.len() - 1).unwrap_or_default();
            return before.iter().map(|name| self.plain_name(name)).collect();
        }
        for part in parts {
            match part.as_rule() {
                Rule::kw_depends | Rule::kw_on => {}
                Rule::glued_name => {
                    let place = span(&part);
                    let end = names.last().map_or(place.start, |name| name.span.end);
                    let comma = Span { start: end, end };
                    let finding = Finding::error("syntax-error", place, "a comma is missing between two names").fix(
                        "put a comma between them",
                        comma,
                        ",",
                        true,
                    );
                    self.report(finding);
                    names.extend(part.into_inner().next().map(|name| self.plain_name(&name)));
                }
                _ => {
                    let place = span(&part);
                    let gap =
                        names.last().map_or("", |name| self.slice(Span { start: name.span.end, end: place.start }));
                    if self.is_monit() && gap.matches('\n').count() > 1 {
                        let headline = "Monit wants this name on the next line at the latest";
                        self.report(Finding::error("syntax-error", place, headline));
                    }
                    names.push(self.plain_name(&part));
                }
            }
        }
        names
    }

    /// Says so when the last name of a list is the word that begins the next statement, because of a comma before it.
    fn ends_in_a_comma(&mut self, parts: &[Pair<'_>]) -> bool {
        let is_glued = |part: &&Pair<'_>| part.as_rule() == Rule::glued_name;
        let (Some(first), Some(end)) = (parts.iter().position(|part| is_glued(&part)), parts.last().map(span)) else {
            return false;
        };
        let [.., before, last] = parts.get(..first).unwrap_or_default() else { return false };
        let (before, last) = (span(before), span(last));
        let gap = Span { start: before.end, end: last.start };
        let gap_text = self.slice(gap);
        let is_head = STATEMENTS.iter().any(|word| word.eq_ignore_ascii_case(self.slice(last)));
        let Some(comma) = gap_text.find(',').filter(|_| is_head && gap_text.contains('\n')) else { return false };
        let start = gap.start as usize + comma;
        let headline = format!("another name must stand behind this comma, and `{}` follows", self.slice(last));
        let finding = Finding::error("syntax-error", Span::new(start, start + 1), headline);
        self.report(finding.fix("leave the comma out", Span::new(start, start + 1), "", true));
        self.next_line = Some(end);
        true
    }

    /// What is done after the machine has started.
    pub(super) fn on_reboot(&self, pair: &Pair<'_>) -> Spanned<OnReboot> {
        span(pair).with(match &*small(self.written(pair)) {
            "start" => OnReboot::Start,
            "nostart" => OnReboot::NoStart,
            _ => OnReboot::LastState,
        })
    }
}
