//! One check: connect where it wants that, make an instance, let it speak, take its answer. Nothing of it outlives the
//! check. A stock plugin and one of somebody's own go the same way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ruled_embedded::Stock;
use ruled_manifest::Want;
use wasmtime::{Engine, Store};

use super::added::{Added, Job, Subject, missing};
use super::bindings::ruled::plugin::types::{Failure, Outcome, Setting};
use super::connection::Connection;
use super::guest::Guest;
use super::host::Host;
use super::limits::{CALL_BYTES_MAX, GRACE};
use super::load::Ready;
use super::reach::Reach;
use super::secrets::Secrets;
use super::source::Source;
use super::ticker::Meter;
use super::verdict::Judge;
use super::{Described, ProbeOutcome, ProbeReport, convert, described};
use crate::transport;

/// Runs a check to its end.
pub(super) async fn run(host: &Host, job: Job) -> ProbeReport {
    let began = Instant::now();
    let mut report = ProbeReport::faulted(String::new(), Default::default());
    report.outcome = outcome(host, job, began, &mut report).await.unwrap_or_else(ProbeOutcome::Faulted);
    report.total = began.elapsed();
    report
}

/// The outcome; as an error where the rule or this machine is to blame, and the guest was not asked.
async fn outcome(host: &Host, job: Job, began: Instant, report: &mut ProbeReport) -> Result<ProbeOutcome, String> {
    let Job { source, subject, service, settings, timeout } = job;
    let deadline = began + timeout;
    if let Some(sentence) = host.ledger.quarantine.bars(&source, &service, began) {
        return Err(sentence);
    }
    let secrets = Secrets::among(&settings, &source);
    let masked = |sentence: String| secrets.mask(&sentence);
    let settings = convert::complete(&source, settings).map_err(masked)?;
    let patterns = host.patterns.of(&settings).map_err(masked)?;
    let settings = settings.into_iter().map(convert::setting).collect();
    let (ready, engine, wants) = ready(host, &source).await?;

    let (route, grants) = match subject {
        Subject::Service(route) => (Some(route), Vec::new()),
        Subject::Grants(grants) => (None, grants),
    };
    if let Some(sentence) = missing(source.name(), &wants, &grants) {
        return Err(sentence);
    }
    let reach = Reach::of(grants, deadline, &host.readers);
    let guest = Guest::new(source.allowance(), patterns, secrets.clone(), reach);
    let connection = match route {
        Some(route) => match transport::connect(&route, deadline).await {
            Ok(connected) => {
                (report.phases, report.tls) = (Some(connected.phases), connected.tls_info().cloned());
                Some(Connection::new(connected, deadline, Arc::clone(&guest.traffic)))
            }
            Err(error) if error.is_ours() => return Err(error.to_string()),
            Err(error) => return Ok(ProbeOutcome::Failed(error.to_string())),
        },
        None => None,
    };
    let _permit = host.permit(&source, deadline).await?;

    let judge = Judge { source: &source, secrets: &secrets, timeout };
    let meter = host.ticker.meter(matches!(source, Source::Added(_)));
    let store = store(&engine, &meter, guest, source.allowance().cpu);
    let speaking = speak(&ready, store, connection, settings);
    let metered = host.ticker.metered(&meter, speaking);
    let verdict = match tokio::time::timeout_at((deadline + GRACE).into(), metered).await {
        Err(_) => judge.overdue(meter.cpu()),
        Ok((answer, mut guest)) => {
            guest.log.extend(answer.as_ref().map(|answer| judge.left_out(answer)).unwrap_or_default());
            let verdict = match answer {
                Ok(answer) => judge.answered(&guest, answer),
                Err(error) => judge.ended(&guest, &error),
            };
            if let Some(phases) = guest.phases {
                (report.phases, report.tls) = (Some(phases), guest.tls);
            }
            report.log = guest.log;
            verdict
        }
    };
    host.ledger.enter(&source, &service, meter.cpu(), verdict.fault.as_deref());
    Ok(verdict.outcome)
}

/// The component, ready to be instantiated, its engine, and what it wants to be granted.
async fn ready(host: &Host, source: &Source) -> Result<(Ready, Engine, Vec<Want>), String> {
    match source {
        Source::Stock(stock) => Ok((Ready::Probe(host.load(stock)?), host.engine.clone(), Vec::new())),
        Source::Added(added) => {
            let loaded = host.load_added(added).await?;
            if loaded.kind != added.manifest().kind {
                return Err(format!("the {} plugin is not of the kind that its manifest says", source.name()));
            }
            Ok((loaded.ready.clone(), loaded.engine.clone(), loaded.wants.clone()))
        }
    }
}

/// What the guest answered or how it ended, and what it left behind.
type Spoken = (wasmtime::Result<Result<Outcome, Failure>>, Guest);

async fn speak(
    ready: &Ready,
    mut store: Store<Guest>,
    connection: Option<Connection>,
    settings: Vec<Setting>,
) -> Spoken {
    let answer = async {
        match (ready, connection) {
            (Ready::Probe(pre), Some(connection)) => {
                let connection = store.data_mut().table.push(connection)?;
                let instance = pre.instantiate_async(&mut store).await?;
                instance.ruled_plugin_prober().call_check(&mut store, connection, &settings).await
            }
            (Ready::Check(pre), None) => {
                let instance = pre.instantiate_async(&mut store).await?;
                instance.ruled_plugin_checker().call_check(&mut store, &settings).await
            }
            _ => Err(wasmtime::Error::msg("a probe has a connection, and a check has none")),
        }
    }
    .await;
    (answer, store.into_data())
}

/// What a stock plugin says about itself.
pub(super) async fn describe(host: &Host, stock: &'static Stock) -> Result<Described, String> {
    let source = Source::Stock(stock);
    let (ready, engine, _) = ready(host, &source).await?;
    ask(host, &source, &ready, &engine).await
}

/// What a plugin of somebody's own says about itself, whatever its manifest says; and what it wants to be granted.
pub(super) async fn describe_added(host: &Host, added: Arc<Added>) -> Result<(Described, Vec<Want>), String> {
    let loaded = host.load_added(&added).await?;
    let described = ask(host, &Source::Added(added), &loaded.ready, &loaded.engine).await?;
    Ok((described, loaded.wants.clone()))
}

/// Asks a component what it is.
async fn ask(host: &Host, source: &Source, ready: &Ready, engine: &Engine) -> Result<Described, String> {
    let meter = host.ticker.meter(false);
    let allowance = source.allowance();
    // It has no connections and no files: whoever describes itself looks at nothing.
    let reach = Reach::of(Vec::new(), Instant::now(), &host.readers);
    let guest = Guest::new(allowance, Vec::new(), Secrets::default(), reach);
    let mut store = store(engine, &meter, guest, allowance.describe_cpu);
    let asking = async {
        match ready {
            Ready::Probe(pre) => {
                let instance = pre.instantiate_async(&mut store).await?;
                let protocol = instance.ruled_plugin_prober().call_describe(&mut store).await?;
                Ok::<_, wasmtime::Error>(convert::probe(protocol))
            }
            Ready::Check(pre) => {
                let instance = pre.instantiate_async(&mut store).await?;
                Ok(convert::check(instance.ruled_plugin_checker().call_describe(&mut store).await?))
            }
        }
    };
    match host.ticker.metered(&meter, asking).await {
        Ok(described) => described::usable(described)
            .and_then(|described| match source {
                Source::Added(_) => described::keeps_no_secret(described),
                Source::Stock(_) => Ok(described),
            })
            .map_err(|what| format!("the {} plugin {what}", source.name())),
        Err(error) => {
            let judge = Judge { source, secrets: &Secrets::default(), timeout: Default::default() };
            let verdict = judge.ended(store.data(), &error);
            Err(verdict.fault.unwrap_or_else(|| format!("the {} plugin could not run", source.name())))
        }
    }
}

/// A store with all its limits.
fn store(engine: &Engine, meter: &Arc<Meter>, guest: Guest, cpu_max: Duration) -> Store<Guest> {
    let mut store = Store::new(engine, guest);
    store.limiter(|guest| &mut guest.limiter);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(Arc::clone(meter).on_tick(cpu_max));
    store.set_hostcall_fuel(CALL_BYTES_MAX);
    store
}
