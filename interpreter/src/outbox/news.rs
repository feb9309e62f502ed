//! News: what one recipient is told of one event, as text. It is stored as it is here, until a server took it.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::text::{DESCRIPTION_CHARS_MAX, Variables, clean, one_line};
use crate::engine::{Event, EventClass, EventState, title};
use crate::program::{AlertTarget, MailAddress, MailFormat, Program, ServiceId};

/// The longest name in a text, in characters.
const NAME_CHARS_MAX: usize = 200;

/// The longest line of an event among others, in characters.
const LINE_CHARS_MAX: usize = 200;

/// What one piece of news takes in memory beside its texts, in bytes.
const ROOM_BYTES: usize = 250;

/// What one recipient is told of one event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct News {
    /// Its number; all that one state file holds have different ones, and later ones higher ones.
    pub number: u64,
    /// The recipient's address.
    pub to: String,
    /// When it happened, in microseconds since 1970.
    pub at_us: i64,
    /// Whose.
    pub service: String,
    /// What it is about: the class of the event, and the rule where that is known.
    pub topic: String,
    /// What became of it.
    pub turn: NewsTurn,
    /// Who sends it: name and address.
    pub from: (Option<String>, String),
    /// Who gets the answers: name and address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<(Option<String>, String)>,
    /// The subject of a letter that says nothing else.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same in a line, for a letter that says much else.
    pub line: String,
}

/// What became of what news are about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewsTurn {
    /// Something fails.
    #[default]
    Problem,
    /// It fails still, which somebody wants to be reminded of.
    Reminder,
    /// It is well again.
    End,
    /// Something is another than before.
    Change,
}

/// What news are made of, beside the event.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The checked rules.
    pub program: &'a Program,
    /// The name of this machine, as mail knows it: the domain of the sender.
    pub host: &'a str,
    /// Where the machine stands.
    pub zone: &'a TimeZone,
}

impl Surroundings<'_> {
    /// What everybody is told of an event who wants it. A service's own entry for an address replaces the one for all
    /// services, also when it wants nothing.
    pub fn news(&self, event: &Event) -> Vec<News> {
        let targets = self.recipients(event.service, event.class);
        targets.into_iter().map(|target| self.news_for(target, event, NewsTurn::of(event.state))).collect()
    }

    /// What is told again of an event that goes on, for so many cycles by now, to those who want to be reminded then.
    pub fn reminders(&self, event: &Event, cycles: u64) -> Vec<News> {
        let due = |target: &&AlertTarget| reminds(target, cycles);
        let targets = self.recipients(event.service, event.class).into_iter().filter(due);
        targets.map(|target| self.news_for(target, event, NewsTurn::Reminder)).collect()
    }

    /// Who gets events of this class.
    fn recipients(&self, service: ServiceId, class: EventClass) -> Vec<&AlertTarget> {
        let own = self.program.service(service).map_or(&[][..], |service| service.alerts.as_slice());
        recipients(&self.program.settings.alerts, own, class)
    }

    fn news_for(&self, target: &AlertTarget, event: &Event, turn: NewsTurn) -> News {
        let settings = &self.program.settings;
        let is_searched_again = settings.behaviour.variables_are_searched_again;
        let named = |service: ServiceId| self.program.service(service).map(|service| service.name.as_str());
        let system = self.program.system();
        let service = one_line(named(event.service).unwrap_or("ruled"), NAME_CHARS_MAX);
        let host = one_line(system.and_then(named).unwrap_or(self.host), NAME_CHARS_MAX);
        let description = clean(&event.message, DESCRIPTION_CHARS_MAX);
        let date = date(event.at.0, self.zone);
        let words = title(event.class, event.state);
        let variables = Variables {
            host: &host,
            date: &date,
            service: &service,
            event: words,
            description: &description,
            action: event.action,
        };
        let own = target.format.as_ref();
        let all = &settings.mail.format;
        let from = part(own, all, |format| format.from.as_ref());
        let from = from.cloned().unwrap_or_else(|| MailAddress { name: None, address: "ruled@$HOST".to_owned() });
        // Whoever sends is of a domain, which is the name of the machine and not what a rule calls it.
        let sender = Variables { host: self.host, ..variables };
        let pair = |address: MailAddress| (address.name, address.address);
        let subject = part(own, all, |format| format.subject.as_deref());
        let message = part(own, all, |format| format.message.as_deref());
        News {
            number: 0,
            to: target.address.clone(),
            at_us: event.at.0,
            line: one_line(&format!("{date}  {service}: {words}: {description}"), LINE_CHARS_MAX),
            topic: topic(event),
            turn,
            from: pair(sender.address(&from)),
            reply_to: part(own, all, |format| format.reply_to.as_ref()).map(|to| pair(sender.address(to))),
            subject: variables.subject(subject, is_searched_again),
            text: variables.text(message, &beside(event), is_searched_again),
            service,
        }
    }
}

impl News {
    /// How much room it takes, in bytes.
    pub fn bytes(&self) -> usize {
        let texts = [&self.to, &self.service, &self.topic, &self.from.1, &self.subject, &self.text, &self.line];
        texts.iter().map(|text| text.len()).sum::<usize>() + ROOM_BYTES
    }

    /// Whether both are about the same.
    pub(super) fn is_about(&self, other: &News) -> bool {
        self.service == other.service && self.topic == other.topic
    }

    /// As a text to store.
    pub fn to_json(&self) -> String {
        // Every key is a text and there are no fractions, so that nothing can go wrong.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was stored; nothing when it cannot be read.
    pub fn from_json(text: &str) -> Option<News> {
        serde_json::from_str(text).ok()
    }
}

impl NewsTurn {
    fn of(state: EventState) -> NewsTurn {
        match state {
            EventState::Failed => NewsTurn::Problem,
            EventState::Succeeded => NewsTurn::End,
            EventState::Changed => NewsTurn::Change,
        }
    }
}

/// Whether somebody wants to be reminded of what has gone on for so many cycles.
pub fn reminds(target: &AlertTarget, cycles: u64) -> bool {
    target.reminder_cycles > 0 && cycles.is_multiple_of(u64::from(target.reminder_cycles))
}

/// Who gets an event of this class: a service's own entry for an address replaces the one for all services, also when
/// it wants nothing. Each address gets it once.
pub fn recipients<'a>(all: &'a [AlertTarget], own: &'a [AlertTarget], class: EventClass) -> Vec<&'a AlertTarget> {
    let same = |one: &AlertTarget, other: &AlertTarget| one.address.eq_ignore_ascii_case(&other.address);
    let is_replaced = |target: &&AlertTarget| !own.iter().any(|own| same(own, target));
    let wanted = own.iter().chain(all.iter().filter(is_replaced)).filter(|target| target.events.contains(class));
    let mut found: Vec<&AlertTarget> = Vec::new();
    for target in wanted {
        if !found.iter().any(|earlier| same(earlier, target)) {
            found.push(target);
        }
    }
    found
}

/// The date in a mail, in the zone of the machine.
pub(super) fn date(at_us: i64, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_microsecond(at_us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    zone.to_datetime(at).strftime("%a, %d %b %Y %H:%M:%S").to_string()
}

fn part<'a, T: ?Sized>(
    own: Option<&'a MailFormat>,
    all: &'a MailFormat,
    of: impl Fn(&'a MailFormat) -> Option<&'a T>,
) -> Option<&'a T> {
    own.and_then(&of).or_else(|| of(all))
}

/// What stands beside the message: who takes most of what there is too little of.
fn beside(event: &Event) -> String {
    let mut text = String::new();
    for taking in &event.takers {
        text.push_str(&format!("\n\t{}:\n", taking.title()));
        for line in taking.lines() {
            text.push_str(&format!("\t\t{}\n", one_line(&line, NAME_CHARS_MAX)));
        }
    }
    text
}

/// What an event is about: its class, and the rule where there is one.
fn topic(event: &Event) -> String {
    let rule = event.rule.map(|place| format!(" {}", place + 1)).unwrap_or_default();
    event.class.word().to_owned() + &rule
}
