//! Mail in a simulated world: the same outbox as in the real one, servers that do not exist, and a witness.

use std::time::Duration;

use super::mail_server::Mood;
use super::store::Store;
use super::witness::Witness;
use crate::engine::{Monotonic, Now};
use crate::outbox::{Change, Manner, Outbox};
use crate::program::Program;

/// The name of the machine that does not exist.
pub(super) const HOST: &str = "host.example";

/// What the mail thread is in the real world.
#[derive(Debug)]
pub(super) struct Mailing {
    pub(super) outbox: Outbox,
    manner: Manner,
    /// How often ruled has begun.
    lives: u64,
    pub(super) moods: Vec<Mood>,
    pub(super) names: Vec<String>,
    /// How long a server is listened to.
    pub(super) patience: Duration,
    /// What is to be kept and was not handed over yet.
    pub(super) unkept: Vec<Change>,
    /// When the outbox wants to be called.
    pub(super) wake: Option<Monotonic>,
    pub(super) witness: Witness,
}

impl Mailing {
    /// The mail of a program. Where it names no server there is one all the same: the question is what would be mailed.
    pub(super) fn of(program: &Program) -> Mailing {
        let settings = &program.settings;
        let mut names: Vec<String> = settings.mail.servers.iter().map(|server| server.host.clone()).collect();
        if names.is_empty() {
            names.push("localhost".to_owned());
        }
        let slots = settings.event_queue.as_ref().and_then(|queue| queue.slots);
        let manner = Manner { servers: names.len(), slots, host: HOST.to_owned() };
        let own = program.services.iter().map(|service| service.alerts.len()).sum::<usize>();
        Mailing {
            outbox: Outbox::new(manner.clone(), 1),
            manner,
            lives: 1,
            moods: vec![Mood::Kind; names.len()],
            names,
            patience: settings.mail.timeout,
            unkept: Vec::new(),
            wake: None,
            witness: Witness::of(settings.behaviour.faults_are_forgotten, settings.alerts.len() + own),
        }
    }

    /// Whether the rules limit what waits.
    pub(super) fn has_limit(&self) -> bool {
        self.manner.slots.is_some()
    }

    /// ruled has ended: what only it knew is gone.
    pub(super) fn end(&mut self) {
        self.unkept.clear();
        self.wake = None;
        self.witness.begin_anew();
    }

    /// ruled begins anew, with what is written.
    pub(super) fn begin(&mut self, now: Now, store: &Store) {
        self.lives += 1;
        self.outbox = Outbox::new(self.manner.clone(), self.lives);
        let (news, letters) = store.rows().contents();
        self.outbox.go_on_from(now, news, letters);
    }
}
