//! What survives the end of ruled, in SQLite: a thread of its own keeps it, and nobody waits for the disk.
//!
//! What cannot be written is kept in memory and written as soon as it can be; supervision goes on meanwhile. Nothing is
//! written while nothing changes.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use interpreter::durable::{Kept, KeptIntent, ServiceKey, hash};
use interpreter::engine::Interval;
use interpreter::outbox::Change;

pub mod adopt;
mod batch;
pub mod database;
pub mod mailbox;
pub mod place;

use batch::Batch;
use database::{Database, MailChange, Trouble};
use mailbox::Mailbox;

/// How long after a failure the next attempt to write is made.
const RETRY: Duration = Duration::from_secs(5);

/// For how long the file is waited for at the start: it may lie on a server that does not answer.
const START_PATIENCE: Duration = Duration::from_secs(10);

/// How long a deed waits until it is written that it is to be done. Whoever waits for the service waits too, so a disk that
/// is slow is not waited for.
const INTENT_PATIENCE: Duration = Duration::from_millis(2);

/// Names other milliseconds for [`INTENT_PATIENCE`], for tests in which everything is slow.
const INTENT_PATIENCE_MS: &str = "RULED_INTENT_PATIENCE_MS";

/// How long is waited until what was told is written.
const TOLD_PATIENCE: Duration = Duration::from_secs(1);

/// How many changes are written in one transaction at most.
const BATCH_MAX: usize = 1_000;

/// What the keeper says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Something is worth a line in the log.
    Remark(String),
    /// Nothing can be written: the reason. Said once, until it is over.
    Failed(String),
    /// Everything that was kept in memory is written.
    Healed(String),
}

/// Where notices go.
pub type Tell = Box<dyn Fn(Notice) + Send>;

/// What was kept by an earlier run.
#[derive(Debug, Clone, PartialEq)]
pub struct Recollection {
    /// By service.
    pub services: BTreeMap<ServiceKey, Kept>,
    /// What lies between that run and this one.
    pub interval: Interval,
    /// Of which of them that was kept before the machine was started, whenever ruled itself ran last: it may have ended
    /// before it came to keep anything new of them.
    pub before_boot: BTreeSet<ServiceKey>,
    /// The mail that waits.
    pub mail: Mailbox,
}

impl Recollection {
    fn nothing() -> Recollection {
        Recollection {
            services: BTreeMap::new(),
            interval: Interval::Reboot,
            before_boot: BTreeSet::new(),
            mail: Mailbox::default(),
        }
    }
}

/// What changed of the mail that waits.
pub struct MailChanges {
    /// The changes, in their order.
    pub changes: Vec<Change>,
    /// Called when they are stored, or cannot be for now.
    pub done: Box<dyn FnOnce() + Send>,
}

/// What must be seen to before something is known as told.
#[derive(Debug)]
pub struct Told {
    /// Where is said that it is in the log.
    pub log: Receiver<()>,
    /// Where the mail about it comes from. It is written together with what is known as told.
    pub mail: Option<Receiver<MailChanges>>,
}

/// The way by which mail gets to the thread that keeps it.
#[derive(Debug, Clone)]
pub struct MailDoor {
    thread: Sender<Message>,
}

impl MailDoor {
    /// Keeps these changes. They are done at once where the thread is gone.
    pub fn keep(&self, changes: MailChanges) {
        if let Err(gone) = self.thread.send(Message::Mail(changes))
            && let Message::Mail(changes) = gone.0
        {
            (changes.done)();
        }
    }
}

enum Message {
    /// What is kept of a service, and what must be told before.
    Keep(ServiceKey, Box<Kept>, Option<Told>),
    Mail(MailChanges),
    /// Say when all that came before is written, or cannot be.
    Settle(SyncSender<()>),
    Finish,
}

/// The way to the thread that keeps what survives.
#[derive(Debug)]
pub struct Keeper {
    /// Whatever was kept last of each service.
    kept: BTreeMap<ServiceKey, Kept>,
    /// Of which services that was kept before the machine was started.
    before_boot: BTreeSet<ServiceKey>,
    thread: Option<(Sender<Message>, JoinHandle<()>)>,
    /// For how long it is waited for that something is written.
    patience: Duration,
    /// What must be told before the next is written.
    told: Option<Told>,
}

impl Keeper {
    /// A keeper that forgets everything with the end of ruled.
    pub fn in_memory() -> Keeper {
        Keeper {
            kept: BTreeMap::new(),
            before_boot: BTreeSet::new(),
            thread: None,
            patience: Duration::ZERO,
            told: None,
        }
    }

    /// Opens the file, reads what was kept, and keeps what follows. Of services that are not among `known` nothing is
    /// read, and what was kept of them is forgotten after a while. A file that cannot be used is a notice, not an error.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn start(path: PathBuf, known: &BTreeSet<ServiceKey>, tell: Tell) -> io::Result<(Keeper, Recollection)> {
        let mut store = Store {
            path: path.clone(),
            boot: boot(),
            database: None,
            all: BTreeMap::new(),
            mail: Mailbox::default(),
            failed: false,
            tell,
        };
        let known = known.clone();
        let (sender, inbox) = channel();
        let (found, recollection) = sync_channel(1);
        let thread = thread::Builder::new().name("remember".to_owned()).spawn(move || {
            let recollection = store.recall(&known);
            // Whoever has waited for too long goes on without.
            found.try_send(recollection).unwrap_or(());
            store.run(&inbox);
        })?;
        let recollection = recollection.recv_timeout(START_PATIENCE).unwrap_or_else(|_| {
            let waited = grammar::english::count(START_PATIENCE.as_secs(), "second");
            eprintln!("ruled: no answer from {} for {waited}; what was kept there is not known", path.display());
            Recollection::nothing()
        });
        let (kept, before_boot) = (recollection.services.clone(), recollection.before_boot.clone());
        Ok((
            Keeper { kept, before_boot, thread: Some((sender, thread)), patience: patience(), told: None },
            recollection,
        ))
    }

    /// Keeps this of a service, in place of what was kept of it before.
    pub fn keep(&mut self, key: ServiceKey, kept: Kept) {
        self.before_boot.remove(&key);
        if let Some((sender, _)) = &self.thread {
            // The thread ends with ruled only; without it everything stays in memory.
            let told = self.told.take();
            sender.send(Message::Keep(key.clone(), Box::new(kept.clone()), told)).unwrap_or(());
        }
        if kept.is_empty() {
            self.kept.remove(&key);
        } else {
            self.kept.insert(key, kept);
        }
    }

    /// Takes note of the program that was run for what is kept as the intent of a service.
    pub fn keep_program(&mut self, key: &ServiceKey, pid: u32, start_ticks: u64) {
        let Some(mut kept) = self.kept.get(key).cloned() else { return };
        if let Some(intent) = &mut kept.intent {
            intent.program = Some((pid, start_ticks));
            self.keep(key.clone(), kept);
        }
    }

    /// Keeps what is being done to a service, beside what else is kept of it.
    pub fn keep_intent(&mut self, key: ServiceKey, intent: Option<KeptIntent>) {
        let kept = self.kept.get(&key).cloned().unwrap_or_default();
        if kept.intent != intent {
            self.keep(key, Kept { intent, ..kept });
        }
    }

    /// Does not write what is kept next before this is said: what is known as told must have been told. Whoever says it has
    /// a second.
    pub fn keep_after(&mut self, told: Told) {
        self.told = Some(told);
    }

    /// The way by which mail is kept; none where nothing is.
    pub fn mail_door(&self) -> Option<MailDoor> {
        self.thread.as_ref().map(|(thread, _)| MailDoor { thread: thread.clone() })
    }

    /// Waits until all that was handed over is written or cannot be, but for a moment only.
    pub fn settle(&self) {
        let Some((sender, _)) = &self.thread else { return };
        let (settled, wait) = sync_channel(1);
        if sender.send(Message::Settle(settled)).is_ok() {
            // Whoever is slow is not waited for, and whoever is gone keeps nothing.
            wait.recv_timeout(self.patience).unwrap_or(());
        }
    }

    /// What is kept at this moment.
    pub fn kept(&self) -> &BTreeMap<ServiceKey, Kept> {
        &self.kept
    }

    /// Of which services that was kept before the machine was started.
    pub fn before_boot(&self) -> &BTreeSet<ServiceKey> {
        &self.before_boot
    }
}

impl Drop for Keeper {
    /// Waits until everything is written, or cannot be.
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.thread.take() {
            sender.send(Message::Finish).unwrap_or(());
            // A panic there was said on standard error.
            thread.join().unwrap_or(());
        }
    }
}

/// The file and what is in it, or is to be.
struct Store {
    path: PathBuf,
    boot: String,
    database: Option<Database>,
    /// Everything, as it is stored, and what is to be removed: what could not be written yet, and what a file that is
    /// lost is made of again.
    all: BTreeMap<ServiceKey, Option<String>>,
    /// All mail that waits, for the same reasons.
    mail: Mailbox,
    failed: bool,
    tell: Tell,
}

impl Store {
    /// Reads what was kept, if it can be.
    fn recall(&mut self, known: &BTreeSet<ServiceKey>) -> Recollection {
        let mut recollection = self.open(known).unwrap_or_else(Recollection::nothing);
        self.mail = recollection.mail.clone();
        // With the life of the machine in which it was kept, as it stands in the file.
        self.all = recollection.services.iter().map(|(key, kept)| (key.clone(), Some(kept.to_json()))).collect();
        let boot = hash(self.boot.as_bytes());
        for (key, kept) in &mut recollection.services {
            let is_older = match std::mem::take(&mut kept.boot) {
                0 => recollection.interval == Interval::Reboot,
                other => other != boot,
            };
            if is_older {
                recollection.before_boot.insert(key.clone());
            }
        }
        recollection
    }

    /// Opens the file and reads it; nothing when it cannot be opened.
    fn open(&mut self, known: &BTreeSet<ServiceKey>) -> Option<Recollection> {
        match Database::open(&self.path) {
            Ok((mut database, remark)) => {
                remark.into_iter().for_each(|text| (self.tell)(Notice::Remark(text)));
                match self.read(&mut database, known) {
                    Ok(recollection) => {
                        self.database = Some(database);
                        return Some(recollection);
                    }
                    Err(trouble) => self.fail(&trouble),
                }
            }
            Err(trouble) => self.fail(&trouble),
        }
        // What cannot be written may be read all the same.
        let (services, boot) = Database::peek(&self.path)?;
        let services = services.into_iter().filter(|(key, _)| known.contains(key));
        let services = services.filter_map(|(key, text)| Some((key, Kept::from_json(&text)?))).collect();
        let mail = Database::peek_mail(&self.path).unwrap_or_default();
        let interval = self.interval(boot.as_deref());
        Some(Recollection { services, interval, before_boot: BTreeSet::new(), mail })
    }

    fn read(&self, database: &mut Database, known: &BTreeSet<ServiceKey>) -> Result<Recollection, Trouble> {
        let interval = self.interval(database.boot()?.as_deref());
        database.set_boot(&self.boot)?;
        database.forget_strangers(known)?;
        let mut services = BTreeMap::new();
        for (key, text) in database.services()? {
            if !known.contains(&key) {
                continue;
            }
            match Kept::from_json(&text) {
                Some(kept) => {
                    services.insert(key, kept);
                }
                None => (self.tell)(Notice::Remark(format!(
                    "what {} holds of {} '{}' cannot be read and is forgotten",
                    self.path.display(),
                    key.kind,
                    key.name
                ))),
            }
        }
        Ok(Recollection { services, interval, before_boot: BTreeSet::new(), mail: database.mail()? })
    }

    fn interval(&self, boot: Option<&str>) -> Interval {
        if boot.is_some_and(|boot| boot == self.boot || boot == adopt::TAKEN_OVER) {
            Interval::Restart
        } else {
            Interval::Reboot
        }
    }

    fn run(mut self, inbox: &Receiver<Message>) {
        loop {
            let first = if self.failed {
                match inbox.recv_timeout(RETRY) {
                    Ok(message) => Some(message),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            } else {
                match inbox.recv() {
                    Ok(message) => Some(message),
                    Err(_) => return,
                }
            };
            let is_retry = first.is_none();
            let mut batch = Batch::of(hash(self.boot.as_bytes()));
            for message in first.into_iter().chain(inbox.try_iter()) {
                batch.take(message);
                if batch.is_full() {
                    break;
                }
            }
            let Batch { changed, mail, waiting, is_over, .. } = batch;
            self.all.extend(changed.clone());
            let (changes, done): (Vec<_>, Vec<_>) = mail.into_iter().map(|one| (one.changes, one.done)).unzip();
            let changes: Vec<Change> = changes.into_iter().flatten().collect();
            changes.iter().for_each(|change| self.mail.change(change));
            let is_new = !changed.is_empty() || !changes.is_empty();
            if is_new && !self.failed {
                self.write(&changed, &changes);
            }
            // What cannot be stored is in memory, and mail goes on all the same.
            done.into_iter().for_each(|done| done());
            // Whoever has waited for too long does not listen any more.
            waiting.into_iter().for_each(|settled: SyncSender<()>| settled.try_send(()).unwrap_or(()));
            if self.failed && (is_retry || is_over) {
                self.heal();
            }
            if is_over {
                return;
            }
        }
    }

    fn write(&mut self, changed: &BTreeMap<ServiceKey, Option<String>>, mail: &[Change]) {
        let in_place = self.database.as_mut().filter(|database| database.is_in_place());
        let written = match in_place {
            Some(database) => database.write_with(changed, &MailChange::Changes(mail)),
            None => {
                (self.tell)(Notice::Remark(format!("{} was taken away; it is written anew", self.path.display())));
                self.write_all()
            }
        };
        if let Err(trouble) = written {
            self.fail(&trouble);
        }
    }

    /// Tries to write everything, after a failure.
    fn heal(&mut self) {
        match self.write_all() {
            Ok(()) => {
                self.failed = false;
                (self.tell)(Notice::Healed(format!("state is kept in {} again", self.path.display())));
            }
            Err(trouble) => self.fail(&trouble),
        }
    }

    /// Opens the file anew and writes everything.
    fn write_all(&mut self) -> Result<(), Trouble> {
        // Closed first: a file can be open once only.
        self.database = None;
        let (mut database, remark) = Database::open(&self.path)?;
        remark.into_iter().for_each(|text| (self.tell)(Notice::Remark(text)));
        database.set_boot(&self.boot)?;
        database.write_with(&self.all, &MailChange::All(&self.mail))?;
        self.database = Some(database);
        Ok(())
    }

    fn fail(&mut self, trouble: &Trouble) {
        self.database = None;
        if !std::mem::replace(&mut self.failed, true) {
            (self.tell)(Notice::Failed(format!(
                "state cannot be kept in {}: {trouble}; it is kept in memory until it can",
                self.path.display()
            )));
        }
    }
}

fn patience() -> Duration {
    let named = std::env::var(INTENT_PATIENCE_MS).ok().and_then(|text| text.parse().ok());
    named.map_or(INTENT_PATIENCE, Duration::from_millis)
}

/// What tells one life of the machine from the next. Whoever is the first process of a container begins with it.
fn boot() -> String {
    let boot = crate::observe::procfs::boot_id().unwrap_or_default();
    if std::process::id() == 1 { format!("{boot}, first process since {}", crate::report::wall_now().0) } else { boot }
}
