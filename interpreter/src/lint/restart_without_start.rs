//! `restart-without-start`: an action that has nothing to run.

use std::collections::BTreeSet;

use grammar::Finding;

use super::Entry;
use crate::check::View;
use crate::program::Action;

const NAME: &str = "restart-without-start";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a restart that has nothing to run", include_str!("restart_without_start.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    if !view.complete {
        return;
    }
    // A restart of what others depend on restarts these.
    let parents = view.program.services.iter().flat_map(|service| &service.depends);
    let parents: BTreeSet<&str> =
        parents.filter_map(|id| view.program.service(*id)).map(|parent| parent.name.as_str()).collect();
    for (watched, tree, rule) in view.rules() {
        let service = watched.service;
        let empty = match rule.action {
            Action::Start => service.start.is_none(),
            Action::Restart => {
                service.start.is_none() && service.restart.is_none() && !parents.contains(service.name.as_str())
            }
            Action::Alert | Action::Stop | Action::Unmonitor | Action::Ignore | Action::Exec(_) => false,
        };
        if !empty {
            continue;
        }
        let name = &service.name;
        let consequence = if rule.action == Action::Restart && service.stop.is_some() {
            format!("so {name} would be stopped and stay down")
        } else {
            "so nothing would happen but an alert".to_owned()
        };
        findings.push(
            Finding::warning(NAME, tree.action.span, format!("{name} has no start program"))
                .here(consequence)
                .also(watched.check.name.span, "nothing here says how it is started")
                .help("add a start program, such as `start program = \"/usr/bin/systemctl start NAME\"`, or write `then alert`"),
        );
    }
}
