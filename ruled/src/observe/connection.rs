//! Connection tests, on a thread of their own: bare connections here, named protocols by their plugins.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use interpreter::engine::{ConnectionResult, Reading};
use interpreter::program::{self, Connection, ProtocolCall, ProtocolSetting, Relation, SettingValue};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::plugin::{self, Plugins, Probe, ProbeOutcome};
use crate::transport::{Endpoint, connect};

/// How many bare connections are being made at the same time: enough that a few hundred targets that hang do not
/// hold up the others, few enough for the customary limit of 1,024 descriptors.
const CONNECTS_MAX: usize = 256;

/// Takes the result of a connection test; called on another thread.
pub type Done = Box<dyn FnOnce(Reading<ConnectionResult>) + Send>;

/// The thread that makes connections.
#[derive(Clone)]
pub struct Connector {
    jobs: mpsc::UnboundedSender<(Connection, Done)>,
}

impl Connector {
    /// Starts the thread.
    pub fn start(plugins: Plugins) -> std::io::Result<Connector> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // Bounded by the rules: a round of a service asks for each connection once, and has one round at a time.
        let (jobs, mut inbox) = mpsc::unbounded_channel::<(Connection, Done)>();
        thread::Builder::new().name("net".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let permits = Arc::new(Semaphore::new(CONNECTS_MAX));
                while let Some((connection, done)) = inbox.recv().await {
                    let (permits, plugins) = (Arc::clone(&permits), plugins.clone());
                    tokio::spawn(async move { done(test(&connection, &permits, &plugins).await) });
                }
            });
        })?;
        Ok(Connector { jobs })
    }

    /// Makes a connection, as often as the rule allows until it succeeds.
    pub fn test(&self, connection: Connection, done: Done) {
        if let Err(unsent) = self.jobs.send((connection, done)) {
            let (_, done) = unsent.0;
            done(Reading::Unknown("the thread for connections has ended".to_owned()));
        }
    }
}

async fn test(connection: &Connection, permits: &Semaphore, plugins: &Plugins) -> Reading<ConnectionResult> {
    let mut result = Reading::Unknown("no attempt was made".to_owned());
    for _ in 0..connection.attempts.max(1) {
        result = match &connection.protocol {
            None => bare(connection, permits).await,
            Some(protocol) => named(connection, protocol, plugins).await,
        };
        if !matches!(result, Reading::Known(ConnectionResult::Failed(_))) {
            break;
        }
    }
    result
}

/// Where a connection goes, where it can be made.
fn endpoint(connection: &Connection) -> Option<Endpoint> {
    match &connection.endpoint {
        program::Endpoint::Port { host, port } => Some(Endpoint { host: host.clone(), port: *port }),
        program::Endpoint::Unix(_) => None,
    }
}

/// What is said of a connection that this version cannot make. The checker leaves such rules asleep.
fn unmade(connection: &Connection) -> Reading<ConnectionResult> {
    let protocol = connection.protocol.as_ref().map_or("default", |call| &call.name);
    Reading::Unknown(format!("connections of this kind cannot be made yet (protocol {protocol})"))
}

async fn bare(connection: &Connection, permits: &Semaphore) -> Reading<ConnectionResult> {
    let Ok(_permit) = permits.acquire().await else {
        return Reading::Unknown("the thread for connections has ended".to_owned());
    };
    // The time counts from the permit on: a target is not to blame for the others.
    let started = Instant::now();
    let Some(endpoint) = endpoint(connection) else { return unmade(connection) };
    Reading::Known(match connect(&endpoint, started + connection.timeout).await {
        Ok(_) => ConnectionResult::Passed { response_time: started.elapsed(), summary: String::new() },
        Err(error) => ConnectionResult::Failed(error.brief()),
    })
}

async fn named(connection: &Connection, protocol: &ProtocolCall, plugins: &Plugins) -> Reading<ConnectionResult> {
    /// How much longer than its own time-out a plugin's answer is waited for; it ends its probes itself.
    const GRACE: Duration = Duration::from_secs(1);
    let settings: Option<Vec<plugin::Setting>> = protocol.settings.iter().map(setting).collect();
    let (Some(endpoint), Some(settings)) = (endpoint(connection), settings) else { return unmade(connection) };
    let probe = Probe { protocol: protocol.name.clone(), endpoint, settings, timeout: connection.timeout };
    let (answer, report) = oneshot::channel();
    plugins.probe(
        probe,
        Box::new(move |report| {
            // Nobody waits any more when the round is over.
            answer.send(report).ok();
        }),
    );
    let Ok(Ok(report)) = tokio::time::timeout(connection.timeout + GRACE, report).await else {
        return Reading::Unknown(format!("the plugin of protocol {} did not answer", protocol.name));
    };
    match report.outcome {
        ProbeOutcome::Passed { summary, .. } => {
            Reading::Known(ConnectionResult::Passed { response_time: report.total, summary })
        }
        ProbeOutcome::Failed(reason) => Reading::Known(ConnectionResult::Failed(reason)),
        ProbeOutcome::Faulted(reason) => Reading::Unknown(reason),
    }
}

/// What the rules call a setting, as plugins call it; nothing for kinds of values that plugins do not have.
fn setting(setting: &ProtocolSetting) -> Option<plugin::Setting> {
    let value = match &setting.value {
        SettingValue::Text(text) | SettingValue::Secret(text) => plugin::Value::Text(text.clone().into()),
        SettingValue::Integer(number) => plugin::Value::Integer(*number),
        SettingValue::Number(number) => plugin::Value::Number(*number),
        SettingValue::Truth(truth) => plugin::Value::Boolean(*truth),
        // A time span beyond 500 million years is cut.
        SettingValue::Duration(span) => plugin::Value::DurationMs(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)),
        SettingValue::Size(bytes) => plugin::Value::SizeBytes(*bytes),
        SettingValue::Comparison(relation, number) => {
            let relation = match relation {
                Relation::Greater => plugin::Relation::Greater,
                Relation::GreaterOrEqual => plugin::Relation::GreaterOrEqual,
                Relation::Less => plugin::Relation::Less,
                Relation::LessOrEqual => plugin::Relation::LessOrEqual,
                Relation::Equal => plugin::Relation::Equal,
                Relation::NotEqual | Relation::Changed => plugin::Relation::NotEqual,
            };
            plugin::Value::Comparison(plugin::Comparison { relation, number: *number })
        }
        SettingValue::Hash(kind, digits) => {
            let kind = match kind {
                program::HashKind::Md5 => plugin::HashKind::Md5,
                program::HashKind::Sha1 => plugin::HashKind::Sha1,
                program::HashKind::Sha256 => plugin::HashKind::Sha256,
            };
            plugin::Value::Hash(plugin::Hash { kind, digits: digits.clone().into() })
        }
        SettingValue::Headers(headers) => {
            let pairs = headers.iter().map(|(name, value)| (name.clone().into(), value.clone().into()));
            plugin::Value::Headers(pairs.collect())
        }
    };
    Some(plugin::Setting { name: setting.name.clone(), value })
}
