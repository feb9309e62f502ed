//! `ping-not-permitted`: echo requests that the system does not let ruled send.

use grammar::{Finding, Span, english};

use super::Entry;
use crate::check::{View, tests};
use crate::program::{Family, Test};

const NAME: &str = "ping-not-permitted";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "echo requests that may not be sent here", include_str!("ping_not_permitted.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    for family in [Family::Any, Family::Ipv4, Family::Ipv6] {
        let places = places(view, family);
        let Some(first) = places.first() else { continue };
        if view.surroundings.may_ping(family) {
            continue;
        }
        let kind = if family == Family::Ipv6 { "echo requests of IPv6" } else { "echo requests" };
        let headline = format!("{kind} may not be sent here: {}", english::count(places.len() as u64, "rule"));
        findings.push(
            Finding::warning(NAME, *first, headline)
                .here("so nobody knows whether it holds")
                .note("the system refuses the socket for them to whoever checks these rules")
                .help("run ruled with CAP_NET_RAW, or let its group send them by `sysctl net.ipv4.ping_group_range`"),
        );
    }
}

/// Where echo requests of that family are asked for.
fn places(view: &View<'_>, wanted: Family) -> Vec<Span> {
    let rules = view.services.iter().flat_map(|watched| &watched.rules);
    let all = rules.flat_map(|(tree, rule)| tests(tree, rule));
    all.filter(|(_, test)| matches!(test, Test::Ping(ping) if ping.family == wanted))
        .map(|(written, _)| written.span)
        .collect()
}
