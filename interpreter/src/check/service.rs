//! Services: what they are, their programs, their rules, and the system that is always there.

use grammar::Spanned;
use grammar::ast::{self, Check, CheckStatement, MethodKind, RuleFile, ServiceKind, Statement};

use regex::Regex;

use super::names::Names;
use super::{Context, order};
use crate::lint;
use crate::program::{Origin, Service, Target};

/// The name of a machine that has none.
const NO_NAME: &str = "localhost";
/// What stands for the name of the machine in the name of a system.
const HOST_VARIABLE: &str = "$HOST";

/// The services of a program, with the trees that they come from.
pub(super) struct Lowered<'a> {
    /// The services.
    pub(super) services: Vec<Service>,
    /// The tree of each service that somebody wrote, with the trees of its rules in the order of the rules.
    pub(super) written: Vec<(&'a Check, Vec<Option<&'a ast::Rule>>)>,
}

impl Context<'_> {
    /// All services. The system that nobody wrote comes last.
    pub(super) fn services<'t>(&mut self, file: &'t RuleFile) -> Lowered<'t> {
        let checks: Vec<&'t Check> = file
            .statements
            .iter()
            .filter_map(|statement| match statement {
                Statement::Check(check) => Some(check),
                Statement::Set(_) => None,
            })
            .collect();
        let names = Names::of(&checks, self);
        let mut lowered =
            Lowered { services: Vec::with_capacity(checks.len()), written: Vec::with_capacity(checks.len()) };
        for check in &checks {
            let (service, rules) = self.service(check);
            lowered.services.push(service);
            lowered.written.push((check, rules));
        }
        let dependencies = self.dependencies(&checks, &names);
        for (service, needs) in lowered.services.iter_mut().zip(dependencies) {
            service.depends = needs;
        }
        if !checks.iter().any(|check| check.kind.node == ServiceKind::System) {
            let system = self.implied_system();
            if let Some(taken) = names.find(&system.name).and_then(|place| checks.get(place)) {
                self.report(lint::duplicate_service::with_machine(taken));
            }
            lowered.services.push(system);
        }
        lowered
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
        Service { implicit: true, ..service(self.host_name(), Target::System, Origin::default()) }
    }

    fn service<'t>(&mut self, check: &'t Check) -> (Service, Vec<Option<&'t ast::Rule>>) {
        let target = self.target(check);
        let mut service = service(self.service_name(check), target, self.origin(check.head));
        let mut rules = Vec::new();
        for statement in &check.statements {
            match statement {
                CheckStatement::Method(method) => {
                    let command = self.method(method);
                    match method.kind.node {
                        MethodKind::Start => service.start = command,
                        MethodKind::Stop => service.stop = command,
                        MethodKind::Restart => service.restart = command,
                    }
                }
                CheckStatement::Rule(written) => {
                    rules.extend(self.rule(check, written).map(|rule| (rule, Some(&**written))));
                }
                CheckStatement::Group { name, .. } => {
                    self.check_group(name);
                    if !service.groups.contains(&name.node) {
                        service.groups.push(name.node.clone());
                    }
                }
                CheckStatement::Alert(target) => {
                    let target = self.recipient(target);
                    service.alerts.push(target);
                }
                CheckStatement::NoAlert { address, .. } => {
                    let target = self.no_recipient(address);
                    service.alerts.push(target);
                }
                // Names are resolved when all services are known.
                CheckStatement::DependsOn { .. } => {}
            }
        }
        if has_existence(check.kind.node) && !asks_existence(check) {
            rules.insert(0, (self.implied_rule(check), None));
        }
        let (rules, left_out) = order::sort(rules, self.dialect);
        for (_, rule) in left_out {
            if let Some(rule) = rule {
                self.report(lint::overridden_test::finding(rule));
            }
        }
        // Monit reads the load of the machine in a process entry, and never looks at it.
        let sleeps = |pair: &order::Pair<'_>| self.is_monit() && lint::never_fires::is_asleep(check, &pair.0.test);
        let (asleep, rules): (Vec<_>, Vec<_>) = rules.into_iter().partition(sleeps);
        service.asleep = asleep.into_iter().map(|(rule, _)| rule).collect();
        let (rules, trees): (Vec<_>, Vec<_>) = rules.into_iter().unzip();
        service.rules = rules;
        (service, trees)
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
                if let Err(error) = Regex::new(&pattern.node) {
                    self.report(lint::wrong_pattern::finding(pattern, &error.to_string()));
                }
                Target::Matching(pattern.node.clone())
            }
            (ServiceKind::File, Some(ast::Target::Path(path))) => Target::File(path.node.clone()),
            (ServiceKind::Host, Some(ast::Target::Address(address))) => Target::Host(address.node.clone()),
            (ServiceKind::System, _) => Target::System,
            (kind, _) => {
                self.report(lint::missing_target::finding(check));
                match kind {
                    ServiceKind::Process => Target::Pidfile(String::new()),
                    ServiceKind::File => Target::File(String::new()),
                    ServiceKind::Host | ServiceKind::System => Target::Host(String::new()),
                }
            }
        }
    }
}

/// Whether things of this kind can be missing.
fn has_existence(kind: ServiceKind) -> bool {
    matches!(kind, ServiceKind::Process | ServiceKind::File)
}

fn asks_existence(check: &Check) -> bool {
    check.statements.iter().any(|statement| match statement {
        CheckStatement::Rule(rule) => {
            rule.condition.tests.iter().any(|test| matches!(test.kind, ast::TestKind::Existence { .. }))
        }
        _ => false,
    })
}

fn service(name: String, target: Target, origin: Origin) -> Service {
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
        alerts: Vec::new(),
        origin,
        implicit: false,
    }
}
