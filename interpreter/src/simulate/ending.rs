//! The sudden ends of ruled in a simulated world: between any two steps it may be gone, and only what was written by then is
//! known to the one that comes after.

use std::time::Duration;

use super::agenda::Happening;
use super::programs::Programs;
use super::scenario::{Scenario, Seen};
use crate::engine::{Engine, Interval, Order};

/// An end that is about to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ending {
    /// After how many further steps.
    pub(super) steps: u64,
    /// Whether only steps count in which something could be lost: what is told, kept, done and mailed. Nearly all others are
    /// looks.
    pub(super) is_choosy: bool,
    /// For how many microseconds ruled is away.
    pub(super) away_us: u64,
    /// How many of the transactions that are under way are written all the same.
    pub(super) written: usize,
}

/// A step, before which ruled may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Something in which nothing can be lost.
    Harmless,
    /// Something is told, kept, done or mailed.
    Telling,
}

impl Step {
    /// What carrying out an order is.
    pub(super) fn of(order: &Order) -> Step {
        match order {
            Order::Observe(..) | Order::Answer(..) => Step::Harmless,
            Order::Act(..) | Order::Tell(_) | Order::Remind(..) | Order::Keep(..) => Step::Telling,
        }
    }
}

impl Scenario {
    /// From this time on ruled ends without a word before the step of this number, counted from 0, of those in which something
    /// could be lost: something is told, kept, done or mailed. So many of the transactions that are under way then are written
    /// all the same. It is started again a second later.
    #[must_use]
    pub fn ends_at_step(mut self, at: Duration, steps: u64, written: usize) -> Scenario {
        self.put(at, Happening::Ends(Ending { steps, is_choosy: true, away_us: 1_000_000, written }));
        self
    }

    /// Whether ruled ends before this step, or has ended.
    pub(super) fn ends_before(&mut self, step: Step) -> bool {
        let Some(ending) = self.ending.as_mut().filter(|_| !self.is_down) else { return self.is_down };
        if ending.is_choosy && step == Step::Harmless {
            return false;
        }
        if ending.steps > 0 {
            ending.steps -= 1;
            return false;
        }
        let ending = *ending;
        self.end(ending);
        true
    }

    /// What was to make ruled end does not.
    pub(super) fn calm_down(&mut self) {
        self.ending = None;
    }

    /// ruled ends without a word and is started again later.
    fn end(&mut self, ending: Ending) {
        self.timeline.crashes += 1;
        self.befall("ruled", "it ends without a word".to_owned());
        self.ending = None;
        for _ in 0..ending.written.min(self.store.pending()) {
            self.write_next();
        }
        self.store.lose();
        self.forget_engine();
        self.is_down = true;
        self.stalled_until = self.now.after(Duration::from_micros(ending.away_us));
        self.agenda.put(self.stalled_until, Happening::Again(Interval::Restart));
    }

    pub(super) fn start_again(&mut self, interval: Interval) {
        if !self.is_down {
            // It ended in good order: all is written.
            self.keep_mail();
            while self.write_next().is_some() {}
        }
        self.forget_engine();
        self.is_down = false;
        let (program, now) = (self.engine.program().clone(), self.present());
        self.engine = Engine::new(program, now).in_zone(self.zone.clone());
        self.engine.go_on_from(self.store.services(), interval);
        if let Some(mailing) = &mut self.mailing {
            mailing.begin(now, &self.store);
            self.mail_time_passes();
        }
    }

    fn forget_engine(&mut self) {
        let now = self.present();
        if let Some(onlooker) = &mut self.onlooker {
            onlooker(now, Seen::Ended);
        }
        (self.ending, self.is_writing) = (None, false);
        self.agenda.forget_engine();
        self.programs = Programs::default();
        self.things.iter_mut().for_each(|thing| thing.watched = None);
        if let Some(promises) = &mut self.promises {
            promises.begin_anew();
        }
        if let Some(mailing) = &mut self.mailing {
            mailing.end();
        }
    }
}
