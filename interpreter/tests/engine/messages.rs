//! The sentences of events, as Monit 5.33 writes them to its log.

use interpreter::engine::Metric;
use interpreter::program::{Action, Relation, Rule, Service, Test, Wanted};
use interpreter::simulate::{Port, Scenario, SimValue, Thing};

use crate::build::*;

/// What is said when the rule fails, and when it is over.
fn said(
    service: Service,
    bad: impl FnOnce(&mut Thing) + 'static,
    good: impl FnOnce(&mut Thing) + 'static,
) -> Vec<String> {
    let name = service.name.clone();
    let scenario = Scenario::new(program(vec![service])).without_wakes().at(s(8), &name, bad).at(s(23), &name, good);
    let timeline = scenario.run(s(31));
    timeline.events().skip(1).map(|event| event.2.message.clone()).collect()
}

const MEGABYTE: f64 = 1_048_576.0;

fn shown(service: Service, rule: Rule, metric: Metric, bad: SimValue, good: SimValue) -> Vec<String> {
    said(service.only(vec![rule]), move |one| one.shows(metric, bad), move |one| one.shows(metric, good))
}

#[test]
fn memory() {
    let part = |amount: f64| SimValue::Part(amount * MEGABYTE, 1000.0 * MEGABYTE);
    let share_of = share(Metric::Memory, Relation::Greater, 10.0);
    assert_eq!(
        shown(process("p"), share_of, Metric::Memory, part(200.0), part(17.0)),
        [
            "mem usage of 20.0% matches resource limit [mem usage > 10.0%]",
            "mem usage check succeeded [current mem usage = 1.7%]"
        ]
    );
    let amount = limit(Metric::TotalMemory, Relation::Greater, 100.0 * MEGABYTE);
    assert_eq!(
        shown(process("p"), amount, Metric::TotalMemory, part(402.9), part(60.7)),
        [
            "total mem amount of 402.9 MB matches resource limit [total mem amount > 100 MB]",
            "total mem amount check succeeded [current total mem amount = 60.7 MB]"
        ]
    );
}

#[test]
fn processor_and_load() {
    let low = || share(Metric::CpuWait, Relation::Greater, 20.0);
    assert_eq!(
        shown(system(), low(), Metric::CpuWait, SimValue::Portion(25.0), SimValue::Portion(0.5))[..1],
        ["cpu I/O wait of 25.0% matches resource limit [cpu I/O wait > 20.0%]"]
    );
    let load = Metric::LoadAverage { minutes: 5, per_core: true };
    assert_eq!(
        shown(system(), limit(load, Relation::GreaterOrEqual, 4.0), load, SimValue::Gauge(4.0), SimValue::Gauge(1.9)),
        [
            "loadavg per core (5min) of 4.0 matches resource limit [loadavg per core (5min) >= 4.0]",
            "loadavg per core (5min) check succeeded [current loadavg per core (5min) = 1.9]"
        ]
    );
}

#[test]
fn files() {
    let only = |rule| file("f").only(vec![rule]);
    assert_eq!(
        said(only(limit(Metric::Size, Relation::Greater, 2000.0)), |f| f.is_written(3000), |f| f.is_written(6)),
        ["size test failed for /data/f -- current size is 2.9 kB", "size check succeeded [current size = 6 B]"]
    );
    assert_eq!(
        said(only(rule(Test::Permission { mode: 0o644 })), |f| f.is_given_mode(0o4600), |f| f.is_given_mode(0o644)),
        [
            "permission test failed for /data/f [current permission 4600]",
            "permission test succeeded [current permission 0644]"
        ]
    );
    assert_eq!(
        said(
            only(limit(Metric::Timestamp(grammar::ast::TimestampKind::Any), Relation::Greater, 9.0)),
            |_| {},
            |f| f.is_written(1)
        ),
        [
            "modify/change time for /data/f failed -- current modify/change time is Thu, 01 Jan 2026 00:00:00",
            "modify/change time test succeeded for /data/f [current modify/change time is Thu, 01 Jan 2026 00:00:23]"
        ]
    );
    let gone = file("f").only(vec![missing(Action::Alert)]);
    assert_eq!(said(gone, Thing::dies, Thing::comes_up), ["file doesn't exist", "file exists"]);
    let there = file("f").only(vec![rule(Test::Present)]);
    assert_eq!(said(there, Thing::dies, |_| {}), ["file exists", "file doesn't exist"]);
}

#[test]
fn connections() {
    let refused = |host: &mut Thing| host.answers(22, Port::Refused("Connection refused".to_owned()));
    let open = |host: &mut Thing| host.answers(22, Port::Open(ms(3)));
    assert_eq!(
        said(host("h").rule(port(22, Some("ssh"))), refused, open),
        [
            "failed protocol test [SSH] at [localhost]:22 [TCP/IP] -- Connection refused",
            "connection succeeded to [localhost]:22 [TCP/IP]"
        ]
    );
    let mut wanted = port(22, None);
    if let Test::Connection(connection) = &mut wanted.test {
        connection.wanted = Wanted::Succeeded;
    }
    assert_eq!(
        said(host("h").rule(wanted), refused, |_| {}),
        [
            "connection succeeded to [localhost]:22 [TCP/IP]",
            "failed protocol test [DEFAULT] at [localhost]:22 [TCP/IP] -- Connection refused"
        ]
    );
}
