//! Connection tests and echo requests, on a thread of their own: bare connections and what authors write themselves here,
//! named protocols by their plugins.

mod bare;
mod named;
mod way;

use std::sync::Arc;
use std::thread;

use interpreter::engine::{ConnectionResult, Reading};
use interpreter::program::{Connection, Ping, PluginCheck, Program, Service, Target, Test};
use tokio::sync::{Semaphore, mpsc};

use super::plugin::{self, Checker};
use crate::plugin::Plugins;
pub(crate) use named::setting;
pub use way::Manner;

/// How many bare connections are being made at the same time: enough that a few hundred targets that hang do not
/// hold up the others, few enough for the customary limit of 1,024 descriptors.
const CONNECTS_MAX: usize = 256;

/// Takes the result of a connection test; called on another thread.
pub type Done = Box<dyn FnOnce(Reading<ConnectionResult>) + Send>;

/// What is to be tried.
#[derive(Clone, Debug)]
pub enum Job {
    /// A connection.
    Connection(Box<Connection>),
    /// Echo requests to a host.
    Ping(String, Ping),
}

impl Job {
    /// What a rule of a service wants to be tried; nothing where it wants nothing of the kind.
    pub fn of(service: &Service, rule: usize) -> Option<Job> {
        match (&service.rules.get(rule)?.test, &service.target) {
            (Test::Connection(connection), _) => Some(Job::Connection(connection.clone())),
            (Test::Ping(ping), Target::Host(host)) => Some(Job::Ping(host.clone(), ping.clone())),
            _ => None,
        }
    }
}

/// The thread that makes connections.
#[derive(Clone)]
pub struct Connector {
    plugins: Plugins,
    checker: Checker,
    jobs: mpsc::UnboundedSender<(Job, Arc<Manner>, Done)>,
}

impl Connector {
    /// Starts the thread.
    pub fn start(plugins: Plugins) -> std::io::Result<Connector> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // Bounded by the rules: a round of a service asks for each connection once, and has one round at a time.
        let (jobs, mut inbox) = mpsc::unbounded_channel::<(Job, Arc<Manner>, Done)>();
        let (direct, checker) = (plugins.clone(), Checker::start(plugins.clone())?);
        thread::Builder::new().name("net".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let permits = Arc::new(Semaphore::new(CONNECTS_MAX));
                while let Some((job, manner, done)) = inbox.recv().await {
                    let (permits, plugins) = (Arc::clone(&permits), plugins.clone());
                    tokio::spawn(async move { done(try_out(&job, &manner, &permits, &plugins).await) });
                }
            });
            // A file that is still being read must not keep the program from ending.
            runtime.shutdown_background();
        })?;
        Ok(Connector { plugins: direct, checker, jobs })
    }

    /// The plugins that it asks.
    pub fn plugins(&self) -> &Plugins {
        &self.plugins
    }

    /// Begins the check of a plugin of one's own and returns at once.
    pub fn check(&self, name: &str, check: &PluginCheck, manner: &Arc<Manner>, done: plugin::Done) {
        self.checker.check(name, check, manner, done);
    }

    /// Tries it, as often as the rule allows until it succeeds.
    pub fn test(&self, job: Job, manner: &Arc<Manner>, done: Done) {
        if let Job::Connection(connection) = &job
            && let Some(protocol) = connection.protocol.as_ref().filter(|_| connection.attempts <= 1)
        {
            // What a plugin does once is handed to the plugin's thread at once, which ends it in time itself.
            return match named::probe(connection, protocol, manner) {
                Ok(probe) => self.plugins.probe(probe, Box::new(move |report| done(bare::result(report)))),
                Err(reason) => done(Reading::Unknown(reason)),
            };
        }
        if let Err(unsent) = self.jobs.send((job, Arc::clone(manner), done)) {
            let (_, _, done) = unsent.0;
            done(Reading::Unknown("the thread for connections has ended".to_owned()));
        }
    }
}

/// What a plugin is asked for a connection with a protocol; the error is a sentence.
pub fn probe(connection: &Connection, manner: &Manner) -> Result<crate::plugin::Probe, String> {
    let protocol = connection.protocol.as_ref().ok_or("the connection names no protocol")?;
    named::probe(connection, protocol, manner)
}

/// Looks once at a service in whose rule no protocol is named, and waits for the end of that.
///
/// # Errors
/// When the system gives no runtime.
pub fn look(connection: &Connection, manner: &Manner) -> std::io::Result<crate::plugin::ProbeReport> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(bare::look(connection, manner));
    // A name that is still being looked up keeps nobody waiting.
    runtime.shutdown_background();
    Ok(report)
}

/// How the connections of a program are made.
pub fn manner(program: &Program) -> Arc<Manner> {
    Arc::new(Manner::of(&program.settings))
}

async fn try_out(job: &Job, manner: &Manner, permits: &Semaphore, plugins: &Plugins) -> Reading<ConnectionResult> {
    let connection = match job {
        Job::Ping(host, ping) => return bare::ping(host, ping, permits).await,
        Job::Connection(connection) => connection,
    };
    let mut result = Reading::Unknown("no attempt was made".to_owned());
    for _ in 0..connection.attempts.max(1) {
        result = match &connection.protocol {
            None => bare::connection(connection, manner, permits).await,
            Some(protocol) => named::connection(connection, protocol, manner, plugins).await,
        };
        if !matches!(result, Reading::Known(ConnectionResult::Failed(_))) {
            break;
        }
    }
    result
}
