//! Names of hosts, looked up on threads of their own. The resolver of the system waits for name servers that may be dead, so
//! each lookup occupies one thread, and nobody else.

use std::collections::{HashMap, VecDeque};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::reason;

/// How many names are looked up at the same time.
const THREADS_MAX: usize = 32;

/// How many names wait for a thread. With more nobody is helped by waiting.
const WAITING_MAX: usize = 16_384;

/// How long a thread stays for the next name.
const LINGER: Duration = Duration::from_secs(10);

/// What a lookup came to: the addresses in the order of the resolver, or what it says.
type Found = Result<Vec<SocketAddr>, String>;

#[derive(Default)]
struct Desk {
    /// The names that wait for a thread, in the order in which they came.
    waiting: VecDeque<String>,
    /// Who waits for which name, looked up or about to be. A name is looked up once for all of them.
    askers: HashMap<String, Vec<oneshot::Sender<Found>>>,
    threads: usize,
    idle: usize,
}

#[derive(Default)]
struct Resolver {
    desk: Mutex<Desk>,
    news: Condvar,
}

static RESOLVER: OnceLock<Resolver> = OnceLock::new();

/// The addresses of a name, with the port. Whoever gives up waiting leaves nothing behind but a thread that waits on.
pub(super) async fn resolve(host: &str, port: u16) -> Found {
    let resolver = RESOLVER.get_or_init(Resolver::default);
    let answer = resolver.ask(host)?.await.unwrap_or_else(|_| Err("the lookup was given up".to_owned()));
    answer.map(|mut addresses| {
        addresses.iter_mut().for_each(|address| address.set_port(port));
        addresses
    })
}

impl Resolver {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&'static self, host: &str) -> Result<oneshot::Receiver<Found>, String> {
        let (sender, receiver) = oneshot::channel();
        let mut desk = self.desk();
        if let Some(askers) = desk.askers.get_mut(host) {
            // Those who gave up are not kept; so what waits is bounded by the rules.
            askers.retain(|asker| !asker.is_closed());
            askers.push(sender);
            return Ok(receiver);
        }
        desk.drop_what_nobody_wants();
        if desk.waiting.len() >= WAITING_MAX {
            return Err(format!("{WAITING_MAX} names wait to be looked up already"));
        }
        desk.askers.insert(host.to_owned(), vec![sender]);
        desk.waiting.push_back(host.to_owned());
        if desk.idle > 0 {
            self.news.notify_one();
        } else if desk.threads < THREADS_MAX {
            desk.threads += 1;
            let started = std::thread::Builder::new().name("names".to_owned()).spawn(move || self.serve());
            if started.is_err() {
                desk.threads -= 1;
            }
            if desk.threads == 0 {
                desk.askers.remove(host);
                desk.waiting.pop_back();
                return Err("no thread can be started that looks it up".to_owned());
            }
        }
        Ok(receiver)
    }

    /// Looks names up until none has come for a while.
    fn serve(&self) {
        let mut desk = self.desk();
        let mut leaves = Instant::now() + LINGER;
        loop {
            if let Some(host) = desk.next() {
                drop(desk);
                let found = look_up(&host);
                desk = self.desk();
                for asker in desk.askers.remove(&host).unwrap_or_default() {
                    // Whoever gave up needs no answer.
                    asker.send(found.clone()).ok();
                }
                leaves = Instant::now() + LINGER;
                continue;
            }
            let left = leaves.saturating_duration_since(Instant::now());
            if left.is_zero() {
                desk.threads -= 1;
                return;
            }
            desk.idle += 1;
            desk = self.news.wait_timeout(desk, left).unwrap_or_else(PoisonError::into_inner).0;
            desk.idle -= 1;
        }
    }
}

impl Desk {
    /// The next name that somebody still waits for.
    fn next(&mut self) -> Option<String> {
        while let Some(host) = self.waiting.pop_front() {
            if self.askers.get(&host).is_some_and(|askers| askers.iter().any(|asker| !asker.is_closed())) {
                return Some(host);
            }
            self.askers.remove(&host);
        }
        None
    }

    /// Names in front of the queue that nobody waits for any more.
    fn drop_what_nobody_wants(&mut self) {
        while let Some(host) = self.waiting.front() {
            if self.askers.get(host).is_some_and(|askers| askers.iter().any(|asker| !asker.is_closed())) {
                return;
            }
            self.askers.remove(host);
            self.waiting.pop_front();
        }
    }
}

/// Asks the system.
fn look_up(host: &str) -> Found {
    match (host, 0).to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(sentence(&error)),
    }
}

/// What the resolver says, without std's preface.
fn sentence(error: &std::io::Error) -> String {
    let text = reason(error);
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    text.to_lowercase()
}
