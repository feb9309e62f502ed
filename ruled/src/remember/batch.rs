//! What is written in one transaction.

use std::collections::BTreeMap;
use std::sync::mpsc::SyncSender;

use interpreter::durable::{Kept, ServiceKey};

use super::{BATCH_MAX, MailChanges, Message, TOLD_PATIENCE};

/// What is written in one transaction.
#[derive(Default)]
pub(super) struct Batch {
    /// Of the life of the machine in which it is written.
    boot: u64,
    pub(super) changed: BTreeMap<ServiceKey, Option<String>>,
    pub(super) mail: Vec<MailChanges>,
    pub(super) waiting: Vec<SyncSender<()>>,
    pub(super) is_over: bool,
    messages: usize,
}

impl Batch {
    /// Nothing yet, in this life of the machine.
    pub(super) fn of(boot: u64) -> Batch {
        Batch { boot, ..Batch::default() }
    }

    pub(super) fn take(&mut self, message: Message) {
        self.messages += 1;
        match message {
            Message::Keep(key, kept, told) => {
                if let Some(told) = told {
                    // A log that does not answer holds no state up.
                    told.log.recv_timeout(TOLD_PATIENCE).unwrap_or(());
                    // **Invariant:** mail about something and that it is known as told are written together.
                    self.mail.extend(told.mail.and_then(|mail| mail.recv_timeout(TOLD_PATIENCE).ok()));
                }
                let text = (!kept.is_empty()).then(|| Kept { boot: self.boot, ..*kept }.to_json());
                self.changed.insert(key, text);
            }
            Message::Mail(changes) => self.mail.push(changes),
            Message::Settle(settled) => self.waiting.push(settled),
            Message::Finish => self.is_over = true,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.is_over || self.messages >= BATCH_MAX
    }
}
