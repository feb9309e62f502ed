//! One check: connect, make an instance, let it speak, take its answer. Nothing of it outlives the check.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ruled_embedded::{Description, OptionType, Stock, Value};
use wasmtime::Store;

use super::bindings::ruled::plugin::types::{Failure, Outcome, Setting};
use super::connection::Connection;
use super::guest::Guest;
use super::host::Host;
use super::limits::{CALL_BYTES_MAX, CHECK_CPU_MAX, CHECKS_AT_ONCE_MAX, DESCRIBE_CPU_MAX, GRACE};
use super::ticker::Meter;
use super::{Probe, ProbeOutcome, ProbeReport, convert, described, verdict};
use crate::transport;

/// Runs a probe to its end.
pub(super) async fn run(host: &Host, probe: Probe) -> ProbeReport {
    let began = Instant::now();
    let mut report = ProbeReport {
        outcome: ProbeOutcome::Faulted(String::new()),
        phases: None,
        tls: None,
        total: Default::default(),
        log: Vec::new(),
    };
    let secrets = secrets(host, &probe);
    report.outcome = outcome(host, probe, began, &mut report).await.unwrap_or_else(|early| early);
    for secret in &secrets {
        mask(&mut report, secret);
    }
    report.total = began.elapsed();
    report
}

/// The shortest secret that is masked: what is shorter stands in every other word.
const SECRET_BYTES_MIN: usize = 4;

/// The values that must stand in nothing that is reported.
fn secrets(host: &Host, probe: &Probe) -> Vec<String> {
    let Ok(stock) = host.stock(&probe.protocol) else { return Vec::new() };
    let is_secret = |name: &str| {
        stock.description.options.iter().any(|option| option.name == name && option.kind == OptionType::Secret)
    };
    let values = probe.settings.iter().filter(|setting| is_secret(&setting.name)).map(|setting| &setting.value);
    let texts = values.filter_map(|value| match value {
        Value::Text(text) if text.len() >= SECRET_BYTES_MIN => Some(text.to_string()),
        _ => None,
    });
    texts.collect()
}

/// Masks a secret in everything that the guest or the service said.
fn mask(report: &mut ProbeReport, secret: &str) {
    let masked = |text: &mut String| {
        if text.contains(secret) {
            *text = text.replace(secret, "***");
        }
    };
    match &mut report.outcome {
        ProbeOutcome::Passed { summary, facts, .. } => {
            masked(summary);
            facts.iter_mut().for_each(|(name, text)| {
                masked(name);
                masked(text);
            });
        }
        ProbeOutcome::Failed(sentence) | ProbeOutcome::Faulted(sentence) => masked(sentence),
    }
    report.log.iter_mut().for_each(masked);
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
    let service = probe.route.endpoint.to_string();
    if let Some(sentence) = host.quarantine.bars(stock.name, &service, began) {
        return Err(ProbeOutcome::Faulted(sentence));
    }
    let patterns = host.patterns.of(&probe.settings).map_err(ProbeOutcome::Faulted)?;
    let settings = convert::settings(stock, probe.settings).map_err(ProbeOutcome::Faulted)?;

    let connected = transport::connect(&probe.route, deadline).await.map_err(|error| {
        let sentence = error.to_string();
        if error.is_ours() { ProbeOutcome::Faulted(sentence) } else { ProbeOutcome::Failed(sentence) }
    })?;
    report.phases = Some(connected.phases);
    report.tls = connected.tls_info().cloned();
    let Ok(Ok(_permit)) = tokio::time::timeout_at(deadline.into(), host.permits.acquire()).await else {
        let sentence = format!("{CHECKS_AT_ONCE_MAX} checks by plugins run already");
        return Err(ProbeOutcome::Faulted(sentence));
    };

    let connection = Connection::new(connected, deadline);
    let meter = host.ticker.meter();
    let speaking = speak(host, stock, &meter, Guest::new(patterns), connection, settings);
    let verdict = match tokio::time::timeout_at((deadline + GRACE).into(), host.ticker.metered(&meter, speaking)).await
    {
        Err(_) => verdict::overdue(stock, probe.timeout + GRACE),
        Ok(Err(sentence)) => ProbeOutcome::Faulted(sentence).into(),
        Ok(Ok((answer, guest))) => {
            let verdict = match answer {
                Ok(answer) => verdict::answered(stock, &guest, probe.timeout, answer),
                Err(error) => verdict::ended(stock, &guest, &error),
            };
            if let Some(phases) = guest.phases {
                (report.phases, report.tls) = (Some(phases), guest.tls);
            }
            report.log = guest.log;
            verdict
        }
    };
    match &verdict.fault {
        Some(fault) => host.quarantine.failed(stock.name, &service, fault, Instant::now()),
        None => host.quarantine.passed(stock.name, &service),
    }
    Ok(verdict.outcome)
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
    let mut store = store(host, meter, guest, CHECK_CPU_MAX);
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
    let mut store = store(host, &meter, Guest::new(Vec::new()), DESCRIBE_CPU_MAX);
    let asking = async {
        let instance = pre.instantiate_async(&mut store).await?;
        instance.ruled_plugin_prober().call_describe(&mut store).await
    };
    match host.ticker.metered(&meter, asking).await {
        // Nothing could reach what it probes.
        Ok(protocol) if protocol.transports.is_empty() => {
            Err(format!("the {} plugin describes no transport", stock.name))
        }
        Ok(protocol) => described::usable(convert::description(protocol))
            .map_err(|what| format!("the {} plugin {what}", stock.name)),
        Err(error) => {
            let verdict = verdict::ended(stock, store.data(), &error);
            Err(verdict.fault.unwrap_or_else(|| format!("the {} plugin could not run", stock.name)))
        }
    }
}

/// A store with all its limits.
fn store(host: &Host, meter: &Arc<Meter>, guest: Guest, cpu_max: Duration) -> Store<Guest> {
    let mut store = Store::new(&host.engine, guest);
    store.limiter(|guest| &mut guest.limiter);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(Arc::clone(meter).on_tick(cpu_max));
    store.set_hostcall_fuel(CALL_BYTES_MAX);
    store
}
