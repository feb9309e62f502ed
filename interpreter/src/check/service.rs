//! Services: what they are, their programs, their rules, and the system that is always there.

use grammar::Spanned;
use grammar::ast::{self, Check, CheckStatement, MethodKind, RuleFile, ServiceKind, SettingKind, Statement};

use super::judged::is_judged;
use super::names::Names;
use super::view::Trees;
use super::{Context, order, rule};
use crate::catalog::TestName;
use crate::lint;
use crate::program::{
    Action, Changed, Command, Mode, Origin, PluginCheck, PluginTest, Program, Rule, Service, Settings, Target, Test,
    Wanted,
};

/// The name of a machine that has none.
const NO_NAME: &str = "localhost";
/// What stands for the name of the machine in the name of a system.
const HOST_VARIABLE: &str = "$HOST";
/// So many kinds of rules a service may have that nobody wrote.
const IMPLIED_MAX: usize = 4;

impl Context<'_> {
    /// All statements in the order of the text, because some settings hold for what stands behind them only. The system
    /// that nobody wrote comes last.
    pub(super) fn program<'t>(&mut self, file: &'t RuleFile, mut settings: Settings) -> (Program, Vec<Trees<'t>>) {
        self.find_cycle(file);
        let checks: Vec<&'t Check> = file.statements.iter().filter_map(as_check).collect();
        let names = Names::of(&checks, self);
        let mut services = Vec::with_capacity(checks.len() + 1);
        let mut written = Vec::with_capacity(checks.len());
        for statement in &file.statements {
            match statement {
                Statement::Set(setting) => self.setting_of(setting, &mut settings),
                Statement::Check(check) => {
                    let (service, trees) = self.service(check);
                    services.push(service);
                    written.push(trees);
                }
            }
        }
        let dependencies = self.dependencies(&checks, &names);
        for (service, needs) in services.iter_mut().zip(dependencies) {
            service.depends = needs;
        }
        if !checks.iter().any(|check| check.kind.node == ServiceKind::System) {
            let system = self.implied_system();
            if let Some(taken) = names.find(&system.name).and_then(|place| checks.get(place)) {
                self.report(lint::duplicate_service::with_machine(taken));
            }
            services.push(system);
        }
        (Program { settings, services }, written)
    }

    /// The length of a cycle, of which rules make use wherever it is said.
    fn find_cycle(&mut self, file: &RuleFile) {
        let written = file.statements.iter().rev().find_map(|statement| match statement {
            Statement::Set(ast::Setting { kind: SettingKind::Daemon { cycle, .. }, .. }) => cycle.node.literal(),
            _ => None,
        });
        if let Some(seconds) = written.filter(|seconds| **seconds >= 1.0) {
            self.cycle = super::length::duration(*seconds);
        }
    }

    /// The name of a service as it is known: `$HOST` in the name of a system is the machine's.
    pub(super) fn service_name(&self, check: &Check) -> String {
        match check.kind.node {
            ServiceKind::System => check.name.node.replace(HOST_VARIABLE, &self.host_name()),
            _ => check.name.node.clone(),
        }
    }

    fn host_name(&self) -> String {
        self.surroundings.host_name().filter(|name| !name.is_empty()).unwrap_or_else(|| NO_NAME.to_owned())
    }

    fn implied_system(&self) -> Service {
        Service { implicit: true, ..self.bare_service(self.host_name(), Target::System, Origin::default()) }
    }

    fn bare_service(&self, name: String, target: Target, origin: Origin) -> Service {
        Service {
            name,
            target,
            groups: Vec::new(),
            depends: Vec::new(),
            start: None,
            stop: None,
            restart: None,
            rules: Vec::new(),
            asleep: Vec::new(),
            ignored_content: Vec::new(),
            restart_limits: Vec::new(),
            mode: Mode::Active,
            on_reboot: self.on_reboot,
            every: None,
            alerts: Vec::new(),
            origin,
            implicit: false,
        }
    }

    fn service<'t>(&mut self, check: &'t Check) -> (Service, Trees<'t>) {
        let target = self.target(check);
        let mut service = self.bare_service(self.service_name(check), target, self.origin(check.head));
        let mut rules: Vec<order::Pair<'t>> = Vec::with_capacity(check.statements.len() + IMPLIED_MAX);
        rules.extend(self.implied_rules(check, &service.origin).map(|rule| (rule, None)));
        for statement in &check.statements {
            match statement {
                CheckStatement::Rule(written) => {
                    rules.extend(self.rule(check, written).into_iter().map(|rule| (rule, Some(&**written))));
                }
                other => self.statement(check, other, &mut service),
            }
        }
        self.say_whether_monit_takes_links(check, &rules);
        let left_out = order::sort(&mut rules, check.kind.node, self.dialect);
        for (rule, tree) in left_out {
            if let Some(tree) = tree {
                self.report(lint::overridden_test::finding(tree, &rule.test));
            }
        }
        // Monit reads the load of the machine in a process entry, and never looks at it.
        let never = |test: &Test| lint::never_fires::is_never_made(self.dialect, check, test);
        let sleeps = |pair: &mut order::Pair<'_>| !is_judged(&pair.0.test, self.protocols) || never(&pair.0.test);
        let asleep: Vec<order::Pair<'t>> = rules.extract_if(.., sleeps).collect();
        let (judged, judged_trees) = apart(rules);
        let (asleep, asleep_trees) = apart(asleep);
        service.rules = judged;
        service.asleep = asleep;
        // They live as long as ruled runs.
        service.rules.shrink_to_fit();
        service.asleep.shrink_to_fit();
        (service, Trees { check, rules: judged_trees, asleep: asleep_trees })
    }

    /// A statement that is no rule.
    fn statement(&mut self, check: &Check, statement: &CheckStatement, service: &mut Service) {
        match statement {
            CheckStatement::Method(method) => {
                let command = self.method(method);
                match method.kind.node {
                    MethodKind::Start => service.start = command.map(Box::new),
                    MethodKind::Stop => service.stop = command.map(Box::new),
                    MethodKind::Restart => service.restart = command.map(Box::new),
                }
            }
            CheckStatement::RestartLimit(written) => {
                let limit = self.restart_limit(written);
                service.restart_limits.extend(limit);
            }
            CheckStatement::Ignore { span, content } => {
                if self.is_monit() && check.kind.node == ServiceKind::Program {
                    let reason = "it looks at the whole output of a program";
                    self.report(lint::not_portable::refused(*span, "Monit leaves out lines of files only", reason));
                }
                if self.has(check, *span, TestName::Content).is_some() {
                    let patterns = self.content(check, content);
                    service.ignored_content.extend(patterns.unwrap_or_default());
                }
            }
            CheckStatement::Group { name, .. } => {
                self.check_group(name);
                if !service.groups.contains(&name.node) {
                    service.groups.push(name.node.clone());
                }
            }
            CheckStatement::Mode { mode, .. } => match mode.node {
                Mode::Manual => service.on_reboot = ast::OnReboot::LastState,
                other => service.mode = other,
            },
            CheckStatement::OnReboot { start, .. } => service.on_reboot = start.node,
            CheckStatement::Every(every) => {
                if service.every.is_some() {
                    self.report(lint::overridden_test::every(every, &check.statements));
                }
                let every = self.every(every);
                service.every = every.or(service.every.take());
            }
            CheckStatement::Alert(target) => {
                let target = self.recipient(target);
                // Most services have one, if any, and a vector makes room for four.
                service.alerts.reserve_exact(1);
                service.alerts.push(target);
            }
            CheckStatement::NoAlert { address, .. } => {
                let target = self.no_recipient(address);
                service.alerts.push(target);
            }
            CheckStatement::Grant(grant) if check.kind.node != ServiceKind::Plugin => {
                self.report(lint::wrong_grant::misplaced(check, grant));
            }
            // Names are resolved when all services are known, rules are the caller's, and grants belong to the target.
            CheckStatement::DependsOn { .. }
            | CheckStatement::Rule(_)
            | CheckStatement::Grant(_)
            | CheckStatement::PluginPart(_) => {}
        }
    }

    /// The rules that a service has when nobody wrote one of their kind.
    fn implied_rules(&self, check: &Check, origin: &Origin) -> impl Iterator<Item = Rule> {
        let kind = check.kind.node;
        let missing = has_existence(kind) && !asks(check, |test| matches!(test, ast::TestKind::Existence { .. }));
        let flags =
            |test: &ast::TestKind| matches!(test, ast::TestKind::Changed(one) if one.node == Changed::FilesystemFlags);
        let flags = kind == ServiceKind::Filesystem && !asks(check, flags);
        let link = kind == ServiceKind::Network && !asks(check, |test| matches!(test, ast::TestKind::Link { .. }));
        let ended = |test: &ast::TestKind| matches!(test, ast::TestKind::Plugin(one) if matches!(**one, ast::PluginTest::Outcome(_)));
        let outcome = kind == ServiceKind::Plugin && !asks(check, ended);
        let implied: [_; IMPLIED_MAX] = [
            missing.then_some((Test::Missing, Action::Restart)),
            flags.then_some((Test::Changed(Changed::FilesystemFlags), Action::Alert)),
            link.then_some((Test::Link { up: false }, Action::Alert)),
            outcome.then(|| (Test::Plugin(Box::new(PluginTest::Outcome(Wanted::Failed))), Action::Alert)),
        ];
        let origin = origin.clone();
        implied.into_iter().flatten().map(move |(test, action)| rule::implied(test, action, origin.clone()))
    }

    fn say_whether_monit_takes_links(&mut self, check: &Check, rules: &[order::Pair<'_>]) {
        let wanted = |up: bool| {
            let of = |pair: &&order::Pair<'_>| pair.1.is_some() && pair.0.test == Test::Link { up };
            rules.iter().find(of).and_then(|pair| pair.1)
        };
        if let (true, Some(up), Some(down)) = (self.is_monit(), wanted(true), wanted(false)) {
            let later = if up.span > down.span { up } else { down };
            let headline = format!("Monit refuses to ask {} for both states of its link", check.name.node);
            let reason = "it takes rules for `up` or for `down`";
            self.report(lint::not_portable::finding(later.condition.span, headline, reason));
        }
    }

    fn check_group(&mut self, name: &Spanned<String>) {
        if name.node.trim().is_empty() {
            self.report(lint::service_name::empty(name, "group"));
        } else if self.is_monit() && name.node.contains(char::is_whitespace) {
            let headline = format!("Monit refuses the group `{}`", name.node);
            self.report(lint::not_portable::finding(name.span, headline, "its groups have no blanks in their names"));
        }
    }

    fn target(&mut self, check: &Check) -> Target {
        match (check.kind.node, &check.target) {
            (ServiceKind::Process, Some(ast::Target::Pidfile(path) | ast::Target::Path(path))) => {
                Target::Pidfile(path.node.clone())
            }
            (ServiceKind::Process, Some(ast::Target::Matching(pattern))) => {
                // What is wrong with it is said; the pattern is kept for what else is said about the service.
                let _sound = self.is_pattern(pattern, &pattern.node);
                Target::Matching(pattern.node.clone())
            }
            (ServiceKind::File, Some(ast::Target::Path(path))) => Target::File(path.node.clone()),
            (ServiceKind::Directory, Some(ast::Target::Path(path))) => Target::Directory(path.node.clone()),
            (ServiceKind::Fifo, Some(ast::Target::Path(path))) => Target::Fifo(path.node.clone()),
            (ServiceKind::Filesystem, Some(ast::Target::Path(path))) => Target::Filesystem(path.node.clone()),
            (ServiceKind::Host, Some(ast::Target::Address(address))) => Target::Host(address.node.clone()),
            (ServiceKind::Network, Some(ast::Target::Address(address))) => Target::Address(address.node.clone()),
            (ServiceKind::Network, Some(ast::Target::Interface(name))) => Target::Interface(name.node.clone()),
            (ServiceKind::Program, Some(ast::Target::Program(program))) => {
                Target::Program(Box::new(self.program_target(program).unwrap_or_else(no_program)))
            }
            (ServiceKind::Plugin, Some(ast::Target::Plugin(written))) => {
                Target::Plugin(Box::new(self.plugin_check(check, &whole(check, written))))
            }
            (ServiceKind::System, _) => Target::System,
            (kind, _) => {
                if !check.torn {
                    self.report(lint::missing_target::finding(check));
                }
                no_target(kind)
            }
        }
    }
}

/// A plugin with what stands further below of its options and its time-out; the last time-out is the one.
fn whole(check: &Check, written: &ast::PluginTarget) -> ast::PluginTarget {
    let mut whole = written.clone();
    for statement in &check.statements {
        let CheckStatement::PluginPart(part) = statement else { continue };
        whole.options.extend(part.options.iter().cloned());
        whole.timeout = part.timeout.clone().or(whole.timeout);
    }
    whole
}

/// What stands for a target that is not said. A program of such services is never run.
fn no_target(kind: ServiceKind) -> Target {
    let nothing = String::new();
    match kind {
        ServiceKind::Process => Target::Pidfile(nothing),
        ServiceKind::File => Target::File(nothing),
        ServiceKind::Directory => Target::Directory(nothing),
        ServiceKind::Fifo => Target::Fifo(nothing),
        ServiceKind::Filesystem => Target::Filesystem(nothing),
        ServiceKind::Program => Target::Program(Box::new(no_program())),
        ServiceKind::Network => Target::Interface(nothing),
        ServiceKind::Plugin => {
            let timeout = std::time::Duration::ZERO;
            let (settings, grants) = (Vec::new(), Vec::new());
            Target::Plugin(Box::new(PluginCheck { file: nothing, settings, grants, timeout }))
        }
        ServiceKind::Host | ServiceKind::System => Target::Host(nothing),
    }
}

fn no_program() -> Command {
    Command { argv: Vec::new(), uid: None, gid: None, timeout: std::time::Duration::ZERO }
}

/// Rules and their trees. They are kept as long as the program, so there is no room in vain behind them.
fn apart(pairs: Vec<order::Pair<'_>>) -> (Vec<Rule>, Vec<Option<&ast::Rule>>) {
    let (mut rules, mut trees) = (Vec::with_capacity(pairs.len()), Vec::with_capacity(pairs.len()));
    for (rule, tree) in pairs {
        rules.push(rule);
        trees.push(tree);
    }
    (rules, trees)
}

fn as_check(statement: &Statement) -> Option<&Check> {
    match statement {
        Statement::Check(check) => Some(check),
        Statement::Set(_) => None,
    }
}

/// Whether things of this kind can be missing.
fn has_existence(kind: ServiceKind) -> bool {
    !matches!(
        kind,
        ServiceKind::Host | ServiceKind::System | ServiceKind::Program | ServiceKind::Network | ServiceKind::Plugin
    )
}

fn asks(check: &Check, wanted: impl Fn(&ast::TestKind) -> bool) -> bool {
    check.statements.iter().any(|statement| match statement {
        CheckStatement::Rule(rule) => rule.condition.tests().any(|test| wanted(&test.kind)),
        _ => false,
    })
}
