//! One check: connect, make an instance, let it speak, take its answer. Nothing of it outlives the check.

use std::sync::Arc;
use std::time::Instant;

use ruled_embedded::{Description, Stock};
use wasmtime::Store;

use super::bindings::ruled::plugin::types::{Failure, Outcome, Setting};
use super::connection::Connection;
use super::guest::Guest;
use super::host::Host;
use super::limits::{CALL_BYTES_MAX, CHECK_TICKS_MAX, CHECKS_AT_ONCE_MAX, DESCRIBE_TICKS_MAX, GRACE};
use super::ticker::Meter;
use super::{Probe, ProbeOutcome, ProbeReport, convert, verdict};
use crate::transport;

/// Runs a probe to its end.
pub(super) async fn run(host: &Host, probe: Probe) -> ProbeReport {
    let began = Instant::now();
    let mut report = ProbeReport {
        outcome: ProbeOutcome::Faulted(String::new()),
        connect: None,
        certificate: None,
        total: Default::default(),
        log: Vec::new(),
    };
    report.outcome = outcome(host, probe, began, &mut report).await.unwrap_or_else(|early| early);
    report.total = began.elapsed();
    report
}

/// The outcome; as an error where it is known before the guest runs.
async fn outcome(
    host: &Host,
    probe: Probe,
    began: Instant,
    report: &mut ProbeReport,
) -> Result<ProbeOutcome, ProbeOutcome> {
    let deadline = began + probe.timeout;
    let stock = host.stock(&probe.protocol).map_err(ProbeOutcome::Faulted)?;
    let patterns = host.patterns.of(&probe.settings).map_err(ProbeOutcome::Faulted)?;
    let settings = convert::settings(stock, probe.settings).map_err(ProbeOutcome::Faulted)?;

    let connected = transport::connect(&probe.route, deadline).await.map_err(|error| {
        let sentence = error.to_string();
        if error.is_ours() { ProbeOutcome::Faulted(sentence) } else { ProbeOutcome::Failed(sentence) }
    })?;
    report.connect = Some(connected.phases.resolve + connected.phases.connect);
    report.certificate = connected.tls_info().and_then(|tls| tls.certificate.clone());
    let Ok(Ok(_permit)) = tokio::time::timeout_at(deadline.into(), host.permits.acquire()).await else {
        let sentence = format!("{CHECKS_AT_ONCE_MAX} checks by plugins run already");
        return Err(ProbeOutcome::Faulted(sentence));
    };

    let connection = Connection::new(connected, deadline);
    let meter = host.ticker.meter();
    let speaking = speak(host, stock, &meter, Guest::new(patterns), connection, settings);
    match tokio::time::timeout_at((deadline + GRACE).into(), host.ticker.metered(&meter, speaking)).await {
        Err(_) => Ok(verdict::overdue(stock, probe.timeout)),
        Ok(Err(sentence)) => Ok(ProbeOutcome::Faulted(sentence)),
        Ok(Ok((answer, guest))) => {
            let outcome = match answer {
                Ok(answer) => verdict::answered(stock, &guest, probe.timeout, answer),
                Err(error) => verdict::ended(stock, &guest, &error),
            };
            report.log = guest.log;
            Ok(outcome)
        }
    }
}

/// What the guest answered or how it ended, and what it left behind.
type Spoken = (wasmtime::Result<Result<Outcome, Failure>>, Guest);

async fn speak(
    host: &Host,
    stock: &'static Stock,
    meter: &Arc<Meter>,
    guest: Guest,
    connection: Connection,
    settings: Vec<Setting>,
) -> Result<Spoken, String> {
    let pre = host.load(stock)?;
    let mut store = store(host, meter, guest, CHECK_TICKS_MAX);
    let answer = async {
        let connection = store.data_mut().table.push(connection)?;
        let instance = pre.instantiate_async(&mut store).await?;
        instance.ruled_plugin_prober().call_check(&mut store, connection, &settings).await
    }
    .await;
    Ok((answer, store.into_data()))
}

/// What the component says about itself.
pub(super) async fn describe(host: &Host, stock: &'static Stock) -> Result<Description, String> {
    let pre = host.load(stock)?;
    let meter = host.ticker.meter();
    let mut store = store(host, &meter, Guest::new(Vec::new()), DESCRIBE_TICKS_MAX);
    let asking = async {
        let instance = pre.instantiate_async(&mut store).await?;
        instance.ruled_plugin_prober().call_describe(&mut store).await
    };
    match host.ticker.metered(&meter, asking).await {
        Ok(protocol) => Ok(convert::description(protocol)),
        Err(error) => match verdict::ended(stock, store.data(), &error) {
            ProbeOutcome::Faulted(sentence) => Err(sentence),
            other => Err(format!("{other:?}")),
        },
    }
}

/// A store with all its limits.
fn store(host: &Host, meter: &Arc<Meter>, guest: Guest, ticks_max: u32) -> Store<Guest> {
    let mut store = Store::new(&host.engine, guest);
    store.limiter(|guest| &mut guest.limiter);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(Arc::clone(meter).on_tick(ticks_max));
    store.set_hostcall_fuel(CALL_BYTES_MAX);
    store
}
