//! The plugin path as a whole: stock probes against scripted servers, hostile guests, and what they must not disturb.

mod crowd;
mod describing;
mod fairness;
mod frozen;
mod hostile;
mod limits;
mod loading;
mod memory;
pub(crate) mod own;
mod peer;
mod probing;
mod quarantine;
mod stock;
mod table;
mod unused;

use std::sync::mpsc;
use std::time::Duration;

use ruled::plugin::{Plugins, Probe, ProbeOutcome, ProbeReport, Setting, Value};
use ruled::transport::Route;

use crate::rig::PATIENCE;

/// A probe of a service on this machine, with time enough for a busy one.
fn probe(protocol: &str, port: u16) -> Probe {
    Probe {
        protocol: protocol.into(),
        route: Route::tcp("127.0.0.1", port),
        settings: Vec::new(),
        timeout: Duration::from_secs(10),
    }
}

fn with(mut probe: Probe, name: &str, value: Value) -> Probe {
    probe.settings.push(Setting { name: name.into(), value, is_secret: false });
    probe
}

/// Runs a probe and waits for its report.
fn report(plugins: &Plugins, probe: Probe) -> ProbeReport {
    let (sender, receiver) = mpsc::channel();
    plugins.probe(probe, Box::new(move |report| sender.send(report).expect("the test waits")));
    receiver.recv_timeout(PATIENCE).expect("every probe is reported")
}

fn outcome(plugins: &Plugins, probe: Probe) -> ProbeOutcome {
    report(plugins, probe).outcome
}

/// The sentence of a probe that must fail because of the service.
fn failed(plugins: &Plugins, probe: Probe) -> String {
    match outcome(plugins, probe) {
        ProbeOutcome::Failed(sentence) => sentence,
        other => panic!("the service should be at fault: {other:?}"),
    }
}

/// The sentence of a probe that must fail because of the plugin.
fn faulted(plugins: &Plugins, probe: Probe) -> String {
    match outcome(plugins, probe) {
        ProbeOutcome::Faulted(sentence) => sentence,
        other => panic!("the plugin should be at fault: {other:?}"),
    }
}
